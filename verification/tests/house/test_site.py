"""The making of the documentation site: pages from the code, and the check of its links."""

import json
import runpy
import tomllib

import pytest
from places import ROOT

from spikeproof.neuron_parameters import NEURON_PARAMETERS
from spikeproof_verification.checks.tolerances import TOLERANCES

EXTENSIONS = ROOT / "docs" / "_extensions"

pytestmark = pytest.mark.skipif(not EXTENSIONS.exists(), reason="the documents are not beside the tests")


@pytest.fixture(scope="module")
def generated():
    return runpy.run_path(str(EXTENSIONS / "generated.py"))


def rows(table):
    """The first cell of each row."""
    return [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]


def test_the_page_of_tolerances_has_each_with_its_reason(generated):
    page = generated["tolerances"]()
    assert rows(page) == [f"`{t.name}`" for t in TOLERANCES]
    assert all(generated["_cell"](t.reason) in page for t in TOLERANCES)


def test_the_page_of_neuron_parameters_has_each(generated):
    assert rows(generated["parameters"]()) == [f"`{p.name}`" for p in NEURON_PARAMETERS]


def test_the_page_of_schemas_names_each_file_and_its_id(generated):
    page = generated["schemas"]()
    found = sorted((ROOT / "verification" / "spikeproof_verification").rglob("*.schema.json"))
    assert found
    for path in found:
        assert f"[{path.name}]" in page
        assert json.loads(path.read_text(encoding="utf-8"))["$id"] in page


def test_a_cell_of_a_table_shows_its_signs(generated):
    assert generated["table"](("a",), [("|dV| < 1*2_3",)]).splitlines()[2] == r"| \|dV\| \< 1\*2\_3 |"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<a href="other.html">x</a>', []),
        ('<a href="other.html#here">x</a><a href="#top">y</a>', []),
        ('<a href="https://example.org/page">x</a>', []),
        ('<a href="missing.html">x</a>', ["index.html: no file missing.html"]),
        ('<a href="other.html#there">x</a>', ["index.html: no anchor other.html#there"]),
        ('<img src="missing.png">', ["index.html: no file missing.png"]),
        ('<script src="https://example.org/a.js"></script>', ["index.html: loads https://example.org/a.js"]),
    ],
)
def test_the_check_of_links_sees_what_it_should(tmp_path, body, words):
    dead = runpy.run_path(str(EXTENSIONS / "check_links.py"))["dead"]
    (tmp_path / "index.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    (tmp_path / "other.html").write_text('<p id="here">x</p>', encoding="utf-8")
    assert list(dead(tmp_path)) == words


def test_the_lint_of_docstrings_names_its_checks():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["numpydoc_validation"]
    assert {"PR03", "GL07", "SS03"} <= set(settings["checks"])
