"""A network whose every parameter differs, with each loss of V, for the tests of the mp reference."""

from __future__ import annotations

import numpy as np

from spikeproof import (
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    Input,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    LossSum,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof.losses import SMOOTH


def network_problem(loss, seed=0, *, taus="different", n_samples=1, duration=12.0, delay=0.0):
    """Two populations and a readout, every parameter different for each neuron; the second population is recurrent."""
    rng = np.random.default_rng(seed)
    network = Network(
        (Input("in", 2),),
        (Population("a", 2), Population("b", 2), Population("out", 3, "li")),
        (
            Projection("in", "a", delay),
            Projection("a", "b", 2 * delay),
            Projection("b", "b", delay),
            Projection("a", "out"),
            Projection("b", "out", delay),
        ),
    )
    weights = {p.name: rng.normal(0.3, 0.6, network.shape(p)) for p in network.projections}
    weights["in->a"], weights["a->b"] = rng.uniform(2.0, 4.0, (2, 2)), rng.uniform(1.5, 3.0, (2, 2))
    neurons = {}
    for p in network.populations:
        tau_mem = rng.uniform(6.0, 12.0, p.size)
        tau_syn = tau_mem * {"different": rng.uniform(0.3, 0.7, p.size), "equal": 1.0, "close": 1.0 + 2.0**-40}[taus]
        threshold = () if p.kind == "li" else (rng.uniform(0.8, 1.1, p.size), rng.uniform(-0.4, 0.2, p.size))
        state = {"bias": rng.uniform(-0.2, 0.5, p.size), "v_init": rng.uniform(-0.5, 0.4, p.size)}
        neurons[p.name] = NeuronParameters(tau_mem, tau_syn, *threshold, **state, i_init=rng.normal(0.0, 0.3, p.size))
    samples = [(rng.uniform(0.0, 5.0, 2), rng.integers(0, 2, 2)) for _ in range(n_samples)]
    return Problem(network, Parameters(weights, neurons), Stimulus.of_samples(samples, duration), loss)


def parabola(t):
    return 1 + t * t / 100


def quartic(v):
    return np.sum(v**4) / 4, v**3


def wave(v, t, sample):
    """l_V = sum over n of v_n^2 v_{n+1} + t v_n^3 / 9, which couples the neurons."""
    following, before = np.roll(v, -1, axis=1), np.roll(v, 1, axis=1)
    weight = t[:, None] / 9
    return np.sum(v**2 * following + weight * v**3, axis=1), 2 * v * following + before**2 + 3 * weight * v**2


def level(t):
    return np.stack([t / 10, 1 - t / 20, 0 * t], axis=1)


TIMES = [0.0, 2.5, 7.0, 12.0]
LOSSES = {
    "V at given times": VoltageTarget("out", TIMES, np.arange(12.0).reshape(3, 4) / 10),
    "V of spiking neurons at given times": VoltageTarget("b", TIMES, np.zeros((2, 2, 4))),
    "function of V": VoltageFunction("b", TIMES, quartic),
    "sum": VoltageIntegral("out", [1.0, -0.5, 0.3]),
    "sum over spiking neurons": VoltageIntegral("b"),
    "mean": IntegralCrossEntropy("out", [2], "mean"),
    "exponential weight": IntegralCrossEntropy("b", [1], ExponentialWeight(7.0)),
    "own weight": VoltageIntegral("b", [1.0, 2.0], parabola, t_width=SMOOTH),
    "target trace": TargetTrace("b", [0.3, -0.2]),
    "moving target trace": TargetTrace("out", level, t_width=SMOOTH),
    "instantaneous cross-entropy": InstantaneousCrossEntropy("out", [2]),
    "instantaneous cross-entropy of spiking neurons": InstantaneousCrossEntropy("b", [1]),
    "path integral": VoltagePathIntegral("b", wave, v_width=SMOOTH, t_width=SMOOTH),
    "maximum": MaxVoltageCrossEntropy("out", [2]),
    "mixture": LossSum(
        [
            (0.5, FirstSpikeCrossEntropy("b", [0, 1], 2.0, 6.4, 0.003)),
            (-1.5, MaxVoltageCrossEntropy("out", [1, 2])),
            (2.0, LossSum([(0.25, VoltageIntegral("b")), (3.0, TargetTrace("out", [0.1, 0.2, 0.3]))])),
            (0.1, VoltageTarget("out", [3.0], [[0.1], [0.2], [0.3]])),
        ]
    ),
}


SAMPLES = {"mixture": 2, "V of spiking neurons at given times": 2}
