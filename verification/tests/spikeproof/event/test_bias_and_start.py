"""Bias currents and initial states in the event engine, against closed forms."""

import math

import mpmath
import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)

EPS = np.finfo(float).eps


def one_neuron(duration=100.0, weight=0.0, recurrent=False, loss=None, times=(), kind="lif", **parameters):
    parameters = {"tau_mem": 20.0, "tau_syn": 5.0, **parameters}
    loop = (Projection("n", "n", 1.0, name="loop"),) if recurrent else ()
    network = Network((Input("in", 1),), (Population("n", 1, kind),), (Projection("in", "n", name="in"), *loop))
    weights = {"in": [[weight]], **({"loop": [[0.0]]} if recurrent else {})}
    stimulus = Stimulus.of_samples([(list(times), [0] * len(times))], duration)
    return Problem(network, Parameters(weights, {"n": NeuronParameters(**parameters)}), stimulus, loss)


def spike_times(problem):
    return EventEngine().solve(problem).spikes.times


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize(("bias", "v_reset"), [(1.5, 0.0), (1.01, 0.0), (40.0, -3.0)])
def test_a_bias_above_threshold_makes_a_neuron_fire_at_its_period(bias, v_reset, recurrent):
    period = 20.0 * math.log((bias - v_reset) / (bias - 1.0))
    first = 20.0 * math.log(bias / (bias - 1.0))
    times = spike_times(one_neuron(bias=bias, v_reset=v_reset, recurrent=recurrent))
    expected = np.arange(first, 100.0, period)
    assert len(times) == len(expected)
    np.testing.assert_allclose(times, expected, rtol=64 * EPS / min(1.0, bias - 1.0))


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("bias", [0.0, 0.5, 0.999, 1.0])
def test_a_bias_up_to_the_threshold_never_makes_a_neuron_fire(bias, recurrent):
    solution = EventEngine().solve(one_neuron(duration=1e4, bias=bias, recurrent=recurrent))
    assert len(solution.spikes) == 0
    assert solution.v_end[0, 0] == pytest.approx(bias * -math.expm1(-500.0), rel=4 * EPS, abs=0.0)


@pytest.mark.parametrize("recurrent", [False, True])
def test_a_potential_that_falls_first_crosses_where_it_has_risen_again(recurrent):
    bias, i_init = 1.5, -4.0
    (time, *_) = spike_times(one_neuron(duration=200.0, bias=bias, i_init=i_init, v_init=0.9, recurrent=recurrent))
    with mpmath.workdps(40):
        b, i, v0 = mpmath.mpf(bias), mpmath.mpf(i_init), mpmath.mpf(0.9)

        def v(t):
            slow, fast = mpmath.exp(-t / 20), mpmath.exp(-t / 5)
            return v0 * slow + b * (1 - slow) + i * mpmath.mpf(5) / 15 * (slow - fast)

        expected = mpmath.findroot(lambda t: v(t) - 1, (10, 60), solver="anderson", tol=1e-60)
        assert min(v(t) for t in np.linspace(0, float(expected), 200)) < 0.5
        assert abs(time - expected) <= 32 * EPS * expected


@pytest.mark.parametrize("recurrent", [False, True])
def test_an_initial_current_is_an_input_at_the_start(recurrent):
    by_input = EventEngine().solve(one_neuron(weight=16.0, times=[0.0], recurrent=recurrent))
    by_current = EventEngine().solve(one_neuron(i_init=16.0, recurrent=recurrent))
    assert len(by_input.spikes) > 1
    np.testing.assert_array_equal(by_input.spikes.times, by_current.spikes.times)
    np.testing.assert_array_equal(by_input.v_end, by_current.v_end)


def test_shifting_all_potentials_shifts_nothing_else():
    # powers of two: V - bias has the same bits
    plain = one_neuron(weight=6.0, times=[1.0, 5.0, 9.0], loss=SpikeTimeSum("n"))
    shifted = one_neuron(
        weight=6.0, times=[1.0, 5.0, 9.0], loss=SpikeTimeSum("n"), bias=0.5, v_init=0.5, v_reset=0.5, v_th=1.5
    )
    a, b = EventEngine().solve(plain), EventEngine().solve(shifted)
    assert len(a.spikes) > 1
    np.testing.assert_array_equal(a.spikes.times, b.spikes.times)
    np.testing.assert_array_equal(a.gradients.weights["in"], b.gradients.weights["in"])
    np.testing.assert_array_equal(a.v_end + 0.5, b.v_end)


def test_the_period_of_a_driven_neuron_has_the_closed_derivatives():
    bias, v_th, v_reset, tau = 1.5, 1.0, -0.25, 20.0
    problem = one_neuron(duration=60.0, bias=bias, v_reset=v_reset, loss=SpikeTimeSum("n"))
    solution = EventEngine().solve(problem)
    n = len(solution.spikes)
    assert n == 2
    # t_1 = tau log(b / (b - v_th)), t_2 = t_1 + tau log((b - v_reset) / (b - v_th))
    g = solution.gradients.neurons["n"]
    by_v_th = tau / (bias - v_th) * 3
    by_v_reset = -tau / (bias - v_reset)
    by_bias = 2 * tau * (1 / bias - 1 / (bias - v_th)) + tau * (1 / (bias - v_reset) - 1 / (bias - v_th))
    by_tau = 2 * math.log(bias / (bias - v_th)) + math.log((bias - v_reset) / (bias - v_th))
    by_v_init = -2 * tau / bias
    found = [g.v_th[0], g.v_reset[0], g.bias[0], g.tau_mem[0], g.v_init[0], g.tau_syn[0]]
    np.testing.assert_allclose(found[:5], [by_v_th, by_v_reset, by_bias, by_tau, by_v_init], rtol=64 * EPS)
    assert found[5] == 0.0
