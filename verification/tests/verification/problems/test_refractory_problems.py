"""Refractory times of generated problems: which are drawn, and that nothing else is drawn otherwise for them."""

from dataclasses import fields, replace

import numpy as np
import pytest

from spikeproof_reference.textbook import TextbookEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, SHORT_RUN
from spikeproof_verification.problems.lattice_networks import lattice_problem
from spikeproof_verification.problems.loss_networks import loss_problem
from spikeproof_verification.problems.random_networks import random_problem
from spikeproof_verification.problems.refractory_times import with_times
from spikeproof_verification.problems.sparse_networks import sparse_problem
from spikeproof_verification.problems.traces import example_traces
from spikeproof_verification.problems.wide_networks import wide_problem

MAKERS = (random_problem, loss_problem, sparse_problem, wide_problem, lattice_problem)


def columns(problem):
    """Refractory and membrane times of all LIF neurons."""
    parts = [(p, problem.parameters.neurons[p.name]) for p in problem.network.populations if p.kind == "lif"]
    return [
        np.concatenate([np.broadcast_to(x, p.size) for x, (p, _) in zip(of, parts, strict=True)])
        for of in zip(*((n.t_ref, n.tau_mem) for _, n in parts), strict=True)
    ]


@pytest.mark.parametrize("make", MAKERS)
def test_half_of_the_generated_problems_have_refractory_times_of_every_kind(make):
    problems = [make(seed) for seed in range(60)]
    drawn = [p for p in problems if np.any(columns(p)[0])]
    assert 20 <= len(drawn) <= 40
    held, tau_mem = (np.concatenate(x) for x in zip(*map(columns, drawn), strict=True))
    last = np.concatenate([np.full(len(columns(p)[0]), float(p.stimulus.duration)) for p in drawn])
    lowest = 0.2 if make is not lattice_problem else 1.1  # on the lattice nothing is shorter than an eighth
    assert np.sum(held == 0.0) > 5
    assert np.sum((held > 0.0) & (held < lowest * tau_mem)) > 20
    assert np.sum((held > 0.3 * tau_mem) & (held < 3.0 * tau_mem)) > 20
    assert np.sum((held > last) & np.isfinite(held)) > 3
    assert np.sum(np.isinf(held)) > 5
    delays = [{float(q.delay) for q in p.network.projections if q.delay} for p in drawn]
    assert sum(bool(set(columns(p)[0]) & d) for p, d in zip(drawn, delays, strict=True)) >= 3


def test_on_the_lattice_neurons_hear_themselves_just_when_they_are_released():
    loops = [(p, q) for p in map(lattice_problem, range(60)) for q in p.network.projections if q.pre == q.post]
    same = [np.any(p.parameters.neurons[q.pre].t_ref == q.delay) and q.delay > 0.0 for p, q in loops]
    assert sum(same) >= 3


def test_elsewhere_they_never_do():
    for make in MAKERS[:-1]:
        for p in map(make, range(40)):
            for q in p.network.projections:
                if q.pre == q.post and q.delay > 0.0:
                    assert not np.any(p.parameters.neurons[q.pre].t_ref == q.delay)


def test_twins_on_the_lattice_have_the_same_refractory_time():
    for seed in range(0, 60, 2):
        t_ref = np.broadcast_to(lattice_problem(seed).parameters.neurons["a"].t_ref, 4)
        assert t_ref[0] == t_ref[1]


@pytest.mark.parametrize("make", MAKERS)
def test_a_problem_is_the_same_for_the_same_seed_and_differs_from_one_that_is_never_held_in_nothing_else(make):
    for seed in range(8):
        one, two = make(seed), make(seed)
        never = with_times(one, {})
        for name, neurons in one.parameters.neurons.items():
            for f in fields(neurons):
                values = [getattr(p.parameters.neurons[name], f.name) for p in (one, two, never)]
                assert np.array_equal(values[0], values[1], equal_nan=False) or values[0] is values[1] is None
                assert f.name == "t_ref" or np.array_equal(values[0], values[2]) or values[2] is None
        assert all(not np.any(n.t_ref) for n in never.parameters.neurons.values() if n.t_ref is not None)


@pytest.mark.parametrize("make", MAKERS[:2])
def test_the_refractory_times_matter(make):
    """Some neuron is held, released and spikes again; in most problems a gradient of a refractory time is not 0."""
    drawn = [p for p in map(make, range(24)) if np.any(columns(p)[0])]
    moved = 0
    for p in drawn:
        gradients = TextbookEngine().solve(p).gradients.neurons
        held = [(gradients[n].t_ref, q.t_ref) for n, q in p.parameters.neurons.items() if q.t_ref is not None]
        moved += any(np.any(np.asarray(g)[np.broadcast_to(t, g.shape) > 0.0]) for g, t in held)
    assert moved >= 0.4 * len(drawn)


@pytest.mark.compiled
def test_in_the_traces_of_an_example_a_neuron_is_held_at_its_reset():
    problem = with_times(random_problem(21), {})
    neurons = {n: replace(p, t_ref=0.5, bias=0.25) for n, p in problem.parameters.neurons.items()}
    found = example_traces(replace(problem, parameters=replace(problem.parameters, neurons=neurons)))
    after = found["t"][:, None] - found["spike_times"]
    held = np.any((after > 0.0) & (after < 0.5), axis=1)
    assert np.sum(held) > 10
    resets = np.unique(found["v"][held].round(12))
    assert len(resets) == 1
    assert np.max(found["v"]) == pytest.approx(found["v_th"], abs=AMPLIFIED)
    assert np.max(np.abs(found["lambda_v"][held])) < SHORT_RUN * np.max(np.abs(found["lambda_v"]))
