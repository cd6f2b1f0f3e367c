"""Dual numbers, and the plain discrete network on a neuron that can be solved by hand."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest

import spikeproof as sp
from spikeproof_reference.lesson.discrete import Coefficients, coefficients, path
from spikeproof_reference.lesson.dual import Dual, chained, detached
from spikeproof_reference.lesson.grid_losses import Functions, dual_functions
from spikeproof_verification.checks.tolerances import EPS

FUNCTIONS = dual_functions(Functions(math.exp, math.log, float))


def test_arithmetic_carries_derivatives_exactly():
    x = Dual(Fraction(2, 3), Fraction(1))
    y = (3 - x) * x / (1 + x) - 2 / x
    value = Fraction(2, 3)
    assert y.x == (3 - value) * value / (1 + value) - 2 / value
    slope = ((3 - 2 * value) * (1 + value) - (3 - value) * value) / (1 + value) ** 2 + 2 / value**2
    assert y.dx == slope


def test_functions_carry_derivatives():
    y = FUNCTIONS.log(FUNCTIONS.exp(Dual(0.5, 1.0)) + 1.0)
    assert y.x == pytest.approx(math.log1p(math.exp(0.5)), abs=4 * EPS)
    assert y.dx == pytest.approx(1 / (1 + math.exp(-0.5)), abs=4 * EPS)


def test_numbers_compare_by_value_and_can_be_detached():
    small, large = Dual(1.0, 5.0), Dual(2.0, -5.0)
    assert small < large
    assert large > 1.5
    assert max(small, large) is large
    assert detached(small) == 1.0
    assert detached(3.0) == 3.0


def test_a_step_takes_any_derivative():
    step = chained(lambda x: 1 if x > 0 else 0, lambda x: 1 / (1 + abs(x)))
    assert step(Dual(3.0, 2.0)) == Dual(1, 0.5)
    assert step(-1.0) == 0


def one_neuron(delay=0.0):
    """One channel, one neuron, one readout."""
    network = sp.chain(1, 1, sp.Layer(1, kind="li", delay=delay))
    neurons = {"hidden": sp.NeuronParameters(2.0, 2.0), "output": sp.NeuronParameters(2.0, 2.0)}
    stimulus = sp.Stimulus.of_channels([[0.0, 1.5]], 6.0)
    return sp.Problem(network, sp.Parameters(sp.constant_weights(network, 4.0), neurons), stimulus)


HALVES = Coefficients(*([Fraction(1, 2)] * 2,) * 3, [0, 0], [1, None], [0, 0], [0, 0])


def test_a_neuron_goes_on_as_by_hand():
    found = path(one_neuron(), 1.0, HALVES, {"input->hidden": [[4]], "hidden->output": [[4]]})
    # I: 0 4 6 3 ...; V: 0 0 2, reset, 3, reset, 3/2, reset, 3/4; spikes in steps 2, 3, 4
    assert [v[0] for v in found.v] == [0, 0, 2, 3, Fraction(3, 2), Fraction(3, 4), Fraction(3, 4)]
    assert [s[0] for s in found.s] == [0, 0, 1, 1, 1, 0]
    assert [v[1] for v in found.v] == [0, 0, 0, 0, 2, 4, Fraction(11, 2)]


def test_a_delay_shifts_arrivals_by_whole_steps():
    prompt, late = (
        path(one_neuron(d), 1.0, HALVES, {"input->hidden": [[4]], "hidden->output": [[4]]}).v for d in (0.0, 2.0)
    )
    assert [v[1] for v in late[2:]] == [v[1] for v in prompt[:-2]]
    assert [v[0] for v in late] == [v[0] for v in prompt]


def test_delta_synapses_add_to_the_potential():
    jumps = replace(HALVES, b=[0, 0], c=[1, 1])
    found = path(one_neuron(), 1.0, jumps, {"input->hidden": [[4]], "hidden->output": [[4]]}, synapse="delta")
    assert [v[0] for v in found.v] == [0, 4, 4, 0, 0, 0, 0]
    assert [s[0] for s in found.s] == [0, 1, 1, 0, 0, 0]
    assert [v[1] for v in found.v] == [0, 0, 4, 6, 3, Fraction(3, 2), Fraction(3, 4)]


def test_coefficients_are_those_of_the_flow_over_a_step():
    found = coefficients(one_neuron(), 0.5, "exponential", dps=20)
    assert float(found.a[0]) == pytest.approx(math.exp(-0.25), abs=2 * EPS)
    assert float(found.c[0]) == pytest.approx(0.25 * math.exp(-0.25), abs=2 * EPS)
    assert found.v_th[1] is None
    close = sp.Problem(
        sp.chain(1, 1), sp.Parameters({"input->output": [[1.0]]}, {"output": sp.NeuronParameters(2.0, 2.0 + 2**-40)}),
        sp.Stimulus.of_channels([[]], 1.0),
    )  # fmt: skip
    first_order = 0.25 * math.exp(-0.25) * (1 + 2.0**-44)  # 1 + x / 2 of (kernel-phi)
    assert float(coefficients(close, 0.5, "exponential").c[0]) == pytest.approx(first_order, abs=2 * EPS)
    assert float(coefficients(close, 0.5, "delta").c[0]) == 1.0
