"""A finished run of the verification: everything a report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spikeproof.errors import InvalidInput
from spikeproof_reports.verification.columns import COLUMNS, check_frame

if TYPE_CHECKING:
    import pandas as pd

FRAMES: tuple[str, ...] = tuple(COLUMNS)
EXAMPLE_KEYS: tuple[str, ...] = (
    "title", "duration", "raster_times", "raster_neurons", "input_times", "input_channels", "populations",
    "neuron", "t", "v", "i", "v_th", "lambda_v", "lambda_i", "spike_times",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class RunRecord:
    """The results of one run of the verification, checked on construction.

    Attributes
    ----------
    measurements : DataFrame
        One row per compared number, with the columns of `spikeproof_verification.checks.measurement.Measurement`.
    cases : DataFrame
        One row per case: campaign, case, regime, flavour (of a generated network, else ""), status ("done", "failed"
        or "refused"), seconds, n_neurons, n_spikes, min_vdot, note.
    agreement : DataFrame
        The reference gradients among themselves, one row per case and pair: campaign, case,
        pair ("adjoint/sensitivity", ...), compared (how many numbers), worst (relative deviation),
        digits (-log10 of it), verdict ("pass" or "fail").
    example : mapping
        One example network for the figures, with the keys `EXAMPLE_KEYS`; may be empty. Times in the unit
        of the time constants; `populations` holds (name, start, stop) of the neurons' numbers.
    tolerances : DataFrame
        name, multiple, unit, scale, reason.
    provenance : mapping of str to str
        Where the numbers come from; see `spikeproof_reports.paper.provenance`.
    studies : mapping of str to mapping of str to DataFrame
        The tables of each study that ran, by the names of the study and the table.
    environment : str
        Exact versions of everything that the run was computed with, as a file for pip; "" if they were not noted.

    Raises
    ------
    InvalidInput
        If a frame lacks a column, has text where numbers belong, or a verdict or status that is none; if
        `example` is neither empty nor complete.
    """

    measurements: pd.DataFrame
    cases: pd.DataFrame
    agreement: pd.DataFrame
    example: Mapping[str, Any]
    tolerances: pd.DataFrame
    provenance: Mapping[str, str]
    studies: Mapping[str, Mapping[str, pd.DataFrame]] = field(default_factory=dict)
    environment: str = ""

    def __post_init__(self) -> None:
        for name in FRAMES:
            check_frame(name, getattr(self, name))
        missing = [key for key in EXAMPLE_KEYS if key not in self.example]
        if self.example and missing:
            raise InvalidInput(
                f"example: {missing[0]}", "missing", f"all of {', '.join(EXAMPLE_KEYS)}, or an empty mapping"
            )
