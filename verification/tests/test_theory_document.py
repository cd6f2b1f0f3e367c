"""docs/theory.md: its labels are unique and shown, its links lead somewhere."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATH = ROOT / "docs" / "theory.md"
TEXT = PATH.read_text(encoding="utf-8") if PATH.exists() else ""
LABELS = re.findall(r'<a id="([^"]*)"></a>', TEXT)

pytestmark = pytest.mark.skipif(not TEXT, reason="the document is not beside the tests")


def slugs():
    """The anchors that headings get by themselves."""
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings]


def test_every_label_is_an_anchor_once():
    counts = Counter([*LABELS, *slugs()])
    assert [label for label, n in counts.items() if n > 1] == []
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", label) for label in LABELS)


def test_every_label_is_shown_where_its_anchor_is():
    assert re.findall(r'<a id="([^"]*)"></a>\*\*\(\1\)\*\*', TEXT) == LABELS


def test_every_label_that_the_text_names_exists():
    prose = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "", TEXT, flags=re.DOTALL)
    linked = set(re.findall(r"\]\(#([^)]*)\)", prose))
    assert linked - set(slugs()) <= set(LABELS)
    assert set(re.findall(r"\(([a-z]+(?:-[a-z]+)+)\)", prose)) <= set(LABELS)


def test_every_local_link_points_to_a_file():
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", TEXT):
        assert (PATH.parent / target).exists(), target


def test_formulas_are_blocks_of_their_own_that_plain_markdown_leaves_alone():
    # a line that begins like a list, a heading or a quotation would end the formula where no extension protects it
    assert TEXT.count("$$") % 2 == 0
    for formula in re.findall(r"\$\$(.*?)\$\$", TEXT, re.DOTALL):
        assert formula.startswith("\n")
        assert formula.endswith("\n")
        assert not re.search(r"^\s*([-+*>#]|\d+[.)])\s|^\s*$|\\[,;!{}_]|\\\\$", formula.strip(), re.MULTILINE), formula
