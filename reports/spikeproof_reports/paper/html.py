"""The report as HTML: one self-contained page, and one for each chapter."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.html_table import html_table
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.table import PAGE, Table
from spikeproof_reports.paper.template import environment

FRONT = "report.html"
_RAISED = re.compile("(<[^>]*>)|([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")  # a tag, whose attributes stay as they are, or digits


def write_html(content: Content, folder: Path, figures: Path) -> list[Path]:
    """The pages written: ``report.html`` in `folder` and one for each chapter in ``pages/``.

    Each includes its style, its script and its figures, which were saved in the folder `figures`.
    """
    jinja = environment(escape=True)
    jinja.filters["rows"] = html_table
    jinja.filters["data_uri"] = _data_uri(figures)
    first, others = arranged(content)
    text = _rendered(jinja, "report.html.j2", content=content, first=first, others=others, base="")
    written = [write_text(folder / FRONT, text)]
    for page in content.pages:
        text = _rendered(jinja, "page.html.j2", content=content, page=page, front=FRONT, base="../")
        written.append(write_text(folder / page.file, text))
    return written


def arranged(content: Content) -> tuple[list[Table], list[Table]]:
    """The tables before and after the figures: long ones come after them."""
    first = [table for table in content.summary if not table.is_long]
    return first, [*(table for table in content.summary if table.is_long), *content.details]


def _rendered(jinja: Environment, template: str, **names: object) -> str:
    return _RAISED.sub(_sup, jinja.get_template(template).render(PAGE=PAGE, **names))


def _sup(found: re.Match[str]) -> str:
    """Superscript digits as an HTML element, because few fonts have all superscript characters in one style."""
    return found[1] or f"<sup>{unicodedata.normalize('NFKC', found[2])}</sup>"


def _data_uri(figures: Path) -> Callable[[Picture], str]:
    def uri(picture: Picture) -> str:
        return "data:image/png;base64," + base64.b64encode(picture.png(figures).read_bytes()).decode()

    return uri
