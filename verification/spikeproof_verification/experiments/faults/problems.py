"""Small problems on which every seeded fault shows: each loss, each kind of network, every parameter in play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from spikeproof import (
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    Input,
    IntegralCrossEntropy,
    Loss,
    LossSum,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
    Synapses,
    TargetTrace,
    VoltageIntegral,
    VoltageTarget,
)

INPUT = Input("in", 3)
SPIKING = NeuronParameters(
    tau_mem=[10.0, 12.0, 9.0],
    tau_syn=[5.0, 4.0, 6.0],
    v_th=[1.0, 0.875, 1.125],
    v_reset=[-0.25, 0.125, -0.125],
    bias=[0.25, 0.125, -0.0625],
    v_init=[0.125, -0.25, 0.25],
    i_init=[0.5, -0.125, 0.25],
)
READOUT = NeuronParameters(tau_mem=11.0, tau_syn=5.5, bias=[0.05, -0.1], v_init=[0.1, 0.0], i_init=[-0.2, 0.3])
STIMULUS = Stimulus.of_samples(
    [
        ([1.0, 3.0, 3.0, 4.25, 9.5, 12.0], [0, 1, 1, 2, 0, 1]),  # two coincident spikes of one channel
        ([0.5, 2.75, 6.0, 11.0], [2, 0, 1, 0]),
    ],
    16.0,
)
SPARSE = Stimulus.of_samples([([1.0, 3.0, 3.0, 12.0], [0, 1, 1, 2]), ([0.5, 11.0], [2, 0])], 24.0)

SHORT = Stimulus.of_samples([([0.5, 1.25, 3.0, 3.0], [0, 1, 2, 2])], 7.0)


def fault_problems() -> tuple[Problem, ...]:
    """The problems on which faults are tried, always the same; each has ten to thirty spikes in two samples.

    Returns
    -------
    tuple of Problem
    """
    return layers(), recurrent(), largest_potential(), integrals(), traces(), sparse(), held(), released()


def layers() -> Problem:
    """Two layers with a delay between them, spike times drawn to targets."""
    network = Network(
        (INPUT,),
        (Population("hidden", 3), Population("out", 3)),
        (Projection("in", "hidden", 0.5), Projection("hidden", "out", 1.5)),
    )
    rng = np.random.default_rng(10)
    weights = {"in->hidden": rng.normal(3.0, 1.0, (3, 3)), "hidden->out": rng.normal(1.5, 1.0, (3, 3))}
    neurons = {"hidden": SPIKING, "out": SPIKING}
    targets = rng.uniform(4.0, 14.0, (2, 3, 2))
    return _problem("layers", network, weights, neurons, SpikeTimeTarget("out", targets), SPARSE)


def recurrent() -> Problem:
    """All-to-all recurrence with autapses and equal time constants; first spikes classified, all spikes early."""
    network = Network((INPUT,), (Population("net", 3),), (Projection("in", "net"), Projection("net", "net")))
    rng = np.random.default_rng(32)
    weights = {"in->net": rng.normal(1.7, 1.0, (3, 3)), "net->net": rng.normal(0.0, 0.7, (3, 3))}
    neurons = {"net": NeuronParameters(8.0, 8.0, SPIKING.v_th, SPIKING.v_reset, SPIKING.bias, SPIKING.v_init)}
    loss = LossSum([(1.0, FirstSpikeCrossEntropy("net", [1, 0], 6.0, 20.0, 0.5)), (0.125, SpikeTimeSum("net"))])
    return _problem("recurrent", network, weights, neurons, loss)


def largest_potential() -> Problem:
    """Leaky integrators that inhibition cuts short, classified by their largest potential: smooth maxima and kinks."""
    return _with_readout("largest potential", 88, MaxVoltageCrossEntropy("out", [1, 0]))


def integrals() -> Problem:
    """Weighted integrals of potentials, also of neurons that spike."""
    classes = IntegralCrossEntropy("out", [1, 0], ExponentialWeight(9.0))
    level = VoltageIntegral("hidden", [1.0, -0.5, 0.75], "mean")
    return _with_readout("integrals", 14, LossSum([(1.5, classes), (0.5, level)]))


def traces() -> Problem:
    """Neurons that spike drawn to a trace, leaky integrators to given potentials at given times."""
    at_times = VoltageTarget("out", [2.125, 5.5, 7.0], [[0.5, -0.25, 0.125], [0.25, 0.5, 0.0]])
    trace = TargetTrace("hidden", [0.5, 0.25, 0.75])
    return _with_readout("traces", 15, LossSum([(0.25, trace), (1.5, at_times)]), SHORT)


def sparse() -> Problem:
    """Sparse projections in a loop: a row without synapses, rows with one, one to one."""
    some = Synapses.of_mask([[True, False, True], [False, False, False], [False, True, True]])
    network = Network(
        (INPUT,),
        (Population("net", 3), Population("out", 2, "li")),
        (
            Projection("in", "net", synapses=some),
            Projection("net", "net", 0.5, synapses=Synapses.one_to_one(3)),
            Projection("net", "out", 0.25, synapses=Synapses.of_mask([[False, True], [True, False], [True, True]])),
        ),
    )
    rng = np.random.default_rng(2)
    weights = {
        "in->net": rng.normal(5.0, 1.0, 4),
        "net->net": rng.normal(-0.5, 0.5, 3),
        "net->out": rng.normal(0, 1, 4),
    }
    neurons = {"net": SPIKING, "out": READOUT}
    loss = LossSum([(1.0, SpikeTimeSum("net", [1.0, -0.5, 0.25])), (2.0, MaxVoltageCrossEntropy("out", [1, 0]))])
    return _problem("sparse", network, weights, neurons, loss)


def held() -> Problem:
    """Neurons that are held after a spike, each for a time of its own, hear each other and themselves meanwhile."""
    network = Network((INPUT,), (Population("net", 3),), (Projection("in", "net"), Projection("net", "net", 0.75)))
    rng = np.random.default_rng(41)
    weights = {"in->net": rng.normal(5.0, 1.0, (3, 3)), "net->net": rng.normal(0.5, 1.0, (3, 3))}
    neurons = {"net": replace(SPIKING, t_ref=[2.5, 0.5, 1.25])}
    seen = VoltageTarget("net", [2.0, 3.5, 6.5, 10.0], np.full((3, 4), 0.25))
    loss = LossSum([(1.0, SpikeTimeSum("net", [1.0, -0.5, 0.75])), (1.5, seen), (0.5, VoltageIntegral("net"))])
    return _problem("held", network, weights, neurons, loss)


def released() -> Problem:
    """Neurons that hear themselves just when they are released: a tie."""
    alone = Projection("net", "net", 2.5, synapses=Synapses.one_to_one(3))
    network = Network((INPUT,), (Population("net", 3),), (Projection("in", "net"), alone))
    rng = np.random.default_rng(42)
    weights = {"in->net": rng.normal(4.0, 1.0, (3, 3)), "net->net": np.array([1.5, -0.75, 1.0])}
    neurons = {"net": replace(SPIKING, t_ref=[2.5, 2.5, 0.0])}
    return _problem("released", network, weights, neurons, SpikeTimeSum("net", [1.0, -0.5, 0.75]), SPARSE)


def _with_readout(name: str, seed: int, loss: Loss, stimulus: Stimulus = STIMULUS) -> Problem:
    network = Network(
        (INPUT,),
        (Population("hidden", 3), Population("out", 2, "li")),
        (Projection("in", "hidden"), Projection("hidden", "out", 1.25), Projection("in", "out", 0.75)),
    )
    rng = np.random.default_rng(seed)
    weights = {
        "in->hidden": rng.normal(1.7, 1.5, (3, 3)),
        "hidden->out": rng.normal(0.0, 1.5, (3, 2)),
        "in->out": rng.normal(0.0, 1.5, (3, 2)),
    }
    return _problem(name, network, weights, {"hidden": SPIKING, "out": READOUT}, loss, stimulus)


def _problem(
    name: str,
    network: Network,
    weights: Mapping[str, Any],
    neurons: Mapping[str, NeuronParameters],
    loss: Loss,
    stimulus: Stimulus = STIMULUS,
) -> Problem:
    return Problem(network, Parameters(weights, neurons), stimulus, loss, name)
