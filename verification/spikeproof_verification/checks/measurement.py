"""One compared number: the actual and the expected value, their scale, and the verdict."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Literal

Verdict = Literal["pass", "fail"]


@dataclass(frozen=True)
class Measurement:
    """A compared number; `judge` makes it and sets its verdict.

    Attributes
    ----------
    campaign : "cases", "random", "losses", "sparse", "wide", "lattice", "yin_yang" or "studies".
    case : name of the problem or study.
    regime : kind of the problem, e.g. "recurrent, tau_mem > tau_syn".
    engine, reference : the measured engine, and what it was compared with.
    quantity : "spike_count", "spike_time", "end_state", "loss", "weight_gradient", "input_time_gradient",
        "delay_gradient", "<neuron parameter>_gradient", "sample_alone" or "spike_time_jacobian"; or one that a study
        names.
    component : which number of the quantity, e.g. "hidden[3], spike 2" or "input->hidden[0, 17]".
    actual, expected : the two numbers, rounded to binary64.
    deviation : abs(actual - expected), taken before rounding; infinite if `actual` is not finite.
    scale : the size the error is relative to; it carries 1/Vdot or the conditioning.
    tolerance : name of the tolerance.
    error : deviation in units of ``unit * scale``.
    bound : the tolerance's multiple; the check passes if ``error <= bound``.
    vdot : dV/dt at the spike in question, NaN where there is none.
    verdict : "pass" or "fail".
    """

    campaign: str
    case: str
    regime: str
    engine: str
    reference: str
    quantity: str
    component: str
    actual: float
    expected: float
    deviation: float
    scale: float
    tolerance: str
    error: float
    bound: float
    vdot: float = math.nan
    verdict: Verdict = "fail"

    def row(self) -> dict[str, str | float]:
        """The measurement as one row of a table."""
        return asdict(self)


COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Measurement))
