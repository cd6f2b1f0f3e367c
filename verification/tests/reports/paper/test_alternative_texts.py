"""Every figure of every report says in words what is to be seen, and not its title once more."""

import ast
from pathlib import Path

import pytest
from report_contents import KINDS

import spikeproof_reports

SOURCES = Path(spikeproof_reports.__file__).parent
FIELDS = ("name", "title", "caption", "figure", "alt")


def given(call):
    """The arguments of a call of `Picture` by the names of its fields."""
    return dict(zip(FIELDS, call.args, strict=False)) | {word.arg: word.value for word in call.keywords}


def calls():
    """Place and arguments of each call of `Picture` with a figure."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Picture":
                arguments = given(node)
                if not (isinstance(arguments["figure"], ast.Constant) and arguments["figure"].value is None):
                    yield f"{path.relative_to(SOURCES)}:{node.lineno}", arguments


def test_every_figure_that_is_made_anywhere_has_an_alternative_text():
    found = dict(calls())
    assert len(found) > 30
    for place, arguments in found.items():
        alt = arguments.get("alt")
        assert alt is not None, place
        assert ast.dump(alt) not in (ast.dump(arguments["title"]), ast.dump(arguments["caption"])), place
        assert not isinstance(alt, ast.Constant), f"{place}: a text that no number of the data changes"


@pytest.mark.parametrize("kind", KINDS)
def test_the_alternative_text_of_every_figure_of_a_report_is_a_sentence_with_numbers(kind):
    content = KINDS[kind]()
    for picture in content.all_pictures:
        if picture.figure is not None:
            assert picture.alt.endswith("."), picture.name
            assert picture.alt not in (picture.title, picture.caption), picture.name
            assert any(sign.isdigit() for sign in picture.alt), picture.name
