"""Throughput of the batched event engine on W1: forward and backward, float64.

    tox run -e bench                          # all
    taskset -c 0 pytest benchmarks -k one-thread   # one core

``extra_info`` holds samples per second (from the median).
"""

from dataclasses import replace

import numpy as np
import pytest
from workloads import BATCH, w1

from spikeproof import EventEngine

ROUNDS = {"rounds": 15, "warmup_rounds": 2, "iterations": 1}


@pytest.fixture(scope="module")
def problem():
    return w1()


def rate(benchmark):
    benchmark.extra_info["samples_per_second"] = round(BATCH / benchmark.stats.stats.median)


@pytest.mark.parametrize("threads", [1, 2], ids=["one-thread", "two-threads"])
def test_forward_and_backward(benchmark, problem, threads):
    engine = EventEngine(threads=threads)
    solution = benchmark.pedantic(engine.solve, (problem,), **ROUNDS)
    rate(benchmark)
    assert np.isfinite(solution.loss)


def test_forward(benchmark, problem):
    benchmark.pedantic(EventEngine().run, (replace(problem, loss=None),), **ROUNDS)
    rate(benchmark)


def test_backward(benchmark, problem):
    run = EventEngine().run(problem)
    readout = problem.network.neurons("output")
    _, slope = problem.loss.evaluate(run.spikes, readout, problem.stimulus.duration)
    benchmark.pedantic(run.vjp, (slope / BATCH,), **ROUNDS)
    rate(benchmark)


def test_loss(benchmark, problem):
    spikes, readout = EventEngine().run(problem).spikes, problem.network.neurons("output")
    benchmark.pedantic(problem.loss.evaluate, (spikes, readout, problem.stimulus.duration), **ROUNDS)
    rate(benchmark)


def test_making_the_problem(benchmark):
    """Checks of the problem, which every training step pays for."""
    p = w1()
    benchmark.pedantic(lambda: replace(p), **ROUNDS)
    rate(benchmark)
