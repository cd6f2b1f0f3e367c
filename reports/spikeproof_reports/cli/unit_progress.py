"""The progress of a run that is measured unit by unit, each of which is kept when it is finished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import click

Rows: TypeAlias = Mapping[str, list[dict[str, Any]]]


def collected(total: int, start: Callable[[Callable[[str], None]], Iterable[tuple[object, Rows]]]) -> list[Rows]:
    """The rows of all units, while a bar shows how many are finished.

    Parameters
    ----------
    total : int
        Number of units.
    start : callable
        Begins to measure; it is given a function that shows a text beside the bar, and returns each unit with its rows.

    Returns
    -------
    list of rows

    Raises
    ------
    click.Abort
        If an interrupt comes; the message says how many units are kept.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("measuring"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )  # fmt: skip
    found: list[Rows] = []
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=total)
        try:
            for _, rows in start(lambda text: progress.update(bar, description=text)):
                found.append(rows)
                progress.update(bar, advance=1)
        except KeyboardInterrupt:
            kept = f"{len(found)} of {total} parts are finished and kept"
            raise click.Abort(f"{kept}; the same command goes on from there") from None
    return found
