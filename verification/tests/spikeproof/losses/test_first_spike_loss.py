"""The event engine's own first-spike cross-entropy is the one that `FirstSpikeCrossEntropy` evaluates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    FirstSpikeCrossEntropy,
    Input,
    InvalidInput,
    LossSum,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
)
from spikeproof_verification.checks.tolerances import EPS, GRADIENT, LOSS

N_SAMPLES, N_CLASSES, T = 12, 4, 40.0
SILENT = [(0, 3), (5, 3), (7, 1), (7, 3)]  # sample and class without a spike, below


def problem(loss) -> Problem:
    """Classes 0 to 3 from four inputs; an input that does not spike leaves its class silent."""
    network = Network(
        [Input("in", N_CLASSES)],
        [Population("hidden", 9), Population("out", N_CLASSES)],
        [Projection("in", "out"), Projection("in", "hidden")],
    )
    rng = np.random.default_rng(3)
    weights = {
        "in->out": np.diag(rng.uniform(6.0, 20.0, N_CLASSES)),
        "in->hidden": rng.uniform(0.0, 9.0, (N_CLASSES, 9)),
    }
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=5.0, v_th=1.0)
    samples = []
    for s in range(N_SAMPLES):
        channels = [c for c in range(N_CLASSES) if (s, c) not in SILENT]
        samples.append((rng.uniform(0.0, 25.0, len(channels)), channels))
    stimulus = Stimulus.of_samples(samples, T)
    return Problem(network, Parameters(weights, {"hidden": neuron, "out": neuron}), stimulus, loss)


def loss(silent="duration", **numbers) -> FirstSpikeCrossEntropy:
    labels = np.arange(N_SAMPLES) % N_CLASSES  # sample 7 has the label 3, which is silent
    return FirstSpikeCrossEntropy("out", labels, **{"tau0": 2.0, "tau1": 9.0, "alpha": 0.1, **numbers}, silent=silent)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    "terms",
    [
        [(1.0, loss())],
        [(1.0, loss("absent"))],
        [(1.0, loss(55.0, alpha=0.0))],
        [(0.5, loss()), (-2.0, loss("absent", tau0=0.01))],
        [(1.0, loss(tau0=1e-3, alpha=0.0))],
    ],
)
def test_loss_and_gradients_are_those_of_the_evaluated_loss(terms, threads):
    whole = problem(terms[0][1] if len(terms) == 1 else LossSum(terms))
    engine = EventEngine(threads=threads)
    run = engine.run(whole)
    neurons = whole.network.neurons("out")
    evaluated = [(factor, *part.evaluate(run.spikes, neurons, T)) for factor, part in terms]
    values = sum(factor * value for factor, value, _ in evaluated)
    expected = run.vjp(sum(factor * slope for factor, _, slope in evaluated) / N_SAMPLES)
    solution = engine.solve(whole, gradients="weights")
    assert len({(s, n) for s, n in zip(run.spikes.samples(), run.spikes.neurons, strict=True) if n in neurons}) == (
        N_SAMPLES * N_CLASSES - len(SILENT)
    )
    sensitivity = EPS * sum(abs(factor) * (1.0 + T / part.tau0) for factor, part in terms)  # of exp(-t / tau0)
    assert np.max(np.abs(solution.sample_losses - values)) <= LOSS.multiple * sensitivity * np.max(np.abs(values))
    for name, gradient in solution.gradients.weights.items():
        bound = GRADIENT.multiple * sensitivity * np.max(np.abs(expected.weights[name]))
        assert np.max(np.abs(gradient - expected.weights[name])) <= bound
    assert np.any(solution.gradients.weights["in->out"])


@pytest.mark.parametrize("threads", [1, 3])
def test_a_silent_neuron_is_refused_by_sample_and_number(threads):
    first = problem(loss("error"))
    with pytest.raises(InvalidInput, match="no silent neuron, but neuron 3 of sample 0 is"):
        EventEngine(threads=threads).solve(first)
    samples = [first.stimulus.sample(s) for s in range(1, N_SAMPLES)]
    later = replace(
        first,
        stimulus=Stimulus.of_samples(samples, T),
        loss=replace(first.loss, labels=first.loss.labels[1:]),
    )
    with pytest.raises(InvalidInput, match="no silent neuron, but neuron 3 of sample 4 is"):
        EventEngine(threads=threads).solve(later)


def test_time_scales_that_overflow_are_refused():
    with pytest.raises(InvalidInput, match=r"loss\.tau0, loss\.tau1"):
        EventEngine().solve(problem(loss(tau1=0.01)))
