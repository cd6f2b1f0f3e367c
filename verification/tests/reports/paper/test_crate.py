"""The metadata of a report as an RO-Crate: what RO-Crate 1.1 says that a crate MUST have, and that it is all true."""

import json
import re
from datetime import datetime
from urllib.parse import unquote, urlparse

import pytest
from report_runs import synthetic_run

from spikeproof_reports import load_run, save_run, write_report
from spikeproof_reports.paper.crate import CRATE, write_crate
from spikeproof_reports.paper.environment import locked_environment
from spikeproof_reports.paper.folder import MANIFEST
from spikeproof_reports.verification.content import content_of

pytestmark = pytest.mark.usefixtures("undrawn")
CONTEXT = "https://w3id.org/ro/crate/1.1/context"


@pytest.fixture
def crate(tmp_path):
    run = synthetic_run(environment="# Python\nnumpy==2.3.1\n")
    run = synthetic_run(environment=run.environment, provenance={**run.provenance, "duration": "90.5 s"})
    write_report(run, tmp_path)
    return tmp_path, json.loads((tmp_path / CRATE).read_text(encoding="utf-8"))


def entities(crate):
    return {entity["@id"]: entity for entity in crate["@graph"]}


def broken(crate, folder):
    """The MUSTs of RO-Crate 1.1 that a crate breaks, by their sections."""
    graph, found = crate["@graph"], entities(crate)
    descriptor, root = found.get(CRATE, {}), found.get("./", {})
    files = [e for e in graph if "File" in e["@type"]]
    parts = [part["@id"] for part in root.get("hasPart", [])]
    rules = {
        "appendix: @context and a flat @graph": crate["@context"] == CONTEXT and not any(map(nested, graph)),
        "appendix: every entity has one @id and a @type": len(found) == len(graph) and all(e["@type"] for e in graph),
        "root: the descriptor is a CreativeWork about the root": descriptor.get("@type") == "CreativeWork"
        and descriptor.get("about") == {"@id": "./"},
        "root: it conforms to a version": descriptor.get("conformsTo", {}).get("@id", "").endswith("/ro/crate/1.1"),
        "root: the root is a Dataset whose @id ends with a slash": root.get("@type") == "Dataset",
        "root: name and description": bool(root.get("name")) and bool(root.get("description")),
        "root: datePublished is a date of ISO 8601": is_date(root.get("datePublished", "")),
        "root: license": root.get("license", {}).get("@id") in found,
        "data: a File is linked from the root by hasPart": [e["@id"] for e in files] == parts,
        "data: its @id is a relative URI": all(relative(e["@id"]) for e in files),
        "data: it is in the payload": all((folder / unquote(e["@id"])).is_file() for e in files),
        "contextual: what is referred to by #id is described": all(i in found for i in referred(graph) if i[0] == "#"),
        "contextual: an entity is referred to from another": set(found) - {CRATE} <= set(referred(graph)),
        "software: name and version": all(e["name"] and e["version"] for e in graph if "Software" in e["@type"]),
    }
    return [rule for rule, holds in rules.items() if not holds]


def nested(entity):
    values = [v for value in entity.values() for v in (value if isinstance(value, list) else [value])]
    return any(isinstance(value, dict) and set(value) != {"@id"} for value in values)


def referred(graph):
    values = [v for e in graph for value in e.values() for v in (value if isinstance(value, list) else [value])]
    return [value["@id"] for value in values if isinstance(value, dict)]


def is_date(text):
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def relative(uri):
    return not urlparse(uri).scheme and not uri.startswith(("/", "#")) and " " not in uri


def test_a_report_is_a_crate_that_breaks_no_rule(crate):
    folder, found = crate
    assert broken(found, folder) == []


@pytest.mark.parametrize(
    ("where", "change", "rule"),
    [
        ("./", {"datePublished": "soon"}, "root: datePublished"),
        ("./", {"license": {"@id": "#mine"}}, "root: license"),
        ("./", {"hasPart": []}, "data: a File is linked"),
        (CRATE, {"about": {"@id": "#run"}}, "root: the descriptor"),
        ("report.md", {"@id": "report of mine.md"}, "data: its @id"),
        ("#run", {"result": {"@id": "./", "name": "x"}}, "appendix: @context"),
        ("#spikeproof", {"version": ""}, "software"),
    ],
)
def test_the_check_sees_a_crate_that_breaks_a_rule(crate, where, change, rule):
    folder, found = crate
    entities(found)[where].update(change)
    assert [r for r in broken(found, folder) if r.startswith(rule)]


def test_every_document_is_in_the_crate_with_its_format_and_what_it_is(crate):
    folder, found = crate
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    files = {unquote(e["@id"]): e for e in found["@graph"] if e["@type"] == "File"}
    assert set(files) == names - {CRATE, MANIFEST}
    assert {files[name]["encodingFormat"] for name in ("tables/worst.csv", "figures/errors.svg", "report.html")} == {
        "text/csv", "image/svg+xml", "text/html",
    }  # fmt: skip
    assert all(file["encodingFormat"] for file in files.values())
    assert files["tables/worst.csv"]["description"] == "Table: The worst numbers of each quantity"
    assert files["figures/raster_column.pdf"]["description"] == "Figure: Spikes of an example network"
    described = [file["description"] for file in files.values()]
    assert described.count("a document of the report") == 0


def test_the_run_is_an_action_of_a_version_of_the_software(crate):
    _, found = crate
    run, software = entities(found)["#run"], entities(found)["#spikeproof"]
    assert run["@type"] == "CreateAction"
    assert run["name"] == "spikeproof verify_all --n 5%"
    assert (run["instrument"], run["result"]) == ({"@id": "#spikeproof"}, {"@id": "./"})
    assert run["startTime"] == "2026-01-02T00:00:00+00:00"
    assert run["endTime"] == "2026-01-02T00:01:30.500000+00:00"
    assert software["version"] == "0.1.0, commit 0123abcd+dirty"


def test_the_same_run_gives_the_same_crate_and_one_without_a_date_none(tmp_path):
    for folder in ("a", "b"):
        write_report(synthetic_run(), tmp_path / folder)
    assert (tmp_path / "a" / CRATE).read_bytes() == (tmp_path / "b" / CRATE).read_bytes()
    assert write_crate(content_of(synthetic_run(provenance={"commit": "c0ffee"})), tmp_path / "a") == []


def test_an_environment_is_pins_that_pip_reads_and_comments_without_paths():
    lines = locked_environment().splitlines()
    comments = [line for line in lines if line.startswith("#")]
    pins = lines[len(comments) :]
    assert re.fullmatch(r"# spikeproof \S+, commit .+", comments[0])
    assert comments[1].startswith("# CPython 3.")
    assert all(re.fullmatch(r"[a-z0-9-]+==[A-Za-z0-9.!+_]+", pin) for pin in pins)
    assert pins == sorted(pins)
    assert {"numpy", "numba", "llvmlite", "pandas", "mpmath"} <= {pin.partition("==")[0] for pin in pins}
    assert not re.search(r"[/\\]|file:|http|spikeproof==", "".join(lines))


def test_the_environment_of_a_run_is_kept_with_its_measurements(tmp_path):
    run = synthetic_run(environment="numpy==1.0\n")
    save_run(run, tmp_path / "run")
    write_report(load_run(tmp_path / "run"), tmp_path / "again")
    assert (tmp_path / "again" / "environment.txt").read_text() == "numpy==1.0\n"
    assert load_run(tmp_path / "run").environment == run.environment
