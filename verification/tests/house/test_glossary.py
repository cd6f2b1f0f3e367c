"""The glossary: every word once in each table, and every name in them is one of the code."""

import re

import pytest
from places import ROOT

PAGE = ROOT / "docs" / "glossary.md"
PARTS = ("Terms", "Words of the code")
ROOMS = ("src", "reference", "verification", "reports", "benchmarks")

pytestmark = pytest.mark.skipif(not (ROOT / "docs").exists(), reason="the documents are not beside the tests")


def tables(part):
    """The rows (word, meaning) of each table of a part of the glossary."""
    text = re.split(r"^## (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    blocks = re.findall(r"(?:^\|.*\|\n)+", text[text.index(part) + 1], re.MULTILINE)
    return [re.findall(r"^\| (.+?) \| (.+) \|$", block, re.MULTILINE)[2:] for block in blocks]


@pytest.mark.parametrize("part", PARTS)
def test_no_table_of_a_glossary_has_a_word_twice(part):
    for table in tables(part):
        words = [word for row, _ in table for word in row.split(", ")]
        assert table
        assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("part", PARTS)
def test_every_name_in_a_glossary_is_a_name_in_the_code(part):
    names = {
        name for table in tables(part) for row in table for name in re.findall(r"`([A-Za-z_]\w*)[(`]", "".join(row))
    }
    code = "\n".join(path.read_text(encoding="utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    assert names
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", code)] == []
