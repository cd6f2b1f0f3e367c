"""The workloads that every engine is measured on, as problems.

Weights and inputs are drawn from stated seeds; a smaller batch is the beginning of a larger one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from spikeproof import (
    FirstSpikeCrossEntropy,
    Input,
    Layer,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
    Synapses,
    chain,
    normal_weights,
)
from spikeproof.yin_yang import yin_yang, yin_yang_problem

DURATION = 60.0  # ms, of W1 to W3
NEURON = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
FORWARD_NEURON = NeuronParameters(tau_mem=6.25, tau_syn=1.25)
N_FORWARD = 1000  # channels and neurons of F1 and F2
RECURRENT_DURATION, N_SYNAPSES = 100.0, 100  # ms, and of each neuron; of F3 to F5
RECURRENT_T_REF = 0.125  # ms: what a step of the grid of NEST makes it there


@dataclass(frozen=True)
class Workload:
    """One workload.

    Attributes
    ----------
    name, title : short name, and what it is.
    build : the problem of a given batch size.
    batch : samples of a timed step.
    judged : a smaller problem that the reference can solve: a few of its samples or neurons.
    most_rounds : of the turns that engines take; None for those of the run.
    """

    name: str
    title: str
    build: Callable[[int], Problem]
    batch: int
    judged: Callable[[], Problem]
    most_rounds: int | None = None

    @property
    def problem(self) -> Problem:
        """The problem that is timed."""
        return self.build(self.batch)


def w1(batch: int = 200) -> Problem:
    """W1: the Yin-Yang network, 5-200-3, with the paper's initialisation, T = 60 ms, first-spike cross-entropy."""
    samples, labels = yin_yang(batch, seed=42)
    return replace(yin_yang_problem(samples, labels, seed=0), name="w1")


def w2(batch: int = 128) -> Problem:
    """W2: latency-coded images, 784-350 LIF-10 LI, max-voltage cross-entropy; 100 to 150 pixels spike in [0, 20] ms."""
    network = chain(Input("pixels", 784), 350, Layer(10, "li"))
    weights = normal_weights(network, {"pixels->hidden": (0.078, 0.045), "hidden->output": (0.2, 0.37)}, seed=2)
    samples, labels = [], np.empty(batch, dtype=np.int64)
    for n in range(batch):
        rng = np.random.default_rng([2, n])
        active = rng.choice(784, int(rng.integers(100, 151)), replace=False)
        samples.append((rng.uniform(0.0, 20.0, len(active)), active))
        labels[n] = rng.integers(10)
    parameters = Parameters(weights, {"hidden": NEURON, "output": NEURON})
    stimulus = Stimulus.of_samples(samples, DURATION)
    return Problem(network, parameters, stimulus, MaxVoltageCrossEntropy("output", labels), "w2")


def w3(batch: int = 32) -> Problem:
    """W3: 100 inputs, 128 recurrent LIF, 10 LIF, first-spike cross-entropy; each input spikes once in [0, 40] ms.

    Recurrent weights N(0, 0.15). The other two are chosen such that most recurrent neurons spike once to a few times
    and no readout is silent: input N(0.15, 0.15), output N(0.06, 0.05).
    """
    network = chain(100, Layer(128, name="recurrent", recurrent=True), 10)
    moments = {"input->recurrent": (0.15, 0.15), "recurrent->recurrent": (0.0, 0.15), "recurrent->output": (0.06, 0.05)}
    weights = normal_weights(network, moments, seed=3)
    samples, labels = [], np.empty(batch, dtype=np.int64)
    for n in range(batch):
        rng = np.random.default_rng([3, n])
        samples.append((rng.uniform(0.0, 40.0, 100), np.arange(100)))
        labels[n] = rng.integers(10)
    parameters = Parameters(weights, {"recurrent": NEURON, "output": NEURON})
    loss = FirstSpikeCrossEntropy("output", labels, tau0=0.5, tau1=6.4, alpha=0.003)
    return Problem(network, parameters, Stimulus.of_samples(samples, DURATION), loss, "w3")


def f1(size: int = N_FORWARD) -> Problem:
    """F1, forward only: independent neurons, one channel each, a Poisson train of 0.64 spikes per ms, T = 312.5 ms.

    The weight, 1.25, lets V fluctuate around the threshold.
    """
    duration = 312.5
    trains = []
    for n in range(size):
        rng = np.random.default_rng([11, n])
        trains.append(np.sort(rng.uniform(0.0, duration, int(rng.poisson(0.64 * duration)))))
    synapses = Synapses.one_to_one(size)
    return _forward("f1", size, size, synapses, np.full(size, 1.25), Stimulus.of_channels(trains, duration))


def f2(size: int = N_FORWARD) -> Problem:
    """F2, forward only: 1000 channels to `size` neurons, a tenth of all pairs, 0.0621 spikes per ms and channel.

    T = 62.5 ms, some 388 000 synaptic events for 1000 neurons. Weights N(0.15, 0.05), so that neurons spike
    a few times.
    """
    duration, rng = 62.5, np.random.default_rng(12)
    trains = [np.sort(rng.uniform(0.0, duration, int(rng.poisson(0.0621 * duration)))) for _ in range(N_FORWARD)]
    connected = np.column_stack([np.random.default_rng([12, n]).random(N_FORWARD) < 0.1 for n in range(size)])
    synapses = Synapses.of_mask(connected)
    strengths = np.column_stack([np.random.default_rng([13, n]).normal(0.15, 0.05, N_FORWARD) for n in range(size)])
    stimulus = Stimulus.of_channels(trains, duration)
    return _forward("f2", N_FORWARD, size, synapses, synapses.gathered(strengths), stimulus)


def large(neurons: int, synapses: int = N_SYNAPSES, t_ref: float = 0.0, name: str = "large") -> Problem:
    """A recurrent population: an input channel and `synapses` random targets of each neuron, delays of 1.5 ms, forward.

    About as many synapses are excitatory as inhibitory. Four input spikes each in 100 ms make about three spikes each.
    """
    n, rng = neurons, np.random.default_rng(5)
    targets = np.sort([rng.choice(n, synapses, replace=False, shuffle=False) for _ in range(n)], axis=1)
    recurrent = Synapses(np.arange(n + 1) * synapses, targets.ravel())
    network = Network(
        [Input("in", n)],
        [Population("a", n)],
        [Projection("in", "a", synapses=Synapses.one_to_one(n)), Projection("a", "a", 1.5, synapses=recurrent)],
    )
    weights = {"in->a": 5.5 * rng.uniform(0.6, 1.4, n), "a->a": rng.normal(0.0, 0.15, n * synapses)}
    trains = [np.sort(rng.uniform(0.0, RECURRENT_DURATION, 4)) for _ in range(n)]
    stimulus = Stimulus.of_channels(trains, duration=RECURRENT_DURATION)
    return Problem(network, Parameters(weights, {"a": replace(NEURON, t_ref=t_ref)}), stimulus, None, name)


def _recurrent(name: str, neurons: int, words: str, most_rounds: int | None = None) -> Workload:
    """One of F3 to F5."""
    title = f"{name.upper()}: {words} recurrent neurons, {N_SYNAPSES} synapses each, forward"
    return Workload(
        name, title, lambda _: large(neurons, t_ref=RECURRENT_T_REF, name=name), 1,
        lambda: large(20, 10, RECURRENT_T_REF, name), most_rounds,
    )  # fmt: skip


def _forward(
    name: str, n_channels: int, size: int, synapses: Synapses, weights: np.ndarray, stimulus: Stimulus
) -> Problem:
    network = Network(
        (Input("input", n_channels),),
        (Population("neurons", size),),
        (Projection("input", "neurons", synapses=synapses),),
    )
    parameters = Parameters({"input->neurons": weights}, {"neurons": FORWARD_NEURON})
    return Problem(network, parameters, stimulus, None, name)


WORKLOADS = {
    w.name: w
    for w in (
        Workload("w1", "W1: Yin-Yang, 5-200-3, first-spike loss", w1, 200, lambda: w1(20)),
        Workload("w2", "W2: latency images, 784-350-10, max-voltage loss", w2, 128, lambda: w2(3)),
        Workload("w3", "W3: 128 recurrent neurons, first-spike loss", w3, 32, lambda: w3(3)),
        Workload("f1", "F1: 1000 neurons, own inputs, forward", lambda _: f1(), 1, lambda: f1(5)),
        Workload("f2", "F2: 1000 to 1000, 10 % connected, forward", lambda _: f2(), 1, lambda: f2(5)),
        _recurrent("f3", 1000, "1000"),
        _recurrent("f4", 10_000, "10 000"),
        _recurrent("f5", 100_000, "100 000", most_rounds=1),
    )
}
