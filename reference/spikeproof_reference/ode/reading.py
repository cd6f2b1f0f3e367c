"""The loss of a trajectory: its value, and its derivatives as they enter the adjoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spikeproof.losses import (
    ExponentialWeight,
    Located,
    MaxVoltage,
    PathIntegral,
    SpikeCountRegulariser,
    VoltageAt,
    WeightedIntegral,
    is_voltage_loss,
    terms_of,
)
from spikeproof.losses.checked import require_finite
from spikeproof.problem import Problem
from spikeproof_reference.mp.losses.own_functions import called, given, returned
from spikeproof_reference.mp.precision import exact, exact_terms
from spikeproof_reference.ode.derivative import exponential
from spikeproof_reference.ode.formulas import View, density_formula, is_known, spike_formula, voltage_formula
from spikeproof_reference.ode.peaks import peaks_of
from spikeproof_reference.ode.trajectory import Arrival, Mark, Method, Release, Spike, Trajectory

Local = Callable[[list[Any], Any], tuple[Any, dict[int, Any]]]


@dataclass
class Reading:
    """Loss of one sample, and its derivatives with respect to what it observed.

    Attributes
    ----------
    sample : its number.
    d_spike : dl_p/dt of each spike.
    pulls : dL/dV of each neuron at each mark.
    cuts : for an arrival that cuts a rising V, (target, dL/dM dV/dt^-).
    locals : functions of V and t that return l_V and dl_V/dV, by neuron.
    observed : the numbers that each term saw of V, None for a term that sees spikes alone.
    """

    sample: int
    value: Any
    d_spike: list[Any]
    pulls: dict[Mark, dict[int, Any]] = field(default_factory=dict)
    cuts: dict[Arrival, list[tuple[int, Any]]] = field(default_factory=dict)
    locals: list[Local] = field(default_factory=list)
    observed: list[Any] = field(default_factory=list)

    def pull(self, mark: Mark, n: int, slope: Any) -> None:
        """Add dL/dV of neuron `n` at a mark."""
        here = self.pulls.setdefault(mark, {})
        here[n] = here[n] + slope if n in here else slope

    def require_finite(self) -> None:
        """Raise `InvalidInput` for a float that overflowed: no integrator comes to an end with it."""
        require_finite(f"loss, value of sample {self.sample}", np.asarray(self.value))
        slopes = [*self.d_spike, *(slope for pulls in self.pulls.values() for slope in pulls.values())]
        require_finite(f"loss, derivatives of sample {self.sample}", np.asarray(slopes, dtype=np.float64))

    def density(self, v: list[Any], t: Any) -> Any:
        """l_V of all terms."""
        first, *others = (local(v, t)[0] for local in self.locals)
        for term in others:
            first = first + term
        return first

    def slope(self, v: list[Any], t: Any) -> dict[int, Any]:
        """dl_V/dV of all terms, by neuron."""
        total: dict[int, Any] = {}
        for local in self.locals:
            for n, d in local(v, t)[1].items():
                total[n] = total[n] + d if n in total else d
        return total


def refusal(problem: Problem) -> str | None:
    """Why the loss of `problem` cannot be differentiated; None if it can."""
    for _, loss in terms_of(problem.loss) if problem.loss is not None else ():
        if isinstance(loss, SpikeCountRegulariser):
            return "SpikeCountRegulariser is a heuristic: it has no derivative to be computed"
        if not is_known(loss):
            return f"no formula of the loss {type(loss).__name__} is registered"
        if is_voltage_loss(loss) and loss.observable == MaxVoltage("published"):
            return "the published rule for the largest V is a heuristic: it is not its derivative"
    return None


def marks_of(problem: Problem, ctx: Any) -> list[Any]:
    """All times, ascending, at which the loss reads V."""
    times = set()
    for _, loss in terms_of(problem.loss) if problem.loss is not None else ():
        if is_voltage_loss(loss) and isinstance(loss.observable, VoltageAt):
            times |= {exact(ctx, t) for t in loss.observable.times.tolist()}
    return sorted(times)


def reading_of(problem: Problem, method: Method, trajectory: Trajectory) -> Reading:
    """Value and derivatives of the loss; marks are added to the trajectory where V is largest, if that is observed."""
    ctx = method.ctx
    reader = _Reader(
        problem, method, trajectory, Reading(trajectory.sample, ctx.zero, [ctx.zero] * len(trajectory.spikes))
    )
    if problem.loss is not None:
        for number, (factor, loss) in enumerate(exact_terms(ctx, problem.loss)):
            with Located(problem.loss, number, trajectory.sample):
                reader.add(factor, loss)
    return reader.reading


@dataclass(frozen=True)
class _Reader:
    problem: Problem
    method: Method
    trajectory: Trajectory
    reading: Reading

    @property
    def view(self) -> View:
        return View(self.method.ctx, self.trajectory.sample, self.trajectory.circuit.duration)

    def add(self, factor: Any, loss: Any) -> None:
        neurons = self.problem.network.neurons(loss.population)
        if not is_voltage_loss(loss):
            self.reading.observed.append(None)
            self._spike_times(factor, loss, neurons)
            return
        observable = loss.observable
        if isinstance(observable, VoltageAt):
            self._values(factor, loss, neurons, [exact(self.method.ctx, t) for t in observable.times.tolist()])
        elif isinstance(observable, MaxVoltage):
            self._maxima(factor, loss, neurons)
        elif isinstance(observable, WeightedIntegral):
            self._weighted(factor, loss, neurons, self._weight(observable))
        elif isinstance(observable, PathIntegral):
            self._path(factor, loss, neurons)

    def _spike_times(self, factor: Any, loss: Any, neurons: range) -> None:
        trains, index = self.trajectory.trains(neurons)
        value, slopes = spike_formula(loss, trains, self.view)
        self._count(factor * value)
        for numbers, part in zip(index, slopes, strict=True):
            for k, d in zip(numbers, part, strict=True):
                self.reading.d_spike[k] = self.reading.d_spike[k] + factor * d

    def _values(self, factor: Any, loss: Any, neurons: range, times: list[Any]) -> None:
        found = {event.time: event for event in self.trajectory.events if isinstance(event, Mark)}
        marks = [found[t] for t in times]
        observed = [[mark.v[n] for mark in marks] for n in neurons]
        self.reading.observed.append(observed)
        value, slopes = voltage_formula(loss, observed, self.view)
        self._count(factor * value)
        for n, row in zip(neurons, slopes, strict=True):
            for mark, d in zip(marks, row, strict=True):
                self.reading.pull(mark, n, factor * d)

    def _maxima(self, factor: Any, loss: Any, neurons: range) -> None:
        peaks = peaks_of(self.method, self.trajectory, neurons)
        largest = [peak.mark.v[peak.neuron] for peak in peaks]
        self.reading.observed.append(largest)
        value, slopes = voltage_formula(loss, [[v] for v in largest], self.view)
        self._count(factor * value)
        for peak, (d,) in zip(peaks, slopes, strict=True):
            self.reading.pull(peak.mark, peak.neuron, factor * d)
            if peak.cut_by is not None:
                cuts = self.reading.cuts.setdefault(peak.cut_by, [])
                cuts.append((peak.neuron, factor * d * peak.vdot))

    def _weighted(self, factor: Any, loss: Any, neurons: range, weight: Callable[[Any], Any]) -> None:
        integrals = [self._integral(_weighted_potential(n, weight)) for n in neurons]
        self.reading.observed.append(integrals)
        value, slopes = voltage_formula(loss, [[x] for x in integrals], self.view)
        self._count(factor * value)
        c = {n: factor * d for n, (d,) in zip(neurons, slopes, strict=True)}

        def local(v: list[Any], t: Any) -> tuple[Any, dict[int, Any]]:
            g = weight(t)
            return sum((c[n] * v[n] for n in neurons), self.method.ctx.zero) * g, {n: c[n] * g for n in neurons}

        self.reading.locals.append(local)

    def _path(self, factor: Any, loss: Any, neurons: range) -> None:
        formula = density_formula(loss, self.view)

        def local(v: list[Any], t: Any) -> tuple[Any, dict[int, Any]]:
            value, slopes = formula([v[n] for n in neurons], t)
            return factor * value, {n: factor * d for n, d in zip(neurons, slopes, strict=True)}

        value = self._integral(lambda v, t: local(v, t)[0])
        unscaled = value if factor == 1 else self._integral(lambda v, t: formula([v[n] for n in neurons], t)[0])
        self.reading.observed.append(unscaled)
        self._count(value)
        self.reading.locals.append(local)

    def _integral(self, density: Callable[[list[Any], Any], Any]) -> Any:
        parts = (
            self.method.integral(self.trajectory.circuit, event, density)
            for event in self.trajectory.events
            if not isinstance(event, (Spike, Arrival, Release, Mark))
        )
        return sum(parts, self.method.ctx.zero)

    def _weight(self, observable: WeightedIntegral) -> Callable[[Any], Any]:
        ctx, weight = self.method.ctx, observable.weight
        if isinstance(weight, ExponentialWeight):
            tau = exact(ctx, weight.tau)
            return lambda t: exponential(ctx, -t / tau)
        if isinstance(weight, str):
            level = ctx.one if weight == "sum" else 1 / self.trajectory.circuit.duration
            return lambda _t: level
        return lambda t: returned(ctx, "loss.weight", called("loss.weight", weight, given([t])), (1,))[0]

    def _count(self, value: Any) -> None:
        self.reading.value = self.reading.value + value


def _weighted_potential(n: int, weight: Callable[[Any], Any]) -> Callable[[list[Any], Any], Any]:
    return lambda v, t: v[n] * weight(t)
