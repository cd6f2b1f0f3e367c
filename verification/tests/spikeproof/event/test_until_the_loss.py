"""Runs until the loss is determined: the bits of a run to the end, and the events until then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from until_the_loss import END, HORIZONS, LOSS, assert_same_bits, at_horizon, batch, solved

import spikeproof.event.until as until_module
from spikeproof import (
    EventEngine,
    FirstSpikeCrossEntropy,
    Input,
    LossSum,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeTarget,
    Stimulus,
    VoltageTarget,
    chain,
    normal_weights,
)
from spikeproof.losses import Ranks
from spikeproof_verification.problems.lattice_networks import lattice_problem
from spikeproof_verification.problems.loss_networks import loss_problem
from spikeproof_verification.problems.random_networks import random_problem
from spikeproof_verification.problems.sparse_networks import sparse_problem
from spikeproof_verification.problems.wide_networks import wide_problem

GENERATORS = {
    "random": (random_problem, 24),
    "losses": (loss_problem, 24),
    "wide": (wide_problem, 26),
    "lattice": (lattice_problem, 12),
    "sparse": (sparse_problem, 8),
}


def with_losses(problem):
    """The problem with its own loss, and with each kind of loss that does not see everything."""
    n, rng, duration = problem.stimulus.n_samples, np.random.default_rng(1), float(problem.stimulus.duration)
    found = [] if problem.loss is None else [problem.loss]
    for p in problem.network.populations:
        found.append(VoltageTarget(p.name, [0.1 * duration, 0.3 * duration], rng.normal(0.0, 1.0, (p.size, 2))))
        if p.kind == "lif":
            labels = rng.integers(0, p.size, n)
            found += [
                FirstSpikeCrossEntropy(p.name, labels, 0.1 * duration, 0.4 * duration, 0.01),
                SpikeTimeTarget(p.name, rng.uniform(0.0, duration, (p.size, 2))),
            ]
    found.append(LossSum([(0.5, loss) for loss in found[-2:]]))
    return [replace(problem, loss=loss) for loss in found]


@pytest.mark.parametrize("name", GENERATORS)
def test_loss_and_gradients_have_the_bits_of_a_run_to_the_end(name):
    make, n = GENERATORS[name]
    cut = 0
    for seed in range(n):
        for number, problem in enumerate(with_losses(make(seed))):
            both = solved(problem)
            if both is not None:
                assert_same_bits(*both)
                if both[0].until is not None:
                    assert_same_bits(at_horizon(problem, HORIZONS[(seed + number) % len(HORIZONS)]), both[1])
                    cut += np.any(both[0].until < problem.stimulus.duration)
    assert cut > 0 or name == "sparse"


def recurrent(n=20, seed=0, t_ref=0.0):
    """Neurons that act on each other, some at once and some after delays, between layers that others pass by.

    One readout spikes early and often, another one late.
    """
    network = Network(
        [Input("input", 6)],
        [Population("first", 30), Population("loop", 24), Population("layer", 20), Population("output", 3)],
        [
            Projection("input", "first"),
            Projection("input", "loop"),
            Projection("first", "loop"),
            Projection("loop", "loop", name="at once"),
            Projection("loop", "loop", delay=2.5, name="later"),
            Projection("loop", "layer"),
            Projection("layer", "output", delay=0.5),
            Projection("first", "output"),
        ],
    )
    means = {"input->first": (2.0, 0.8), "input->loop": (1.5, 0.8), "first->loop": (0.05, 0.1), "at once": (0.0, 0.1)}
    means |= {"later": (0.02, 0.1), "loop->layer": (0.3, 0.3), "layer->output": (0.1, 0.1), "first->output": (0.1, 0.1)}
    weights = normal_weights(network, means, seed=seed)
    for name in ("layer->output", "first->output"):
        weights[name] = np.abs(weights[name]) * [4.0, 1.0, 0.5]
    rng = np.random.default_rng(seed)
    stimulus = Stimulus.of_samples([(np.sort(rng.uniform(0, 30, 9)), rng.integers(0, 6, 9)) for _ in range(n)], 80.0)
    neurons = {p.name: NeuronParameters(tau_mem=20.0, tau_syn=5.0, t_ref=t_ref) for p in network.populations}
    loss = FirstSpikeCrossEntropy("output", rng.integers(0, 3, n), tau0=0.5, tau1=6.4, alpha=0.003)
    return Problem(network, Parameters(weights, neurons), stimulus, loss)


@pytest.mark.compiled
@pytest.mark.parametrize("t_ref", [0.0, 1.5])
def test_neurons_that_act_on_each_other_have_the_same_bits(t_ref):
    problem = recurrent(t_ref=t_ref)
    full, learned = END.solve(problem), LOSS
    assert len(full.spikes) > 50 * problem.stimulus.n_samples
    horizons = (*HORIZONS, *np.linspace(0.15, 0.6, 40))
    for solution in [learned.solve(problem), learned.solve(problem), *(at_horizon(problem, h) for h in horizons)]:
        assert_same_bits(solution, full)
        assert np.mean(solution.until < problem.stimulus.duration) > 0.2


def test_a_second_run_goes_only_as_far_as_the_first_one_has_needed(monkeypatch):
    problem, horizons, right = recurrent(), [], until_module.inputs_of

    def noted(batch, samples, horizon, ranks):
        horizons.append((len(samples), horizon))
        return right(batch, samples, horizon, ranks)

    monkeypatch.setattr(until_module, "inputs_of", noted)
    monkeypatch.setattr(until_module, "_horizons", {})
    first = LOSS.solve(problem)
    assert horizons == [(20, np.inf)]
    assert_same_bits(LOSS.solve(problem), first)
    assert horizons[1][0] == 20
    assert np.median(first.until) < horizons[1][1] < np.inf
    assert [h for _, h in horizons[2:]] in ([], [np.inf])


@pytest.mark.parametrize("delay", [0.0, 1.25])
@pytest.mark.parametrize("seed", [0, 1])
def test_batches_of_layers_have_the_same_bits(seed, delay):
    problem = batch(seed=seed, delay=delay)
    short, full = solved(problem)
    assert_same_bits(short, full)
    assert 0.25 < np.mean(short.until < problem.stimulus.duration) < 1.0


def test_number_of_threads_and_horizon_change_nothing():
    problem, found_by_three = batch(), EventEngine(threads=3, until="loss")
    wanted = LOSS.solve(problem)
    found = [found_by_three.solve(problem)]
    found += [at_horizon(problem, part, engine) for part in HORIZONS for engine in (LOSS, found_by_three)]
    for solution in found:
        assert np.array_equal(solution.until, wanted.until)
        assert_same_bits(solution, wanted)
        assert np.array_equal(solution.spikes.times, wanted.spikes.times)
        assert np.array_equal(solution.spikes.neurons, wanted.spikes.neurons)


@pytest.mark.parametrize("gradients", ["weights", None])
def test_what_is_asked_for_is_the_same(gradients):
    problem = batch()
    short, full = LOSS.solve(problem, gradients), END.solve(problem, gradients)
    assert np.array_equal(short.sample_losses, full.sample_losses)
    for name in problem.parameters.weights if gradients else ():
        assert np.array_equal(short.gradients.weights[name], full.gradients.weights[name])


def test_a_loss_that_no_part_can_be_taken_of_has_the_same_bits():
    problem = batch(20)
    problem = replace(problem, loss=Undivided(problem.loss))
    short, full = solved(problem)
    assert short.until is not None
    assert_same_bits(short, full)


@dataclass(frozen=True)
class Undivided:
    """The loss of another one, without a way to take it apart by samples."""

    inside: FirstSpikeCrossEntropy

    @property
    def population(self):
        return self.inside.population

    @property
    def horizon(self):
        return self.inside.horizon

    def check(self, network, n_samples):
        self.inside.check(network, n_samples)

    def evaluate(self, spikes, neurons, duration):
        return self.inside.evaluate(spikes, neurons, duration)


@dataclass(frozen=True)
class TooEarly(SpikeTimeTarget):
    """A loss that sees more than it says: one spike more of each neuron."""

    @property
    def horizon(self):
        return Ranks(self.targets.shape[-1] - 1)


def two_ranks(loss):
    """Two neurons that spike again and again, and a loss of their first two spikes."""
    network = chain(1, 2)
    stimulus = Stimulus.of_samples([(np.arange(1.0, 40.0), np.zeros(39, np.int64))], 40.0)
    parameters = Parameters({"input->output": np.array([[2.0, 2.5]])}, {"output": NeuronParameters(20.0, 5.0)})
    return Problem(network, parameters, stimulus, loss("output", np.array([[3.0, 9.0], [4.0, 7.0]])))


def test_a_horizon_one_spike_too_early_is_noticed():
    assert_same_bits(*solved(two_ranks(SpikeTimeTarget)))
    with pytest.raises(AssertionError):
        assert_same_bits(*solved(two_ranks(TooEarly)))


def test_an_arrival_too_few_is_noticed(monkeypatch):
    problem = batch(20)
    full, right = END.solve(problem), until_module.views_of

    def early(batch, loss):
        views = right(batch, loss)
        return views._replace(time=np.array([9.0]), table=views.table * [1, 1, 1, 0])

    monkeypatch.setattr("spikeproof.event.engine.views_of", early)
    with pytest.raises(AssertionError):
        assert_same_bits(LOSS.solve(problem), full)
