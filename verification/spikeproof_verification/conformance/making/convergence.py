"""Networks on which the error of an engine in time steps falls smoothly: no spike comes or goes with the step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from spikeproof import (
    EventEngine,
    FirstSpikeCrossEntropy,
    GridEngine,
    IntegralCrossEntropy,
    Layer,
    Loss,
    MaxVoltageCrossEntropy,
    NeuronParameters,
    Parameters,
    Problem,
    SpikeTimeSum,
    Stimulus,
    chain,
)
from spikeproof.numbers import Array
from spikeproof_verification.experiments.studies.grid_networks import NEURON, silent_problem

STEPS = tuple(2.0**-k for k in range(3, 9))
N_SAMPLES, DRAWN, DURATION = 12, 400, 32.0
LABELS = np.arange(N_SAMPLES) % 2


def grid_networks() -> Iterator[tuple[str, Problem, dict[str, float]]]:
    """Name, problem, and the order of convergence of each quantity."""
    first, layer = {"spike_times": 1.0, "loss": 1.0, "weights": 1.0}, Layer(4, name="a")
    spikes = SpikeTimeSum("a", [1.0, -0.5, 0.75, 1.5])
    loop = replace(layer, recurrent=True, recurrent_delay=1.0)
    yield "layer", _steady([layer], spikes, 1), first
    yield "recurrent", _steady([loop], spikes, 2), first
    classes = FirstSpikeCrossEntropy("b", LABELS, 4.0, 16.0, 0.125)
    yield "first-spikes", _steady([layer, Layer(2, name="b")], classes, 5), first
    readout = Layer(2, kind="li", name="out")
    yield "largest-V", _steady([layer, readout], MaxVoltageCrossEntropy("out", LABELS), 3), first
    yield "integral-of-V", _steady([layer, readout], IntegralCrossEntropy("out", LABELS), 4), first
    yield "integrators", silent_problem(NeuronParameters(**NEURON)), {"loss": 2.0, "weights": 2.0}


def _steady(layers: list[Layer], loss: Loss, seed: int) -> Problem:
    """The first samples in which each neuron has as many spikes at every step as without steps."""
    rng = np.random.default_rng([seed, 2718])
    network = chain(6, *layers)
    neurons = {p.name: NeuronParameters(**NEURON) for p in network.populations}
    weights = {p.name: _weights(p.pre, p.post, network.shape(p), rng) for p in network.projections}
    drawn = Problem(network, Parameters(weights, neurons), _stimulus(rng, DRAWN))
    right, others = _counts(EventEngine(), drawn), [_counts(GridEngine(dt), drawn) for dt in STEPS]
    steady = [s for s in range(DRAWN) if all(np.array_equal(right[s], other[s]) for other in others)]
    return replace(drawn, stimulus=drawn.stimulus.select(np.array(steady[:N_SAMPLES])), loss=loss)


def _weights(pre: str, post: str, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    if pre == post:
        return rng.normal(0.0, 0.3, shape)
    return rng.normal(2.0, 0.7, shape) if post in ("a", "b") else rng.normal(0.3, 0.5, shape)


def _stimulus(rng: np.random.Generator, n_samples: int) -> Stimulus:
    samples = [(np.sort(rng.uniform(0.0, 0.7 * DURATION, 10)), rng.integers(0, 6, 10)) for _ in range(n_samples)]
    return Stimulus.of_samples(samples, DURATION)


def _counts(engine: EventEngine | GridEngine, problem: Problem) -> Array:
    spikes = engine.solve(problem, gradients=None).spikes
    found = np.zeros((spikes.n_samples, problem.network.n_neurons), dtype=np.int64)
    np.add.at(found, (spikes.samples(), spikes.neurons), 1)
    return found
