"""The smoothed step: its gradient against differences in mpmath, and the hard network as its limit."""

from itertools import pairwise

import numpy as np
import pytest
from discrete_problems import (
    DT,
    along,
    ctx,
    direction_of,
    discrete_problem,
    for_deltas,
    moved,
    reference_derivative,
    reference_loss,
    reference_path,
    smooth_step,
)

import spikeproof as sp
from spikeproof.lesson import Discrete, SmoothedStep, SurrogateGradient
from spikeproof.lesson.derivatives import WeightDerivatives
from spikeproof_verification.checks.tolerances import EPS

BETA = 4.0


def exactly(problem, direction, distance):
    """Losses of the smoothed network in mpmath at both ends of a line through the weights."""
    step = smooth_step(BETA)[0]
    weights = problem.parameters.weights
    for sign in (1, -1):
        numbers = {
            name: [[ctx.mpf(x) + sign * distance * ctx.mpf(u) for x, u in zip(*rows, strict=True)] for rows in pairs]
            for name in weights
            for pairs in [list(zip(weights[name], direction[name], strict=True))]
        }
        yield reference_loss(problem, weights=numbers, step=step)


def difference(problem, direction):
    """The derivative along a direction by a central difference in mpmath, whose own error is of the order 1e-28."""
    distance = ctx.mpf(10) ** -15
    ahead, behind = exactly(problem, direction, distance)
    return float((ahead - behind) / (2 * distance))


@pytest.mark.parametrize("loss", ["max", "integral"])
def test_its_gradient_is_that_of_differences(loss):
    problem = discrete_problem(1, loss, duration=8.0)
    direction = direction_of(problem, 2)
    found, size = along(SmoothedStep(DT, BETA).estimate(problem).gradients, direction)
    assert abs(found - difference(problem, direction)) <= 16 * EPS * size


def test_its_gradient_is_that_of_dual_numbers_with_delta_synapses():
    problem = for_deltas(discrete_problem(2, duration=8.0))
    direction = direction_of(problem, 2)
    found, size = along(SmoothedStep(DT, BETA, synapse="delta").estimate(problem).gradients, direction)
    expected = reference_derivative(problem, direction, *smooth_step(BETA), synapse="delta")
    assert abs(found - expected) <= 16 * EPS * size


def test_potentials_are_those_of_the_plain_reference():
    problem = discrete_problem(3)
    trace = Discrete(problem, DT).run_smoothed(BETA)
    for sample in range(2):
        found = reference_path(problem, sample, step=smooth_step(BETA)[0])
        v, s = (np.array([[float(x) for x in row] for row in rows]) for rows in (found.v, found.s))
        assert np.max(np.abs(trace.v[sample] - v)) <= 64 * EPS * np.max(np.abs(v))
        assert np.max(np.abs(trace.s[sample] - s)) <= 64 * EPS * BETA * np.max(np.abs(v))


def with_smooth_steps(problem, shape, slope, reset_gradient=True):
    """The surrogate gradient, with the smoothed step forward too."""
    network = Discrete(problem, DT)
    trace = network.run_smoothed(BETA)
    reading = network.read(trace)
    derivatives = WeightDerivatives(network, shape=shape, slope=slope, reset_gradient=reset_gradient)
    derivatives.add(network, trace, reading.neurons, reading.of_mean())
    return network.by_projection(derivatives.total)


def test_a_surrogate_with_the_smooth_step_forward_is_the_derivative_of_the_smoothed_network():
    problem = discrete_problem(1, duration=8.0)
    direction = direction_of(problem, 5)
    found, size = along(with_smooth_steps(problem, "sigmoid", BETA), direction)
    assert abs(found - difference(problem, direction)) <= 16 * EPS * size


FAULTS = {
    "a slope wrong by 1 %": ("sigmoid", 1.01 * BETA),
    "another shape": ("arctan", BETA),
    "the reset detached": ("sigmoid", BETA, False),
    "nothing through the step": (None, BETA),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_another_derivative_of_the_step_is_rejected(fault):
    problem = discrete_problem(1, duration=8.0)
    direction = direction_of(problem, 5)
    found, size = along(with_smooth_steps(problem, *FAULTS[fault]), direction)
    assert abs(found - difference(problem, direction)) > 1e6 * EPS * size


def test_the_hard_network_is_its_limit():
    problem = discrete_problem(2)
    hard = Discrete(problem, DT).run()
    errors = []
    for beta in (1e3, 1e4, 1e5, 1e7):
        smooth = Discrete(problem, DT).run_smoothed(beta)
        errors.append(np.max(np.abs(smooth.v - hard.v)))
        assert round(smooth.s.sum()) == hard.n_spikes
    assert all(later < 0.1 * earlier for earlier, later in pairwise(errors[:-1]))
    assert errors[-1] <= 64 * EPS * np.max(np.abs(hard.v))


def test_another_hard_network_is_not_its_limit():
    problem = discrete_problem(2)
    other = moved(problem, direction_of(problem, 0), 1e-6)
    hard, smooth = Discrete(other, DT).run(), Discrete(problem, DT).run_smoothed(1e7)
    assert np.max(np.abs(smooth.v - hard.v)) > 1e6 * EPS


def test_its_answer_has_no_spikes_and_its_estimate_counts_the_sum_of_all_steps():
    problem = discrete_problem(0)
    estimate = SmoothedStep(DT, BETA).estimate(problem)
    assert len(estimate.solution.spikes) == 0
    assert estimate.spikes == Discrete(problem, DT).run_smoothed(BETA).s.sum() / 2
    assert estimate.value == SmoothedStep(DT, BETA).answer(problem).loss
    assert estimate.value != SurrogateGradient(DT).answer(problem).loss


@pytest.mark.parametrize(
    ("field", "arguments"),
    [("dt", {"dt": 0.0}), ("beta", {"beta": -1.0}), ("synapse", {"synapse": 2}), ("name", {"name": None})],
)
def test_wrong_arguments_of_the_smoothed_step_are_refused_by_name(field, arguments):
    with pytest.raises(sp.InvalidInput, match=rf"^{field}: got"):
        SmoothedStep(**{"dt": 1.0, "beta": 1.0} | arguments)
