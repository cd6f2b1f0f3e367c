"""The pages of the documentation: their examples run and print what is shown, and links lead to files."""

import re

import pytest
from pages import examples, ran
from places import ROOT

DOCS = ROOT / "docs"
RUN = {
    "tutorials/first-gradient.md": "numba",
    "tutorials/train.md": "numba",
    "tutorials/judge.md": "jsonschema",
    "how-to/networks.md": "numba",
    "how-to/own-readout.md": "numba",
    "how-to/high-precision.md": "mpmath",
    "how-to/own-data.md": "numba",
    "how-to/own-loss.md": "numba",
    "how-to/pictures.md": "matplotlib",
    "how-to/save-and-load.md": "numba",
    "how-to/pytorch.md": "torch",
    "how-to/jax.md": "jax",
    "how-to/nir.md": "nir",
}  # each page with the package that it is about
PAGES = sorted(p.relative_to(ROOT).as_posix() for p in DOCS.rglob("*.md") if not {"_build", "generated"} & set(p.parts))

pytestmark = pytest.mark.skipif(not PAGES, reason="the documents are not beside the tests")


@pytest.mark.compiled
@pytest.mark.parametrize("page", RUN)
def test_the_examples_of_a_page_run_and_print_what_it_shows(page, tmp_path, monkeypatch):
    pytest.importorskip(RUN[page], reason=f"the page needs {RUN[page]}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    text = (DOCS / page).read_text(encoding="utf-8")
    assert examples(text)
    for shown, printed in ran(text)[1]:
        assert printed == shown


def test_an_output_that_differs_is_noticed():
    _, [(shown, printed)] = ran("```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n")
    assert (shown, printed) == (["3"], ["2"])


@pytest.mark.parametrize("page", PAGES)
def test_local_links_of_a_page_point_to_files_and_headings(page):
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    for target, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)#?([^)\s]*)\)", text):
        file = ((ROOT / page).parent / target).resolve() if target else ROOT / page
        made = file.is_relative_to(DOCS / "gallery")  # from a script of the same name
        assert file.exists() or made, target
        assert not made or file.stem == "index" or (ROOT / "examples" / f"{file.stem}.py").exists(), target
        assert not anchor or file.suffix != ".md" or anchor in anchors(file), (target, anchor)


def anchors(file):
    """The anchors of a page: labels, and those that headings get by themselves."""
    text = file.read_text(encoding="utf-8")
    slugs = [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
    return {*slugs, *re.findall(r'<a id="([^"]*)"></a>', text)}


def test_pages_with_examples_are_run():
    rooms = ("docs/tutorials/", "docs/how-to/")
    with_examples = [page for page in PAGES if page.startswith(rooms) and examples((ROOT / page).read_text("utf-8"))]
    assert {f"docs/{page}" for page in RUN} == set(with_examples)
