r"""The numbers of a report as LaTeX macros, so that a text quotes them without copying."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.latex import latex_text
from spikeproof_reports.paper.provenance import commented
from spikeproof_reports.paper.table import PAPER, Table

_WORDS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_PREFIX = "spikeproof"
HEADLINE, FOUND = "headline", "value"  # a table of text, in one column of which numbers stand


def write_tex_numbers(content: Content, path: Path) -> Path:
    r"""`path`, after a ``\newcommand`` was written to it for every number of the tables that a paper shows.

    A name is made of table, row and column: ``\spikeproofLessonDigitsExactGradientAccuracy``.
    """
    head = "% Numbers of a spikeproof " + content.kind + ": \\input this file before \\begin{document}.\n"
    lines = [rf"\newcommand{{\{name}}}{{{text}}}" for name, text in numbers_of(content).items()]
    return write_text(path, head + commented(content.facts, "% ") + "\n".join([*lines, ""]))


def numbers_of(content: Content) -> dict[str, str]:
    """The text of every number by the name of its macro; of equal names the later ones are counted."""
    found: dict[str, str] = {}
    for table in content.tables:
        for name, text in _of_table(table):
            free, n = name, 1
            while free in found:
                n += 1
                free = name + macro_letters(str(n))
            found[free] = text
    return found


def macro_letters(text: str) -> str:
    """`text` in letters alone, as macros are named: words run together, digits spelled, other signs left out."""
    words = re.findall(r"[A-Za-z]+|\d", text)
    return "".join(_WORDS[int(word)] if word.isdigit() else word[0].upper() + word[1:] for word in words)


def _of_table(table: Table) -> Iterator[tuple[str, str]]:
    columns, rows = list(table.seen(PAPER).items()), table.frame.head(table.limits[PAPER])
    quoted = [n for n, (key, c) in enumerate(columns) if c.is_number or (table.name == HEADLINE and key == FOUND)]
    names, texts = _row_names(table, rows), table.text(PAPER)
    for row, name in enumerate(names):
        for place in quoted:
            last = "" if table.name == HEADLINE else macro_letters(columns[place][0])
            yield f"{_PREFIX}{macro_letters(table.name)}{name}{last}", latex_text(str(texts.iloc[row, place]))


def _row_names(table: Table, rows: pd.DataFrame) -> list[str]:
    """A name for each row: its first texts, as many of them as tell the rows apart, or else its number."""
    keys = [key for key, column in table.seen(PAPER).items() if not column.is_number]
    for n in range(1, len(keys) + 1):
        names = [macro_letters(" ".join(map(str, values))) for values in rows[keys[:n]].itertuples(index=False)]
        if len(set(names)) == len(names):
            return names
    return [macro_letters(f"row {n + 1}") for n in range(len(rows))]
