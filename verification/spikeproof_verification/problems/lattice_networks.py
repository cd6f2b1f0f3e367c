"""Generated problems on a lattice: coincident arrivals, maxima at arrivals and at T, silent samples, borders of ranges.

All times, delays and time constants are multiples of one another, and all weights multiples of a power of two: sums of
them are exact in binary64, so that a tie is one for every engine. Random reals never meet them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from spikeproof import (
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
    Synapses,
)
from spikeproof.numbers import Array, Float64Array, IntArray
from spikeproof_verification.problems.loss_networks import LOSSES as VOLTAGE_LOSSES
from spikeproof_verification.problems.loss_networks import NUMERICAL, READOUT, Scene
from spikeproof_verification.problems.random_networks import Draw
from spikeproof_verification.problems.refractory_times import SHARE, STREAM, with_times
from spikeproof_verification.problems.sparse_networks import LOSSES as SPARSE_LOSSES

TOPOLOGIES = ("layers", "recurrent", "sparse layers", "sparse recurrent")
REGIMES = ("tau_mem = 2 tau_syn", "tau_mem = tau_syn", "tau_mem = 8 tau_syn", "per neuron")
TAUS = {  # of neuron n modulo 4, where they are not the same for all
    "tau_mem = 2 tau_syn": ([8.0] * 4, [4.0] * 4),
    "tau_mem = tau_syn": ([8.0] * 4, [8.0] * 4),
    "tau_mem = 8 tau_syn": ([8.0] * 4, [1.0] * 4),
    "per neuron": ([8.0, 16.0, 4.0, 8.0], [4.0, 8.0, 4.0, 16.0]),
}
UNIT = dict(zip(REGIMES, (1.0, 0.5, 3.0, 0.5), strict=True))  # of weights: less is left of a faster current
LOSSES = (*SPARSE_LOSSES[:3], *VOLTAGE_LOSSES)  # losses of spike times, and losses of V
INTEGRATED = {VOLTAGE_LOSSES[number][0] for number in NUMERICAL}
N_DRAWS = len(TOPOLOGIES) * len(REGIMES) * len(LOSSES)
N_CHANNELS = 4
SIZES = {False: (4, 32.0), True: (2, 16.0)}  # samples and duration; of losses that are integrated numerically, second
TIMES = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 36.0]  # of input spikes, some after the end
V_TH = 15.0 / 16.0  # no response to a single input touches it: their peaks are w / 4 or w / e
HELD = [0.0, 1.0, 2.0, 3.0, 4.0, 8.0, 64.0, np.inf]  # refractory times, one longer than the run
LARGE = 1024.0  # factor of readout potentials, which then reach hundreds
EVERY = 7  # of so many problems two have a neuron that its bias alone makes fire, and a third large potentials


@dataclass(frozen=True)
class LatticeScene(Scene):
    """A scene whose times lie on the lattice, where inputs arrive, 0 and T among them."""

    def times(self, n: int) -> Float64Array:
        """Ascending times within the simulation."""
        return np.sort(self.rng.choice(np.arange(self.duration + 1.0), n, replace=False))


def lattice_draw(seed: int) -> Draw:
    """Combination number `seed`, the loss for its flavour; any `N_DRAWS` consecutive seeds walk through all of them."""
    block = len(TOPOLOGIES) * len(LOSSES)  # these two have no common divisor
    regime = REGIMES[(seed // len(TOPOLOGIES) + 2 * (seed // block)) % len(REGIMES)]
    return Draw(seed, TOPOLOGIES[seed % len(TOPOLOGIES)], regime, LOSSES[seed % len(LOSSES)][0])


def lattice_problem(seed: int) -> Problem:
    """A network of about ten neurons for a loss, with four samples of which one, never the last, is silent.

    Losses that are integrated numerically, which takes the reference long, have two samples of half the duration.

    In layers two neurons are identical and spike together. Neurons that act on each other differ: what they do at a
    tie has no derivative. Input spikes come at 0, at T and after it, some twice.
    """
    what, rng = lattice_draw(seed), np.random.default_rng([seed, 65537])
    network = _network(what.topology, rng)
    neurons = {p.name: _neurons(p, what, rng) for p in network.populations}
    integrated = what.flavour in INTEGRATED
    (n_samples, duration), large = SIZES[integrated], seed % EVERY == 3 and not integrated
    weights = {p.name: _weights(network, p, what.regime, large, rng) for p in network.projections}
    if "layers" in what.topology:
        neurons["a"], weights["in->a"] = _twins(network, neurons["a"], weights["in->a"])
    spiking = network.population("b" if "layers" in what.topology else "a")
    loss = LOSSES[seed % len(LOSSES)][1](LatticeScene(spiking, duration, n_samples, rng))
    stimulus = Stimulus.of_samples(_samples(seed, n_samples, rng), duration)
    return _refractory(Problem(network, Parameters(weights, neurons), stimulus, loss, f"lattice-{seed:04d}"), seed)


def _refractory(problem: Problem, seed: int) -> Problem:
    """The problem, or half of the time the problem with refractory times on the lattice, delays among them.

    Twins have the same. A neuron with an autapse may hear itself just when it is released.
    """
    rng, network = np.random.default_rng([seed, STREAM]), problem.network
    if rng.random() >= SHARE:
        return problem
    choice = [*HELD, *(float(p.delay) for p in network.projections if p.pre == p.post for _ in range(4))]
    times = {p.name: rng.choice(choice, p.size) for p in network.populations if p.kind == "lif"}
    if "b" in times:
        times["a"][1] = times["a"][0]
    return with_times(problem, times)


def _network(topology: str, rng: np.random.Generator) -> Network:
    sparse = "sparse" in topology
    d = [float(x) for x in rng.integers(0, 3, 4)]
    late = d[3] + 8.0  # an arrival with this delay meets one that was sent 8 later with the other
    inner = [("a", "b", d[1], ""), ("b", "out", d[2], "")] if "layers" in topology else [
        ("a", "a", d[1], ""), ("a", "out", d[2], "")
    ]  # fmt: skip
    edges = [("in", "a", d[0], ""), *inner, ("in", "out", late, "late"), ("in", "out", d[3], "early")]
    populations = [Population("a", 4), *([Population("b", 3)] if "layers" in topology else []), READOUT]
    sizes = {"in": N_CHANNELS, **{p.name: p.size for p in populations}}
    projections = [
        Projection(pre, post, delay, name, _synapses(sizes[pre], sizes[post], rng) if sparse else None)
        for pre, post, delay, name in edges
    ]
    return Network((Input("in", N_CHANNELS),), tuple(populations), tuple(projections))


def _synapses(n_pre: int, n_post: int, rng: np.random.Generator) -> Synapses:
    """Two pairs in three, at random; the first two columns agree and one row is empty."""
    mask = rng.random((n_pre, n_post)) < 2.0 / 3.0
    mask[:, 1] = mask[:, 0]
    mask[rng.integers(n_pre)] = False
    return Synapses.of_mask(mask)


def _neurons(population: Population, what: Draw, rng: np.random.Generator) -> NeuronParameters:
    """Constants, and states on the lattice; half of the readouts start at rest."""
    n = np.arange(population.size)
    tau_mem, tau_syn = (np.array(tau)[n % 4] for tau in TAUS[what.regime])
    rest = 0.0 if population.kind == "li" and rng.random() < 0.5 else 1.0
    bias = rest * rng.choice([0.0, 0.25, -0.25], population.size)
    v_init = rest * (rng.choice([0.0, 0.25, -0.5], population.size) - n / 64.0)
    i_init = rest * rng.choice([0.0, 0.5, -1.0, -3.0], population.size)
    if population.kind == "li":
        return NeuronParameters(tau_mem, tau_syn, bias=bias, v_init=v_init, i_init=i_init)
    if what.seed % EVERY in (1, 5):
        bias[0] = 1.5
    v_reset = rng.choice([0.0, 0.125, -0.5], population.size)
    return NeuronParameters(tau_mem, tau_syn, V_TH, v_reset, bias, v_init, i_init)


def _weights(
    network: Network, projection: Projection, regime: str, large: bool, rng: np.random.Generator
) -> Float64Array:
    shape = network.weight_shape(projection)
    if projection.post == READOUT.name:
        unit = 0.25 * (LARGE if large else 1.0)
        matrix = unit * rng.integers(-4, 5, network.shape(projection))
        if network.from_input(projection):
            matrix[1] = -matrix[0]  # these two cancel
        if projection.name != "early":
            matrix[:, 0] = 0.0  # the first readout hears an input once
        return np.asarray(matrix if projection.synapses is None else matrix[_mask(projection, network)])
    low, high = (-3, 2) if projection.pre == projection.post else (-2, 4) if projection.pre == "a" else (-3, 8)
    return np.asarray(UNIT[regime] * rng.integers(low, high, shape))


def _mask(projection: Projection, network: Network) -> Array:
    assert projection.synapses is not None
    _, n_post = network.shape(projection)
    return np.asarray(projection.synapses.scattered(np.ones(len(projection.synapses.targets)), n_post) != 0.0)


def _twins(network: Network, p: NeuronParameters, weights: Float64Array) -> tuple[NeuronParameters, Float64Array]:
    """Parameters and weights in which the second neuron has those of the first."""
    numbers = {f.name: getattr(p, f.name) for f in fields(p) if getattr(p, f.name) is not None}
    given = {name: np.array(np.broadcast_to(values, 4)) for name, values in numbers.items()}
    for values in given.values():
        values[1] = values[0]
    projection = next(q for q in network.projections if q.post == "a")
    if projection.synapses is None:
        weights[:, 1] = weights[:, 0]
    else:
        of_target = {m: np.flatnonzero(projection.synapses.targets == m) for m in (0, 1)}
        weights[of_target[1]] = weights[of_target[0]]
    return NeuronParameters(**given), weights


def _samples(seed: int, n_samples: int, rng: np.random.Generator) -> list[tuple[Array, IntArray]]:
    """Times and channels of the input spikes: none in one sample, never the last, and two that are equal in others.

    In the last sample a response at tau_mem = tau_syn is largest exactly when the next input comes, or at T.
    """
    samples = []
    for s in range(n_samples - 1):
        n = 0 if s == seed % (n_samples - 1) else int(rng.integers(3, 6))
        times, channels = rng.choice(TIMES, n), rng.integers(0, N_CHANNELS, n)
        samples.append((np.append(times, times[:1]), np.append(channels, channels[:1])))
    return [*samples, (np.add(rng.choice([0.0, 4.0, 8.0, 24.0]), [0.0, 8.0, 16.0]), rng.integers(0, N_CHANNELS, 3))]
