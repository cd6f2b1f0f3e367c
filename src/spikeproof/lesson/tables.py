"""The discrete network as plain arrays that kernels read, and what it refuses."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.grid.grid import WHOLE, step_count
from spikeproof.grid.kernels.coefficients import I_DECAY, N_COEFFICIENTS, V_DECAY, V_GAIN, step_coefficients
from spikeproof.lesson.kernels.columns import N_COLUMNS
from spikeproof.numbers import Array, Float64Array, IntArray
from spikeproof.problem import Problem
from spikeproof.stimulus import Stimulus

Synapse: TypeAlias = Literal["exponential", "delta"]
BLOCK = 8  # samples that share each reading of weights which do not stay in the cache
FEW = 2**15  # weights that do: 256 KiB


class Tables(NamedTuple):
    """The arrays of a discrete network: N neurons in the network's order, P projections, E input spikes.

    Attributes
    ----------
    neurons : array, shape (7, N)
        Rows as in `spikeproof.lesson.kernels.columns`: a, b, c and d of `spikeproof.lesson.discrete`, the threshold,
        infinite for a leaky integrator, and the state at the start.
    projections : int64 array, shape (P, 7), columns as there.
    weights : all weights in one vector, matrix by matrix.
    in_channel : int64 array, shape (E,), sample by sample, by time.
    in_bounds : int64 array, shape (n_samples, K + 2)
        The input spikes of step k are ``in_channel[in_bounds[sample, k] : in_bounds[sample, k + 1]]``.
    n_steps : K.
    """

    neurons: Float64Array
    projections: IntArray
    weights: Float64Array
    in_channel: IntArray
    in_bounds: IntArray
    n_steps: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of samples, steps and neurons."""
        return len(self.in_bounds), self.n_steps, self.neurons.shape[1]

    @property
    def block(self) -> int:
        """Number of samples that a kernel takes together."""
        return 1 if len(self.weights) <= FEW else BLOCK


def tables_of(problem: Problem, dt: float, synapse: Synapse) -> Tables:
    """The arrays of a dense float64 problem in steps of `dt`.

    Parameters
    ----------
    problem : Problem
        Without decimals and without sparse projections.
    dt : float
        Step, > 0.
    synapse : ``"exponential"`` or ``"delta"``

    Returns
    -------
    Tables

    Raises
    ------
    InvalidInput
        If `dt` does not divide the duration or a delay, if a neuron resets to anything but 0 or is refractory, or if
        the current of a delta synapse starts at anything but 0.
    """
    n_steps, given = step_count(float(problem.stimulus.duration), dt), problem.neuron_columns()
    _refuse_neurons(problem, synapse)
    table = np.empty((N_COEFFICIENTS, problem.network.n_neurons))
    step_coefficients(dt, given["tau_mem"], given["tau_syn"], table)
    a, b, c = table[V_DECAY], table[I_DECAY], table[V_GAIN]
    if synapse == "delta":
        b, c = np.zeros_like(b), np.ones_like(c)
    d = -np.expm1(-dt / given["tau_mem"]) * given["bias"]
    stimulus = problem.stimulus
    return Tables(
        np.array([a, b, c, d, given["v_th"], given["v_init"], given["i_init"]]),
        _projections(problem, dt, synapse),
        problem.parameters.flat(),
        stimulus.channels,
        _in_bounds(stimulus, steps_of(stimulus.times, dt, n_steps), n_steps),
        n_steps,
    )


def steps_of(times: Float64Array, dt: float, n_steps: int) -> IntArray:
    """Step k with ``k dt <= t < (k + 1) dt`` of each time; a time within rounding of a grid point is at it.

    Parameters
    ----------
    times : array, shape (n,), >= 0.
    dt : float
    n_steps : int
        Times beyond the last step get this number.

    Returns
    -------
    int64 array, shape (n,)
    """
    nearest = np.rint(times / dt)
    at_point = np.abs(nearest * dt - times) <= WHOLE * times
    return np.minimum(np.where(at_point, nearest, np.floor(times / dt)), n_steps).astype(np.int64)


def _in_bounds(stimulus: Stimulus, steps: IntArray, n_steps: int) -> IntArray:
    """The first input spike of each step, sample by sample; those of step `n_steps` and later act on nothing."""
    sample = np.repeat(np.arange(stimulus.n_samples), np.diff(stimulus.offsets))
    counts = np.bincount(sample * (n_steps + 1) + steps, minlength=stimulus.n_samples * (n_steps + 1))
    bounds = np.zeros((stimulus.n_samples, n_steps + 2), dtype=np.int64)
    np.cumsum(counts.reshape(stimulus.n_samples, n_steps + 1), axis=1, out=bounds[:, 1:])
    bounds += stimulus.offsets[:-1, None]
    return bounds


def _projections(problem: Problem, dt: float, synapse: Synapse) -> IntArray:
    """The columns FROM_INPUT, PRE_START, PRE_STOP, POST_START, POST_STOP, ROW and LAG of each projection."""
    network, rows, row = problem.network, [], 0
    for p in network.projections:
        outside = network.from_input(p)
        pre = network.channels(p.pre) if outside else network.neurons(p.pre)
        post = network.neurons(p.post)
        lag = _whole(f"network.projections.{p.name}.delay", float(p.delay), dt) + (synapse == "exponential")
        rows.append([outside, pre.start, pre.stop, post.start, post.stop, row, lag])
        row += len(pre) * len(post)
    return np.array(rows, dtype=np.int64).reshape(-1, N_COLUMNS)


def _whole(field: str, span: float, dt: float) -> int:
    """A span of time as a number of steps."""
    steps = round(span / dt)
    if abs(steps * dt - span) > WHOLE * span:
        raise InvalidInput(field, span, f"a whole number of steps of {dt}")
    return steps


def _refuse_neurons(problem: Problem, synapse: Synapse) -> None:
    """Raise `InvalidInput` for the first neuron parameter that the discrete network does not have."""
    wrong = {"v_reset": "0: the reset multiplies V by 0", "t_ref": "0: the discrete network has no refractory time"}
    if synapse == "delta":
        wrong["i_init"] = "0: a delta synapse has no current"
    for population in problem.network.populations:
        neurons = problem.parameters.neurons[population.name]
        for name, allowed in wrong.items():
            given: Array | None = getattr(neurons, name)
            if given is not None and np.any(given != 0):
                value = float(np.ravel(given)[np.argmax(np.ravel(given) != 0)])
                raise InvalidInput(f"parameters.neurons.{population.name}.{name}", value, allowed)
