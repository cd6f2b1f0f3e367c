"""The numbers of a network: weights, time constants, thresholds and resets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.memory import aligned
from spikeproof.network import Network, Population
from spikeproof.neuron_parameters import NEURON_PARAMETERS, PARAMETER_NAMES, Entry
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
    t_ref
        Refractory time, >= 0, in the unit of the spike times: V is held at v_reset for so long after a spike; 0 if
        None. With infinity a neuron fires once. A leaky integrator has none.
    """

    tau_mem: Any
    tau_syn: Any
    v_th: Any = None
    v_reset: Any = None
    bias: Any = None
    v_init: Any = None
    i_init: Any = None
    t_ref: Any = None

    _checked_for: ClassVar[Population | None] = None  # set on an instance: a training step need not check it again

    @cached_property
    def exact(self) -> bool:
        """True if a parameter holds decimals rather than binary64."""
        return any(is_exact(getattr(self, f.name)) for f in fields(self))

    @cached_property
    def shared(self) -> tuple[float | None, ...] | None:
        """The checked parameters as plain numbers if all neurons share them; None if one of them is an array."""
        values = [getattr(self, name) for name in PARAMETER_NAMES]
        if any(np.ndim(x) for x in values):
            return None
        return tuple(None if x is None else float(x) for x in values)


@dataclass(frozen=True)
class Parameters:
    """Weights by projection name and neuron parameters by population name.

    Parameters
    ----------
    weights : mapping from projection name to array
        Shape (n_pre, n_post), of a sparse projection (n_synapses,): see `Network.weight_shape`; in the unit of I.
    neurons : mapping from population name to NeuronParameters
    """

    weights: Mapping[str, Any]
    neurons: Mapping[str, NeuronParameters]

    _flat: ClassVar[Float64Array | None] = None  # set on an instance: the vector of which its weights are views

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters, (self.weights, self.neurons)  # pickled once, not as views and as a vector

    def checked(self, network: Network) -> Parameters:
        """These parameters, validated against `network`, as read-only arrays; scalars become arrays of shape ().

        Raises
        ------
        InvalidInput
            If a name is missing or unknown, or if a shape or a number is not what the network allows.
        """
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


def neuron_columns(
    network: Network, neurons: Mapping[str, NeuronParameters], number: Callable[[Any], Any] | None = None
) -> dict[str, Array]:
    """Each parameter of checked `neurons` as one array over all neurons of the network, in its order.

    See `Problem.neuron_columns`.
    """
    parts: dict[str, list[Array]] = {name: [] for name in PARAMETER_NAMES}
    for population in network.populations:
        for p in NEURON_PARAMETERS:
            given = getattr(neurons[population.name], p.name)
            values = np.asarray(p.absent if given is None else given)
            values = values if number is None else _converted(values, number)
            parts[p.name].append(np.broadcast_to(values, population.size))
    return {name: np.concatenate(part) for name, part in parts.items()}


def _converted(values: Array, number: Callable[[Any], Any]) -> Array:
    result = np.empty(values.size, dtype=object)
    result[:] = [number(x) for x in values.ravel().tolist()]
    return result.reshape(values.shape)


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
    values = {p.name: _checked_values(field, population, p, getattr(given, p.name)) for p in NEURON_PARAMETERS}
    for p in NEURON_PARAMETERS:
        own, bound = values[p.name], None if p.below is None else values[p.below]
        if own is not None and bound is not None:
            own, bound = np.broadcast_arrays(own, bound)
            refuse_where(np.asarray(own >= bound, dtype=bool), f"{field}.{p.name}", own, f"a number below {p.below}")
    return NeuronParameters(**values)


def _checked_values(field: str, population: Population, p: Entry, given: object) -> Array | None:
    name, size = f"{field}.{p.name}", population.size
    if population.kind not in p.kinds:
        if given is not None:
            raise InvalidInput(name, given, "nothing: a leaky integrator has none")
        return None
    values = array(name, p.default if given is None else given, infinite=p.range.infinite)
    if values.shape not in ((), (size,)):
        raise InvalidInput(name, f"shape {values.shape}", f"a number or an array of shape ({size},)")
    refuse_where(~np.asarray(p.range.holds(values), dtype=bool), name, values, p.range.allowed)
    return values


def _same_keys(field: str, given: object, wanted: list[str]) -> None:
    if not isinstance(given, Mapping):
        raise InvalidInput(field, given, f"a mapping with the keys {wanted}")
    for name in given:
        if name not in wanted:
            raise InvalidInput(f"{field}.{name}", "unknown name", f"one of {wanted}")
    for name in wanted:
        if name not in given:
            raise InvalidInput(f"{field}.{name}", "missing", f"an entry for each of {wanted}")
