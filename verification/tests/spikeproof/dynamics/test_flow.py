"""The flow between events and the crossing search, against high precision."""

import math

import mpmath
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from spikeproof.dynamics import crossing, flow
from spikeproof_verification.checks.tolerances import EPS

MP = mpmath.MPContext()
MP.dps = 80
taus = st.floats(0.05, 200.0)
intervals = st.one_of(st.just(0.0), st.floats(1e-12, 500.0))


def exact_convolution(dt, tau_mem, tau_syn):
    dt, a, b = MP.mpf(dt), MP.mpf(tau_mem), MP.mpf(tau_syn)
    if a == b:
        return dt * MP.exp(-dt / a)
    return a * b / (b - a) * (MP.exp(-dt / b) - MP.exp(-dt / a))


def exact_v(v, i, dt, tau_mem, tau_syn):
    convolution = exact_convolution(dt, tau_mem, tau_syn)
    return MP.mpf(v) * MP.exp(-MP.mpf(dt) / MP.mpf(tau_mem)) + MP.mpf(i) * convolution / MP.mpf(tau_mem)


@given(intervals, taus, taus)
@example(1.0, 8.0, 8.0 * (1 - 2.0**-52))
@example(1.0, 8.0, 8.0)
@example(700.0, 0.1, 1000.0)
@example(700.0, 1000.0, 0.1)
def test_the_convolution_is_exact_for_every_ratio_of_time_constants(dt, tau_mem, tau_syn):
    _, _, j = flow.decays(dt, tau_mem, tau_syn)
    expected = exact_convolution(dt, tau_mem, tau_syn)
    rounding = 1 + dt / min(tau_mem, tau_syn)  # of the exponents
    assert abs(j - expected) <= 8 * EPS * rounding * expected + 1e-300


@pytest.mark.parametrize("k", range(1, 54))
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_convolution_is_exact_at_ratios_close_to_one(k, sign):
    tau_mem = 8.0
    tau_syn = tau_mem * (1.0 + sign * 2.0**-k)
    _, _, j = flow.decays(3.0, tau_mem, tau_syn)
    assert abs(j / exact_convolution(3.0, tau_mem, tau_syn) - 1) < 4 * EPS


@given(st.floats(0, 30), st.floats(0, 30), taus, taus)
def test_two_steps_of_the_flow_are_one_step_of_their_sum(a, b, tau_mem, tau_syn):
    def step(v, i, dt):
        e_mem, e_syn, j = flow.decays(dt, tau_mem, tau_syn)
        return v * e_mem + i * j / tau_mem, i * e_syn

    v, i = step(*step(0.25, 2.0, a), b)
    v1, i1 = step(0.25, 2.0, a + b)
    rounding = 16 * EPS * (1 + (a + b) / min(tau_mem, tau_syn))
    assert abs(v - v1) <= rounding * v1 + 1e-300
    assert abs(i - i1) <= rounding * i1 + 1e-300


@given(st.floats(-5, 0.999), st.floats(1.001, 50), taus, taus)
def test_the_peak_is_where_the_potential_meets_the_current(v, i, tau_mem, tau_syn):
    d = tau_syn / tau_mem - 1.0
    assume((i - v) / i * d > -0.999)
    t = crossing.peak_time(v, i, tau_mem, tau_syn)
    at_peak = exact_v(v, i, t, tau_mem, tau_syn)
    for near in (0.99 * t, 1.01 * t):
        assert exact_v(v, i, near, tau_mem, tau_syn) <= at_peak * (1 + 1e-12)


@given(st.floats(-5, 0.99), st.floats(1.01, 50), taus, taus)
def test_a_crossing_is_the_first_time_at_which_the_exact_potential_reaches_the_threshold(v, i, tau_mem, tau_syn):
    assume((i - v) / i * (tau_syn / tau_mem - 1.0) > -1)
    assume(crossing.has_peak_above(v, i, 1.0, tau_mem, tau_syn))
    peak = crossing.peak_time(v, i, tau_mem, tau_syn)
    t = crossing.refine_crossing(v, i, peak, 1.0, tau_mem, tau_syn)
    slope = (float(MP.mpf(i) * MP.exp(-MP.mpf(t) / MP.mpf(tau_syn))) - 1.0) / tau_mem
    assume(slope > 1e-6)
    excess = exact_v(v, i, t, tau_mem, tau_syn) - 1
    # error of the time <= a few eps (t + 1/Vdot), with the size of the terms in the threshold condition
    assert abs(excess / slope) <= 16 * EPS * (t + (1 + abs(v)) / slope)
    assert exact_v(v, i, t * (1 - 1e-9), tau_mem, tau_syn) < 1


@pytest.mark.parametrize("margin", [1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize(("tau_mem", "tau_syn"), [(20.0, 5.0), (10.0, 10.0), (5.0, 20.0), (4.0, 2.0)])
def test_a_peak_just_above_the_threshold_is_seen_and_one_just_below_is_not(margin, tau_mem, tau_syn):
    d = tau_syn / tau_mem - 1.0
    unit = math.exp(math.log1p(d) / d) if d else math.e  # current whose peak is 1
    assert crossing.has_peak_above(0.0, unit * (1 + margin), 1.0, tau_mem, tau_syn)
    assert not crossing.has_peak_above(0.0, unit * (1 - margin), 1.0, tau_mem, tau_syn)


def test_double_time_constant_gives_the_root_of_a_quadratic():
    # tau_mem = 2 tau_syn: V = i (x - x^2) with x = exp(-t / tau_mem)
    i = 8.0
    x = (1 + math.sqrt(1 - 4 / i)) / 2
    t = crossing.refine_crossing(0.0, i, crossing.peak_time(0.0, i, 20.0, 10.0), 1.0, 20.0, 10.0)
    assert t == pytest.approx(-20.0 * math.log(x), rel=16 * EPS, abs=0.0)


def test_equal_time_constants_give_the_lambert_w_function():
    # V = i (t / tau) exp(-t / tau) = 1 has the solution t = -tau W(-1 / i)
    i = 5.0
    exact = -8 * MP.lambertw(MP.mpf(-1) / 5).real
    t = crossing.refine_crossing(0.0, i, crossing.peak_time(0.0, i, 8.0, 8.0), 1.0, 8.0, 8.0)
    assert abs(t - exact) <= 8 * EPS * exact
