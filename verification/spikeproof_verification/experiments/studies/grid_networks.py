"""The networks on which the grid engine is compared with the event engine."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spikeproof import (
    Input,
    IntegralCrossEntropy,
    Loss,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeTarget,
    Stimulus,
)
from spikeproof.yin_yang import yin_yang, yin_yang_problem

N_SAMPLES, DURATION = 8, 32.0
LABELS = np.arange(N_SAMPLES) % 3
NEURON = {"tau_mem": 20.0, "tau_syn": 5.0}


@dataclass(frozen=True)
class Subnet:
    """A network under study; `order` is that of loss and gradient that is expected of the grid engine."""

    name: str
    problem: Problem
    order: float = 1.0


def networks() -> list[Subnet]:
    """All networks of the study, eight samples each; the same every time."""
    samples, labels = yin_yang(N_SAMPLES, seed=42)
    return [
        Subnet("Yin-Yang 5-200-3, first spikes", yin_yang_problem(samples, labels, seed=0)),
        Subnet("30 recurrent LIF, spike times", _recurrent()),
        Subnet("40 LIF and 3 LI, max of V", _readout(MaxVoltageCrossEntropy("out", LABELS))),
        Subnet("40 LIF and 3 LI, integral of V", _readout(IntegralCrossEntropy("out", LABELS))),
        Subnet("3 LI, integral of V, inputs on the grid", silent_problem(NeuronParameters(**NEURON)), order=2.0),
    ]


def alone(problem: Problem, number: int) -> Problem:
    """One sample of a problem as a problem of its own."""
    return replace(problem.select([number]), name=f"{problem.name}, sample {number}")


def repeated(problem: Problem, times: int) -> Problem:
    """A batch in which every sample comes so many times."""
    return replace(problem.select(list(range(problem.stimulus.n_samples)) * times), name="")


def silent_problem(neurons: NeuronParameters) -> Problem:
    """Leaky integrators with these parameters whose input spikes lie on multiples of 1/2: nothing is moved."""
    rng = np.random.default_rng(13)
    network = Network((Input("in", 20),), (Population("out", 3, "li"),), (Projection("in", "out"),))
    numbers = replace(neurons, bias=0.1, v_init=0.2, i_init=-0.3)
    parameters = Parameters({"in->out": rng.normal(0.1, 0.5, (20, 3))}, {"out": numbers})
    stimulus = _stimulus(rng, 20, 20, spacing=0.5)
    return Problem(network, parameters, stimulus, IntegralCrossEntropy("out", LABELS), "integrators")


def _recurrent() -> Problem:
    rng = np.random.default_rng(11)
    network = Network((Input("in", 10),), (Population("a", 30),), (Projection("in", "a"), Projection("a", "a", 1.0)))
    weights = {"in->a": rng.normal(1.3, 0.8, (10, 30)), "a->a": rng.normal(0.0, 0.3, (30, 30))}
    parameters = Parameters(weights, {"a": NeuronParameters(**NEURON)})
    stimulus = _stimulus(rng, 10, 15)
    loss = SpikeTimeTarget("a", rng.uniform(0.0, DURATION, (30, 2)))
    return Problem(network, parameters, stimulus, loss, "recurrent")


def _readout(loss: Loss) -> Problem:
    rng = np.random.default_rng(12)
    network = Network(
        (Input("in", 20),),
        (Population("a", 40), Population("out", 3, "li")),
        (Projection("in", "a"), Projection("a", "out")),
    )
    weights = {"in->a": rng.normal(0.9, 0.8, (20, 40)), "a->out": rng.normal(0.1, 0.3, (40, 3))}
    parameters = Parameters(weights, {"a": NeuronParameters(**NEURON), "out": NeuronParameters(**NEURON)})
    return Problem(network, parameters, _stimulus(rng, 20, 20), loss, "readout")


def _stimulus(rng: np.random.Generator, n_channels: int, n_spikes: int, spacing: float | None = None) -> Stimulus:
    samples = []
    for _ in range(N_SAMPLES):
        times = rng.uniform(0.0, 0.75 * DURATION, n_spikes)
        if spacing is not None:
            times = np.rint(times / spacing) * spacing
        samples.append((times, rng.integers(0, n_channels, n_spikes)))
    return Stimulus.of_samples(samples, DURATION)
