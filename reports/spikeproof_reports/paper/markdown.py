"""The report as a Markdown file."""

from __future__ import annotations

import re
from pathlib import Path

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.table import PAGE
from spikeproof_reports.paper.template import environment

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def write_markdown(content: Content, path: Path) -> Path:
    """`path`, after the report was written to it; figures are linked from ``figures/``."""
    jinja = environment(escape=False)
    jinja.filters["md"] = markdown_text
    template = jinja.get_template("report.md.j2")
    return write_text(path, template.render(content=content, first=_first(content), PAGE=PAGE))


def _first(content: Content) -> dict[str, dict[str, int]]:
    """How many tables and figures come before each chapter."""
    tables, pictures = len(content.summary) + len(content.details), len(content.front) + len(content.pictures)
    first: dict[str, dict[str, int]] = {"tables": {}, "pictures": {}}
    for page in content.pages:
        first["tables"][page.chapter.slug], first["pictures"][page.chapter.slug] = tables, pictures
        tables, pictures = tables + len(page.tables), pictures + len(page.chapter.pictures)
    return first


def markdown_text(text: str) -> str:
    """`text` on one line, with the characters that mean something in Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", str(text).replace("\n", " ").replace("\r", " "))
