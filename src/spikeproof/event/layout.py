"""A network and its parameters flattened into the plain arrays that the kernels read.

Neurons are put into *slots*, component by component, so that each component and each population is a
contiguous range; projections are ordered by the component of their target, external ones first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from spikeproof.event.components import components
from spikeproof.event.kernels.core.tables import (
    BIAS,
    EXTERNAL,
    FIRST_ROW,
    FROM_INPUT,
    I_START,
    INTERNAL,
    MIXED,
    N_PROJECTION,
    N_SLOT,
    POST_START,
    POST_STOP,
    PRE_START,
    PRE_STOP,
    RESET,
    RUNS,
    SIZES,
    SLOTS,
    SOURCE,
    SPARSE,
    T_REF,
    TAU_SYN,
    THRESHOLD,
    UNLISTED,
    UNRESOLVED,
    V_START,
    Layout,
)
from spikeproof.event.limits import check_bias, check_time_constants
from spikeproof.network import Network, Projection
from spikeproof.numbers import Array, Float64Array, IntArray
from spikeproof.parameters import NeuronParameters, Parameters, neuron_columns

LAYER, SPARSE_LAYER, RECURRENT = range(3)  # kinds of components, each with its own forward pass


@dataclass(frozen=True)
class Structure:
    """The part of a layout that depends on the network alone."""

    slots: dict[str, range]
    kinds: tuple[int, ...]  # LAYER, SPARSE_LAYER or RECURRENT, of each component
    component_of: dict[str, int]  # by population
    widest: int  # number of slots of the largest component
    mixed: bool  # True if sparse projections reach a component from outside
    later: tuple[bool, ...]  # of each component: whether others feed it, or its neurons act on each other
    slots_of_neurons: IntArray | None  # (N,), None where neuron n is in slot n
    neuron: IntArray  # (N,) neuron of each slot
    component: IntArray  # all rows but the last one, which depends on time constants
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
    component = np.zeros((RUNS, len(slot_start)), np.int64)
    component[SLOTS], component[SIZES, :-1] = slot_start, np.diff(slot_start)
    component[EXTERNAL], component[INTERNAL, :-1] = external, internal
    component[MIXED, :-1] = [any(p.synapses is not None for p in ordered[a:b]) for a, b in pairwise(external)]
    in_order = np.array_equal(neuron, np.arange(len(neuron)))
    arrays = _projection_arrays(network, ordered, slots, owner)
    fed = [any(not network.from_input(p) for p in ordered[a:b]) for a, b in pairwise(external)]
    return Structure(
        slots=slots,
        kinds=tuple(_kind(component[:, c], external[c + 1]) for c in range(len(groups))),
        component_of=owner,
        widest=int(np.max(component[SIZES])),
        mixed=bool(np.any(component[MIXED])),
        later=tuple(fed),
        slots_of_neurons=None if in_order else np.argsort(neuron),
        neuron=neuron.astype(np.int64),
        component=component,
        arrays=arrays,
    )


def _kind(component: IntArray, last_projection: int) -> int:
    """Kind of a component, from its column of the table and the end of its projections."""
    if component[INTERNAL] < last_projection:
        return RECURRENT
    return SPARSE_LAYER if component[MIXED] else LAYER


def _projection_arrays(
    network: Network, ordered: list[Projection], slots: dict[str, range], owner: dict[str, int]
) -> dict[str, Array]:
    """Sources, targets and synapses of each projection; rows and weights stay in the network's order."""
    projections = network.projections
    place = {p.name: n for n, p in enumerate(projections)}
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
    table = np.empty((N_PROJECTION, len(projections)), np.int64)
    table[FROM_INPUT] = [network.from_input(p) for p in projections]
    table[PRE_START], table[PRE_STOP] = [r.start for r in pre], [r.stop for r in pre]
    table[POST_START], table[POST_STOP] = [r.start for r in post], [r.stop for r in post]
    table[SOURCE] = [owner.get(p.pre, -1) for p in projections]
    table[FIRST_ROW] = row
    table[SPARSE] = [p.synapses is not None for p in projections]
    table[UNLISTED] = row_offset[row] - (np.cumsum(sizes) - sizes)
    return {
        "projection": np.ascontiguousarray(table[:, [place[p.name] for p in ordered]]),
        "delay": np.array([float(p.delay) for p in ordered]),
        "row_offset": row_offset,
        "target": np.concatenate([np.zeros(0, np.int32), *listed], dtype=np.int32),
    }


def layout(s: Structure, network: Network, parameters: Parameters) -> Layout:
    """The arrays of a network of this structure with checked float64 parameters."""
    shared = tuple(parameters.neurons[p.name].shared for p in network.populations)
    fields = _neuron_fields(network, parameters.neurons) if None in shared else _of_shared(network, shared)
    return Layout(**s.arrays, **fields, weights=parameters.flat())


@lru_cache(maxsize=64)
def _of_shared(network: Network, shared: tuple[tuple[float | None, ...], ...]) -> dict[str, Array]:
    """`_neuron_fields` of populations of equal neurons, which training asks for again and again."""
    pairs = zip(network.populations, shared, strict=True)
    return _neuron_fields(network, {p.name: NeuronParameters(*numbers) for p, numbers in pairs})


def _neuron_fields(network: Network, neurons: Mapping[str, NeuronParameters]) -> dict[str, Array]:
    """The fields of a layout that depend on the neurons."""
    s = structure(network)
    given = {name: column[s.neuron] for name, column in neuron_columns(network, neurons).items()}
    tau_mem, tau_syn, v_th, bias = given["tau_mem"], given["tau_syn"], given["v_th"], given["bias"]
    check_time_constants(network, s.neuron, tau_mem, tau_syn)
    check_bias(network, s.neuron, v_th, given["v_reset"], bias)
    pairs, group = _distinct(tau_mem, tau_syn)
    run_start = np.union1d(s.component[SLOTS], np.flatnonzero(np.diff(group)) + 1)
    slot = np.empty((N_SLOT, network.n_neurons))
    slot[THRESHOLD], slot[RESET], slot[V_START] = v_th - bias, given["v_reset"] - bias, given["v_init"] - bias
    slot[I_START], slot[BIAS], slot[TAU_SYN], slot[T_REF] = given["i_init"], bias, tau_syn, given["t_ref"]
    slot[UNRESOLVED] = _unresolved(tau_mem, tau_syn, v_th, bias)
    return {
        "component": np.vstack([s.component, np.searchsorted(run_start, s.component[SLOTS])]),
        "number": np.vstack([s.neuron, group]),
        "slot": slot,
        "time": np.array([*pairs.T, pairs[:, 1] / (pairs[:, 0] + pairs[:, 1])]),
        "run_start": run_start,
    }


def _unresolved(tau_mem: Float64Array, tau_syn: Float64Array, v_th: Float64Array, bias: Float64Array) -> Float64Array:
    """Largest slope tau_mem Vdot at a spike without a correct digit.

    A peak of V - bias that exceeds v_th by less than about 4 EPS of the numbers it is computed from, hence
    ``slope^2 < 8 EPS v_scale v_th tau_mem / tau_syn``.
    """
    size = np.sqrt(np.abs(v_th) + np.abs(bias)) * np.sqrt(np.maximum(v_th - bias, 0.0))
    return np.asarray(np.sqrt(8.0 * np.finfo(np.float64).eps) * np.sqrt(tau_mem / tau_syn) * size)


def _distinct(tau_mem: Float64Array, tau_syn: Float64Array) -> tuple[Float64Array, IntArray]:
    if np.all(tau_mem == tau_mem[0]) and np.all(tau_syn == tau_syn[0]):
        return np.array([[tau_mem[0], tau_syn[0]]]), np.zeros(len(tau_mem), dtype=np.int64)
    pairs, group = np.unique(np.column_stack([tau_mem, tau_syn]), axis=0, return_inverse=True)
    return pairs, np.asarray(group, dtype=np.int64).ravel()
