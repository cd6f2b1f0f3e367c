"""The ode engine: spiking networks as smooth pieces, each integrated numerically, forward and backward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from spikeproof.arguments import choice, instance
from spikeproof.engine import Wanted, check_wanted, only
from spikeproof.losses.checked import require_finite
from spikeproof.network import Population
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof.numbers import integer
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, NeuronGradients, Solution
from spikeproof.spikes import Spikes
from spikeproof_reference.ode.adjoint import Totals, adjoint, no_totals
from spikeproof_reference.ode.circuit import circuit_of
from spikeproof_reference.ode.forward import forward
from spikeproof_reference.ode.reading import Reading, marks_of, reading_of, refusal
from spikeproof_reference.ode.runge_kutta_method import RungeKuttaMethod
from spikeproof_reference.ode.taylor_method import TaylorMethod
from spikeproof_reference.ode.trajectory import Method, Trajectory
from spikeproof_reference.smooth.runge_kutta import RungeKutta


@dataclass(frozen=True)
class OdeEngine:
    """Solution and gradient by numerical integration of the differential equations: no closed form anywhere.

    Neither the exponentials of the flow, nor Newton's method on them, nor what they make of a loss are used, so that
    this engine checks the closed forms of the others too. The widths of a loss are ignored: an integrand must be as
    smooth as V.

    Parameters
    ----------
    method
        ``"taylor"``: Taylor steps in mpmath with a bound on the remainder; ``"scipy"``: SciPy's ``DOP853`` in
        float64, crossings searched on its dense output.
    dps
        Decimal digits of the results of ``"taylor"``, >= 15.
    rtol, atol
        Tolerances of ``"scipy"``, see `RungeKutta`.
    event_limit
        Largest number of events (spikes and arrivals) of one sample; `EventLimitExceeded` beyond.

    Raises
    ------
    InvalidInput
        If the method is unknown, or a number is outside its range.

    Notes
    -----
    Of ``"taylor"``, 30 guard digits are carried above `dps` and steps are exact to 25 of them, so that results keep
    `dps` digits as long as their conditioning stays below 1e15. A peak of V that comes closer to the threshold than
    22 digits beyond `dps`, or a crossing that slow, raises `GrazingSpike`.

    Of ``"scipy"``, results have an error near `rtol` times their conditioning.

    Every neuron is integrated from event to event, in steps no longer than the shortest time constant: this is for
    small networks whose time constants are not far apart.
    """

    method: Literal["taylor", "scipy"] = "taylor"
    dps: int = 30
    rtol: float = 1e-12
    atol: float = 1e-14
    event_limit: int = 100_000
    name: str = "ode"

    def __post_init__(self) -> None:
        instance("name", self.name, str)
        choice("method", self.method, "taylor", "scipy")
        integer("dps", self.dps, low=15)
        integer("event_limit", self.event_limit, low=1)
        RungeKutta("DOP853", self.rtol, self.atol)

    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot solve `problem`; None if it can."""
        return refusal(instance("problem", problem, Problem))

    def solve(self, problem: Problem, gradients: Wanted = "all") -> Solution:
        """Spikes of `problem`, and, if it has a loss, its value, what it observed, and its gradients.

        The numbers are mpmath's, or floats with ``"scipy"``; `gradients` is that of `spikeproof.Engine`, None takes no
        adjoint pass.

        Raises
        ------
        EventLimitExceeded
            If a sample has more than ``event_limit`` events.
        GrazingSpike
            If a peak of V cannot be told from the threshold, or Vdot from 0, to the accuracy of the method.
        InvalidInput
            If a spike follows an event so soon that their times are the same number; if the user's own function
            returns anything but finite numbers of the right shapes; or, with ``"scipy"``, if a result overflows.
        NotImplementedError
            If `unsupported` names a reason.
        """
        check_wanted(gradients)
        if reason := self.unsupported(problem):
            raise NotImplementedError(reason)
        if (dense := problem.dense()) is not problem:
            return self.solve(dense, gradients).of_sparse(problem)
        method = self._method()
        circuit = circuit_of(problem if self.method == "taylor" else problem.rounded(), method.ctx)
        marks = marks_of(problem, method.ctx)
        n_samples = problem.stimulus.n_samples
        trajectories = [forward(method, circuit, s, marks, self.event_limit) for s in range(n_samples)]
        spikes, (v_end, i_end) = self._spikes(trajectories), self._ends(trajectories)
        if problem.loss is None:
            return Solution(self.name, problem, spikes, v_end, i_end)
        totals, readings = no_totals(circuit), []
        for trajectory in trajectories:
            reading = reading_of(problem, method, trajectory)
            if self.method == "scipy":
                reading.require_finite()
            if gradients is not None:
                adjoint(method, trajectory, reading, totals)
            readings.append(reading)
        mean = sum((r.value for r in readings), method.ctx.zero) / n_samples
        found = None if gradients is None else only(self._gradients(problem, totals), gradients)
        if self.method == "scipy":
            require_finite("loss", np.asarray(mean))
            if found is not None:
                found.require_finite()
        values, observed = self._array([r.value for r in readings]), self._observed(readings)
        return Solution(self.name, problem, spikes, v_end, i_end, mean, values, found, observed)

    def _method(self) -> Method:
        if self.method == "taylor":
            return TaylorMethod(self.dps)
        return RungeKuttaMethod(RungeKutta("DOP853", self.rtol, self.atol))

    def _array(self, numbers: list[Any]) -> Any:
        if self.method == "scipy":
            return np.array(numbers, dtype=np.float64)
        result = np.empty(len(numbers), dtype=object)
        result[:] = numbers
        return result

    def _observed(self, readings: list[Reading]) -> tuple[Any, ...]:
        """The numbers that each term of the loss observed, in all samples."""
        kind = np.float64 if self.method == "scipy" else object
        terms = zip(*(r.observed for r in readings), strict=True)
        return tuple(None if seen[0] is None else np.array(seen, dtype=kind) for seen in terms)

    def _spikes(self, trajectories: list[Trajectory]) -> Spikes:
        found = [(spike, trajectory.circuit) for trajectory in trajectories for spike in trajectory.spikes]
        return Spikes(
            times=self._array([spike.time for spike, _ in found]),
            neurons=np.array([spike.neuron for spike, _ in found], dtype=np.int64),
            offsets=np.cumsum([0, *(len(t.spikes) for t in trajectories)]),
            vdot=self._array([spike.slope / circuit.cells[spike.neuron].tau_mem for spike, circuit in found]),
        )

    def _ends(self, trajectories: list[Trajectory]) -> tuple[Any, Any]:
        v, i = ([x for t in trajectories for x in t.end[k]] for k in range(2))
        return self._array(v).reshape(len(trajectories), -1), self._array(i).reshape(len(trajectories), -1)

    def _gradients(self, problem: Problem, totals: Totals) -> Gradients:
        """Gradients of the mean over the batch, from their sums over samples."""
        network, n = problem.network, problem.stimulus.n_samples

        def mean(numbers: list[Any]) -> Any:
            return self._array([x / n for x in numbers])

        def matrices(parts: list[list[list[Any]]]) -> dict[str, Any]:
            pairs = zip(network.projections, parts, strict=True)
            return {p.name: mean([x for row in part for x in row]).reshape(network.shape(p)) for p, part in pairs}

        def of_neurons(population: Population) -> NeuronGradients:
            mine = network.neurons(population.name)
            return NeuronGradients.of(
                population, [mean([totals.neurons[name][k] for k in mine]) for name in PARAMETER_NAMES]
            )

        neurons = {p.name: of_neurons(p) for p in network.populations}
        return Gradients(matrices(totals.weights), mean(totals.input_times), matrices(totals.delays), neurons)
