"""The claims about the neuron itself: the derivative that vanishes, the stair, and the synapse it is about."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import number

FINE, CLOSE = 1e-6, 0.01  # a distance far below all plateaus; how near 1 a quotient must come


def derivative_vanishes(record: LessonRecord) -> Claim:
    """Whether the derivative of the network in steps is zero almost everywhere."""
    return Claim(
        "zero",
        "The derivative of a spike is zero almost everywhere, so that gradient descent never changes any parameter.",
        "The neuron in time steps, in exact arithmetic: a loss of its spikes along lines in weight space, its "
        "derivative within all plateaus and in reverse mode, and every jump between two neighbouring numbers.",
        _verdict(record, "zero_almost_everywhere"),
        of_parts(_holds(record, "zero_almost_everywhere")),
    )


def continuous_time_has_no_derivative(record: LessonRecord) -> Claim:
    """Whether the vanishing derivative is one of spiking or of the time steps, with currents that rise gradually."""
    rows = record["stair"][record["stair"]["kind"] == "quotient"]
    fine = rows[rows["x"] <= FINE]
    stepped, exact = (fine[fine["dt"] > 0.0]["y"].abs(), fine[fine["dt"] == 0.0]["y"])
    still = None if stepped.empty else bool(stepped.median() == 0.0)
    gone = None if exact.empty else bool((exact - 1.0).abs().median() > CLOSE)
    return Claim(
        "limit",
        "The same holds for spiking neurons at large: spiking is not differentiable.",
        "Difference quotients of the loss of Yin-Yang by the hidden weights, with synaptic currents, over distances of "
        f"at most {FINE:g} of the weights, relative to the exact derivative: 0 in time steps of any length, and also 0 "
        "in continuous time (medians).",
        f"in steps {number(float(stepped.median()))}, in continuous time {number(float(exact.median()))}; and on a "
        f"network of a few neurons: {_verdict(record, 'stair')}",
        of_parts(still, gone),
    )


def weights_move_no_spike(record: LessonRecord) -> Claim:
    """Whether it is the jump of the potential at an arrival that leaves spike times without derivatives by weights."""
    return Claim(
        "synapse",
        "Where a spike adds its weight to the potential at once, no weight moves a spike, in continuous time either.",
        "The lesson's neuron in continuous time, in 60 digits: derivatives of all spike times by all weights, with and "
        "without a bias, and the same networks with currents.",
        _verdict(record, "which_synapse"),
        of_parts(_holds(record, "which_synapse")),
    )


def _row(record: LessonRecord, name: str) -> pd.DataFrame:
    rows = record["statements"]
    return rows[rows["statement"] == name]


def _holds(record: LessonRecord, name: str) -> bool | None:
    rows = _row(record, name)
    return bool(rows["holds"].iloc[0]) if len(rows) else None


def _verdict(record: LessonRecord, name: str) -> str:
    rows = _row(record, name)
    return str(rows["verdict"].iloc[0]).partition(": ")[2] if len(rows) else "not measured"
