"""Generated problems: every topology times every regime of the time constants, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spikeproof import (
    FirstSpikeCrossEntropy,
    Input,
    Loss,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
)
from spikeproof.numbers import Float64Array
from spikeproof_verification.problems.refractory_times import refractory

TOPOLOGIES = ("one layer", "two layers", "three layers", "recurrent", "autapses", "recurrent readout", "delays", "skip")
REGIMES = (
    "tau_mem > tau_syn",
    "tau_mem < tau_syn",
    "tau_mem = tau_syn",
    "tau_mem = 2 tau_syn",
    "nearly equal",
    "extreme ratio",
    "per neuron",
)
FLAVOURS = ("mixed", "inhibition", "bursts")
N_DRAWS = len(TOPOLOGIES) * len(REGIMES) * len(FLAVOURS)  # then they repeat, with another loss


@dataclass(frozen=True)
class Draw:
    """The combination that a seed stands for."""

    seed: int
    topology: str
    regime: str
    flavour: str

    @property
    def label(self) -> str:
        """Topology, regime and flavour in words."""
        return f"{self.topology}, {self.regime}, {self.flavour}"


def draw(seed: int) -> Draw:
    """Combination number `seed`: any `N_DRAWS` consecutive seeds walk through all of them."""
    return Draw(
        seed,
        TOPOLOGIES[seed % len(TOPOLOGIES)],
        REGIMES[seed % len(REGIMES)],
        FLAVOURS[(seed // 2) % len(FLAVOURS)],
    )


def random_problem(seed: int) -> Problem:
    """A small generated network with one or two samples, a few dozen spikes each, and a loss of spike times.

    Parameters
    ----------
    seed : int
        >= 0; the same seed gives the same problem, and `N_DRAWS` consecutive ones walk through all combinations.

    Returns
    -------
    Problem
    """
    what = draw(seed)
    rng = np.random.default_rng([seed, 20211])
    network = _network(what.topology, rng)
    tau_mem, tau_syn = time_constants(what.regime, rng)
    neurons = {p.name: drawn_neurons(p, what.regime, tau_mem, tau_syn, rng) for p in network.populations}
    weights = {p.name: _weights(network, p, what, tau_mem, tau_syn, rng) for p in network.projections}
    duration = float(rng.uniform(3.0, 5.0) * max(tau_mem, min(tau_syn, 4 * tau_mem)))
    n_samples = int(rng.integers(1, 3))
    stimulus = drawn_stimulus(network.n_channels, n_samples, duration, what.flavour, rng)
    # where projections form a loop the first population is driven by the input, the others by chance
    names = ("a",) if what.topology == "delays" else ("c", "b", "a")
    readout = next(p for name in names for p in network.populations if p.name == name and p.kind == "lif")
    loss = LOSSES[(seed + seed // N_DRAWS) % len(LOSSES)](readout, n_samples, duration, rng)
    return refractory(Problem(network, Parameters(weights, neurons), stimulus, loss, f"random-{seed:04d}"), seed)


def _network(topology: str, rng: np.random.Generator) -> Network:
    sizes = rng.integers(2, 6, 3)
    a, b, c = (Population(name, int(n)) for name, n in zip("abc", sizes, strict=True))
    source = Input("in", int(rng.integers(2, 5)))
    delays = [float(d) for d in rng.uniform(0.2, 3.0, 3)]
    populations, edges = {
        "one layer": ((a,), [("in", "a")]),
        "two layers": ((a, b), [("in", "a"), ("a", "b")]),
        "three layers": ((a, b, c), [("in", "a"), ("a", "b"), ("b", "c")]),
        "recurrent": ((a,), [("in", "a"), ("a", "a")]),
        "autapses": ((a,), [("in", "a"), ("a", "a")]),
        "recurrent readout": ((a, b), [("in", "a"), ("a", "a"), ("a", "b"), ("in", "b")]),
        "delays": ((a, b), [("in", "a"), ("a", "b"), ("b", "a"), ("a", "a")]),
        "skip": ((a, b, Population("readout", 2, "li")), [("in", "a"), ("a", "b"), ("in", "b"), ("b", "readout")]),
    }[topology]
    lags = [delays[n % 3] if topology == "delays" and n != 1 else 0.0 for n in range(len(edges))]
    projections = [Projection(pre, post, lag) for (pre, post), lag in zip(edges, lags, strict=True)]
    return Network((source,), populations, tuple(projections))


def time_constants(regime: str, rng: np.random.Generator) -> tuple[float, float]:
    """tau_mem and tau_syn of a regime."""
    tau = float(rng.uniform(4.0, 25.0))
    if regime in ("tau_mem > tau_syn", "per neuron"):
        return tau, tau * float(rng.uniform(0.15, 0.8))
    if regime == "tau_mem < tau_syn":
        return tau, tau * float(rng.uniform(1.3, 5.0))
    if regime == "tau_mem = tau_syn":
        return tau, tau
    if regime == "tau_mem = 2 tau_syn":
        return tau, tau / 2
    if regime == "nearly equal":
        return tau, tau * (1.0 + float(rng.choice([-1, 1])) * 2.0 ** -int(rng.integers(8, 52)))
    return (tau, tau * 1e-3) if rng.random() < 0.5 else (tau, tau * 1e2)


def drawn_neurons(
    population: Population, regime: str, tau_mem: float, tau_syn: float, rng: np.random.Generator
) -> NeuronParameters:
    """Time constants, threshold and reset of a population; all neurons differ where the regime says so."""
    spread = rng.uniform(0.8, 1.25, (4, population.size)) if regime == "per neuron" else np.ones((4, 1))
    values = [s if len(s) > 1 else float(s[0]) for s in (tau_mem * spread[0], tau_syn * spread[1], spread[2])]
    if population.kind == "li":
        return NeuronParameters(values[0], values[1])
    v_reset = -0.25 * spread[3] if regime == "per neuron" else 0.0
    return NeuronParameters(values[0], values[1], values[2], v_reset)


def _weights(
    network: Network,
    projection: Projection,
    what: Draw,
    tau_mem: float,
    tau_syn: float,
    rng: np.random.Generator,
) -> Float64Array:
    n_pre, n_post = network.shape(projection)
    unit = unit_weight(tau_mem, tau_syn)
    if projection.pre == projection.post:
        w = rng.normal(-0.2 if what.flavour == "inhibition" else -0.05, 0.15, (n_pre, n_post))
        return np.asarray(unit * (2.0 * np.diag(np.diag(w)) if what.topology == "autapses" else w))
    mean, spread = {"mixed": (0.7, 0.5), "inhibition": (0.6, 0.9), "bursts": (0.9, 0.5)}[what.flavour]
    in_loop = any(q.pre == projection.post and q.post == projection.pre for q in network.projections)
    scale = 1.0 if network.from_input(projection) else (0.3 if in_loop else 1.0) / n_pre
    return np.asarray(unit * scale * rng.normal(mean, spread, (n_pre, n_post)))


def unit_weight(tau_mem: float, tau_syn: float) -> float:
    """The weight that just reaches a threshold of 1 on its own, less for slow synapses."""
    d = tau_syn / tau_mem - 1.0
    return float((np.exp(np.log1p(d) / d) if d else np.e) * max(0.4, min(1.0, tau_mem / tau_syn) ** 0.8))


def drawn_stimulus(
    n_channels: int, n_samples: int, duration: float, flavour: str, rng: np.random.Generator
) -> Stimulus:
    """One to three input spikes for each channel and sample, on average, early in the simulation."""
    samples = []
    for _ in range(n_samples):
        n = n_channels * int(rng.integers(1, 4))
        times = rng.uniform(0.0, 0.7 * duration, n)
        if flavour == "bursts":
            times = 0.25 * times
        samples.append((times, rng.integers(0, n_channels, n)))
    return Stimulus.of_samples(samples, duration)


def _sum(readout: Population, _n_samples: int, _duration: float, rng: np.random.Generator) -> Loss:
    return SpikeTimeSum(readout.name, rng.normal(0.0, 1.0, readout.size))


def _target(readout: Population, n_samples: int, duration: float, rng: np.random.Generator) -> Loss:
    return SpikeTimeTarget(readout.name, rng.uniform(0.0, duration, (n_samples, readout.size, 2)))


def _first_spike(readout: Population, n_samples: int, duration: float, rng: np.random.Generator) -> Loss:
    labels = rng.integers(0, readout.size, n_samples)
    return FirstSpikeCrossEntropy(readout.name, labels, 0.1 * duration, 0.4 * duration, 0.01)


LOSSES: tuple[Callable[[Population, int, float, np.random.Generator], Loss], ...] = (_sum, _target, _first_spike)
