"""The glossaries: every word once in each table, and every name in them is one of the code."""

import re

import pytest
from places import ROOT

PAGES = {"README.md": "## Glossary", "docs/glossary.md": "# Words of the code"}
ROOMS = ("src", "reference", "verification", "reports", "benchmarks")

pytestmark = pytest.mark.skipif(not (ROOT / "docs").exists(), reason="the documents are not beside the tests")


def tables(page):
    """The rows (word, meaning) of each table of a glossary."""
    text = (ROOT / page).read_text(encoding="utf-8").split(PAGES[page])[1].split("\n## More")[0]
    blocks = re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    return [re.findall(r"^\| (.+?) \| (.+) \|$", block, re.MULTILINE)[2:] for block in blocks]


@pytest.mark.parametrize("page", PAGES)
def test_no_table_of_a_glossary_has_a_word_twice(page):
    for table in tables(page):
        words = [word for row, _ in table for word in row.split(", ")]
        assert table
        assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("page", PAGES)
def test_every_name_in_a_glossary_is_a_name_in_the_code(page):
    names = {
        name for table in tables(page) for row in table for name in re.findall(r"`([A-Za-z_]\w*)[(`]", "".join(row))
    }
    code = "\n".join(path.read_text(encoding="utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    assert names
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", code)] == []
