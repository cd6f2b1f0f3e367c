"""The numbers of a network: weights, time constants, thresholds and resets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.memory import aligned
from spikeproof.network import Network, Population
from spikeproof.numbers import Array, Float64Array, array, finite, is_exact, refuse_where, rounded


@dataclass(frozen=True)
class NeuronParameters:
    """Parameters of one population, each a scalar or an array of shape (size,).

    Parameters
    ----------
    tau_mem, tau_syn
        Membrane and synaptic time constant, > 0, in the unit of the spike times.
    v_th
        Threshold, > 0 and > v_reset, in the unit of V; 1 if None. A leaky integrator has none.
    v_reset
        Potential after a spike; 0 if None. A leaky integrator has none.
    bias
        Constant input current, in the unit of I; 0 if None.
    v_init, i_init
        V and I at t = 0; 0 if None. A LIF neuron starts below its threshold.
    """

    tau_mem: Any
    tau_syn: Any
    v_th: Any = None
    v_reset: Any = None
    bias: Any = None
    v_init: Any = None
    i_init: Any = None

    _checked_for: ClassVar[Population | None] = None  # set on an instance: a training step need not check it again

    @cached_property
    def exact(self) -> bool:
        """True if a parameter holds decimals rather than binary64."""
        return any(is_exact(getattr(self, f.name)) for f in fields(self))


@dataclass(frozen=True)
class Parameters:
    """Weights by projection name and neuron parameters by population name.

    Weights have shape (n_pre, n_post), those of a sparse projection (n_synapses,): see `Network.weight_shape`.
    """

    weights: Mapping[str, Any]
    neurons: Mapping[str, NeuronParameters]

    _flat: ClassVar[Float64Array | None] = None  # set on an instance: the vector of which its weights are views

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters, (self.weights, self.neurons)  # pickled once, not as views and as a vector

    def checked(self, network: Network) -> Parameters:
        """These parameters, validated against `network`, as read-only arrays; scalars become arrays of shape ()."""
        _same_keys("parameters.weights", self.weights, [p.name for p in network.projections])
        _same_keys("parameters.neurons", self.neurons, [p.name for p in network.populations])
        weights = {}
        for projection in network.projections:
            field = f"parameters.weights.{projection.name}"
            shape = network.weight_shape(projection)
            w = finite(field, self.weights[projection.name], ndim=len(shape))
            if w.shape != shape:
                meaning = "(n_pre, n_post)" if len(shape) == 2 else "(n_synapses,)"
                raise InvalidInput(field, f"shape {w.shape}", f"shape {shape} {meaning}")
            weights[projection.name] = w
        neurons = {p.name: _checked_neurons(p, self.neurons[p.name]) for p in network.populations}
        if any(is_exact(w) for w in weights.values()):
            return Parameters({name: array(name, w) for name, w in weights.items()}, neurons)
        flat = _joined(weights)
        flat.setflags(write=False)
        checked = Parameters(network.split(flat), neurons)
        object.__setattr__(checked, "_flat", flat)
        return checked

    def flat(self) -> Float64Array:
        """All weights of checked binary64 parameters as one vector, in the network's order: see `Network.split`."""
        return _joined(self.weights) if self._flat is None else self._flat

    def rounded(self) -> Parameters:
        """These parameters with every Decimal rounded to the nearest binary64."""
        neurons = {
            name: NeuronParameters(*(rounded(getattr(p, f.name)) for f in fields(p)))
            for name, p in self.neurons.items()
        }
        return Parameters({name: rounded(w) for name, w in self.weights.items()}, neurons)


def _joined(weights: Mapping[str, Array]) -> Float64Array:
    parts = [w.ravel() for w in weights.values()]
    return np.concatenate([np.zeros(0), *parts], out=aligned(sum(map(len, parts))))


def per_neuron(value: Array, size: int) -> Array:
    """A scalar parameter (shape ()) or per-neuron parameter as an array of shape (size,)."""
    return np.broadcast_to(value, (size,))


def _checked_neurons(population: Population, given: NeuronParameters) -> NeuronParameters:
    field = f"parameters.neurons.{population.name}"
    if not isinstance(given, NeuronParameters):
        raise InvalidInput(field, given, "NeuronParameters")
    if given._checked_for == population:
        return given
    checked = _newly_checked(field, population, given)
    object.__setattr__(checked, "_checked_for", population)
    return checked


def _newly_checked(field: str, population: Population, given: NeuronParameters) -> NeuronParameters:
    tau_mem = _positive(f"{field}.tau_mem", given.tau_mem, population.size)
    tau_syn = _positive(f"{field}.tau_syn", given.tau_syn, population.size)
    bias, v_init, i_init = (
        _shaped(f"{field}.{name}", 0.0 if value is None else value, population.size)
        for name, value in (("bias", given.bias), ("v_init", given.v_init), ("i_init", given.i_init))
    )
    if population.kind == "li":
        for name in ("v_th", "v_reset"):
            if getattr(given, name) is not None:
                raise InvalidInput(f"{field}.{name}", getattr(given, name), "nothing: a leaky integrator has none")
        return NeuronParameters(tau_mem, tau_syn, None, None, bias, v_init, i_init)
    v_th = _positive(f"{field}.v_th", 1.0 if given.v_th is None else given.v_th, population.size)
    v_reset = _shaped(f"{field}.v_reset", 0.0 if given.v_reset is None else given.v_reset, population.size)
    for name, value in (("v_reset", v_reset), ("v_init", v_init)):
        pair = np.broadcast_arrays(value, v_th)
        refuse_where(np.asarray(pair[0] >= pair[1], dtype=bool), f"{field}.{name}", pair[0], "a number below v_th")
    return NeuronParameters(tau_mem, tau_syn, v_th, v_reset, bias, v_init, i_init)


def _shaped(field: str, value: object, size: int) -> Array:
    result = array(field, value)
    if result.shape not in ((), (size,)):
        raise InvalidInput(field, f"shape {result.shape}", f"a number or an array of shape ({size},)")
    return result


def _positive(field: str, value: object, size: int) -> Array:
    result = _shaped(field, value, size)
    refuse_where(np.asarray(result <= 0, dtype=bool), field, result, "finite numbers > 0")
    return result


def _same_keys(field: str, given: object, wanted: list[str]) -> None:
    if not isinstance(given, Mapping):
        raise InvalidInput(field, given, f"a mapping with the keys {wanted}")
    for name in given:
        if name not in wanted:
            raise InvalidInput(f"{field}.{name}", "unknown name", f"one of {wanted}")
    for name in wanted:
        if name not in given:
            raise InvalidInput(f"{field}.{name}", "missing", f"an entry for each of {wanted}")
