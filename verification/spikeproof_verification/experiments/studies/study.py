"""A study: an experiment that answers one question, whose numbers become a page of the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof_verification.checks.judge import Subject
from spikeproof_verification.checks.measurement import Measurement

Value: TypeAlias = str | float | int | bool
Row: TypeAlias = Mapping[str, Value]
CAMPAIGN = "studies"


@dataclass(frozen=True)
class StudyResult:
    """The result of a study.

    Attributes
    ----------
    measurements : numbers that must hold, each judged by a named tolerance; a failure fails the run.
    tables : numbers that are only shown, by name: rows that all have the same columns. NumPy scalars become plain
    numbers.

    Raises
    ------
    InvalidInput
        If the name of a table is no identifier, its rows differ in their columns, or a value is neither text nor a
        number.
    """

    measurements: tuple[Measurement, ...] = ()
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tables = {name: tuple(_plain_row(name, row) for row in rows) for name, rows in self.tables.items()}
        for name, rows in tables.items():
            if not name.isidentifier():
                raise InvalidInput("tables", name, "letters, digits and underscores: files are named by it")
            for row in rows:
                if row.keys() != rows[0].keys():
                    raise InvalidInput(f"tables.{name}", list(row), f"the columns of the first row: {list(rows[0])}")
        object.__setattr__(self, "measurements", tuple(self.measurements))
        object.__setattr__(self, "tables", tables)


@dataclass(frozen=True)
class Study:
    """A study of at most about a minute on one core.

    Attributes
    ----------
    name : unique; letters, digits and underscores, since files are named by it.
    title : one line.
    run : makes the result; always the same one.

    Raises
    ------
    InvalidInput
        If the name has other characters.
    """

    name: str
    title: str
    run: Callable[[], StudyResult]

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise InvalidInput("study.name", self.name, "letters, digits and underscores")


def subject(study: str, engine: str, reference: str) -> Subject:
    """The subject of a measurement of a study.

    Parameters
    ----------
    study : str
        Name of the study.
    engine, reference : str
        The measured engine, and what it is compared with.

    Returns
    -------
    Subject
    """
    return Subject(CAMPAIGN, study, regime(study), engine, reference)


def regime(study: str) -> str:
    """The regime that tables show for the cases and measurements of a study.

    Parameters
    ----------
    study : str
        Name of the study.

    Returns
    -------
    str
    """
    return f"study: {study.replace('_', ' ')}"


def _plain_row(table: str, row: Row) -> dict[str, Value]:
    return {column: _plain(f"tables.{table}.{column}", value) for column, value in row.items()}


def _plain(field_name: str, value: Any) -> Value:
    plain = value.item() if isinstance(value, np.generic) else value
    if not isinstance(plain, (str, float, int)):
        raise InvalidInput(field_name, value, "a text, a number or a truth value; not NumPy's or mpmath's own")
    return plain
