"""The default chapter of a study without a chapter module: its tables as they are."""

from __future__ import annotations

import pandas as pd
from pandas.api import types

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.table import Column, Table


def plain_chapter(study: str, frames: Frames) -> Chapter:
    """All tables of `study`, every column under its own name."""
    tables = tuple(plain_table(f"{study}_{name}", name, frame) for name, frame in frames.items())
    return Chapter(study.lower(), _words(study), ("The tables of this study as they were recorded.",), tables)


def plain_table(name: str, title: str, frame: pd.DataFrame) -> Table:
    """`frame` with its columns' own names as headings."""
    return Table(
        name=name.lower(),
        title=_words(title),
        note="",
        frame=frame,
        columns={str(c): Column(_words(str(c)), "as named by the study", _kind(frame[c])) for c in frame.columns},
        empty="This table has no rows.",
    )


def _kind(values: pd.Series) -> str:
    if types.is_bool_dtype(values) or not types.is_numeric_dtype(values):
        return "text"
    return "count" if types.is_integer_dtype(values) else "number"


def _words(name: str) -> str:
    return name.replace("_", " ")
