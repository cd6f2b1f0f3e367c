"""The answer of an engine: spikes, loss, gradients, and diagnostics of how much they can be trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from spikeproof.losses.checked import require_finite
from spikeproof.network import Network, Population
from spikeproof.neuron_parameters import NEURON_PARAMETERS
from spikeproof.numbers import Array, Float64Array, refuse_where
from spikeproof.parameters import neuron_columns
from spikeproof.problem import Problem
from spikeproof.spikes import Spikes
from spikeproof.states import checked_times, states_at


@dataclass(frozen=True)
class NeuronGradients:
    """Derivatives of the loss with respect to the parameters of each neuron of a population, shape (size,) each.

    The derivative with respect to a value that all neurons share is the sum over them.

    Attributes
    ----------
    tau_mem, tau_syn
        By the membrane and the synaptic time constant.
    v_th, v_reset
        By the threshold and the potential after a spike; None for a leaky integrator, which has none.
    bias
        By the constant input current.
    v_init, i_init
        By V and I at t = 0.
    t_ref
        By the refractory time, 0 where that is infinite; None for a leaky integrator.
    """

    tau_mem: Array
    tau_syn: Array
    v_th: Array | None
    v_reset: Array | None
    bias: Array
    v_init: Array
    i_init: Array
    t_ref: Array | None

    @classmethod
    def of(cls, population: Population, table: Array | Sequence[Array]) -> NeuronGradients:
        """The gradients from a row of derivatives, shape (size,), for each of `NEURON_PARAMETERS`."""
        kind, pairs = population.kind, zip(NEURON_PARAMETERS, np.ascontiguousarray(table), strict=True)
        rows: list[Any] = [row if kind in p.kinds else None for p, row in pairs]
        return cls(*rows)


@dataclass(frozen=True)
class Gradients:
    """Derivatives of the loss (the mean over the batch).

    Attributes
    ----------
    weights : mapping from projection name to array, shape (n_pre, n_post), of a sparse projection (n_synapses,)
    input_times : array, shape (n_input_spikes,), in the order of ``stimulus.times``
    delays : mapping from projection name to array, shaped like weights, or None if not asked for
        With respect to the delay of every single synapse; the derivative for the projection's delay is their sum.
        A delay of 0 can only grow: where an arrival coincides with the spike that caused it this is the derivative
        on that side.
    neurons : mapping from population name to `NeuronGradients`, or None if not asked for
    """

    weights: Mapping[str, Array]
    input_times: Array
    delays: Mapping[str, Array] | None = None
    neurons: Mapping[str, NeuronGradients] | None = None

    def require_finite(self) -> None:
        """Raise `InvalidInput` for the first derivative that overflowed binary64, by name."""
        tables = {"weights": self.weights, "delays": self.delays or {}}
        for kind, table in tables.items():
            for name, values in table.items():
                require_finite(f"gradients.{kind}[{name!r}]", values)
        require_finite("gradients.input_times", self.input_times)
        for name, neurons in (self.neurons or {}).items():
            for field in fields(neurons):
                values = getattr(neurons, field.name)
                if values is not None:
                    require_finite(f"gradients.neurons[{name!r}].{field.name}", values)

    def at_synapses(self, network: Network) -> Gradients:
        """These gradients of a problem that `Problem.dense` returned, as those of the problem on `network` itself."""
        delays = None if self.delays is None else network.at_synapses(self.delays)
        return replace(self, weights=network.at_synapses(self.weights), delays=delays)


@dataclass(frozen=True)
class Diagnostics:
    """How close a solution is to where its spike times and gradients stop being smooth.

    Attributes
    ----------
    n_spikes : number of spikes over all samples.
    min_vdot : smallest dV/dt at a spike, None without spikes; `min_vdot_at` says (sample, neuron, time).
    min_gap : smallest time between two successive spikes of one sample, None if there are no two.
    max_jump : largest factor (Vdot^+ / Vdot^-) by which a spike amplifies lambda_v; conditioning of the adjoint.
    signature : digest of the sequence of spiking neurons, sample by sample in the order of time.
    """

    n_spikes: int
    min_vdot: float | None
    min_vdot_at: tuple[int, int, float] | None
    min_gap: float | None
    max_jump: float | None
    signature: str


@dataclass(frozen=True)
class Solution:
    """An engine's answer to a problem.

    Attributes
    ----------
    engine : name of the engine.
    problem : what was solved.
    spikes : all output spikes.
        Those up to `until`, where that is given.
    v_end, i_end : arrays, shape (n_samples, n_neurons): state at the end, t = T.
        Where a sample was not followed as far as that, reading them is refused.
    loss : mean loss over the batch, None if the problem has no loss.
    sample_losses : array, shape (n_samples,), or None.
    gradients : derivatives of `loss`, or None.
    observed : tuple with what each term of the loss saw of V, in the order of `spikeproof.losses.terms_of`
        An array of shape (n_samples, ...) as the term's observable says, such as (n_samples, size) for `MaxVoltage`;
        None for a term that sees spikes alone. Empty if the problem has no loss.
    until : array, shape (n_samples,), or None
        Until when each sample was followed: all spikes up to this time are there, and none after it. None: to T.
    """

    engine: str
    problem: Problem
    spikes: Spikes
    v_end: Array
    i_end: Array
    loss: float | None = None
    sample_losses: Array | None = None
    gradients: Gradients | None = None
    observed: tuple[Array | None, ...] = ()
    until: Array | None = None

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """Diagnostics of the spikes, computed on first use."""
        return diagnose(self.problem, self.spikes)

    def voltage(self, population: str, times: Any) -> Float64Array:
        """V of every neuron of a population in every sample at given times, without a step in between.

        It follows from the spikes of this solution by the equations of the model, whatever the engine: for an engine
        in time steps, or one of another model, it is V of the exact model with that engine's spikes.

        Parameters
        ----------
        population : str
        times : array, shape (n_times,)
            From 0 to T, in any order. At a spike V is its left limit; see `spikes` for the times at which it jumps.

        Returns
        -------
        array, shape (n_samples, size, n_times), in the unit of V
            Spikes and parameters of more digits are rounded to binary64. For the given spikes the error is the rounding
            of the steps from event to event, at most ``RUN`` of the largest V and I where there are tens of events.

        Raises
        ------
        InvalidInput
            If there is no such population, or a time lies outside [0, T], or after `until` of a sample.
        """
        return self._states(population, times)[0]

    def current(self, population: str, times: Any) -> Float64Array:
        """I of every neuron of a population in every sample at given times; see `voltage`.

        Parameters
        ----------
        population : str
        times : array, shape (n_times,)
            From 0 to T, in any order. At an arrival I is its left limit.

        Returns
        -------
        array, shape (n_samples, size, n_times), in the unit of V

        Raises
        ------
        InvalidInput
            If there is no such population, or a time lies outside [0, T], or after `until` of a sample.
        """
        return self._states(population, times)[1]

    def _states(self, population: str, times: Any) -> tuple[Float64Array, Float64Array]:
        self.problem.network.population(population)  # raises InvalidInput for an unknown one
        at = checked_times(times, float(self.problem.stimulus.duration))
        if self.until is not None:
            first = int(np.argmin(self.until))
            beyond = np.asarray(at) > self.until[first]
            allowed = f"until {self.until[first]}, as far as sample {first} was followed; EventEngine(until='end')"
            refuse_where(beyond, "times", np.asarray(at), allowed)
        return states_at(self.problem, self.spikes, population, at)

    def of_sparse(self, problem: Problem) -> Solution:
        """This solution of ``problem.dense()`` as a solution of `problem`."""
        gradients = None if self.gradients is None else self.gradients.at_synapses(problem.network)
        return replace(self, problem=problem, gradients=gradients)


def diagnose(problem: Problem, spikes: Spikes) -> Diagnostics:
    """Diagnostics of the given spikes of a problem."""
    times, samples = spikes.times.astype(np.float64), spikes.samples()
    order = np.lexsort((spikes.neurons, times, samples))
    signature = hashlib.blake2b(digest_size=8)
    signature.update(np.asarray(spikes.offsets, dtype="<i8").tobytes())
    signature.update(np.asarray(spikes.neurons[order], dtype="<i8").tobytes())
    digest = signature.hexdigest()
    if not len(spikes):
        return Diagnostics(0, None, None, None, None, digest)
    vdot = spikes.vdot.astype(np.float64)
    worst = int(np.argmin(vdot))
    gaps = np.diff(spikes.times[order])[np.diff(samples) == 0]
    with np.errstate(all="ignore"):  # numbers of the reference may lie beyond the range of binary64
        jumps = 1.0 + _jump_heights(problem)[spikes.neurons] / vdot
    return Diagnostics(
        n_spikes=len(spikes),
        min_vdot=float(vdot[worst]),
        min_vdot_at=(int(samples[worst]), int(spikes.neurons[worst]), float(times[worst])),
        min_gap=float(np.min(gaps)) if len(gaps) else None,
        max_jump=float(np.max(np.abs(jumps))),
        signature=digest,
    )


def _jump_heights(problem: Problem) -> Array:
    """(v_th - v_reset) / tau_mem of every neuron."""
    p = neuron_columns(problem.network, problem.parameters.rounded().neurons)
    height: Array = (p["v_th"] - p["v_reset"]) / p["tau_mem"]
    return height
