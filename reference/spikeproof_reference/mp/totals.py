"""A number for every parameter: gradients summed over samples, or a step in parameter space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spikeproof.neuron_parameters import PARAMETER_NAMES

if TYPE_CHECKING:
    from spikeproof_reference.mp.model import Model


@dataclass
class Totals:
    """``weights[p][i][j]`` and ``delays[p][i][j]`` of projection p, one entry per input spike, ``neurons[name][n]``."""

    weights: list[list[list[Any]]]
    delays: list[list[list[Any]]]
    input_times: list[Any]
    neurons: dict[str, list[Any]]


def no_totals(model: Model) -> Totals:
    """Zeros."""
    zero = model.ctx.zero

    def matrices() -> list[list[list[Any]]]:
        return [[[zero] * len(row) for row in s.weights] for s in model.synapses]

    neurons = {name: [zero] * len(model.neurons) for name in PARAMETER_NAMES}
    return Totals(matrices(), matrices(), [zero] * len(model.input_times), neurons)
