"""The grid engine holds neurons for whole steps: where V stands, when it spikes, and gradients of order dt."""

from dataclasses import replace

import numpy as np
import pytest
from refractory_neuron import CASES, Case, found, gradient

import spikeproof.grid.run as grid_run
from spikeproof import (
    GridEngine,
    Input,
    LossSum,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
    VoltageFunction,
    VoltageIntegral,
)
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_verification.checks.tolerances import EPS, FINEST_GRID

STEPS = 2.0 ** -np.arange(5, 11)
CONVERGING = {
    name: case for name, case in CASES.items() if name not in ("never held", "an autapse that arrives at the release")
}


def errors(case, expected, engine):
    """The error of each derivative, of its own size or 1."""
    got = found(engine.solve(case.problem()).gradients)
    return {k: float(abs(got[k] - g) / (1.0 + abs(g))) for k, g in expected.items()}


@pytest.mark.compiled
@pytest.mark.parametrize("name", CONVERGING)
def test_every_gradient_converges_to_the_derivative_of_the_closed_flow(name):
    sides = {"delay": 1} if name == "an autapse without delay" else None
    expected = gradient(CASES[name], sides)
    coarse, fine = (max(errors(CASES[name], expected, GridEngine(dt)).values()) for dt in (2.0**-6, 2.0**-13))
    assert fine < FINEST_GRID
    assert fine < 0.1 * coarse


@pytest.mark.compiled
def test_gradients_of_held_neurons_converge_with_order_one():
    """In the mean over cases and refractory times: where a spike falls within its step is as good as random."""
    found = []
    for name in ("an arrival during the hold", "an autapse longer than the hold", "V read in the hold"):
        for t_ref in (3.3, 3.7, 4.1, 5.9):
            case = replace(CASES[name], t_ref=t_ref)
            expected = gradient(case)
            found.append([max(errors(case, expected, GridEngine(dt)).values()) for dt in STEPS])
    assert 0.85 < np.polyfit(np.log2(STEPS), np.mean(np.log2(found), axis=0), 1)[0] < 1.15


FAULTS = {
    "no refractory time backward": lambda grid: grid._replace(refractory=0.0 * grid.refractory),
    "a hold that is half as long backward": lambda grid: grid._replace(refractory=np.rint(0.5 * grid.refractory)),
    "never released backward": lambda grid: grid._replace(refractory=grid.refractory + grid.n_steps),
}


@pytest.mark.compiled
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_backward_pass_stops_the_convergence(fault, monkeypatch):
    """The kernels get other refractory times backward, where weights alone are asked for; forward all is right."""
    case, real = CASES["arrivals during the hold and after it"], grid_run.adjoint
    expected = {k: g for k, g in gradient(case).items() if k[0] in ("weight", "time")}
    assert max(errors(case, expected, GridEngine(2.0**-12)).values()) < FINEST_GRID

    def faulty(grid, *rest):
        only_weights = rest[-1]._replace(delays=rest[-1].delays[:0], neurons=rest[-1].neurons[:0])
        return real(FAULTS[fault](grid), *rest[:-1], only_weights)

    monkeypatch.setattr(grid_run, "adjoint", faulty)
    assert max(errors(case, expected, GridEngine(2.0**-12)).values()) > 0.05


def seen(case, dt, times):
    """V of a case on the grid, at some times."""
    problem = replace(case.problem(), loss=VoltageFunction("n", times, lambda v: (0 * v.sum(), 0 * v)))
    return GridEngine(dt).solve(problem, None)


@pytest.mark.parametrize(("t_ref", "steps"), [(0.5, 2), (0.6, 2), (0.63, 3), (0.125, 0), (0.376, 2), (1e-9, 0)])
def test_v_stands_at_the_reset_for_the_nearest_number_of_steps(t_ref, steps):
    """From just after the spike to the release, both included; a step later it has risen."""
    case = Case(t_ref, ((16.0, 2.0),), duration=32.0)
    spike = GridEngine(0.25).solve(replace(case.problem(), loss=None)).spikes.times[0]
    observed = seen(case, 0.25, [spike + 0.25 * k for k in range(1, steps + 2)]).observed[0][0, 0]
    assert np.all(observed[:steps] == case.v_reset)
    assert observed[steps] > case.v_reset


def test_the_current_of_a_held_neuron_is_that_of_one_that_is_not():
    held, free = (replace(Case(t, ((15.5, 3.0), (16.0, 1.0)), duration=32.0).problem(), loss=None) for t in (8.0, 0.0))
    assert np.array_equal(*(GridEngine(0.25).solve(p).i_end for p in (held, free)))


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_drive_of_any_strength_makes_a_spike_one_step_after_each_release(steps):
    case = Case(0.25 * steps, ((16.0, 1e12),), duration=32.0)
    times = GridEngine(0.25).solve(replace(case.problem(), loss=None)).spikes.times
    assert np.array_equal(np.diff(times[1:]), np.full(len(times) - 2, 0.25 * (steps + 1)))
    assert len(times) > 5


@pytest.mark.parametrize("t_ref", [50.0, 1e300, np.inf])
def test_a_neuron_that_is_not_released_spikes_once(t_ref):
    solution = GridEngine(0.25).solve(Case(t_ref, ((20.0, 9.0),)).problem())
    assert len(solution.spikes) == 1
    assert solution.gradients.neurons["n"].t_ref.tolist() == [0.0]


def test_an_arrival_at_the_release_meets_a_free_neuron():
    """The derivative by its delay is nearly that of one a step later; that of one a step earlier lacks lambda_v."""
    early, at, later = (
        GridEngine(0.25).solve(Case(3.0, autapse=(d, 1e-9)).problem()).gradients.delays["n->n"][0, 0]
        for d in (2.75, 3.0, 3.25)
    )
    assert abs(at - later) < 0.2 * abs(at - early)


def mixed(n_samples=37):
    """A batch on a network whose hidden neurons all have refractory times of their own; V of them is read too."""
    problem = yin_yang_problem(*yin_yang(n_samples, 3), 3, n_hidden=7)
    given = problem.parameters
    hidden = replace(given.neurons["hidden"], t_ref=[0.0, 0.3, 1.0, 2.5, 7.0, 99.0, np.inf])
    neurons = {**given.neurons, "hidden": hidden}
    loss = LossSum([(1.0, problem.loss), (0.1, VoltageIntegral("hidden"))])
    return replace(problem, parameters=replace(given, neurons=neurons), loss=loss)


def numbers(gradients):
    """Every array of the gradients that are always there."""
    return {"input_times": gradients.input_times, **gradients.weights}


@pytest.mark.parametrize("threads", [2, 5])
def test_the_number_of_threads_does_not_change_a_bit(threads):
    one, many = (GridEngine(0.25, threads=n).solve(mixed()) for n in (1, threads))
    assert np.array_equal(one.spikes.times, many.spikes.times)
    assert all(np.array_equal(x, numbers(many.gradients)[name]) for name, x in numbers(one.gradients).items())
    for name in ("t_ref", "v_reset"):
        assert np.array_equal(*(getattr(s.gradients.neurons["hidden"], name) for s in (one, many)))
    assert np.count_nonzero(one.gradients.neurons["hidden"].t_ref) >= 3


def test_weights_alone_have_the_bits_of_all_gradients():
    some, all_ = (GridEngine(0.25).solve(mixed(), wanted).gradients for wanted in ("weights", "all"))
    assert all(np.array_equal(x, numbers(all_)[name]) for name, x in numbers(some).items())


def test_refractory_times_that_round_to_no_step_have_the_bits_of_none():
    held, free = (Case(t, ((16.0, 2.0),)).problem() for t in (0.1, 0.0))
    with_, without = (GridEngine(0.25).solve(p) for p in (held, free))
    assert found(with_.gradients) == found(without.gradients)


def test_how_far_refractory_times_are_moved_is_told():
    network = Network([Input("in", 1)], [Population("n", 4)], [Projection("in", "n")])
    neurons = NeuronParameters(16.0, 5.0, t_ref=[0.3, 2.0, np.inf, 1e300])
    stimulus = Stimulus.of_samples([([1.0], [0])], 32.0)
    problem = Problem(network, Parameters({"in->n": np.ones((1, 4))}, {"n": neurons}), stimulus, SpikeTimeSum("n"))
    assert GridEngine(0.25).shifts(problem).t_ref == pytest.approx(0.05, rel=4 * EPS, abs=0.0)
