"""Losses of V in the mp reference: three gradients of every loss agree."""

from __future__ import annotations

import numpy as np
import pytest
from mp_gradients import along, assert_close, assert_each_close, direction_of, entry, flat

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
from spikeproof_reference import (
    MpEngine,
    central_difference,
    central_differences,
    parameters_of,
)


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


@pytest.mark.parametrize("name", LOSSES)
def test_three_gradients_of_every_loss_agree(name):
    problem = network_problem(LOSSES[name], n_samples=SAMPLES.get(name, 1))
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    assert len(adjoint.spikes) >= 5
    expected = flat(problem, adjoint.gradients)
    assert sum(x != 0 for x in expected) > 0.4 * len(expected)
    assert_each_close(flat(problem, forward.gradients), expected, 40)
    direction = direction_of(problem)
    assert_close([central_difference(problem, direction, 34)], [along(problem, adjoint.gradients, direction)])
    assert adjoint.loss == forward.loss == sum(adjoint.sample_losses) / len(adjoint.sample_losses)


@pytest.mark.parametrize(
    ("name", "taus"), [("own weight", "close"), ("exponential weight", "close"), ("mixture", "equal")]
)
def test_two_gradients_agree_for_equal_time_constants(name, taus):
    problem = network_problem(LOSSES[name], 1, taus=taus, delay=0.3, n_samples=SAMPLES.get(name, 1))
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    assert_each_close(flat(problem, forward.gradients), flat(problem, adjoint.gradients), 40)
    time_constants = [p for p in parameters_of(problem) if p.kind in ("tau_mem", "tau_syn")][3:5]
    quotients = central_differences(problem, time_constants, 34)
    assert_each_close(quotients, [entry(adjoint.gradients, p) for p in time_constants])
