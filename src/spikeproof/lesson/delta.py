"""The delta engine: the lesson's neuron, whose potential jumps at an arrival, in continuous time and exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spikeproof.arguments import instance
from spikeproof.engine import Wanted, check_wanted
from spikeproof.errors import EventLimitExceeded, InvalidInput, NoDerivative
from spikeproof.lesson.kernels.delta_backward import delta_backward, find_tie
from spikeproof.lesson.kernels.delta_forward import delta_forward
from spikeproof.lesson.kernels.delta_tables import BY_BIAS, FULL, LIMIT, TIED, DeltaTables, DeltaTape, delta_tape
from spikeproof.lesson.spike_loss import refusal, spike_loss
from spikeproof.losses import terms_of
from spikeproof.losses.checked import mean
from spikeproof.network import Network
from spikeproof.neuron_parameters import N_PARAMETERS
from spikeproof.numbers import Array, Float64Array, integer, quiet
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, NeuronGradients, Solution
from spikeproof.spikes import Spikes


class TiedArrivals(NoDerivative):
    """Simultaneous events of different origins whose order decides what happens: no derivative exists there.

    Parameters
    ----------
    sample, neuron : int
        Number of the sample, and of the neuron in the network.
    time : float
        The time of the events.
    """

    def __str__(self) -> str:
        return (
            f"sample {self.sample}: the order of simultaneous events at neuron {self.neuron} decides what happens at "
            f"t = {self.time}; the spike times have no derivative there"
        )


@dataclass(frozen=True)
class DeltaEngine:
    """Exact event-driven solution and gradient of networks with delta synapses, in float64.

    Between events, for every neuron, from V(0) = v_init::

        tau_mem dV/dt = -V + bias

    An arriving spike adds its weight to V itself: ``V <- V + w``. A neuron spikes where V > v_th, then V <- v_reset.
    That happens at an arrival, or where the bias drives V to the threshold.

    Parameters
    ----------
    event_limit
        Largest number of events of one sample: spikes, and arrivals at one synapse each; `EventLimitExceeded` beyond.

    Raises
    ------
    InvalidInput
        If a number is outside its range.

    Notes
    -----
    A `Problem` is read with this equation instead of its own. There is no synaptic current: tau_syn is not read and has
    gradient 0, and a problem with i_init or t_ref other than 0 is refused.

    - Arrivals at one time, equal in binary64, are summed before the threshold is looked at.
    - A delay of 0 is the limit of a small one: what a spike sends without delay arrives at the same time, after all
      that has arrived there before, and is summed by itself.
    - An arrival at the very time at which the bias would make the neuron spike comes first.

    Derivatives of spike times: of a spike that an arrival causes, ``dt_out/dt_in = 1`` for that arrival and 0 for all
    others, ``dt_out/dw = 0``. Of a spike that the bias causes, with ``Vdot = (bias - v_th) / tau_mem``, for an arrival
    of weight w at t_in since the reset at t_r::

        dt_out/dw    = -exp(-(t_out - t_in) / tau_mem) / Vdot
        dt_out/dt_in = -exp(-(t_out - t_in) / tau_mem) / Vdot  w / tau_mem
        dt_out/dt_r  =  exp(-(t_out - t_r) / tau_mem) / Vdot  (bias - v_reset) / tau_mem

    ``spikes.vdot`` is Vdot of a spike by bias, and infinite where an arrival makes V jump across the threshold.

    References
    ----------
    Goodman, "Spiking is not differentiable", the neuron of the recap; the implicit function theorem at
    ``V(t_out) = v_th``.
    """

    event_limit: int = 1_000_000
    name: str = "delta"

    def __post_init__(self) -> None:
        instance("name", self.name, str)
        integer("event_limit", self.event_limit, low=1, high=2**30)

    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot solve `problem`; None if it can."""
        columns = instance("problem", problem, Problem).rounded().neuron_columns()
        for name in ("i_init", "t_ref"):
            if np.any(columns[name] != 0.0):
                return f"{name} is not 0: a delta synapse has no current, and the neuron no refractory time"
        return None if problem.loss is None else refusal(problem.loss)

    @quiet
    def solve(self, problem: Problem, gradients: Wanted = "all") -> Solution:
        """Spikes of `problem`, and, if it has a loss, its value and its gradients.

        Parameters
        ----------
        problem
            What is solved; a sparse projection as one with weights of 0.
        gradients
            ``"all"``: of all parameters; ``"weights"``: of weights and input spike times alone; None: none.

        Returns
        -------
        Solution
            ``i_end`` is 0.

        Raises
        ------
        EventLimitExceeded
            If a sample has more than ``event_limit`` events.
        InvalidInput
            If `unsupported` names a reason, or a derivative overflows binary64.
        TiedArrivals
            If the gradient is asked for where the order of simultaneous events decides what happens. Arrivals that stem
            from one input spike are no tie for ``"weights"``; for ``"all"`` they are, since each synapse has a delay.
        """
        check_wanted(gradients)
        reason = self.unsupported(problem)
        if reason:
            raise InvalidInput("problem", problem.name, f"problems of the delta engine: {reason}")
        if (dense := problem.dense()) is not problem:
            return self.solve(dense, gradients).of_sparse(problem)
        rounded = problem.rounded()
        tables, stimulus = tables_of(rounded), rounded.stimulus
        histories = [_history(tables, rounded, s, self.event_limit) for s in range(stimulus.n_samples)]
        spikes, v_end = _spikes(tables, histories), np.array([h.v_end for h in histories])
        i_end = np.zeros_like(v_end)
        if rounded.loss is None:
            return Solution(self.name, problem, spikes, v_end, i_end)
        values, slopes = spike_loss(rounded.loss, rounded.network, stimulus.duration, spikes)
        found = None if gradients is None else _gradients(tables, rounded, histories, slopes, gradients)
        observed = (None,) * sum(1 for _ in terms_of(rounded.loss))
        return Solution(self.name, problem, spikes, v_end, i_end, mean(values), values, found, observed)


class _History(NamedTuple):
    """One sample: its tape, the numbers of arrivals and spikes on it, and V at T."""

    tape: DeltaTape
    n_arrivals: int
    n_spikes: int
    v_end: Float64Array


def tables_of(problem: Problem) -> DeltaTables:
    """The plain arrays of a dense problem in binary64."""
    network = problem.network
    own = {name: column.astype(np.float64) for name, column in problem.neuron_columns().items()}
    places = network.split(np.arange(sum(w.size for w in problem.parameters.weights.values())))
    sources = [_range(network, p.pre) for p in network.projections]
    targets = [_range(network, p.post) for p in network.projections]
    return DeltaTables(
        tau=own["tau_mem"],
        v_th=own["v_th"],
        v_reset=own["v_reset"],
        bias=own["bias"],
        v_init=own["v_init"],
        of_input=np.array([network.from_input(p) for p in network.projections], np.bool_),
        pre=np.array(sources, np.int64).reshape(-1, 2),
        post=np.array(targets, np.int64).reshape(-1, 2),
        delay=np.array([float(p.delay) for p in network.projections]),
        first_weight=np.array([places[p.name].flat[0] for p in network.projections], np.int64),
        weights=np.array(problem.parameters.flat()),
    )


def _range(network: Network, group: str) -> tuple[int, int]:
    """First member of a group and the one after the last."""
    numbers = network.channels(group) if group in [i.name for i in network.inputs] else network.neurons(group)
    return numbers.start, numbers.stop


def _history(tables: DeltaTables, problem: Problem, sample: int, limit: int) -> _History:
    """The events of one sample, on a tape that grows until it holds them."""
    (times, channels), duration = problem.stimulus.sample(sample), float(problem.stimulus.duration)
    targets = int(np.max(tables.post[:, 1] - tables.post[:, 0], initial=1))
    n_arrivals, n_spikes, v_end = (len(times) + 1) * targets, 4 * len(tables.tau), np.empty(len(tables.tau))
    while True:
        tape = delta_tape(n_arrivals, n_spikes)
        status, a, k = delta_forward(tables, times, channels, duration, limit, tape, v_end)
        if status == LIMIT or a + k > limit:
            raise EventLimitExceeded(sample, limit)
        if status != FULL:
            return _History(tape, a, k, v_end)
        n_arrivals, n_spikes = 2 * n_arrivals, 2 * n_spikes


def _spikes(tables: DeltaTables, histories: list[_History]) -> Spikes:
    """The spikes of all samples, with an infinite slope where V jumps across the threshold."""
    neurons = np.concatenate([h.tape.spike_neuron[: h.n_spikes] for h in histories])
    by_bias = np.concatenate([h.tape.trigger[: h.n_spikes] for h in histories]) == BY_BIAS
    vdot = np.full(len(neurons), np.inf)
    own = neurons[by_bias]
    vdot[by_bias] = (tables.bias[own] - tables.v_th[own]) / tables.tau[own]
    times = np.concatenate([h.tape.spike_time[: h.n_spikes] for h in histories])
    return Spikes(times, neurons, np.cumsum([0, *(h.n_spikes for h in histories)]), vdot)


def _gradients(
    tables: DeltaTables, problem: Problem, histories: list[_History], slopes: Float64Array, wanted: Wanted
) -> Gradients:
    """The gradients of the function of spike times with these derivatives, sample after sample."""
    n_weights, n_neurons = len(tables.weights), len(tables.tau)
    weights, delays, neurons = np.zeros(n_weights), np.zeros(n_weights), np.zeros((N_PARAMETERS, n_neurons))
    inputs, duration = np.zeros(len(problem.stimulus.times)), float(problem.stimulus.duration)
    for sample, (h, own, d_inputs) in enumerate(_by_sample(problem, histories, slopes, inputs)):
        status, neuron, time = find_tie(tables, h.tape, h.n_arrivals, h.n_spikes, wanted == "all")
        if status == TIED:
            raise TiedArrivals(sample, neuron, time)
        delta_backward(
            tables, h.tape, h.n_arrivals, h.n_spikes, duration, own.copy(), h.v_end, weights, delays, d_inputs, neurons
        )
    network, everything = problem.network, wanted == "all"
    found = Gradients(
        network.split(weights), inputs, network.split(delays) if everything else None,
        {p.name: NeuronGradients.of(p, neurons[:, _slice(network, p.name)]) for p in network.populations}
        if everything else None,
    )  # fmt: skip
    found.require_finite()
    return found


def _by_sample(
    problem: Problem, histories: list[_History], slopes: Float64Array, inputs: Float64Array
) -> Iterator[tuple[_History, Array, Array]]:
    """Each sample's history, derivatives by its spikes, and place for those by its input spikes."""
    offsets, start = problem.stimulus.offsets, 0
    for sample, h in enumerate(histories):
        yield h, slopes[start : start + h.n_spikes], inputs[offsets[sample] : offsets[sample + 1]]
        start += h.n_spikes


def _slice(network: Network, population: str) -> slice:
    numbers = network.neurons(population)
    return slice(numbers.start, numbers.stop)
