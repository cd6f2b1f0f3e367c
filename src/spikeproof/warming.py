"""The kernels of both engines compiled at once, to files that later processes load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from spikeproof.builders import Layer, chain, normal_weights
from spikeproof.event import EventEngine
from spikeproof.event.forward import SLICED_FROM
from spikeproof.grid import GridEngine
from spikeproof.losses import (
    FirstSpikeCrossEntropy,
    InstantaneousCrossEntropy,
    Loss,
    LossSum,
    MaxVoltageCrossEntropy,
    SpikeTimeSum,
    VoltageIntegral,
    VoltageTarget,
)
from spikeproof.network import Input, Network, Population, Projection
from spikeproof.numbers import Array
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.problem import Problem
from spikeproof.stimulus import Stimulus
from spikeproof.synapses import Synapses

DT = 0.5
FEW, MANY = 3, 20  # neurons of a layer: kernels take few of them sample by sample


def warm() -> int:
    """The kernels of the event and the grid engine, all compiled, by solving small problems.

    Later processes load the kernels, which numba keeps beside the package or in ``NUMBA_CACHE_DIR``: for images and
    clusters. Kernels of `spikeproof.lesson` are compiled at their first use all the same.

    Returns
    -------
    int
        The number of problems.
    """
    count = 0
    for problem in _problems():
        for engine in (EventEngine(), EventEngine(until="loss"), GridEngine(DT)):
            for wanted in ("all", "weights", None):
                engine.solve(problem, gradients=wanted)
        count += 1
    return count


def _problems() -> Iterator[Problem]:
    """Networks of every kind of component, with and without refractory times, and what a loss can observe."""
    for recurrent, sparse, held in product((False, True), repeat=3):
        network = chain(4, Layer(MANY, recurrent=recurrent), Layer(FEW), Layer(FEW, "li"))
        neurons = NeuronParameters(8.0, 4.0, t_ref=1.0 if held else 0.0)
        problem = _problem(network, neurons)
        problem = _with_rows(problem) if sparse else problem
        yield problem
        yield replace(problem, loss=SpikeTimeSum(network.populations[-2].name))  # of which no V is an argument
        yield replace(problem, loss=FirstSpikeCrossEntropy(network.populations[-2].name, np.array([0, 1]), 1.0, 4.0))
    for t_ref in (0.0, 1.0):
        yield _large(NeuronParameters(8.0, 4.0, t_ref=t_ref))


def _large(neurons: NeuronParameters) -> Problem:
    """A recurrent population so large that it is taken through slices."""
    inputs, pairs = Synapses.of_mask(np.ones((4, SLICED_FROM), np.bool_)), Synapses.one_to_one(SLICED_FROM)
    network = Network(
        (Input("in", 4),),
        (Population("n", SLICED_FROM),),
        (Projection("in", "n", synapses=inputs), Projection("n", "n", 1.0, synapses=pairs)),
    )
    weights = {"in->n": np.ones(4 * SLICED_FROM), "n->n": np.full(SLICED_FROM, -0.1)}
    stimulus = Stimulus.of_samples([([0.0, 2.0, 4.0, 4.5], [0, 1, 2, 3])], 16.0)
    return Problem(network, Parameters(weights, {"n": neurons}), stimulus, SpikeTimeSum("n"))


def _problem(network: Network, neurons: NeuronParameters) -> Problem:
    moments = {p.name: (-0.1, 0.1) if p.pre == p.post else (1.0, 0.5) for p in network.projections}
    weights = normal_weights(network, moments, seed=0)
    given = {p.name: neurons if p.kind == "lif" else NeuronParameters(8.0, 4.0) for p in network.populations}
    samples = [([0.0, 2.0, 4.0, 4.5], [0, 1, 2, 3]), ([1.0, 1.5], [3, 2])]
    spiking, reading = (network.populations[k].name for k in (-2, -1))
    return Problem(network, Parameters(weights, given), Stimulus.of_samples(samples, 16.0), _loss(spiking, reading))


def _loss(spiking: str, reading: str) -> Loss:
    labels = np.array([0, 1])
    return LossSum(
        [
            (1.0, FirstSpikeCrossEntropy(spiking, labels, 1.0, 4.0, 0.01)),
            (1.0, SpikeTimeSum(spiking)),
            (1.0, MaxVoltageCrossEntropy(reading, labels)),
            (1.0, VoltageTarget(reading, [4.25, 8.25], np.zeros((2, FEW, 2)))),
            (1.0, VoltageIntegral(spiking, np.ones(FEW))),
            (1.0, InstantaneousCrossEntropy(reading, labels)),
        ]
    )


def _with_rows(problem: Problem) -> Problem:
    """The problem with every projection between layers in compressed rows, of which half the synapses are left."""
    projections, weights = [], {}
    for p in problem.network.projections:
        w: Array = np.asarray(problem.parameters.weights[p.name])
        kept = (np.add.outer(np.arange(w.shape[0]), np.arange(w.shape[1])) % 2) == 0
        projections.append(replace(p, synapses=Synapses.of_mask(kept)))
        weights[p.name] = w[kept]
    network = replace(problem.network, projections=tuple(projections))
    return Problem(network, Parameters(weights, problem.parameters.neurons), problem.stimulus, problem.loss)
