"""A network and its parameters flattened into the plain arrays that the kernels read.

Neurons are put into *slots*, component by component, so that each component and each population is a
contiguous range; projections are ordered by the component of their target, external ones first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from spikeproof.event.components import components
from spikeproof.network import Network, Projection
from spikeproof.numbers import Array, Float64Array, IntArray
from spikeproof.parameters import NeuronParameters, Parameters, per_neuron


class Layout(NamedTuple):
    """What the kernels know of a network. Shapes: C components, P projections, N neurons, G distinct time constants.

    Kernels measure V from the bias current, to which it relaxes without input: ``v_th``, ``v_reset`` and ``v_init``
    hold V - bias, and the equations of motion are those without a bias.
    """

    slot_start: IntArray  # (C + 1,) first slot of each component
    external: IntArray  # (C + 1,) first projection into each component; external ones come first
    internal: IntArray  # (C,) first internal projection of each component
    from_input: Array  # (P,) bool: starts at an input
    pre_start: IntArray  # (P,) first channel, or first slot, of the source
    pre_stop: IntArray  # (P,)
    post_start: IntArray  # (P,) first slot of the target
    post_stop: IntArray  # (P,)
    source: IntArray  # (P,) component of the source; -1 for an input
    row: IntArray  # (P,) number of the row of the first source
    row_offset: IntArray  # (rows + 1,) where the synapses of each source start in `weights`
    sparse: Array  # (P,) bool: the targets of the synapses are listed
    unlisted: IntArray  # (P,) synapse n of a sparse projection reaches slot ``target[n - unlisted]``
    target: IntArray  # (synapses of sparse projections,)
    mixed: Array  # (C,) bool: a sparse projection from outside reaches the component
    delay: Float64Array  # (P,)
    neuron: IntArray  # (N,) neuron number of each slot
    group: IntArray  # (N,) index of the slot's pair of time constants
    run_of: IntArray  # (C + 1,) first run of each component
    run_start: IntArray  # (runs + 1,) first slot of each run of neighbours with the same time constants
    tau_mem: Float64Array  # (G,)
    tau_syn: Float64Array  # (G,)
    share: Float64Array  # (G,) tau_syn / (tau_mem + tau_syn)
    v_th: Float64Array  # (N,) infinite for a leaky integrator
    v_reset: Float64Array  # (N,)
    v_init: Float64Array  # (N,)
    i_init: Float64Array  # (N,)
    bias: Float64Array  # (N,)
    tau_syn_of: Float64Array  # (N,)
    unresolved: Float64Array  # (N,) a slope tau_mem Vdot at a spike up to which rounding decides whether it exists
    weights: Float64Array  # (sum of n_pre * n_post,) in the network's order


@dataclass(frozen=True)
class Structure:
    """The part of a layout that depends on the network alone."""

    slots: dict[str, range]
    slots_of_neurons: IntArray | None  # (N,), None where neuron n is in slot n
    arrays: dict[str, Array]  # the fields of a layout that are known


@lru_cache(maxsize=64)
def structure(network: Network) -> Structure:
    """Slots, components and the order of projections of a float64 network."""
    groups = components(network)
    slots, owner, start = {}, {}, 0
    slot_start = [0]
    for number, names in enumerate(groups):
        for name in names:
            size = network.population(name).size
            slots[name] = range(start, start + size)
            owner[name] = number
            start += size
        slot_start.append(start)
    ordered, external, internal = [], [0], []
    for number in range(len(groups)):
        into = [p for p in network.projections if owner[p.post] == number]
        outside = [p for p in into if owner.get(p.pre, -1) != number]
        ordered += outside
        internal.append(len(ordered))
        ordered += [p for p in into if owner.get(p.pre, -1) == number]
        external.append(len(ordered))
    neuron = np.concatenate([np.asarray(network.neurons(name)) for names in groups for name in names])
    arrays = {
        "slot_start": np.array(slot_start),
        "external": np.array(external),
        "internal": np.array(internal),
        "source": np.array([owner.get(p.pre, -1) for p in ordered], dtype=np.int64),
        "neuron": neuron.astype(np.int64),
        **_projection_arrays(network, ordered, slots),
        "mixed": np.array(
            [any(p.synapses is not None for p in ordered[a:b]) for a, b in pairwise(external)], dtype=np.bool_
        ),
    }
    in_order = np.array_equal(neuron, np.arange(len(neuron)))
    return Structure(slots, None if in_order else np.argsort(neuron), arrays)


def _projection_arrays(network: Network, ordered: list[Projection], slots: dict[str, range]) -> dict[str, Array]:
    """Sources, targets and synapses of each projection; rows and weights stay in the network's order."""
    projections = network.projections
    number = [[p.name for p in projections].index(p.name) for p in ordered]
    pre = [network.channels(p.pre) if network.from_input(p) else slots[p.pre] for p in projections]
    post = [slots[p.post] for p in projections]
    n_pre = np.array([len(r) for r in pre], dtype=np.int64)
    fan_out = [
        np.full(len(a), len(b)) if p.synapses is None else np.diff(p.synapses.offsets)
        for p, a, b in zip(projections, pre, post, strict=True)
    ]
    row_offset = np.concatenate([[0], np.cumsum(np.concatenate([[], *fan_out]))]).astype(np.int64)
    row = np.cumsum(n_pre) - n_pre  # the first one of each projection
    listed = [p.synapses.targets + b.start for p, b in zip(projections, post, strict=True) if p.synapses is not None]
    sizes = np.array([0 if p.synapses is None else p.synapses.n_synapses for p in projections], dtype=np.int64)
    of_projection = {
        "from_input": np.array([network.from_input(p) for p in projections], dtype=np.bool_),
        "pre_start": np.array([r.start for r in pre], dtype=np.int64),
        "pre_stop": np.array([r.stop for r in pre], dtype=np.int64),
        "post_start": np.array([r.start for r in post], dtype=np.int64),
        "post_stop": np.array([r.stop for r in post], dtype=np.int64),
        "row": row,
        "sparse": np.array([p.synapses is not None for p in projections], dtype=np.bool_),
        "unlisted": row_offset[row] - (np.cumsum(sizes) - sizes),
        "delay": np.array([float(p.delay) for p in projections]),
    }
    return {
        **{name: values[number] for name, values in of_projection.items()},
        "row_offset": row_offset,
        "target": np.concatenate([np.zeros(0, np.int64), *listed]),
    }


def layout(network: Network, parameters: Parameters) -> Layout:
    """The arrays of a network with checked float64 parameters."""
    s = structure(network)
    values = [_values(parameters.neurons[p.name]) for p in network.populations]
    if all(v.ndim == 0 for of_population in values for v in of_population):
        neurons = _of_scalars(network, tuple(tuple(map(float, of_population)) for of_population in values))
    else:
        neurons = _neuron_fields(network, values)
    return Layout(**s.arrays, **neurons, weights=parameters.flat())


@lru_cache(maxsize=64)
def _of_scalars(network: Network, values: tuple[tuple[float, ...], ...]) -> dict[str, Array]:
    """`_neuron_fields` of populations of equal neurons, which training asks for again and again."""
    return _neuron_fields(network, [tuple(map(np.asarray, of_population)) for of_population in values])


def _neuron_fields(network: Network, values: Sequence[tuple[Array, ...]]) -> dict[str, Array]:
    """The fields of a layout that depend on the neurons."""
    s = structure(network)
    tau_mem, tau_syn, v_th, v_reset, v_init, i_init, bias = _neuron_arrays(network, values, s)
    pairs, group = _distinct(tau_mem, tau_syn)
    run_start = np.union1d(s.arrays["slot_start"], np.flatnonzero(np.diff(group)) + 1)
    return {
        "group": group,
        "run_of": np.searchsorted(run_start, s.arrays["slot_start"]),
        "run_start": run_start,
        "tau_mem": np.ascontiguousarray(pairs[:, 0]),
        "tau_syn": np.ascontiguousarray(pairs[:, 1]),
        "share": pairs[:, 1] / (pairs[:, 0] + pairs[:, 1]),
        "v_th": v_th - bias,
        "v_reset": v_reset - bias,
        "v_init": v_init - bias,
        "i_init": i_init,
        "bias": bias,
        "tau_syn_of": tau_syn,
        "unresolved": _unresolved(tau_mem, tau_syn, v_th, bias),
    }


def component_of(layout: Layout, slots: range) -> int:
    """Number of the component that these slots belong to."""
    return int(np.searchsorted(layout.slot_start, slots.start, side="right")) - 1


def _unresolved(tau_mem: Float64Array, tau_syn: Float64Array, v_th: Float64Array, bias: Float64Array) -> Float64Array:
    """Largest slope tau_mem Vdot at a spike without a correct digit.

    A peak of V - bias that exceeds v_th by less than about 4 EPS of the numbers it is computed from, hence
    ``slope^2 < 8 EPS v_scale v_th tau_mem / tau_syn``.
    """
    size = np.sqrt(np.abs(v_th) + np.abs(bias)) * np.sqrt(np.maximum(v_th - bias, 0.0))
    return np.asarray(np.sqrt(8.0 * np.finfo(np.float64).eps) * np.sqrt(tau_mem / tau_syn) * size)


def _values(p: NeuronParameters) -> tuple[Array, ...]:
    """The parameters of a population; a leaky integrator has no threshold."""
    v_th, v_reset = (np.asarray(np.inf), np.asarray(0.0)) if p.v_th is None else (p.v_th, p.v_reset)
    return (p.tau_mem, p.tau_syn, v_th, v_reset, p.v_init, p.i_init, p.bias)


def _neuron_arrays(network: Network, values: Sequence[tuple[Array, ...]], s: Structure) -> list[Float64Array]:
    arrays = [np.empty(network.n_neurons) for _ in range(7)]
    for population, of_population in zip(network.populations, values, strict=True):
        slots = s.slots[population.name]
        for target, value in zip(arrays, of_population, strict=True):
            target[slots.start : slots.stop] = per_neuron(value, population.size)
    return arrays


def _distinct(tau_mem: Float64Array, tau_syn: Float64Array) -> tuple[Float64Array, IntArray]:
    if np.all(tau_mem == tau_mem[0]) and np.all(tau_syn == tau_syn[0]):
        return np.array([[tau_mem[0], tau_syn[0]]]), np.zeros(len(tau_mem), dtype=np.int64)
    pairs, group = np.unique(np.column_stack([tau_mem, tau_syn]), axis=0, return_inverse=True)
    return pairs, np.asarray(group, dtype=np.int64).ravel()
