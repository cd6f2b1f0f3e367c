"""A table as HTML: numbers carry their values, by which a page sorts them, and rows the commands that compute them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from markupsafe import Markup

from spikeproof_reports.paper.table import PAGE, Column, Table

SHORT = 28  # characters of a text that needs no room to break
_CLASSES = {"name": "name", "quantity": "name"}  # of texts that lines do not break
_CELL = Markup("<{tag}{classes}{value}>{text}</{end}>")
_AGAIN = Markup('<td class="again"><details><summary>command</summary><code>{}</code></details></td>')
_NEVER = Markup('<td class="again"></td>')


def html_table(table: Table) -> Markup:
    """The element ``table`` with the id ``T_NAME``; the first cell of a row is its heading."""
    columns, texts = table.seen(PAGE), table.text(PAGE)
    kinds = [_kind(column, texts.iloc[:, place]) for place, column in enumerate(columns.values())]
    heads = [_cell('th scope="col"', c.heading, kind) for c, kind in zip(columns.values(), kinds, strict=True)]
    heads += [Markup('<th scope="col" class="again">again</th>')] if table.commands else []
    lines = [Markup('<table id="T_{}">').format(table.name), Markup("<thead><tr>"), *heads, Markup("</tr></thead>")]
    return Markup("\n").join([*lines, Markup("<tbody>"), *_rows(table, columns, kinds), Markup("</tbody></table>")])


def _rows(table: Table, columns: dict[str, Column], kinds: Sequence[str]) -> Iterator[Markup]:
    values = table.frame.head(table.limits[PAGE])[list(columns)].itertuples(index=False, name=None)
    texts, alarms = table.text(PAGE).itertuples(index=False, name=None), table.alarmed(PAGE)
    for place, (row, shown, alarm) in enumerate(zip(values, texts, alarms, strict=True)):
        cells = [
            _cell("td" if n else 'th scope="row"', text, f"{kind} alarm" if alarm else kind, value)
            for n, (kind, text, value) in enumerate(zip(kinds, shown, _values(columns, row), strict=True))
        ]
        if table.commands:
            command = table.commands[place]
            cells.append(_AGAIN.format(command) if command else _NEVER)
        yield Markup("<tr>{}</tr>").format(Markup("").join(cells))


def _values(columns: dict[str, Column], row: tuple[Any, ...]) -> list[str | None]:
    """Values that a row is sorted by: the shortest text of each number, "" of one that is none; None of texts."""
    return [_value(value) if column.is_number else None for column, value in zip(columns.values(), row, strict=True)]


def _value(value: Any) -> str:
    number = float(value)
    if math.isnan(number):
        return ""
    return repr(number) if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")


def _cell(tag: str, text: str, classes: str, value: str | None = None) -> Markup:
    return _CELL.format(
        tag=Markup(tag),  # a literal of this module
        classes=Markup(' class="{}"').format(classes.strip()) if classes.strip() else "",
        value="" if value is None else Markup(' data-value="{}"').format(value),
        text=text,
        end=Markup(tag.partition(" ")[0]),
    )


def _kind(column: Column, texts: Iterable[str]) -> str:
    """The class of a column: numbers stand right, long texts get room in which to break."""
    if column.is_number:
        return "number"
    return _CLASSES.get(column.kind, "wrapped" if any(len(text) > SHORT for text in texts) else "")
