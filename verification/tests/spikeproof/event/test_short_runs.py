"""Gradients keep their digits where a run, or an interval of it, is short against the membrane time constant."""

import mpmath as mp
import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    ExponentialWeight,
    NeuronParameters,
    SpikeTimeSum,
    Stimulus,
    VoltageIntegral,
)
from spikeproof_verification.checks.tolerances import EPS

DURATION = 60.0
LONG = [1e3, 1e5, 1e7, 1e9, 1e12]


def one_neuron(kind, neuron, weight, loss, duration=DURATION, arrivals=(15.0,)):
    stimulus = Stimulus.of_samples([(list(arrivals), [0] * len(arrivals))], duration=duration)
    return one_layer([[weight]], stimulus, neuron, loss, kind=kind, name="a")


def integral_of_v(tau_mem, tau_syn, bias, v_init, i_init, weight, rate):
    """The integral of ``exp(-rate t) V`` over [0, T] of a leaky integrator, in the arithmetic of mpmath."""

    def lasting(a, t):
        return (1 - mp.exp(-a * t)) / a if a else t

    total = (v_init - bias) * lasting(rate + 1 / tau_mem, DURATION) + bias * lasting(rate, DURATION)
    for start, current in ((0, i_init), (15, weight)):
        left = DURATION - start
        gain = tau_syn / (tau_syn - tau_mem) * current * mp.exp(-rate * start)
        total += gain * (lasting(rate + 1 / tau_syn, left) - lasting(rate + 1 / tau_mem, left))
    return total


@pytest.mark.parametrize("tau_mem", LONG)
@pytest.mark.parametrize("weight", ["sum", "mean", "exponential"])
def test_gradients_of_integrals_of_v_are_exact_however_long_the_membrane_takes(tau_mem, weight):
    with mp.workdps(90):
        numbers = {"tau_mem": tau_mem, "tau_syn": 5.0, "bias": 0.2, "v_init": 0.3, "i_init": 0.5}
        g, rate = (ExponentialWeight(20.0), mp.mpf(1) / 20) if weight == "exponential" else (weight, mp.mpf(0))
        scale = 1 / mp.mpf(DURATION) if weight == "mean" else 1
        problem = one_neuron("li", NeuronParameters(**numbers), 3.0, VoltageIntegral("a", weight=g))
        found = EventEngine().solve(problem)
        values = {name: mp.mpf(x) for name, x in numbers.items()}
        for name, x in values.items():
            h = x * mp.mpf(10) ** -30
            up, down = (integral_of_v(**{**values, name: x + s * h}, weight=3, rate=rate) for s in (1, -1))
            expected = scale * (up - down) / (2 * h)
            gradient = getattr(found.gradients.neurons["a"], name)[0]
            assert abs(gradient - expected) <= 16 * EPS * abs(expected), name


@pytest.mark.parametrize("tau_mem", LONG)
def test_the_gradient_of_a_sum_of_v_by_the_bias_is_t_minus_what_has_leaked(tau_mem):
    """A spiking neuron that does not spike has the same closed form: T - tau (1 - exp(-T / tau))."""
    neuron = NeuronParameters(tau_mem, 5.0, v_th=1.0, v_reset=0.0)
    problem = one_neuron("lif", neuron, 0.5, VoltageIntegral("a", weight="sum"))
    with mp.workdps(60):
        expected = DURATION + tau_mem * mp.expm1(-DURATION / mp.mpf(tau_mem))
    found = EventEngine().solve(problem).gradients.neurons["a"].bias[0]
    assert abs(found - expected) <= 8 * EPS * expected


def test_a_spike_time_has_its_gradients_however_soon_the_spike_comes():
    """V starts a rounding below the threshold: t = gap / Vdot, dt/dbias = -t / (tau_mem Vdot), all of first order."""
    gap, current, tau_mem = 2.0**-53, 5.0, 20.0
    neuron = NeuronParameters(tau_mem, 5.0, v_th=1.0, v_init=1.0 - gap, i_init=current)
    found = EventEngine().solve(one_neuron("lif", neuron, 1.0, SpikeTimeSum("a"), duration=0.02))
    slope = (current - 1.0) / tau_mem
    t = gap / slope
    assert found.spikes.times.tolist() == pytest.approx([t], rel=4 * EPS, abs=0.0)
    expected = {
        "bias": -t / (tau_mem * slope),
        "i_init": -t / (tau_mem * slope),
        "v_init": -1 / slope,
        "tau_mem": t / 20,
    }
    for name, value in expected.items():
        assert getattr(found.gradients.neurons["a"], name)[0] == pytest.approx(value, rel=8 * EPS, abs=0.0), name


def test_the_same_small_step_taken_100_000_times_is_not_rounded_the_same_way_each_time():
    """A quadrature of g(t) V whose nodes lie tau_syn apart, 4000 of them within tau_mem."""
    tau_mem, tau_syn, duration = 20.0, 0.005, 80.0
    neuron = NeuronParameters(tau_mem, tau_syn, bias=0.1, v_init=0.3)
    loss = VoltageIntegral("a", weight=lambda t: 1.0 / (1.0 + t))
    problem = one_neuron("li", neuron, 3000.0, loss, duration, np.arange(0.5, 70.0, 0.7).tolist())
    found = EventEngine().solve(problem)
    with mp.workdps(30):
        expected = mp.quad(lambda t: mp.exp(-t / tau_mem) / (1 + t), [0, 5, 20, duration])  # dV/dv_init
        by_bias = mp.log(1 + duration) - expected
    assert abs(found.gradients.neurons["a"].v_init[0] - expected) <= 16 * EPS * expected
    assert abs(found.gradients.neurons["a"].bias[0] - by_bias) <= 16 * EPS * by_bias
