"""Delta synapses in mpmath: V as a sum over all arrivals since the reset, derivatives carried forward.

No state is advanced: V(t) is summed anew from the last reset wherever it is needed,

::

    V(t) = v_r exp(-(t - t_r) / tau) + bias (1 - exp(-(t - t_r) / tau)) + sum over j of w_j exp(-(t - t_j) / tau)

with v_r = v_reset, or v_init and t_r = 0 before the first spike. Between arrivals V moves monotonically towards the
bias, so a crossing is bracketed by bisection, and found by Newton's method.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from spikeproof.problem import Problem
from spikeproof_reference.mp.precision import exact, working_context

HALVINGS = 20  # after them Newton's method converges

Key = tuple[str, int, int]  # (projection, row, column), ("input", k, 0) or ("bias", n, 0)
Tangent = dict[Key, Any]  # derivatives


@dataclass(frozen=True)
class DeltaSpike:
    """A spike: its time, its neuron in the network, whether the bias caused it, and the derivatives of its time."""

    time: Any
    neuron: int
    by_bias: bool
    tangent: Tangent


@dataclass(frozen=True)
class _Arrival:
    """An arrival at one synapse: its key among the parameters, its weight, and when it is due, with derivatives."""

    key: Key
    neuron: int
    weight: Any
    time: Any
    tangent: Tangent


@dataclass
class _Neuron:
    """The history of a neuron since its last reset."""

    tau: Any
    v_th: Any
    v_reset: Any
    bias: Any
    start: Any  # V just after the reset
    since: Any = 0
    since_tangent: Tangent = field(default_factory=dict)
    arrivals: list[_Arrival] = field(default_factory=list)


def delta_spikes(problem: Problem, sample: int = 0, dps: int = 30, event_limit: int = 100_000) -> list[DeltaSpike]:
    """The spikes of one sample of a problem with delta synapses, in their order, with derivatives of their times.

    Parameters
    ----------
    problem : Problem
        Read as by `spikeproof.lesson.DeltaEngine`; its loss is not.
    sample : int
        Number of the sample.
    dps : int
        Decimal digits of the results.
    event_limit : int
        Most instants with an event.

    Returns
    -------
    list of DeltaSpike

    Raises
    ------
    RuntimeError
        If there are more events.
    """
    return _Simulation(problem.dense(), sample, dps).spikes(event_limit)


class _Simulation:
    def __init__(self, problem: Problem, sample: int, dps: int) -> None:
        self.ctx = ctx = working_context(dps)
        self.problem, self.network = problem, problem.network
        columns = problem.neuron_columns(lambda x: exact(ctx, x))
        names = ("tau_mem", "v_th", "v_reset", "bias", "v_init")
        self.neurons = [_Neuron(*row) for row in zip(*(columns[n] for n in names), strict=True)]
        self.weights = {
            name: [[exact(ctx, x) for x in row] for row in matrix]
            for name, matrix in problem.parameters.weights.items()
        }
        self.duration = exact(ctx, problem.stimulus.duration)
        self.found: list[DeltaSpike] = []
        self.due: dict[Any, list[_Arrival]] = defaultdict(list)  # by time; what is sent without delay comes anew
        times, channels = problem.stimulus.sample(sample)
        for k, (time, channel) in enumerate(zip(times, channels, strict=True)):
            self._send(exact(ctx, time), {("input", k, 0): ctx.one}, int(channel), of_input=True)

    def spikes(self, event_limit: int) -> list[DeltaSpike]:
        now = self.ctx.zero
        for _ in range(event_limit):
            next_arrival = min(self.due, default=self.ctx.inf)
            until = min(next_arrival, self.duration)
            crossings = {n: t for n in range(len(self.neurons)) if (t := self._crossing(n, now, until)) is not None}
            if crossings:
                now = min(crossings.values())
                for n, t in crossings.items():
                    if t == now:
                        self._fire(n, now, self._by_bias(n, now), by_bias=True)
            elif next_arrival <= self.duration:
                now = next_arrival
                self._deliver(now, self.due.pop(now))
            else:
                return self.found
        raise RuntimeError(f"more than {event_limit} instants with an event")

    def potential(self, n: int, t: Any) -> Any:
        """V of neuron n at t, all arrivals so far included."""
        own = self.neurons[n]
        left = self.ctx.exp(-(t - own.since) / own.tau)
        jumps = (a.weight * self.ctx.exp(-(t - a.time) / own.tau) for a in own.arrivals)
        return own.start * left + own.bias * (1 - left) + sum(jumps, self.ctx.zero)

    def _crossing(self, n: int, now: Any, until: Any) -> Any:
        """The time in [now, until) at which V of neuron n passes its threshold without an arrival; None if never."""
        own = self.neurons[n]
        if own.bias <= own.v_th or self.potential(n, until) <= own.v_th:
            return None
        low, high = now, until
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.potential(n, middle) > own.v_th else (middle, high)
        t, digits = high, 1
        while digits < 2 * self.ctx.prec:  # Newton's method doubles the digits, and V is known to bend one way
            v = self.potential(n, t)
            t, digits = t - (v - own.v_th) * own.tau / (own.bias - v), 2 * digits
        return t

    def _by_bias(self, n: int, t: Any) -> Tangent:
        """Derivatives of the time at which V(t) = v_th, by the implicit function theorem, term by term."""
        own, exp = self.neurons[n], self.ctx.exp
        vdot = (own.bias - own.v_th) / own.tau
        total: Tangent = defaultdict(lambda: self.ctx.zero)
        left = exp(-(t - own.since) / own.tau)
        total["bias", n, 0] -= (1 - left) / vdot
        _add(total, (own.bias - own.start) * left / own.tau / vdot, own.since_tangent)
        for a in own.arrivals:
            left = exp(-(t - a.time) / own.tau)
            total[a.key] -= left / vdot
            _add(total, -a.weight * left / own.tau / vdot, a.tangent)
        return dict(total)

    def _deliver(self, now: Any, arrivals: list[_Arrival]) -> None:
        """All arrivals of one instant, and the spikes that they cause."""
        for a in arrivals:
            self.neurons[a.neuron].arrivals.append(a)
        for n in sorted({a.neuron for a in arrivals}):
            if self.potential(n, now) > self.neurons[n].v_th:
                cause = next(a for a in arrivals if a.neuron == n and a.weight > 0)
                self._fire(n, now, cause.tangent, by_bias=False)

    def _fire(self, n: int, t: Any, tangent: Tangent, *, by_bias: bool) -> None:
        own = self.neurons[n]
        own.start, own.since, own.since_tangent, own.arrivals = own.v_reset, t, tangent, []
        self.found.append(DeltaSpike(t, n, by_bias, tangent))
        self._send(t, tangent, n, of_input=False)

    def _send(self, t: Any, tangent: Tangent, source: int, *, of_input: bool) -> None:
        """Put the arrivals of a spike of a channel or a neuron on the list of what is due."""
        network = self.network
        for p in network.projections:
            sources = network.channels(p.pre) if network.from_input(p) else network.neurons(p.pre)
            if network.from_input(p) == of_input and source in sources:
                row, time = source - sources.start, t + exact(self.ctx, p.delay)
                for column, n in enumerate(network.neurons(p.post)):
                    weight = self.weights[p.name][row][column]
                    self.due[time].append(_Arrival((p.name, row, column), n, weight, time, tangent))


def _add(total: Tangent, factor: Any, tangent: Tangent) -> None:
    for key, value in tangent.items():
        total[key] += factor * value
