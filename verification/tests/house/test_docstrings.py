"""Docstrings: a summary begins with its subject, and a public name says what it takes, returns and refuses."""

import ast
import inspect
import re
from importlib import import_module

import pytest
from places import ROOT

ROOMS = ("src", "reference", "verification/spikeproof_verification", "reports", "benchmarks")
SUBJECTLESS = re.compile(r"(What|Who|Whom|Whose|Where|That of|Those|Of (each|the|a|an|every|these)|The same)\b")
PUBLIC = (
    "spikeproof",
    "spikeproof.losses",
    "spikeproof.training",
    "spikeproof.datasets",
    "spikeproof.lesson",
    "spikeproof.bridges",
    "spikeproof.bridges.nir",
    "spikeproof.bridges.pynn",
    "spikeproof_reference",
    "spikeproof_reference.ode",
    "spikeproof_reference.smooth",
    "spikeproof_verification",
    "spikeproof_verification.conformance",
    "spikeproof_verification.properties",
    "spikeproof_verification.experiments.lesson",
    "spikeproof_verification.files",
    "spikeproof_verification.experiments.faults",
    "spikeproof_verification.experiments.ledger",
    "spikeproof_verification.experiments.studies",
    "spikeproof_reports",
    "spikeproof_reports.bench",
    "spikeproof_reports.pictures",
)


def summaries():
    """Path, name and first line of every docstring."""
    for path in sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
                yield path.relative_to(ROOT), getattr(node, "name", ""), text.splitlines()[0]


def public_names():
    """Every function and class that a package exports, once, by package and name."""
    found = {}
    for package in map(import_module, PUBLIC):
        for name in package.__all__:
            thing = getattr(package, name)
            ours = str(getattr(thing, "__module__", "")).startswith("spikeproof")
            if ours and callable(thing) and inspect.getdoc(thing):
                found.setdefault(id(thing), pytest.param(thing, id=f"{package.__name__}.{name}"))
    return list(found.values())


@pytest.mark.skipif(not (ROOT / "src").exists(), reason="the sources are not beside the tests")
def test_a_summary_begins_with_its_subject():
    read = list(summaries())
    assert [found for found in read if SUBJECTLESS.match(found[2])] == []


@pytest.mark.parametrize("thing", public_names())
def test_a_public_name_says_what_it_takes_and_returns(thing):
    text, signature = inspect.getdoc(thing), inspect.signature(thing)
    if inspect.isclass(thing):
        takes = not getattr(thing, "_is_protocol", False) and bool(signature.parameters)
        assert not takes or re.search(r"^(Parameters|Attributes)\n-+$", text, re.MULTILINE)
        return
    assert not signature.parameters or re.search(r"^Parameters\n-+$", text, re.MULTILINE)
    returns = signature.return_annotation not in (None, "None", inspect.Signature.empty)
    assert not returns or re.search(r"^(Returns|Yields)\n-+$", text, re.MULTILINE)


@pytest.mark.parametrize("thing", public_names())
def test_a_public_name_that_refuses_input_says_so(thing):
    source = inspect.getsource(inspect.unwrap(thing))
    assert "raise InvalidInput(" not in source or re.search(r"^ *Raises\n *-+$", source, re.MULTILINE)
