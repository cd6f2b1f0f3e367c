"""The report as HTML: one self-contained page, and one for each chapter."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.table import NUMBERS, PAGE, Table
from spikeproof_reports.paper.template import environment

FRONT = "report.html"
_RAISED = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def write_html(content: Content, folder: Path, figures: Path) -> list[Path]:
    """The pages written: ``report.html`` in `folder` and one for each chapter in ``pages/``.

    Each includes its style and its figures, which were saved in the folder `figures`.
    """
    jinja = environment(escape=True)
    jinja.filters["rows"] = _rows
    jinja.filters["data_uri"] = _data_uri(figures)
    front = (*content.summary, *content.details)
    written = [write_text(folder / FRONT, _rendered(jinja, "report.html.j2", front, content=content))]
    for page in content.pages:
        text = _rendered(jinja, "page.html.j2", page.tables, content=content, page=page, front=FRONT)
        written.append(write_text(folder / page.file, text))
    return written


def _rendered(jinja: Environment, template: str, tables: Sequence[Table], **names: object) -> str:
    numbers = {table.name: _columns(table, *NUMBERS) for table in tables}
    unbroken = {table.name: _columns(table, "name", "quantity") for table in tables}
    text = jinja.get_template(template).render(numbers=numbers, unbroken=unbroken, PAGE=PAGE, **names)
    return _RAISED.sub(_sup, text)


def _sup(digits: re.Match[str]) -> str:
    """Superscript digits as an HTML element, because few fonts have all superscript characters in one style."""
    return f"<sup>{unicodedata.normalize('NFKC', digits[0])}</sup>"


def _rows(table: Table) -> Markup:
    cells = table.text(PAGE)
    alarms = [["alarm" if alarm else ""] * cells.shape[1] for alarm in table.alarmed(PAGE)]
    classes = pd.DataFrame(alarms, index=cells.index, columns=cells.columns)
    style = cells.style.hide(axis="index").format(escape="html").format_index(escape="html", axis=1)
    style = style.set_td_classes(classes)
    # pandas writes an empty style element first; the page has its own style sheet
    html = style.set_uuid(table.name).to_html(cell_ids=False, caption=None, sparse_index=False)
    return Markup(html[html.index("<table") :])  # every cell and heading is escaped above


def _columns(table: Table, *kinds: str) -> list[int]:
    return [place for place, column in enumerate(table.seen(PAGE).values(), 1) if column.kind in kinds]


def _data_uri(figures: Path) -> Callable[[Picture], str]:
    def uri(picture: Picture) -> str:
        return "data:image/png;base64," + base64.b64encode(picture.png(figures).read_bytes()).decode()

    return uri
