"""Time and memory of a gradient against the number of recurrent neurons."""

from __future__ import annotations

import numpy as np

from spikeproof import (
    Layer,
    MaxVoltageCrossEntropy,
    NeuronParameters,
    Parameters,
    Problem,
    Stimulus,
    chain,
    normal_weights,
)
from spikeproof.lesson import ExactGradient, GradientEstimator, SurrogateGradient
from spikeproof_reports.lesson.measures.alone import alone
from spikeproof_reports.lesson.measures.variants import SLOPE
from spikeproof_reports.lesson.rows import Rows
from spikeproof_reports.lesson.systems import DT, event_engine

SIZES = (125, 250, 500, 1000, 2000, 4000)
DURATION, SAMPLES, CHANNELS, CLASSES = 100.0, 4, 100, 10
SMALL = 10  # neurons of the problem that is solved first


def sizes(system: str, neurons: int) -> Rows:
    """Time and memory of one gradient of a recurrent network, T = 100 ms, in steps of 1 ms or event by event.

    Parameters
    ----------
    system : ``"exact"`` or ``"surrogate"``
    neurons : number of recurrent neurons.

    Returns
    -------
    mapping from frame to rows
        ``sizes``, see `alone`.
    """
    return {"sizes": [{"system": system, "neurons": neurons, **alone(make, system=system, neurons=neurons)}]}


def make(system: str, neurons: int) -> tuple[GradientEstimator, Problem, Problem]:
    """The estimator of a system, a small problem and the one with so many recurrent neurons."""
    estimators: dict[str, GradientEstimator] = {
        "exact": ExactGradient(event_engine()),
        "surrogate": SurrogateGradient(DT, "super_spike", SLOPE),
    }
    return estimators[system], recurrent_problem(SMALL), recurrent_problem(neurons)


def recurrent_problem(neurons: int) -> Problem:
    """100 inputs that spike twice, recurrent neurons with weights of variance 1/n, and 10 leaky integrators."""
    network = chain(
        CHANNELS, Layer(neurons, name="recurrent", recurrent=True, recurrent_delay=1.0), Layer(CLASSES, "li")
    )
    scale = 1.0 / np.sqrt(neurons)
    moments = {
        "input->recurrent": (0.15, 0.15), "recurrent->recurrent": (0.0, scale), "recurrent->output": (0.0, scale),
    }  # fmt: skip
    neuron, rng = NeuronParameters(tau_mem=20.0, tau_syn=5.0), np.random.default_rng(neurons)
    channels = np.tile(np.arange(CHANNELS), 2)
    samples = [(rng.uniform(0.0, DURATION, len(channels)), channels) for _ in range(SAMPLES)]
    parameters = Parameters(
        normal_weights(network, moments, seed=neurons), dict.fromkeys(("recurrent", "output"), neuron)
    )
    loss = MaxVoltageCrossEntropy("output", rng.integers(CLASSES, size=SAMPLES))
    return Problem(network, parameters, Stimulus.of_samples(samples, DURATION), loss)
