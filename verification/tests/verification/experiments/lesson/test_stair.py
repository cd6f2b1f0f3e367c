"""Statement 2, and what would refute it: another gradient, another limit, a loss without plateaus."""

import math

import numpy as np
import pytest

from spikeproof_reference.lesson.discrete import coefficients, path
from spikeproof_verification.experiments.lesson.stair import (
    direction,
    discrete_loss,
    exact_loss,
    problem_at,
    stair,
)

STEPS = tuple(2.0**-k for k in range(2, 9))


def smooth(s):
    """A function with its derivative, in the place of the exact loss."""
    return 8.0 - 0.7 * s + 0.1 * math.sin(s), -0.7 + 0.1 * math.cos(s)


def stairs(s, dt):
    """Its stair: the next grid point."""
    return dt * math.ceil(smooth(s)[0] / dt)


@pytest.mark.compiled
def test_the_limits_are_the_exact_gradient_and_zero():
    found = stair(8, steps=STEPS)
    assert found.holds
    assert found.verdict.startswith("holds: dt first")
    assert np.all(found.still == 1.0)
    assert found.quotients.shape == (len(STEPS), 7)


def test_a_stair_of_any_smooth_function_has_the_same_limits():
    assert stair(16, discrete=stairs, exact=smooth).holds


@pytest.mark.parametrize(
    ("discrete", "exact", "wrong"),
    [
        (stairs, lambda s: (smooth(s)[0], 1.1 * smooth(s)[1]), "order_in_h"),  # another gradient
        (stairs, lambda s: (smooth(s)[0], -smooth(s)[1]), "order_in_h"),
        (lambda s, dt: stairs(1.1 * s, dt), smooth, "order_in_dt"),  # the stair of another function
        (lambda s, dt: stairs(s, math.sqrt(dt) / 4), smooth, "order_in_dt"),  # another order
    ],
)
def test_a_wrong_gradient_or_limit_turns_the_verdict(discrete, exact, wrong):
    found = stair(16, discrete=discrete, exact=exact)
    assert not found.holds
    assert abs(getattr(found, wrong) - 1.0) > 0.2


def test_a_loss_without_plateaus_turns_the_verdict():
    found = stair(8, discrete=lambda s, dt: smooth(s)[0] + dt * s, exact=smooth)
    assert not found.holds
    assert np.all(found.still < 1.0)


@pytest.mark.parametrize("s", [0.0, 0.3, 1.1])
def test_the_stair_is_that_of_the_discrete_reference(s):
    dt, problem = 0.125, problem_at(s)
    found = coefficients(problem, dt, "exponential")
    weights = {name: w.tolist() for name, w in problem.parameters.weights.items()}
    spikes = path(problem, dt, found, weights).s
    assert discrete_loss(s, dt) == sum(k * dt * step[-1] for k, step in enumerate(spikes))


def test_the_derivative_along_the_line_is_the_difference_quotient_of_the_loss():
    h = 2.0**-12
    quotient = (exact_loss(0.5 + h)[0] - exact_loss(0.5 - h)[0]) / (2.0 * h)
    assert abs(exact_loss(0.5)[1] - quotient) / h < 0.1
    assert direction().shape == (6,)
