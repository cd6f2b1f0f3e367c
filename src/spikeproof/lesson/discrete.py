"""The discrete network: time in steps of dt, a spike where V is above the threshold at a grid point, a reset to 0.

In step k, with S_k = 1 where V_k > v_th and 0 elsewhere, and x_k the arrivals that are due::

    exponential synapses    V_{k+1} = a V_k (1 - S_k) + c I_k + d        I_{k+1} = b I_k + x_k
    delta synapses          V_{k+1} = a V_k (1 - S_k) + x_k + d

    a = exp(-dt / tau_mem)    b = exp(-dt / tau_syn)    c = k(dt) of docs/theory.md (kernel)    d = (1 - a) bias

x_k is the sum of w S_{k-m} over synapses with a delay of m steps, and of w over the input spikes with
k dt <= t + m dt < (k + 1) dt. All populations step together: a spike at grid point k reaches the current of its
targets at grid point k + 1, whatever their place in the network. With exponential synapses all of this converges to
the network of `spikeproof.Problem` with the first order in dt.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from spikeproof.arguments import choice, instance
from spikeproof.errors import InvalidInput
from spikeproof.lesson.kernels.hard import hard_forward
from spikeproof.lesson.kernels.listing import list_spikes
from spikeproof.lesson.kernels.smooth import smooth_forward
from spikeproof.lesson.reading import Reading, Readouts, check_loss, read, readouts_of
from spikeproof.lesson.tables import BLOCK, Synapse, Tables, tables_of
from spikeproof.lesson.trace import Trace, finite, joined, new_trace
from spikeproof.losses import Loss, is_separable, selected
from spikeproof.losses.checked import mean
from spikeproof.numbers import Array, Float64Array, positive, quiet
from spikeproof.problem import Problem
from spikeproof.solution import Solution
from spikeproof.spikes import Spikes

HELD = 2**23  # potentials that one trace holds at the most, unless a block has more: 64 MiB


class Answer(NamedTuple):
    """The parts of a solution that the trace of some samples has."""

    spikes: Spikes
    v_end: Float64Array
    i_end: Float64Array
    reading: Reading | None


@dataclass(frozen=True)
class Discrete:
    """A problem on the grid of step `dt`, with the hard step.

    Parameters
    ----------
    problem : Problem
        Every LIF neuron resets to 0 and has no refractory time; delays are whole numbers of steps. Sparse projections
        are solved as all-to-all ones with weights of 0.
    dt : float
        Step, > 0, in the unit of the time constants; the duration is a whole number of steps.
    synapse : ``"exponential"`` or ``"delta"``
        What an arrival adds its weight to: I, or V, where `tau_syn` is not used.

    Raises
    ------
    InvalidInput
        If an argument is outside its range, or the network is none that the discrete model has; by name.
    """

    problem: Problem
    dt: float
    synapse: Synapse = "exponential"

    def __post_init__(self) -> None:
        instance("problem", self.problem, Problem)
        object.__setattr__(self, "dt", float(positive("dt", self.dt)))
        choice("synapse", self.synapse, "exponential", "delta")
        _ = self.tables  # refuses what the model does not have

    @classmethod
    def unsupported(cls, problem: Problem, dt: float, synapse: Synapse = "exponential") -> str | None:
        """Why a problem has no discrete network, or a loss that cannot be read there; None if it can be solved.

        Parameters
        ----------
        problem, dt, synapse
            As above.

        Returns
        -------
        str or None
        """
        try:
            check_loss(cls(problem, dt, synapse).problem, dt)
        except InvalidInput as error:
            return str(error)
        return None

    @cached_property
    def dense(self) -> Problem:
        """The problem without decimals and sparse projections, which is solved."""
        return self.problem.rounded().dense()

    @cached_property
    def tables(self) -> Tables:
        """The arrays that kernels read."""
        return tables_of(self.dense, self.dt, self.synapse)

    @cached_property
    def loss(self) -> Loss | None:
        """The loss of these samples."""
        return self.dense.loss

    @cached_property
    def readouts(self) -> Readouts:
        """The readouts of the loss.

        Raises
        ------
        InvalidInput
            If there is no loss, or it is none of leaky integrators at the grid points.
        """
        return readouts_of(self.dense, self.dt)

    def parts(self) -> Iterator[Discrete]:
        """Networks of consecutive samples, so few of them that their traces take little memory.

        A loss that cannot be taken apart by samples leaves them together. Parts have the tables and the loss of their
        samples; their problem is still the whole one.

        Yields
        ------
        Discrete
        """
        n_samples, n_steps, n_neurons = self.tables.shape
        if self.loss is None or not is_separable(self.loss):
            yield self
            return
        _ = self.readouts  # checked once, for all parts
        size = BLOCK * max(1, HELD // ((n_steps + 1) * n_neurons * BLOCK))
        for first in range(0, n_samples, size):
            own, part = np.arange(first, min(first + size, n_samples)), copy(self)
            tables = self.tables._replace(in_bounds=self.tables.in_bounds[first : first + size])
            vars(part).update(tables=tables, loss=selected(self.loss, own))
            yield part

    @quiet
    def run(self) -> Trace:
        """Potentials and spikes of all samples.

        Returns
        -------
        Trace

        Raises
        ------
        InvalidInput
            If a potential overflows binary64.
        """
        trace = new_trace(*self.tables.shape, smooth=False)
        hard_forward(self.tables, 0.0, trace.s, trace)
        return finite(trace)

    @quiet
    def run_drawn(self, beta: float, uniform: Float64Array) -> Trace:
        """Potentials and spikes of all samples where a neuron spikes with P(S = 1) = 1 / (1 + exp(-beta (V - v_th))).

        Parameters
        ----------
        beta : float
            > 0, in 1/V.
        uniform : array, shape (n_samples, K, n_neurons)
            Numbers from 0 to 1: a neuron spikes where its own is below P(S = 1).

        Returns
        -------
        Trace

        Raises
        ------
        InvalidInput
            If a potential overflows binary64, or the numbers have another shape.
        """
        if uniform.shape != (shape := self.tables.shape):
            raise InvalidInput("uniform", f"shape {uniform.shape}", f"shape {shape}")
        trace = new_trace(*shape, smooth=False)
        hard_forward(self.tables, beta, uniform, trace)
        return finite(trace)

    @quiet
    def run_smoothed(self, beta: float) -> Trace:
        """Potentials and S of all samples with ``S = 1 / (1 + exp(-beta (V - v_th)))``.

        Parameters
        ----------
        beta : float
            > 0, in 1/V.

        Returns
        -------
        Trace

        Raises
        ------
        InvalidInput
            If a potential overflows binary64.
        """
        trace = new_trace(*self.tables.shape, smooth=True)
        smooth_forward(self.tables, beta, self.tables.block, trace)
        return finite(trace)

    def spikes(self, trace: Trace) -> Spikes:
        """The spikes of a trace at the times of their grid points, step by step.

        `vdot` is the rise of V in the step that ends at the spike, over `dt`.

        Parameters
        ----------
        trace : Trace
            Of this network.

        Returns
        -------
        Spikes
        """
        offsets = np.concatenate([[0], np.cumsum(trace.bounds[:, -1])])
        steps, neurons = np.empty(offsets[-1], np.int64), np.empty(offsets[-1], np.int64)
        rises = np.empty(offsets[-1])
        list_spikes(trace, offsets, steps, neurons, rises)
        times = np.minimum(steps * self.dt, float(self.problem.stimulus.duration))
        return Spikes(times, neurons, offsets, rises / self.dt)

    def answer(self, trace: Trace, reading: Reading | None) -> Answer:
        """The parts of a solution that a trace has.

        Parameters
        ----------
        trace : Trace
            Of this network.
        reading : Reading, or None
            The loss on the trace, if the problem has one.

        Returns
        -------
        Answer
        """
        return Answer(self.spikes(trace), trace.v[:, -1].copy(), trace.i_end, reading)

    def solution(self, engine: str, *answers: Answer) -> Solution:
        """The solution, without gradients, from the answers of consecutive parts.

        Parameters
        ----------
        engine : name of the engine that returns it.
        *answers : Answer

        Returns
        -------
        Solution
        """
        spikes = joined([a.spikes for a in answers])
        ends = np.concatenate([a.v_end for a in answers]), np.concatenate([a.i_end for a in answers])
        readings = [a.reading for a in answers if a.reading is not None]
        if not readings:
            return Solution(engine, self.problem, spikes, *ends)
        values = np.concatenate([r.values for r in readings])
        observed = tuple(np.concatenate(terms) for terms in zip(*(r.observed for r in readings), strict=True))
        return Solution(engine, self.problem, spikes, *ends, mean(values), values, None, observed)

    def by_projection(self, vector: Float64Array) -> dict[str, Array]:
        """The parts of a vector over all weights of the dense network, at the synapses of the problem's own.

        Parameters
        ----------
        vector : array, shape (n_weights,)

        Returns
        -------
        dict from projection name to array, shaped like its weights
        """
        return self.problem.network.at_synapses(self.dense.network.split(vector))

    def read(self, trace: Trace) -> Reading:
        """The loss of the problem on a trace.

        Parameters
        ----------
        trace : Trace

        Returns
        -------
        Reading

        Raises
        ------
        InvalidInput
            If there is no loss, the loss is none of leaky integrators at the grid points, or what it returns is wrong.
        """
        readouts = self.readouts
        assert self.loss is not None
        return read(self.loss, readouts, trace.v)
