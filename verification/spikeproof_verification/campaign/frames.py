"""Results of a campaign as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from spikeproof_verification.campaign.results import CaseResult, CaseRow
from spikeproof_verification.checks.measurement import COLUMNS
from spikeproof_verification.checks.reference import Agreement
from spikeproof_verification.checks.tolerances import Tolerance

if TYPE_CHECKING:
    import pandas as pd


def measurement_frame(results: Iterable[CaseResult]) -> pd.DataFrame:
    """One row per compared number."""
    return _frame([m.row() for r in results for m in r.measurements], COLUMNS)


def case_frame(results: Iterable[CaseResult]) -> pd.DataFrame:
    """One row per case."""
    return _frame([vars(r.case) for r in results], tuple(f.name for f in fields(CaseRow)))


def agreement_frame(results: Iterable[CaseResult]) -> pd.DataFrame:
    """One row per case and pair of reference gradients."""
    return _frame([a.row() for r in results for a in r.agreement], tuple(f.name for f in fields(Agreement)))


def study_frames(results: Iterable[CaseResult]) -> dict[str, dict[str, pd.DataFrame]]:
    """The tables of each study that ran, by the names of the study and the table; a study without tables has none."""
    return {
        r.case.case: {name: _frame(rows, tuple(rows[0]) if rows else ()) for name, rows in r.tables.items()}
        for r in results
        if r.case.campaign == "studies" and r.case.status == "done"
    }


def tolerance_frame(tolerances: Iterable[Tolerance]) -> pd.DataFrame:
    """One row per tolerance."""
    names = ("name", "multiple", "unit", "scale", "reason")
    return _frame([{name: getattr(t, name) for name in names} for t in tolerances], names)


def _frame(rows: Sequence[Mapping[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns))
