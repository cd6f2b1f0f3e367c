"""The conditioning of a problem: how many units of roundoff a stable algorithm must be expected to lose (Monte Carlo
arithmetic).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import GrazingSpike, InvalidInput
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof.numbers import integer
from spikeproof.problem import Problem
from spikeproof.solution import NeuronGradients
from spikeproof_reference.analysis.branch import SequenceChanged, require_same_branch
from spikeproof_reference.mp.adjoint import adjoint
from spikeproof_reference.mp.forward import forward
from spikeproof_reference.mp.losses.evaluate import evaluate
from spikeproof_reference.mp.model import Model, model_of
from spikeproof_reference.mp.parameter import Parameter, parameters_of
from spikeproof_reference.mp.precision import working_context
from spikeproof_reference.mp.totals import Totals, no_totals

ROUNDOFF_DIGITS = 25  # simulated unit roundoff 1e-25: first order, and far below any change of the event sequence


@dataclass(frozen=True)
class RoundingSensitivity:
    """Root mean square deviation over the probes, in units of the roundoff; all arrays float64.

    Attributes
    ----------
    spike_times : shape (n_spikes,), in the order of the clean solution's spikes.
    loss : of the mean loss.
    weights : mapping from projection name to array, shaped like the weights: of the weight gradients.
    input_times : shape (n_input_spikes,): of the input-time gradients.
    v_end, i_end : shape (n_samples, n_neurons): of the state at the end.
    delays : mapping from projection name to array, shaped like the weights: of the delay gradients.
    neurons : mapping from population name to `NeuronGradients`: of the gradients of the neurons' parameters.
    """

    spike_times: Any
    loss: float
    weights: Mapping[str, Any]
    input_times: Any
    v_end: Any
    i_end: Any
    delays: Mapping[str, Any]
    neurons: Mapping[str, NeuronGradients]


def rounding_sensitivity(problem: Problem, dps: int = 80, n_probes: int = 4, seed: int = 0) -> RoundingSensitivity:
    """Conditioning of spike times, loss and gradients, as an algorithm that rounds every operation meets it.

    Forward and adjoint pass are repeated with a random relative error of at most 1e-25 in every input number, in
    every V and I, in every spike time (there ``t + 1/Vdot``), in every factor, lambda, jump denominator and
    gradient term of the adjoint, in what the loss observes of V, and in the loss and its derivatives.

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
    InvalidInput
        If a number is outside its range, or the problem has no loss.
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
    integer("seed", seed, low=0)
    if instance("problem", problem, Problem).loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    ctx = working_context(dps)
    clean = _Run(problem, model_of(problem, ctx, dps))
    noise = _Noise(ctx, random.Random(seed))
    deviations = [_deviation(clean, _probe(problem, model_of(problem, ctx, dps, noise))) for _ in range(n_probes)]
    return _unpacked(problem, root_mean_square(np.array(deviations)), clean.order)


def root_mean_square(deviations: Any) -> Any:
    """Over the first axis, by powers of two near 1, so that no square leaves the range of binary64."""
    _, exponent = np.frexp(np.max(np.abs(deviations), axis=0))
    return np.ldexp(np.sqrt(np.mean(np.square(np.ldexp(deviations, -exponent)), axis=0)), exponent)


class _Noise:
    """Rounding: a relative error, uniform within one unit of roundoff."""

    def __init__(self, ctx: Any, generator: random.Random) -> None:
        self.roundoff, self.generator, self.ctx = ctx.mpf(10) ** -ROUNDOFF_DIGITS, generator, ctx

    def __call__(self, x: Any) -> Any:
        return x * (1 + self.roundoff * self.generator.uniform(-1.0, 1.0)) if x else x


class _Run:
    """The results of one forward and adjoint pass over the batch, as a flat list.

    Spike times come by sample, neuron and rank, so that uncoupled spikes may swap places between probes; `order` says
    where each of them is in the sequence of all spikes.
    """

    def __init__(self, problem: Problem, model: Model) -> None:
        totals, n = no_totals(model), problem.stimulus.n_samples
        self.losses = [evaluate(problem, forward(model, s)) for s in range(n)]
        self.tapes = [loss.paths.tape for loss in self.losses]
        for tape, loss in zip(self.tapes, self.losses, strict=True):
            adjoint(tape, loss, totals)
        spikes = [spike for tape in self.tapes for spike in tape.spikes]
        samples = [tape.sample for tape in self.tapes for _ in tape.spikes]
        self.order = sorted(range(len(spikes)), key=lambda k: (samples[k], spikes[k].neuron))
        mean = sum((loss.value for loss in self.losses), model.ctx.zero) / n
        ends = [x for tape in self.tapes for x in tape.v_end] + [x for tape in self.tapes for x in tape.i_end]
        times = [spikes[k].time for k in self.order]
        gradients = [_entry(problem, totals, p) / n for p in parameters_of(problem)]
        self.numbers = [*times, mean, *ends, *gradients]


def _entry(problem: Problem, totals: Totals, p: Parameter) -> Any:
    """The number that belongs to a parameter."""
    if p.kind == "input_time":
        return totals.input_times[p.i]
    if p.kind in ("weight", "delay"):
        index = [q.name for q in problem.network.projections].index(p.projection)
        return (totals.weights if p.kind == "weight" else totals.delays)[index][p.i][p.j]
    return totals.neurons[p.kind][problem.network.neurons(p.projection)[p.i]]


def _probe(problem: Problem, model: Model) -> _Run:
    try:
        return _Run(problem, model)
    except GrazingSpike as error:
        what = f"a crossing at t = {error.time} is decided by roundoff"
        raise SequenceChanged(error.sample, error.neuron, what) from None


def _deviation(clean: _Run, probe: _Run) -> list[float]:
    """Difference of all results, in units of the roundoff."""
    synapses = clean.tapes[0].model.synapses
    for a, b in zip(clean.losses, probe.losses, strict=True):
        tapes = a.paths.tape, b.paths.tape
        require_same_branch(*tapes, lambda p, i, j: bool(synapses[p].weights[i][j]), a.marks, b.marks)
    unit = 10**ROUNDOFF_DIGITS
    return [float((b - a) * unit) for a, b in zip(clean.numbers, probe.numbers, strict=True)]


def _unpacked(problem: Problem, rms: Any, order: list[int]) -> RoundingSensitivity:
    network, samples = problem.network, problem.stimulus.n_samples
    n_states = 2 * samples * network.n_neurons
    times, loss, states, gradients = np.split(rms, np.cumsum([len(order), 1, n_states]))
    by_rank = np.zeros(len(order))
    by_rank[order] = times
    v_end, i_end = states.reshape(2, samples, network.n_neurons)
    found: dict[tuple[str, str], list[float]] = {}
    for p, x in zip(parameters_of(problem), gradients, strict=True):
        found.setdefault((p.kind, p.projection), []).append(x)
    weights, delays = (
        {p.name: np.reshape(found.get((kind, p.name), []), network.weight_shape(p)) for p in network.projections}
        for kind in ("weight", "delay")
    )
    neurons = {p.name: _neuron_gradients(p.name, found) for p in network.populations}
    inputs = np.array(found.get(("input_time", ""), []))
    return RoundingSensitivity(by_rank, float(loss[0]), weights, inputs, v_end, i_end, delays, neurons)


def _neuron_gradients(population: str, found: dict[tuple[str, str], list[float]]) -> NeuronGradients:
    columns: dict[str, Any] = {
        name: np.array(found[name, population]) if (name, population) in found else None for name in PARAMETER_NAMES
    }
    return NeuronGradients(**columns)
