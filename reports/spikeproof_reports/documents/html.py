"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from spikeproof_reports.documents.content import Content
from spikeproof_reports.documents.templates import environment
from spikeproof_reports.figures import Picture
from spikeproof_reports.files import write_text
from spikeproof_reports.table import NUMBERS, PAGE, Table

_RAISED = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def write_html(content: Content, path: Path, figures: Path) -> Path:
    """`path`, after the page was written to it, style and the figures saved in the folder `figures` included."""
    jinja = environment(escape=True)
    jinja.filters["rows"] = _rows
    jinja.filters["data_uri"] = _data_uri(figures)
    numbers = {table.name: _columns(table, *NUMBERS) for table in content.tables}
    unbroken = {table.name: _columns(table, "name", "quantity") for table in content.tables}
    template = jinja.get_template("report.html.j2")
    page = template.render(content=content, numbers=numbers, unbroken=unbroken, PAGE=PAGE)
    return write_text(path, _RAISED.sub(_sup, page))


def _sup(digits: re.Match[str]) -> str:
    """Raised digits as an element: few fonts have all of these signs in one style."""
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
