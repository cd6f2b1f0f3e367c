"""How many units of roundoff a stable algorithm must be expected to lose on a problem: Monte Carlo arithmetic."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof.errors import GrazingSpike
from spikeproof.numbers import integer
from spikeproof.problem import Problem
from spikeproof_reference.adjoint import adjoint, no_totals
from spikeproof_reference.branch import SequenceChanged, require_same_branch
from spikeproof_reference.forward import forward
from spikeproof_reference.model import Model, model_of
from spikeproof_reference.precision import working_context
from spikeproof_reference.result import loss_of

ROUNDOFF_DIGITS = 25  # simulated unit roundoff 1e-25: first order, and far below any change of the event sequence


@dataclass(frozen=True)
class RoundingSensitivity:
    """Root mean square deviation over the probes, in units of the roundoff; all arrays float64.

    Attributes
    ----------
    spike_times : shape (n_spikes,), in the order of the clean solution's spikes.
    loss : of the mean loss.
    weights : mapping from projection name to array, shape (n_pre, n_post): of the weight gradients.
    input_times : shape (n_input_spikes,): of the input-time gradients.
    v_end, i_end : shape (n_samples, n_neurons): of the state at the end.
    """

    spike_times: Any
    loss: float
    weights: Mapping[str, Any]
    input_times: Any
    v_end: Any
    i_end: Any


def rounding_sensitivity(problem: Problem, dps: int = 80, n_probes: int = 4, seed: int = 0) -> RoundingSensitivity:
    """Conditioning of spike times, loss and gradients, as an algorithm that rounds every operation meets it.

    Forward and adjoint pass are repeated with a random relative error of at most 1e-25 in every input number, in
    every V and I, in every spike time (there ``t + 1/Vdot``), in every factor, lambda, jump denominator and
    gradient term of the adjoint, and in the loss and its derivatives.

    Parameters
    ----------
    problem : Problem
        Has a loss.
    dps : int
        Digits of the clean arithmetic underneath; >= 60, so that it adds nothing.
    n_probes : int
        Repetitions, >= 1. The result has a relative statistical error of about ``1/sqrt(2 n_probes)``.
    seed : int
        Of the random errors; the same seed gives the same result.

    Returns
    -------
    RoundingSensitivity

    Raises
    ------
    SequenceChanged
        If a probe leaves the smooth branch: the problem sits on a tie or a grazing spike.
    GrazingSpike
        If a peak of V cannot be told from the threshold.

    References
    ----------
    Parker (1997), Monte Carlo Arithmetic, UCLA CSD-970002; Vignes (1993), A stochastic arithmetic for reliable
    scientific computation (CESTAC), Math. Comput. Simul. 35, 233-261.
    """
    integer("dps", dps, low=60)
    integer("n_probes", n_probes, low=1)
    # noise in equal time constants leaves them 1e-25 apart, which costs the closed form as many digits
    ctx = working_context(problem, dps + ROUNDOFF_DIGITS)
    clean = _Run(problem, model_of(problem, ctx, dps))
    noise = _Noise(ctx, random.Random(seed))
    deviations = [_deviation(clean, _probe(problem, model_of(problem, ctx, dps, noise))) for _ in range(n_probes)]
    rms = np.sqrt(np.mean(np.square(deviations), axis=0))
    return _unpacked(problem, rms, clean.order)


class _Noise:
    """Rounding: a relative error, uniform within one unit of roundoff."""

    def __init__(self, ctx: Any, generator: random.Random) -> None:
        self.roundoff, self.generator, self.ctx = ctx.mpf(10) ** -ROUNDOFF_DIGITS, generator, ctx

    def __call__(self, x: Any) -> Any:
        return x * (1 + self.roundoff * self.generator.uniform(-1.0, 1.0)) if x else x


class _Run:
    """One forward and adjoint pass over the batch, as a flat list of results.

    Spike times come by sample, neuron and rank, so that uncoupled spikes may swap places between probes; `order` says
    where each of them is in the sequence of all spikes.
    """

    def __init__(self, problem: Problem, model: Model) -> None:
        self.tapes = [forward(model, s) for s in range(problem.stimulus.n_samples)]
        totals, n = no_totals(model), len(self.tapes)
        losses = []
        for tape in self.tapes:
            value, d_spike = loss_of(problem, tape)
            losses.append(value)
            adjoint(tape, d_spike, totals)
        spikes = [spike for tape in self.tapes for spike in tape.spikes]
        samples = [tape.sample for tape in self.tapes for _ in tape.spikes]
        self.order = sorted(range(len(spikes)), key=lambda k: (samples[k], spikes[k].neuron))
        weights = [x / n for part in totals.weights for row in part for x in row]
        mean = sum(losses, model.ctx.zero) / n
        ends = [x for tape in self.tapes for x in tape.v_end] + [x for tape in self.tapes for x in tape.i_end]
        times = [spikes[k].time for k in self.order]
        self.numbers = [*times, mean, *weights, *(x / n for x in totals.input_times), *ends]


def _probe(problem: Problem, model: Model) -> _Run:
    try:
        return _Run(problem, model)
    except GrazingSpike as error:
        what = f"a crossing at t = {error.time} is decided by roundoff"
        raise SequenceChanged(error.sample, error.neuron, what) from None


def _deviation(clean: _Run, probe: _Run) -> list[float]:
    """Difference of all results, in units of the roundoff."""
    synapses = clean.tapes[0].model.synapses
    for a, b in zip(clean.tapes, probe.tapes, strict=True):
        require_same_branch(a, b, lambda p, i, j: bool(synapses[p].weights[i][j]))
    unit = 10**ROUNDOFF_DIGITS
    return [float((b - a) * unit) for a, b in zip(clean.numbers, probe.numbers, strict=True)]


def _unpacked(problem: Problem, rms: Any, order: list[int]) -> RoundingSensitivity:
    times = np.zeros(len(order))
    times[order] = rms[: len(order)]
    position = len(order) + 1
    weights = {}
    for projection in problem.network.projections:
        shape = problem.network.shape(projection)
        weights[projection.name] = rms[position : position + shape[0] * shape[1]].reshape(shape)
        position += shape[0] * shape[1]
    end = position + len(problem.stimulus.times)
    states = rms[end:].reshape(2, problem.stimulus.n_samples, problem.network.n_neurons)
    return RoundingSensitivity(times, float(rms[len(order)]), weights, rms[position:end], states[0], states[1])
