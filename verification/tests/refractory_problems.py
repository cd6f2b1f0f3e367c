"""Networks whose neurons are held at their reset for a while after every spike."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Context, Decimal

import numpy as np

from spikeproof import (
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)

PRECISE = Context(prec=120)
FIRST = PRECISE.multiply(20, Context(prec=125).ln(Decimal(3)))  # 20 log 3: the first spike of a clock


def first_plus(offset):
    """A time after the first spike of a clock, with all digits."""
    return PRECISE.add(FIRST, Decimal(offset))


def clock(t_ref, *, inputs=(), w=0.0, delay=None, w_self=0.0, bias=1.5, duration=60.0, loss=None, **neuron):
    """One neuron with tau_mem = 20, tau_syn = 5 that a bias alone makes spike; `delay` is that of its autapse."""
    projections, weights = [Projection("in", "n")], {"in->n": [[w]]}
    if delay is not None:
        projections.append(Projection("n", "n", delay))
        weights["n->n"] = [[w_self]]
    network = Network((Input("in", 1),), (Population("n", 1),), tuple(projections))
    parameters = Parameters(weights, {"n": NeuronParameters(20.0, 5.0, bias=bias, t_ref=t_ref, **neuron)})
    return Problem(network, parameters, Stimulus.of_channels([list(inputs)], duration), loss or SpikeTimeSum("n"))


def held(problem, t_ref):
    """The problem with a refractory time for each LIF neuron, dealt out in turns."""
    neurons, k = {}, 0
    for p in problem.network.populations:
        neurons[p.name] = problem.parameters.neurons[p.name]
        if p.kind == "lif":
            mine = [t_ref[(k + j) % len(t_ref)] for j in range(p.size)]
            neurons[p.name], k = replace(neurons[p.name], t_ref=mine), k + p.size
    return replace(problem, parameters=replace(problem.parameters, neurons=neurons))


def pair(w, delay, *, t_ref=1.25, times=(1.0, 3.0, 4.5, 9.0), w_in=(30.0, 24.0), duration=25.0, loss=None):
    """Two neurons, which drive each other and themselves with the weights `w`."""
    network = Network((Input("in", 1),), (Population("n", 2),), (Projection("in", "n"), Projection("n", "n", delay)))
    neuron = NeuronParameters(10.0, 4.0, [1.0, 0.9], [-0.25, 0.125], t_ref=t_ref)
    parameters = Parameters({"in->n": [list(w_in)], "n->n": w}, {"n": neuron})
    stimulus = Stimulus.of_channels([list(times)], duration)
    return Problem(network, parameters, stimulus, loss or SpikeTimeSum("n", [1.0, -0.7]))


COUPLED = [[1.5, -0.75], [2.0, 1.25]]
AUTAPSES = [[4.0, 0.0], [0.0, -3.0]]
PROBLEMS = {
    "several spikes": lambda: pair(np.zeros((2, 2)), 0.5),
    "delays": lambda: pair(COUPLED, 2.5),
    "no delays": lambda: pair(COUPLED, 0.0),
    "autapses shorter than the hold": lambda: pair(AUTAPSES, 0.75),
    "autapses longer than the hold": lambda: pair(AUTAPSES, 1.5),
    "arrivals during the hold": lambda: pair(COUPLED, 0.5, times=np.arange(1.0, 16.0, 0.375)),
    "a drive that crosses almost at once": lambda: pair(COUPLED, 0.5, w_in=(1e9, 1e5), duration=9.0),
    "fires once": lambda: pair(COUPLED, 2.5, t_ref=math.inf),
    "held beyond the end": lambda: pair(COUPLED, 2.5, t_ref=[30.0, 40.0]),
    "held beyond the end, and not at all": lambda: pair(COUPLED, 2.5, t_ref=[30.0, 0.0]),
    "fires once, and held": lambda: pair(COUPLED, 2.5, t_ref=[math.inf, 0.5]),
    "never held, autapses without delay": lambda: pair(AUTAPSES, 0.0, t_ref=0.0, duration=9.0),
    "held for much less than the digits of binary64": lambda: pair(COUPLED, 0.5, t_ref=1e-25, duration=9.0),
}
