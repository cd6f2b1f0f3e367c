"""Gradients along smooth systems: adjoint, sensitivities, differences and matrix exponentials agree."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np
import pytest

from spikeproof import InvalidInput
from spikeproof_reference.smooth import (
    RungeKutta,
    Series,
    TaylorSeries,
    adjoint_gradient,
    closed_gradient,
    difference_gradient,
    forward_sensitivity,
    leaky_integrator,
    oscillator,
    van_der_pol,
)
from spikeproof_reference.smooth.series import constant, variable
from spikeproof_verification.checks.tolerances import COARSE_PATH, COARSE_QUOTIENT

LINEAR = {"oscillator": oscillator, "leaky integrator": leaky_integrator}
PROBLEMS = LINEAR | {"Van der Pol": van_der_pol}


def error(actual, expected):
    """Largest deviation of loss and gradient, relative to the largest of them."""
    actual, expected = ([x.loss, *x.gradient] for x in (actual, expected))
    assert len(actual) == len(expected)
    return float(max(abs(a - b) for a, b in zip(actual, expected, strict=True)) / max(map(abs, expected)))


@pytest.mark.parametrize("name", LINEAR)
def test_taylor_series_give_the_closed_gradient_to_30_digits(name):
    problem, expected = LINEAR[name](), closed_gradient(LINEAR[name](), 40)
    assert error(adjoint_gradient(problem, TaylorSeries(30)), expected) < 1e-32
    assert error(forward_sensitivity(problem, TaylorSeries(30)), expected) < 1e-32


def test_equal_time_constants_are_nothing_special():
    problem = leaky_integrator(8.0, 8.0)
    assert error(adjoint_gradient(problem, TaylorSeries(30)), closed_gradient(problem, 40)) < 1e-32


def test_three_gradients_of_van_der_pol_agree_to_30_digits():
    adjoint = adjoint_gradient(van_der_pol(), TaylorSeries(30))
    assert error(forward_sensitivity(van_der_pol(), TaylorSeries(30)), adjoint) < 1e-31
    assert error(difference_gradient(van_der_pol(), TaylorSeries(45), 1e-15), adjoint) < 1e-27


@pytest.mark.parametrize("method", ["DOP853", "Radau"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_runge_kutta_reaches_the_high_precision_gradient(name, method):
    problem, integrator = PROBLEMS[name](), RungeKutta(method, 1e-7, 1e-9)
    expected = adjoint_gradient(problem, TaylorSeries(15))
    assert error(adjoint_gradient(problem, integrator), expected) < COARSE_PATH
    assert error(forward_sensitivity(problem, integrator), expected) < COARSE_PATH
    assert error(difference_gradient(problem, integrator, 1e-3), expected) < COARSE_QUOTIENT


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_error_falls_in_proportion_to_the_tolerance(name):
    problem, rtols = PROBLEMS[name](), (1e-4, 1e-6, 1e-8, 1e-10)
    expected = adjoint_gradient(problem, TaylorSeries(15))
    errors = [error(adjoint_gradient(problem, RungeKutta("DOP853", r, r / 100)), expected) for r in rtols]
    slope = np.polyfit(np.log(rtols), np.log(errors), 1)[0]
    assert 0.75 < slope < 1.25, errors


def test_central_differences_converge_with_order_two():
    expected = adjoint_gradient(van_der_pol(), TaylorSeries(15))
    errors = [error(difference_gradient(van_der_pol(), RungeKutta(), h), expected) for h in (1e-2, 1e-3)]
    assert 1.95 < np.log10(errors[0] / errors[1]) < 2.05


def test_stiff_van_der_pol_ends_where_the_test_set_says():
    """Mazzia and Magherini (2008), Test Set for IVP Solvers 2.4, problem vdpol at t = 2, in units of time of mu."""
    problem = van_der_pol(1000.0, (2.0, 0.0), 2000.0)
    end = (
        RungeKutta("Radau", 1e-9, 1e-12).path(lambda _t, x: problem.f(x, problem.p), problem.x0(problem.p), 2000.0).end
    )
    assert end[0] == pytest.approx(0.1706167732170483e1, rel=COARSE_PATH / 100, abs=0.0)
    assert end[1] * 1000.0 == pytest.approx(-0.8928097010247975, rel=COARSE_PATH / 100, abs=0.0)


def test_the_leaky_integrator_has_the_textbook_potential():
    problem, ctx = leaky_integrator(20.0, 5.0, 1.25), TaylorSeries(30).ctx
    end = TaylorSeries(30).path(lambda _t, x: problem.f(x, problem.p), [ctx.zero, ctx.mpf("1.25")], ctx.mpf(30)).end
    expected = ctx.mpf("1.25") * 5 / 15 * (ctx.exp(-30 / ctx.mpf(20)) - ctx.exp(-30 / ctx.mpf(5)))
    assert abs(end[0] - expected) < ctx.mpf(10) ** -33


@pytest.mark.parametrize("name", LINEAR)
def test_an_untransposed_jacobian_is_caught(name):
    """Wunderlich and Pehle (2021), eq. 23, as it is printed."""
    problem = LINEAR[name]()
    printed = replace(problem, df_dx=lambda x, p: list(zip(*problem.df_dx(x, p), strict=True)))
    assert error(adjoint_gradient(printed, RungeKutta()), closed_gradient(problem)) > 0.1


@pytest.mark.parametrize("name", LINEAR)
def test_a_missing_boundary_term_is_caught(name):
    problem = LINEAR[name]()
    without = replace(problem, dx0_dp=lambda _p: [[0] * 3] * 2)
    assert error(adjoint_gradient(without, RungeKutta()), closed_gradient(problem)) > 0.1
    assert error(difference_gradient(without, RungeKutta(), 1e-5), closed_gradient(problem)) < COARSE_PATH / 10


def test_a_missing_loss_derivative_is_caught():
    without = replace(van_der_pol(), ddensity_dx=lambda x, _t: [0, x[1]])
    expected = difference_gradient(van_der_pol(), RungeKutta(), 1e-4)
    assert error(adjoint_gradient(without, RungeKutta()), expected) > 0.05


HALF = 0.5  # where functions are expanded; their Taylor coefficients in closed form
COEFFICIENTS = {
    "exp": (lambda s: s.exp(), [np.exp(HALF) / f for f in (1, 1, 2, 6, 24)]),
    "log": (lambda s: s.log(), [np.log(HALF), 2.0, -2.0, 8.0 / 3.0, -4.0]),
    "quotient": (lambda s: (1 + s) / (1 - s), [3.0, 8.0, 16.0, 32.0, 64.0]),
    "reciprocal": (lambda s: 2 / s, [4.0, -8.0, 16.0, -32.0, 64.0]),
    "polynomial": (lambda s: (1 - s) ** 3 - s / 4 - 1, [-1.0, -1.0, 1.5, -1.0, 0.0]),
}


@pytest.mark.parametrize("ctx", [mpmath.fp, mpmath.MPContext()], ids=["floats", "mpmath"])
@pytest.mark.parametrize("name", COEFFICIENTS)
def test_series_of_functions_have_their_taylor_coefficients(name, ctx):
    function, expected = COEFFICIENTS[name]
    assert [float(c) for c in function(variable(ctx, ctx.mpf(HALF))).head(5)] == pytest.approx(
        expected, rel=1e-14, abs=0.0
    )


def test_a_series_has_whole_powers_only():
    with pytest.raises(TypeError):
        variable(mpmath.fp, 0.0) ** 0.5
    assert constant(mpmath.fp, 3).head(2) == [3, 0]


def test_series_can_be_entries_of_arrays():
    s = variable(mpmath.fp, 0.0)
    total = np.sum(np.exp(np.array([s, 2.0 * s], dtype=object)) * np.array([1.0, 0.5]))
    assert isinstance(total, Series)
    assert total.head(3) == [1.5, 2.0, 1.5]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"duration": 0.0}, "duration"),
        ({"p": ()}, "x0 and p"),
        ({"dx0_dp": lambda _p: [[0, 0]]}, "dx0_dp"),
        ({"ddensity_dx": lambda _x, _t: [0]}, "ddensity_dx"),
    ],
)
def test_a_problem_that_does_not_fit_is_refused(change, field):
    whole = van_der_pol()
    if "p" in change:
        change = change | {
            "f": lambda _x, _p: [0, 0],
            "df_dx": lambda _x, _p: [[0, 0]] * 2,
            "df_dp": lambda _x, _p: [[], []],
        }
    with pytest.raises(InvalidInput) as caught:
        replace(whole, **change)
    assert caught.value.field == field


def test_a_tolerance_below_roundoff_is_refused():
    with pytest.raises(InvalidInput, match="rtol"):
        RungeKutta(rtol=1e-15)
    with pytest.raises(InvalidInput, match="method"):
        RungeKutta("Euler")
