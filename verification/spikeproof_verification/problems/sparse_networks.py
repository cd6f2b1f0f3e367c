"""Generated problems with sparse projections: in layers, in loops and one to one, for every loss with a closed form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spikeproof import Input, Loss, Network, Parameters, Population, Problem, Projection, Synapses
from spikeproof.numbers import Float64Array
from spikeproof_verification.problems.loss_networks import LOSSES as VOLTAGE_LOSSES
from spikeproof_verification.problems.loss_networks import NUMERICAL, READOUT, Scene, started
from spikeproof_verification.problems.random_networks import LOSSES as SPIKE_LOSSES
from spikeproof_verification.problems.random_networks import (
    REGIMES,
    Draw,
    drawn_neurons,
    drawn_stimulus,
    time_constants,
    unit_weight,
)
from spikeproof_verification.problems.refractory_times import refractory

TOPOLOGIES = ("layers", "recurrent", "one to one", "loop")
SPARSE, SINGLE = "sparse", "one to one"  # kinds of projections
DENSITY = 0.4  # probability of a pair
TONIC = 5  # one problem in so many has neurons that their bias alone makes fire


def sparse_draw(seed: int) -> Draw:
    """Combination number `seed`, the loss for its flavour; any `N_DRAWS` consecutive seeds walk through all of them."""
    topology, regime = TOPOLOGIES[seed % len(TOPOLOGIES)], REGIMES[seed % len(REGIMES)]
    return Draw(seed, topology, regime, LOSSES[seed % len(LOSSES)][0])


def sparse_problem(seed: int) -> Problem:
    """A network of about 20 neurons, most of its projections sparse, with one or two samples, for a loss.

    Every sparse projection that is drawn has a row without synapses and a row with one; some are one to one.
    """
    what, rng = sparse_draw(seed), np.random.default_rng([seed, 30103])
    network = _network(what.topology, rng)
    tau_mem, tau_syn = time_constants(what.regime, rng)
    neurons = {
        p.name: started(
            drawn_neurons(p, what.regime, tau_mem, tau_syn, rng), p.size, tonic=seed % TONIC == TONIC - 1, rng=rng
        )
        for p in network.populations
    }
    unit = unit_weight(tau_mem, tau_syn)
    weights = {p.name: unit * _weights(network, p, rng) for p in network.projections}
    duration = float(rng.uniform(3.0, 4.0) * max(tau_mem, min(tau_syn, 4 * tau_mem)))
    n_samples = int(rng.integers(1, 3))
    stimulus = drawn_stimulus(network.n_channels, n_samples, duration, "mixed", rng)
    spiking = network.population("b" if what.topology in ("layers", "one to one") else "a")
    _, make = LOSSES[seed % len(LOSSES)]
    loss = make(Scene(spiking, duration, n_samples, rng))
    return refractory(Problem(network, Parameters(weights, neurons), stimulus, loss, f"sparse-{seed:04d}"), seed)


def _network(topology: str, rng: np.random.Generator) -> Network:
    n_in, n_a, n_b = (int(n) for n in rng.integers(4, (7, 11, 9)))
    if topology == "one to one":
        n_a = n_b = n_in
    sizes = {"in": n_in, "a": n_a, "b": n_b, READOUT.name: READOUT.size}
    d = [float(x) for x in rng.uniform(0.2, 2.0, 3)]
    edges: list[tuple[str, str, float, str]] = {
        "layers": [("in", "a", 0.0, SPARSE), ("a", "b", d[0], SPARSE), ("b", "out", 0.0, SPARSE)],
        "recurrent": [("in", "a", d[0], SPARSE), ("a", "a", 0.0, SPARSE), ("a", "out", d[1], SPARSE)],
        "one to one": [
            ("in", "a", 0.0, SINGLE),
            ("a", "b", d[0], SINGLE),
            ("b", "b", 0.0, SINGLE),
            ("a", "out", 0.0, ""),
        ],
        "loop": [("in", "a", 0.0, SPARSE), ("a", "b", d[0], SPARSE), ("b", "a", d[1], SPARSE), ("b", "b", d[2], "")],
    }[topology]
    edges.append(("in", READOUT.name, d[2], SPARSE))
    projections = [
        Projection(*edge[:3], synapses=_synapses(edge[3], sizes[edge[0]], sizes[edge[1]], rng)) for edge in edges
    ]
    spiking = [Population(name, sizes[name]) for name in "ab" if topology != "recurrent" or name == "a"]
    return Network((Input("in", n_in),), (*spiking, READOUT), tuple(projections))


def _synapses(kind: str, n_pre: int, n_post: int, rng: np.random.Generator) -> Synapses | None:
    """All pairs, one to one, or at random but for one row without any and one with a single one; no empty column."""
    if kind != SPARSE:
        return Synapses.one_to_one(n_pre) if kind == SINGLE else None
    mask = rng.random((n_pre, n_post)) < DENSITY
    empty, lonely, *others = rng.permutation(n_pre)
    mask[empty] = mask[lonely] = False
    mask[lonely, rng.integers(n_post)] = True
    for column in np.flatnonzero(~mask.any(axis=0)):
        mask[rng.choice(others), column] = True
    return Synapses.of_mask(mask)


def _weights(network: Network, projection: Projection, rng: np.random.Generator) -> Float64Array:
    """Weights in units of the one that just reaches a threshold of 1 on its own."""
    shape = network.weight_shape(projection)
    if projection.post == READOUT.name:
        return rng.normal(0.1, 0.4, shape)
    if projection.pre == projection.post or projection.pre == "b":
        return rng.normal(-0.1, 0.15, shape)
    per_neuron = np.prod(shape) / network.shape(projection)[1]
    return rng.normal(0.7, 0.5, shape) / (1.0 if network.from_input(projection) else per_neuron)


def _of_spikes(make: Callable[[Population, int, float, np.random.Generator], Loss]) -> Callable[[Scene], Loss]:
    return lambda scene: make(scene.spiking, scene.n_samples, scene.duration, scene.rng)


LOSSES: tuple[tuple[str, Callable[[Scene], Loss]], ...] = (
    *zip(
        ("sum of spike times", "spike times and targets", "first spike, cross-entropy"),
        map(_of_spikes, SPIKE_LOSSES),
        strict=True,
    ),
    # on networks of this size the reference would need minutes for a loss that is integrated numerically
    *(named for number, named in enumerate(VOLTAGE_LOSSES) if number not in NUMERICAL),
)
N_DRAWS = len(TOPOLOGIES) * len(REGIMES) * len(LOSSES)  # they have no common divisor
