"""The columns of a run's frames, by frame and kind, and the check that a frame has them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from spikeproof.errors import InvalidInput
from spikeproof_verification.checks.measurement import COLUMNS as MEASUREMENT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

STATUSES = ("done", "failed", "refused")
VERDICTS = ("pass", "fail")

_CASE_COLUMNS = (
    "campaign", "case", "regime", "flavour", "status", "seconds", "n_neurons", "n_spikes", "min_vdot", "note",
)  # fmt: skip
_MEASURED_NUMBERS = frozenset({"actual", "expected", "deviation", "scale", "error", "bound", "vdot"})

COLUMNS = MappingProxyType(
    {
        "measurements": MEASUREMENT_COLUMNS,
        "cases": _CASE_COLUMNS,
        "agreement": ("campaign", "case", "pair", "compared", "worst", "digits", "verdict"),
        "tolerances": ("name", "multiple", "unit", "scale", "reason"),
    }
)
NUMBERS = MappingProxyType(
    {
        "measurements": _MEASURED_NUMBERS,
        "cases": frozenset({"seconds", "n_neurons", "n_spikes", "min_vdot"}),
        "agreement": frozenset({"compared", "worst", "digits"}),
        "tolerances": frozenset({"multiple", "unit"}),
    }
)
_WORDS = MappingProxyType(
    {("measurements", "verdict"): VERDICTS, ("agreement", "verdict"): VERDICTS, ("cases", "status"): STATUSES}
)


def check_frame(name: str, frame: pd.DataFrame, source: str = "") -> None:
    """Raise `InvalidInput` unless `frame` has the columns of the frame `name`, numbers where numbers belong.

    `source` is what the message calls the frame, e.g. its file; the frame's name by default.
    """
    source = source or name
    for column in COLUMNS[name]:
        if column not in frame.columns:
            raise InvalidInput(
                f"{source}: {column}", "no such column", f"a frame with columns {', '.join(COLUMNS[name])}"
            )
        if column in NUMBERS[name] and frame[column].dtype.kind not in "fiu" and len(frame):
            raise InvalidInput(f"{source}: {column}", f"dtype {frame[column].dtype}", "a column of real numbers")
    for (owner, column), words in _WORDS.items():
        if owner == name:
            wrong = frame.loc[~frame[column].isin(words), column]
            if len(wrong):
                raise InvalidInput(f"{source}: {column}", wrong.iloc[0], " or ".join(map(repr, words)))
