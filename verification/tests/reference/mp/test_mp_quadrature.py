"""The quadrature of the reference: exact for polynomials, converged for smooth functions, and no others accepted."""

from __future__ import annotations

import mpmath
import pytest

from spikeproof_reference.mp.losses.quadrature import NotConverged, Quadrature, extrapolation, legendre

CTX = mpmath.MPContext()
CTX.dps = 80


def integral(function, a, b, unit=1.0):
    panels = Quadrature(CTX, CTX.mpf(unit)).panels(
        lambda ts: ([[function(t) for t in ts]], None), CTX.mpf(a), CTX.mpf(b)
    )
    return sum(w * function(t) for p in panels for t, w in zip(p.times, p.weights, strict=True))


@pytest.mark.parametrize("order", [4, 5, 12, 48])
def test_a_rule_integrates_polynomials_and_continues_them_to_the_end(order):
    rule = [(CTX.make_mpf(x), CTX.make_mpf(w)) for x, w in legendre(order, CTX.prec)]
    for degree in (0, 1, 2, order - 1, 2 * order - 2):
        expected = CTX.mpf(2) / (degree + 1) if degree % 2 == 0 else 0
        assert abs(sum(w * x**degree for x, w in rule) - expected) < 1e-78
    at_one = [CTX.make_mpf(c) for c in extrapolation(order, CTX.prec)]
    assert abs(sum(c * x ** (order - 1) for c, (x, _) in zip(at_one, rule, strict=True)) - 1) < 1e-75


@pytest.mark.parametrize("length", [0.01, 1.0, 30.0, -2.0])
def test_smooth_functions_are_integrated_to_the_working_digits(length):
    assert abs(integral(lambda t: CTX.exp(-t), 0, length) - (1 - CTX.exp(-length))) < 1e-70 * abs(CTX.expm1(-length))
    expected = CTX.atan(5 * CTX.mpf(length)) / 5  # a pole at a distance of 1/5
    assert abs(integral(lambda t: 1 / (1 + 25 * t * t), 0, length) - expected) < 1e-65 * abs(expected)


@pytest.mark.parametrize("place", [0.5, 1 / 3, 1e-3, 0.999999])
def test_a_bend_or_a_jump_inside_is_refused(place):
    middle = CTX.mpf(place) + CTX.pi / 10**9
    for function in (lambda t: 1 + abs(t - middle), lambda t: CTX.mpf(1 if t > middle else 2)):
        with pytest.raises(NotConverged):
            integral(function, 0, 1)


def test_a_layer_at_an_end_is_found_and_its_tail_is_not_divided_for_ever():
    calls = []

    def function(t):
        calls.append(t)
        return CTX.exp(-t)

    assert abs(integral(function, 0, 1e5) - 1) < 1e-64
    assert len(calls) < 4000
