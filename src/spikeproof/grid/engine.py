"""The grid engine: float64, fixed time steps, spikes on the grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from spikeproof.arguments import instance
from spikeproof.engine import Wanted, check_wanted
from spikeproof.errors import InvalidInput
from spikeproof.grid.grid import Shifts, shifts_of, step_count
from spikeproof.grid.kernels.tape import Sources
from spikeproof.grid.observed import Columns, Derivatives, Observed, observed, placed
from spikeproof.grid.run import Run, run
from spikeproof.losses import Located, Loss, is_spike_loss, is_voltage_loss, spike_part, terms_of, voltage_part
from spikeproof.losses.checked import mean, require_finite
from spikeproof.numbers import Float64Array, integer, positive, quiet
from spikeproof.problem import Problem
from spikeproof.solution import Solution


@dataclass(frozen=True)
class GridEngine:
    """Time-stepped EventProp in float64: an approximation of order dt of what the event engine solves exactly.

    Parameters
    ----------
    dt
        Time step, > 0, in the unit of the time constants; the duration is a whole number of steps to rounding.
        Integrals are sums over the grid: the widths of a loss are ignored, and narrow integrands need small steps.
    threads
        Threads that share the samples of a batch; the result has the same bits for any number.

    Raises
    ------
    InvalidInput
        If a number is outside its range.

    Notes
    -----
    Steps use the closed-form solution, forward and backward, for every ratio of the time constants: between spikes
    V, I, lambda_v and lambda_i carry rounding errors alone, and all error comes from moving events to grid points:

    - input spike times, delays, refractory times and the times at which a loss reads V are each rounded to the nearest
      grid point (`shifts` says by how much);
    - a spike is reported at the first grid point at which V >= v_th is found, hence up to dt late; neurons found at
      one grid point reset first, then their undelayed weights are delivered there;
    - a spike whose V rises above v_th and falls below it again within one step is missed, and several spikes of a
      neuron within one step are found as one;
    - the jump of lambda_v divides by I + bias - V as stored when the spike was found. A spike found after V has
      passed its maximum has a negative one, and the gradient that goes through it is wrong: ``min_vdot`` of the
      diagnostics is then negative;
    - maxima of V are taken over grid points, integrals of V by the trapezoidal rule with both limits of V at its
      jumps, of order dt^2 for given spikes.

    So spike times, loss and gradients have errors of order dt as long as no spike appears or vanishes, and the
    gradients are those of no function: differences of the loss of this engine do not converge to them at fixed dt.

    Sparse projections are solved as all-to-all ones with weights of 0.

    Memory: one sample's states per thread if all gradients are wanted; and, for a loss that reads V at given times or
    integrates it, three numbers per sample, grid point and neuron that it reads.

    References
    ----------
    docs/theory.md (adjoint-step), (grid-steps), (grid-error); Wunderlich and Pehle (2021), Scientific Reports 11,
    12829, Table 2.
    """

    dt: float
    threads: int = 1
    name: str = "grid"

    def __post_init__(self) -> None:
        instance("name", self.name, str)
        object.__setattr__(self, "dt", float(positive("dt", self.dt)))
        integer("threads", self.threads, low=1, high=1024)

    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot solve `problem`; None if it can."""
        instance("problem", problem, Problem)
        try:
            step_count(float(problem.stimulus.duration), self.dt)
        except InvalidInput as error:
            return str(error)
        return None

    def shifts(self, problem: Problem) -> Shifts:
        """How far this grid moves the input spikes, delays and refractory times of `problem`."""
        return shifts_of(instance("problem", problem, Problem).rounded(), self.dt)

    @quiet
    def solve(self, problem: Problem, gradients: Wanted = "all") -> Solution:
        """Spikes of `problem`, and, if it has a loss, its value, what it observed, and its gradients.

        Parameters
        ----------
        problem
            What is solved.
        gradients
            ``"all"``: of all parameters; ``"weights"``: of weights and input spike times alone, which takes less time
            and memory; None: none, which takes no adjoint pass.

        Raises
        ------
        GrazingSpike
            If the gradient is asked for at a spike that was found with I + bias = V.
        InvalidInput
            If the duration is no whole number of steps, if a current, the loss or a derivative overflows binary64, or
            if the user's own function returns anything but finite numbers of the right shapes.
        """
        check_wanted(gradients)
        if (dense := instance("problem", problem, Problem).dense()) is not problem:
            return self.solve(dense, gradients).of_sparse(problem)
        rounded = problem.rounded()
        traced, peaked, columns = placed(rounded)
        forward = run(rounded, self.dt, self.threads, traced, peaked)
        if rounded.loss is None:
            return Solution(self.name, problem, forward.spikes, forward.v_end, forward.i_end)
        out = None if gradients is None else _no_derivatives(forward)
        values, views = _evaluated(rounded.loss, forward, columns, out)
        average, found = mean(values), None
        if out is not None:
            found = forward.adjoint(out.d_spike, _sources(out), gradients)
            found.require_finite()
        ends = forward.v_end, forward.i_end
        return Solution(self.name, problem, forward.spikes, *ends, average, values, found, views)


def _evaluated(
    loss: Loss, forward: Run, columns: list[Columns], out: Derivatives | None
) -> tuple[Float64Array, tuple[Float64Array | None, ...]]:
    """Loss of each sample, and what each term observed; derivatives of the mean are added to `out`."""
    values, columns_of_terms, views = np.zeros(forward.spikes.n_samples), iter(columns), list[Float64Array | None]()
    for number, (factor, part) in enumerate(terms_of(loss)):
        with Located(loss, number):
            seen = observed(part.observable, forward, next(columns_of_terms)) if is_voltage_loss(part) else None
            views.append(None if seen is None else seen.values.copy(order="K"))  # which a loss may change
            for value in _evaluated_term(float(factor), part, forward, seen, out):
                require_finite("factor times value", value)
                values += value
    return values, tuple(views)


def _evaluated_term(
    scale: float, part: Loss, forward: Run, seen: Observed | None, out: Derivatives | None
) -> Iterator[Float64Array]:
    """The values of the parts of one term; its derivatives are added to `out`."""
    spikes, problem = forward.spikes, forward.problem
    if is_spike_loss(part):
        neurons = problem.network.neurons(part.population)
        value, slopes = spike_part(part, spikes, neurons, problem.stimulus.duration)
        if out is not None:
            out.d_spike[:] += scale / spikes.n_samples * slopes
        yield scale * value
    if seen is not None and is_voltage_loss(part):
        value, slopes = voltage_part(part, seen.values)
        if out is not None:
            seen.push(scale / spikes.n_samples * slopes, out)
        yield scale * value


def _no_derivatives(forward: Run) -> Derivatives:
    record = forward.record
    shape = record.trace.shape if len(record.traced) else (0, 0, 0)
    before, after = np.zeros(shape), np.zeros(shape)
    peak, complete = np.zeros(record.peak.shape), np.zeros(len(record.peaked), np.bool_)
    return Derivatives(np.zeros(len(forward.spikes)), before, after, peak, complete)


def _sources(out: Derivatives) -> Sources:
    return Sources(out.before, out.after, out.peak, out.complete)
