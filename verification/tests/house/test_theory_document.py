"""docs/theory.md: its labels are unique and shown, its links lead somewhere, and what cites it can be opened."""

import io
import re
import tokenize
from collections import Counter
from pathlib import Path

import pytest
from places import ROOT

PATH = ROOT / "docs" / "theory.md"
TEXT = PATH.read_text(encoding="utf-8") if PATH.exists() else ""
LABELS = re.findall(r'<a id="([^"]*)"></a>', TEXT)
PAPER = "Wunderlich and Pehle (2021)"

pytestmark = pytest.mark.skipif(not TEXT, reason="the document is not beside the tests")


def words(path):
    """Strings and comments of a Python file, each in one line."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield re.sub(r"\s+", " ", token.string)


def everything():
    """Path and text of every string and comment."""
    rooms = ("src", "reference", "verification", "reports", "benchmarks")
    for path in (p.relative_to(ROOT) for room in rooms for p in sorted((ROOT / room).rglob("*.py"))):
        if path.name != Path(__file__).name:
            yield from ((path, text) for text in words(ROOT / path))


def outside_the_ledger():
    """The same without the ledger, which is about the notes."""
    return ((path, text) for path, text in everything() if "ledger" not in str(path))


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


def test_every_citation_of_the_theory_names_a_label_that_exists():
    cited = 0
    for path, text in everything():
        for rest in text.split("docs/theory.md")[1:]:
            listed = re.match(r" \([^()]*\)(, \([^()]*\))*", rest)
            assert listed, (path, text)
            labels = re.findall(r"\(([^()]*)\)", listed.group())
            assert set(labels) <= set(LABELS), (path, labels)
            cited += len(labels)
    assert cited > 20


def test_nobody_but_the_ledger_cites_the_notes():
    assert [(path, text) for path, text in outside_the_ledger() if re.search(r"\b[Tt]he notes\b", text)] == []


def test_the_number_of_an_equation_stands_behind_the_paper_that_has_it():
    for path, text in outside_the_ledger():
        for before in re.split(r"\beqs?\. \d", text)[:-1]:
            assert PAPER in before[-len(PAPER) - 40 :], (path, text)
