"""Parts of a batch that go all the way by themselves, loss included: the same numbers and errors as the whole batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    EventLimitExceeded,
    FirstSpikeCrossEntropy,
    GrazingSpike,
    Input,
    LossSum,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
)
from spikeproof.losses import is_separable
from spikeproof_verification.checks.tolerances import GRAZING_TIME

N_SAMPLES, N_CLASSES, T = 37, 3, 50.0
LABELS = np.arange(N_SAMPLES) * 2 % N_CLASSES
NEURON = NeuronParameters(tau_mem=20.0, tau_syn=5.0)

FIRST_SPIKE = FirstSpikeCrossEntropy("fast", LABELS, tau0=2.0, tau1=9.0, alpha=0.1)
MAX_VOLTAGE = MaxVoltageCrossEntropy("slow", LABELS)


@dataclass(frozen=True)
class Weighed(MaxVoltageCrossEntropy):
    """A loss of the user's, with a number for each sample that nobody else knows of."""

    weights: Any = None

    def evaluate_voltage(self, observed):
        values, slopes = super().evaluate_voltage(observed)
        return values * self.weights, slopes * self.weights[:, None]


def problem(loss) -> Problem:
    """Two readouts of one hidden layer: `fast` spikes, `slow` does not."""
    rng = np.random.default_rng(5)
    network = Network(
        [Input("in", 4)],
        [Population("hidden", 11), Population("fast", N_CLASSES), Population("slow", N_CLASSES, "li")],
        [Projection("in", "hidden"), Projection("hidden", "fast"), Projection("hidden", "slow")],
    )
    weights = {
        "in->hidden": rng.uniform(0.0, 9.0, (4, 11)),
        "hidden->fast": rng.uniform(0.0, 3.0, (11, N_CLASSES)),
        "hidden->slow": rng.normal(0.0, 1.0, (11, N_CLASSES)),
    }
    samples = [(rng.uniform(0.0, 25.0, 4), np.arange(4)) for _ in range(N_SAMPLES)]
    neurons = dict.fromkeys(("hidden", "fast", "slow"), NEURON)
    return Problem(network, Parameters(weights, neurons), Stimulus.of_samples(samples, T), loss)


def same_bits(one, many) -> None:
    assert one.loss == many.loss
    assert np.array_equal(one.sample_losses, many.sample_losses)
    assert np.array_equal(one.spikes.times, many.spikes.times)
    assert np.array_equal(one.spikes.neurons, many.spikes.neurons)
    assert np.array_equal(one.spikes.vdot, many.spikes.vdot)
    assert np.array_equal(one.spikes.offsets, many.spikes.offsets)
    assert np.array_equal(one.v_end, many.v_end)
    assert np.array_equal(one.gradients.input_times, many.gradients.input_times)
    for name, w in one.gradients.weights.items():
        assert np.array_equal(w, many.gradients.weights[name])
        assert np.any(w) or name.endswith(("fast", "slow"))
    for name, of_population in one.gradients.neurons.items():
        assert np.array_equal(of_population.tau_mem, many.gradients.neurons[name].tau_mem)


@pytest.mark.parametrize("threads", [2, 3, 7, 64])
@pytest.mark.parametrize(
    "loss",
    [FIRST_SPIKE, MAX_VOLTAGE, LossSum([(0.5, FIRST_SPIKE), (-2.0, LossSum([(3.0, MAX_VOLTAGE)]))])],
    ids=["first spike", "max voltage", "sum"],
)
def test_parts_on_their_own_have_the_bits_of_a_single_thread(loss, threads):
    assert is_separable(loss)
    same_bits(EventEngine().solve(problem(loss)), EventEngine(threads=threads).solve(problem(loss)))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_parts_on_their_own_have_the_bits_of_parts_that_wait_for_the_loss(threads):
    ones = Weighed("slow", LABELS, weights=np.ones(N_SAMPLES))
    assert not is_separable(ones)
    assert not is_separable(LossSum([(1.0, MAX_VOLTAGE), (1.0, ones)]))
    engine = EventEngine(threads=threads)
    same_bits(engine.solve(problem(MAX_VOLTAGE)), engine.solve(problem(ones)))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_derived_loss_is_evaluated_on_the_whole_batch(threads):
    weights = np.linspace(0.5, 2.0, N_SAMPLES)
    plain = EventEngine().solve(problem(MAX_VOLTAGE))
    weighed = EventEngine(threads=threads).solve(problem(Weighed("slow", LABELS, weights=weights)))
    assert np.array_equal(weighed.sample_losses, weights * plain.sample_losses)


def test_a_loss_of_some_samples_has_their_labels():
    cut = LossSum([(2.0, FIRST_SPIKE), (1.0, MAX_VOLTAGE)]).select(np.arange(5, 9))
    assert [factor for factor, _ in cut.terms] == [2.0, 1.0]
    for (_, part), whole in zip(cut.terms, (FIRST_SPIKE, MAX_VOLTAGE), strict=True):
        assert np.array_equal(part.labels, LABELS[5:9])
        assert len(whole.labels) == N_SAMPLES
        assert type(part) is type(whole)


def solved(channels, weight: float, threads: int, event_limit: int = 1000):
    """A batch in which channel 1 reaches neuron 1 with this weight, and all else leads to a spike or two."""
    network = Network([Input("in", 2)], [Population("n", 2)], [Projection("in", "n")])
    neuron = NeuronParameters(tau_mem=4.0, tau_syn=2.0, v_th=1.0)
    weights = {"in->n": np.array([[9.0, 9.0], [9.0, weight]])}
    loss = FirstSpikeCrossEntropy("n", np.zeros(len(channels), int), tau0=1.0, tau1=9.0)
    stimulus = Stimulus.of_samples([([0.0], [c]) for c in channels], T)
    engine = EventEngine(threads=threads, event_limit=event_limit)
    return engine.solve(Problem(network, Parameters(weights, {"n": neuron}), stimulus, loss))


@pytest.mark.parametrize("threads", [1, 2, 10])
@pytest.mark.parametrize("sample", [0, 4, 9])
def test_a_grazing_spike_is_named_by_its_sample_of_the_batch(sample, threads):
    with pytest.raises(GrazingSpike) as error:
        solved([int(s == sample) for s in range(10)], 4.0, threads)  # the peak of V is the threshold
    assert (error.value.sample, error.value.neuron) == (sample, 1)
    assert error.value.time == pytest.approx(4.0 * np.log(2.0), rel=GRAZING_TIME, abs=0.0)


@pytest.mark.parametrize("threads", [1, 2, 10])
@pytest.mark.parametrize("first", [0, 4, 9])
def test_the_first_sample_of_the_batch_with_too_many_events_is_named(first, threads):
    channels = [int(s >= first) for s in range(10)]
    counts = np.diff(solved(channels, 90.0, threads).spikes.offsets)
    assert np.all(counts[:first] + 1 <= 8)  # and the arrival
    assert np.all(counts[first:] + 1 > 8)
    with pytest.raises(EventLimitExceeded) as error:
        solved(channels, 90.0, threads, event_limit=8)
    assert error.value.sample == first
