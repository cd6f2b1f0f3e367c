"""First crossings of polynomials: none is missed, none is invented, and what cannot be told is said."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from spikeproof_reference.ode.polynomial import Polynomial, Unresolved
from spikeproof_verification.checks.tolerances import SHORT_RUN

CONTEXTS = {"floats": (mpmath.fp, 1e-13), "mpmath": (mpmath.MPContext(), mpmath.mpf(10) ** -13)}


def with_roots(ctx, noise, roots, factor=1.0):
    coefficients = np.array([factor])
    for root in roots:
        coefficients = np.convolve(coefficients, [-root, 1.0])
    return Polynomial(ctx, [ctx.mpf(float(c)) for c in coefficients], noise, 6 * noise**0.5)


@pytest.fixture(params=CONTEXTS)
def arithmetic(request):
    return CONTEXTS[request.param]


@pytest.mark.parametrize(
    ("roots", "factor", "first"),
    [
        ([0.25], 1.0, 0.25),
        ([0.25, 2.0], -1.0, 0.25),
        ([0.5, 0.5 + 2.0**-10], -1.0, 0.5),
        ([0.125, 0.25, 0.5], 1.0, 0.125),
        ([0.75, 1.5, -0.5, -1.0], -1.0, 0.75),
        ([1.0], 1.0, 1.0),
    ],
)
def test_the_first_root_is_found(arithmetic, roots, factor, first):
    assert with_roots(*arithmetic, roots, factor).first_crossing() == pytest.approx(first, abs=SHORT_RUN)


@pytest.mark.parametrize(("roots", "factor"), [([1.0 + 2.0**-20], 1.0), ([-0.5, -0.25], -1.0), ([1.25, 1.5, 3.0], 1.0)])
def test_roots_outside_are_no_crossings(arithmetic, roots, factor):
    assert with_roots(*arithmetic, roots, factor).first_crossing() is None


def test_complex_pairs_near_the_interval_are_no_crossings(arithmetic):
    ctx, noise = arithmetic
    touching = Polynomial(ctx, [ctx.mpf(c) for c in (-0.25 - 2.0**-20, 1.0, -1.0)], noise, noise)
    assert touching.first_crossing() is None


def test_a_double_root_is_not_decided(arithmetic):
    with pytest.raises(Unresolved):
        with_roots(*arithmetic, [0.375, 0.375], -1.0).first_crossing()


def test_a_start_above_zero_is_not_decided(arithmetic):
    with pytest.raises(Unresolved):
        with_roots(*arithmetic, [-0.5], 1.0).first_crossing()


def test_a_start_at_zero_that_rises_is_a_crossing(arithmetic):
    ctx, noise = arithmetic
    assert Polynomial(ctx, [ctx.zero, ctx.one, -ctx.one], noise, noise).first_crossing() == 0
