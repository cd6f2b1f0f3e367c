"""The report as a Markdown file."""

from __future__ import annotations

import re
from pathlib import Path

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.table import PAGE, Table
from spikeproof_reports.paper.template import environment

ROWS, TABLES = 20, 2  # most rows and tables that are shown
_GAPS = re.compile("\n{3,}")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def write_markdown(content: Content, path: Path) -> Path:
    """`path`, after the report was written to it, short enough to be read at one go.

    Figures are linked from ``figures/``; tables that are not shown are named with their CSV files, chapters with their
    pages.
    """
    jinja = environment(escape=False)
    jinja.filters["md"] = markdown_text
    shown = shown_tables(content)
    named = [table for table in (*content.summary, *content.details) if table not in shown]
    template = jinja.get_template("report.md.j2")
    text = template.render(content=content, shown=shown, named=named, PAGE=PAGE)
    return write_text(path, _GAPS.sub("\n\n", text))


def shown_tables(content: Content) -> list[Table]:
    """The first tables of the summary that have at most `ROWS` rows together, none of them in part."""
    shown: list[Table] = []
    for table in content.summary:
        if sum(len(t.frame) for t in (*shown, table)) <= ROWS and len(shown) < TABLES:
            shown.append(table)
    return shown


def markdown_text(text: str) -> str:
    """`text` on one line, with the characters that mean something in Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", str(text).replace("\n", " ").replace("\r", " "))
