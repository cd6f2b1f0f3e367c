"""The Jacobian of the spike times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from spikeproof.arguments import instance
from spikeproof.problem import Problem
from spikeproof.spikes import Spikes
from spikeproof_reference.mp.forward import forward
from spikeproof_reference.mp.model import model_of
from spikeproof_reference.mp.parameter import KINDS, Parameter, numbering_of, numbers_of, parameters_of
from spikeproof_reference.mp.precision import working_context
from spikeproof_reference.mp.result import as_array, spikes_of
from spikeproof_reference.mp.sensitivity import spike_tangents


@dataclass(frozen=True)
class SpikeTimeJacobian:
    """Derivatives of all spike times.

    Attributes
    ----------
    spikes : Spikes
        In the order in which they happened, sample by sample.
    parameters : tuple of Parameter
        The parameters of the columns: all weights projection by projection and row by row, then all input spikes; or
        those asked for, in the order asked for.
    values : object array, shape (n_spikes, n_parameters)
    """

    spikes: Spikes
    parameters: tuple[Parameter, ...]
    values: Any

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.spikes), len(self.parameters)):
            raise ValueError(f"values: got shape {self.values.shape}")


def spike_time_jacobian(problem: Problem, dps: int = 50, only: Iterable[Parameter] | None = None) -> SpikeTimeJacobian:
    """Derivative of every spike time with respect to every parameter asked for, by forward sensitivities.

    Parameters
    ----------
    problem : Problem
        Its loss is not used.
    dps : int
        Decimal digits of the results, >= 15; see `MpEngine` for what is promised.
    only
        Parameters that are followed, as ``(kind, projection, i, j)``; all weights and input spikes if None.

    Returns
    -------
    SpikeTimeJacobian

    Raises
    ------
    GrazingSpike
        If a peak of V cannot be told from the threshold, or Vdot from 0, at the working precision.
    InvalidInput
        If `only` names something that is no parameter of the problem.

    References
    ----------
    docs/theory.md (arrival-sensitivity), (spike-sensitivity); Wunderlich and Pehle (2021), eqs. 36 to 50.
    """
    instance("problem", problem, Problem)
    ctx = working_context(dps)
    model = model_of(problem, ctx, dps)
    parameters, _ = numbers_of(problem, parameters_of(problem, KINDS[:2]) if only is None else only)
    dense = problem.dense()
    _, numbers = numbers_of(dense, parameters)
    numbering = numbering_of(dense, numbers)
    tapes = [forward(model, s) for s in range(problem.stimulus.n_samples)]
    tangents = [tangent for tape in tapes for tangent in spike_tangents(tape, numbering)]
    values = as_array(
        [tangent.get(n, ctx.zero) for tangent in tangents for n in numbers], (len(tangents), len(numbers))
    )
    return SpikeTimeJacobian(spikes_of(tapes), parameters, values)
