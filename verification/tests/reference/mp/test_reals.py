"""The reference's numbers of gmpy2: the bits of mpmath, and mpmath itself beyond their range."""

from decimal import Decimal

import pytest
from mpmath import MPContext

import spikeproof_reference.mp.adjoint as adjoint_module
import spikeproof_reference.mp.sensitivity as sensitivity_module
from spikeproof import (
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
from spikeproof_reference import MpEngine
from spikeproof_reference.mp.reals import OUT_OF_RANGE, Reals, Unchanged
from spikeproof_verification.checks.reference import flat_gradient


def context(digits=50):
    ctx = MPContext()
    ctx.dps = digits
    return ctx


def loop():
    """Two neurons that excite each other, with unequal delays."""
    network = Network(
        (Input("in", 2),), (Population("h", 2),), (Projection("in", "h", 0.25), Projection("h", "h", 1.5))
    )
    weights = {"in->h": [[3.0, 2.5], [1.0, 2.0]], "h->h": [[-0.5, 0.75], [1.25, 0.5]]}
    neurons = {"h": NeuronParameters([20.0, 12.0], [5.0, 12.0 * (1 + 1e-9)], [1.0, 0.8], bias=0.1)}
    stimulus = Stimulus.of_channels([[0.0, 3.0], [1.0, 7.0]], 20.0)
    return Problem(network, Parameters(weights, neurons), stimulus, SpikeTimeSum("h"))


@pytest.mark.parametrize("text", ["0", "1", "-1", "0.1", "-3e77", "1e-4000", "123456789e999999"])
def test_numbers_come_back_unchanged(text):
    ctx = context()
    numbers, x = Reals(ctx), ctx.mpf(text)
    assert numbers.mpf(numbers.real(x)) == x
    assert numbers.real(numbers.real(x)) == numbers.real(x)


def test_bits_beyond_the_precision_are_kept():
    ctx = context(20)
    with ctx.extraprec(300):
        x = ctx.mpf(1) / 3
    assert Reals(ctx).mpf(Reals(ctx).real(x))._mpf_ == x._mpf_


def test_operations_have_the_bits_of_mpmath():
    ctx = context()
    a, b = ctx.mpf(2) / 3, ctx.mpf(-5) / 7
    with Reals(ctx) as numbers:
        x, y = numbers.real(a), numbers.real(b)
        pairs = [(x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b), (-x, -a)]
        assert all(numbers.mpf(got)._mpf_ == wanted._mpf_ for got, wanted in pairs)


def test_the_precision_of_others_is_left_alone():
    before = Reals(context()).real(context().mpf(1)) / 3
    with Reals(context(200)):
        pass
    assert Reals(context()).real(context().mpf(1)) / 3 == before


@pytest.mark.parametrize("text", ["inf", "nan"])
def test_what_is_not_finite_is_refused(text):
    ctx = context()
    with pytest.raises(ValueError, match="not finite"):
        Reals(ctx).real(ctx.mpf(text))


@pytest.mark.parametrize("exponent", [10**20, -(10**20), 2**62, -(2**62) - 300])
def test_exponents_out_of_range_are_noticed(exponent):
    ctx = context()
    with pytest.raises(OUT_OF_RANGE):
        Reals(ctx).real(ctx.ldexp(ctx.mpf(3), exponent))


def test_results_that_leave_the_range_are_noticed():
    ctx = context()
    with Reals(ctx) as numbers:
        large = numbers.real(ctx.ldexp(ctx.mpf(1), 2**29))
        with pytest.raises(OUT_OF_RANGE):
            _powers(large)
        with pytest.raises(OUT_OF_RANGE):
            _powers(1 / large)


def _powers(x):
    """Squares of squares, up to the exponent 2^63."""
    for _ in range(34):
        x = x * x


@pytest.mark.parametrize("gradient", ["adjoint", "sensitivity"])
def test_gradients_have_the_bits_of_mpmath(gradient, monkeypatch):
    """As do those that are computed anew when numbers turn out to be beyond the range."""
    problem = loop()
    fast = flat_gradient(MpEngine(gradient=gradient).solve(problem))
    assert len({x._mpf_ for x in fast}) > 20
    for module in (adjoint_module, sensitivity_module):
        monkeypatch.setattr(module, "Reals", Unchanged)
    slow = flat_gradient(MpEngine(gradient=gradient).solve(problem))
    for module in (adjoint_module, sensitivity_module):
        monkeypatch.setattr(module, "Reals", _Failing)
    again = flat_gradient(MpEngine(gradient=gradient).solve(problem))
    assert [x._mpf_ for x in fast] == [x._mpf_ for x in slow] == [x._mpf_ for x in again]


class _Failing(Reals):
    """Fails when a good part of the pass is done."""

    calls = 0

    def real(self, x):
        self.calls += 1
        if self.calls > 300:
            raise OverflowError("beyond the range")
        return super().real(x)


def test_numbers_beyond_the_range_of_gmpy2_are_solved_all_the_same():
    network = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n"),))
    neurons = {"n": NeuronParameters(Decimal(20), Decimal("2e-29"))}
    parameters = Parameters({"in->n": [[Decimal("1.7e30")]]}, neurons)
    problem = Problem(network, parameters, Stimulus.of_channels([[0.0]], 30.0), SpikeTimeSum("n"))
    a, b = (flat_gradient(MpEngine(gradient=g).solve(problem)) for g in ("adjoint", "sensitivity"))
    assert len(a) > 5
    assert all(abs(x - y) <= 1e-40 * abs(x) for x, y in zip(a, b, strict=True))
