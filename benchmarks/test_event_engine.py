"""Times of the event engine's parts on W1 (forward, backward, loss, checks), and of whole steps on all workloads."""

from dataclasses import replace

import numpy as np
import pytest
from rates import ROUNDS, note_rate
from workloads import WORKLOADS, w1

from spikeproof import EventEngine


@pytest.fixture(scope="module")
def problem():
    return w1()


@pytest.mark.parametrize("threads", [1, 2], ids=["one-thread", "two-threads"])
@pytest.mark.parametrize("name", ["w1", "w2", "w3"])
def test_training_step(benchmark, name, threads):
    problem = WORKLOADS[name].problem
    solution = benchmark.pedantic(EventEngine(threads=threads).solve, (problem, "weights"), **ROUNDS)
    note_rate(benchmark, problem)
    assert np.isfinite(solution.loss)


@pytest.mark.parametrize("name", ["f1", "f2"])
def test_forward_pass_of_sparse_networks(benchmark, name):
    problem = WORKLOADS[name].problem
    benchmark.pedantic(EventEngine().solve, (problem,), rounds=5, warmup_rounds=1)
    (projection,) = problem.network.projections
    targets = np.diff(projection.synapses.offsets)
    events = int(targets[problem.stimulus.channels].sum())
    benchmark.extra_info["synaptic_events_per_second"] = round(events / benchmark.stats.stats.median)


def test_all_gradients_instead_of_those_of_weights(benchmark, problem):
    benchmark.pedantic(EventEngine().solve, (problem,), **ROUNDS)
    note_rate(benchmark, problem)


def test_forward(benchmark, problem):
    benchmark.pedantic(EventEngine().solve, (replace(problem, loss=None),), **ROUNDS)
    note_rate(benchmark, problem)


def test_backward(benchmark, problem):
    run = EventEngine().run(problem)
    readout = problem.network.neurons("output")
    _, slope = problem.loss.evaluate(run.spikes, readout, problem.stimulus.duration)
    benchmark.pedantic(run.vjp, (slope / problem.stimulus.n_samples,), **ROUNDS)
    note_rate(benchmark, problem)


def test_loss(benchmark, problem):
    spikes, readout = EventEngine().run(problem).spikes, problem.network.neurons("output")
    benchmark.pedantic(problem.loss.evaluate, (spikes, readout, problem.stimulus.duration), **ROUNDS)
    note_rate(benchmark, problem)


def test_making_the_problem(benchmark, problem):
    """Time of the checks of the problem, which every training step makes."""
    benchmark.pedantic(lambda: replace(problem), **ROUNDS)
    note_rate(benchmark, problem)
