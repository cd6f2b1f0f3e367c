"""Functions of the user in the references: one function for float64 and for any number of digits, or a refusal."""

import math
import re
from decimal import Decimal

import mpmath
import numpy as np
import pytest
from mp_gradients import along, assert_close, assert_each_close, direction_of, flat
from own_losses import OfSpikes, OfVoltages, problem

from spikeproof import (
    EventEngine,
    ExponentialWeight,
    InstantaneousCrossEntropy,
    InvalidInput,
    LossSum,
    SpikeTimeFunction,
    SpikeTimeSum,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
)
from spikeproof.losses import SMOOTH, VoltageAt
from spikeproof_reference import MpEngine, central_difference, evaluated, voltage_evaluated
from spikeproof_reference.mp.losses.number import FUNCTIONS
from spikeproof_reference.mp.losses.own_functions import given, returned
from spikeproof_reference.ode.engine import OdeEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, RUN

CTX = mpmath.MPContext()
CTX.dps = 60


def late(trains):
    """Sum over spikes of t exp(-t / 20)."""
    return sum(np.sum(t * np.exp(-t / 20)) for t in trains), [(1 - t / 20) * np.exp(-t / 20) for t in trains]


def surprise(v, _t, _sample):
    """-log softmax(V)[1]."""
    weight = np.exp(v - np.max(v, axis=1, keepdims=True))
    share = weight / np.sum(weight, axis=1, keepdims=True)
    slopes = share.copy()
    slopes[:, 1] -= 1
    return -np.log(share[:, 1]), slopes


def growth(v, _t, _sample):
    """The exponential of the first V times the second."""
    grown = np.exp(v[:, 0])
    return grown * v[:, 1], np.stack([grown * v[:, 1], grown], axis=1)


def softplus(v):
    return np.sum(np.log1p(np.exp(v))), 1 / (1 + np.exp(-v))


def decay(t):
    return np.exp(-t / 7)


def hill(t):
    return np.stack([np.tanh(t / 9) / 4, np.sqrt(1 + t) / 8], axis=1)


LOSSES = {
    "spike times": SpikeTimeFunction("hidden", late),
    "V along the path": VoltagePathIntegral("readout", surprise, v_width=SMOOTH, t_width=SMOOTH),
    "V at given times": VoltageFunction("hidden", [2.0, 11.0], softplus),
    "weight": VoltageIntegral("hidden", weight=decay, t_width=SMOOTH),
    "target": TargetTrace("readout", hill, t_width=SMOOTH),
}


@pytest.mark.parametrize("name", LOSSES)
def test_one_function_serves_float64_and_has_the_gradient_of_its_difference_to_25_digits(name):
    p = problem(LOSSES[name], n_samples=1)
    exact, fast = MpEngine(dps=40).solve(p), EventEngine().solve(p)
    assert fast.loss == pytest.approx(float(exact.loss), rel=RUN, abs=0.0)
    assert np.allclose(
        fast.gradients.input_times, exact.gradients.input_times.astype(float), rtol=AMPLIFIED, atol=AMPLIFIED
    )
    direction = direction_of(p)
    assert_close([central_difference(p, direction, 30)], [along(p, exact.gradients, direction)], 25)


def test_a_function_of_spike_times_has_all_the_digits_of_an_own_evaluation():
    solution = MpEngine(dps=50).solve(problem(LOSSES["spike times"]))
    expected = sum(CTX.convert(t) * CTX.exp(-CTX.convert(t) / 20) for t in solution.spikes.times) / 2
    assert len(solution.spikes) > 5
    assert_close([solution.loss], [expected], 50)


@pytest.mark.parametrize(
    ("own", "shipped"),
    [
        (LOSSES["V along the path"], InstantaneousCrossEntropy("readout", [1])),
        (LOSSES["weight"], VoltageIntegral("hidden", weight=ExponentialWeight(7.0))),
    ],
    ids=["cross-entropy", "weight"],
)
def test_a_function_with_exponentials_is_the_shipped_loss_in_40_digits(own, shipped):
    a, b = (MpEngine(dps=45).solve(problem(loss, n_samples=1)) for loss in (own, shipped))
    assert_close([a.loss], [b.loss], 40)
    assert_each_close(flat(a.problem, a.gradients), flat(b.problem, b.gradients), 38)


def test_the_ode_engine_takes_the_same_functions():
    path = VoltagePathIntegral("readout", growth)
    loss = LossSum([(1.0, LOSSES["spike times"]), (0.5, path), (2.0, LOSSES["weight"])])
    p = problem(loss, n_samples=1, duration=6.0)
    a, b = OdeEngine(dps=20).solve(p), MpEngine(dps=30).solve(p)
    assert_close([a.loss], [b.loss], 20)
    assert_close(flat(p, a.gradients), flat(p, b.gradients), 18)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_elementary_functions_of_numpy_have_all_digits(name):
    x = CTX.mpf(4) / 3 if name == "arccosh" else CTX.mpf(1) / 3
    (found,) = returned(CTX, "x", getattr(np, name)(given([x])), (1,))
    assert float(found) == pytest.approx(getattr(np, name)(float(x)), rel=1e-15, abs=0.0)
    inverse = {
        "exp": "log",
        "log": "exp",
        "expm1": "log1p",
        "log1p": "expm1",
        "sqrt": "square",
        "log10": None,
        "cbrt": None,
    }
    back = inverse.get(name, name[3:] if name.startswith("arc") else f"arc{name}")
    again = {"log10": lambda y: 10**y, "cbrt": lambda y: y**3}.get(name) or getattr(np, back)
    assert abs(again(given([found]))[0].value - x) < CTX.mpf(10) ** -58


LOSSES_OF_DIGITS = {
    "math.exp": (lambda x: math.exp(x[0]), "rounding to float64, as math.exp does, loses digits"),
    "a product with math.exp": (lambda x: x[0] * math.exp(x[0]), "rounding to float64"),
    "mpmath.exp": (lambda x: mpmath.exp(x[0]), "cannot create mpf from Number"),
    "a product with mpmath.exp": (lambda x: x[0] * mpmath.exp(x[0]), "cannot create mpf"),
    "mpmath.pi": (lambda x: x[0] * mpmath.pi, "unsupported operand"),
    "a number of mpmath": (lambda x: x[0] + mpmath.mpf(2), "unsupported operand"),
    "a number of mpmath alone": (lambda _: mpmath.mpf(2), "allowed: numbers made of those that were given"),
    "float": (lambda x: float(x[0]), "rounding to float64"),
    "an array of float64": (lambda x: x.astype(float)[0], "rounding to float64"),
    "a place in an array of float64": (lambda x: np.zeros(2).__setitem__(0, x[0]), "rounding to float64"),
    "single precision": (lambda _: np.float32(0.5), "numbers made of those that were given"),
    "a decimal": (lambda _: Decimal(1), "numbers made of those that were given"),
    "a boolean": (lambda x: x[0] > 0, "numbers made of those that were given"),
    "a time difference": (lambda _: np.timedelta64(1, "s"), "numbers made of those that were given"),
    "a complex number": (lambda x: x[0] + 1j, "unsupported operand"),
    "a complex root": (lambda x: np.sqrt(-1 - x[0] * x[0]), "not a number"),
    "division by zero": (lambda x: 1 / (x[0] - x[0]), "not a number"),
    "an infinity": (lambda _: math.inf, "got inf"),
    "a function that it does not have": (lambda x: np.exp2(x[0]), "no callable exp2 method"),
    "a function of float64 alone": (lambda x: np.logaddexp(x[0], x[0]), "ufunc 'logaddexp' not supported"),
}


@pytest.mark.parametrize("name", LOSSES_OF_DIGITS)
@pytest.mark.parametrize("engine", [MpEngine(dps=30), OdeEngine(dps=20)], ids=["mp", "ode"])
def test_a_function_that_loses_digits_is_refused_in_one_line(name, engine):
    function, match = LOSSES_OF_DIGITS[name]
    own = {
        "loss.function": VoltageFunction("readout", [1.0, 2.0], lambda v: (function(v[:, 0]), v)),
        "loss.function, value": SpikeTimeFunction("hidden", lambda trains: (function(trains[0]), trains)),
    }
    for field, loss in own.items():
        with pytest.raises(InvalidInput) as caught:
            engine.solve(problem(LossSum([(1.0, SpikeTimeSum("hidden")), (1.0, loss)]), 1, duration=9.0))
        message = str(caught.value)
        assert "\n" not in message
        assert message.startswith("loss.terms[1].loss.function")
        assert re.search(match, message), (field, message)


def test_a_comparison_whose_outcome_may_change_on_the_way_is_refused_by_the_ode_engine():
    with pytest.raises(InvalidInput, match=r"loss.integrand: got .* not supported between instances of 'Series'"):
        OdeEngine(dps=20).solve(problem(LOSSES["V along the path"], n_samples=1))


def exponentials(x):
    return np.array([mpmath.exp(y) for y in x.ravel()], dtype=object).reshape(x.shape)


def maths(x):
    return np.array([math.exp(y) for y in x.ravel()]).reshape(x.shape)


@pytest.mark.parametrize("exp", [exponentials, maths], ids=["mpmath", "math"])
@pytest.mark.parametrize("engine", [MpEngine(dps=30), OdeEngine(dps=20)], ids=["mp", "ode"])
@pytest.mark.parametrize(
    ("field", "loss_with"),
    [
        ("loss.weight", lambda exp: VoltageIntegral("readout", weight=exp)),
        ("loss.integrand", lambda exp: VoltagePathIntegral("readout", lambda v, *_: (exp(v[:, 0]), v))),
        ("loss.target", lambda exp: TargetTrace("readout", lambda t: np.stack([exp(t), exp(-t)], axis=1))),
    ],
    ids=["weight", "integrand", "target"],
)
def test_functions_along_the_path_that_lose_digits_are_refused_by_name(field, loss_with, engine, exp):
    with pytest.raises(InvalidInput, match=f"^{field}: got .*; allowed: a function written with arithmetic"):
        engine.solve(problem(loss_with(exp), 1, duration=5.0))


WRONG_SHAPES = {
    "weight": (VoltageIntegral("readout", weight=lambda _: 2), r"loss.weight: got 'shape \(\)'"),
    "target": (TargetTrace("readout", lambda t: t[:, None]), "loss.target: got 'shape"),
    "density": (VoltagePathIntegral("readout", lambda v, *_: (v[:, :1], v)), "loss.integrand, values: got 'shape"),
    "slopes": (
        VoltagePathIntegral("readout", lambda v, *_: (v[:, 0], v[0])),
        "loss.integrand, derivatives: got 'shape",
    ),
    "pair": (VoltagePathIntegral("readout", lambda v, *_: v[0, 0]), "loss.integrand: got"),
    "value": (VoltageFunction("readout", [1.0], lambda v: (v[0], v)), "loss.function, values: got 'shape"),
    "columns": (SpikeTimeFunction("hidden", lambda t: (0, [x[:, None] for x in t])), r"derivatives\[0\]: got 'shape"),
    "a spike too few": (SpikeTimeFunction("hidden", lambda t: (0, [x[1:] for x in t])), "derivatives of lengths"),
}


@pytest.mark.parametrize("name", WRONG_SHAPES)
@pytest.mark.parametrize(
    "engine", [MpEngine(dps=20), OdeEngine(dps=20), OdeEngine("scipy")], ids=["mp", "taylor", "scipy"]
)
def test_wrong_shapes_are_refused_as_the_float64_engines_do(name, engine):
    loss, match = WRONG_SHAPES[name]
    with pytest.raises(InvalidInput, match=match):
        engine.solve(problem(loss, 1, duration=5.0))


def test_constants_of_a_function_are_binary64_and_exact():
    loss = VoltageFunction("readout", [3.0], lambda v: (np.sum(0.1 * v) + 1, np.full(v.shape, 0.1)))
    solution = MpEngine(dps=40).solve(problem(loss, n_samples=1))
    same = VoltageFunction("readout", [3.0], lambda v: (np.sum(v), np.ones(v.shape, int)))
    unit = MpEngine(dps=40).solve(problem(same, n_samples=1))
    assert_close([solution.loss], [CTX.mpf(0.1) * CTX.convert(unit.loss) + 1], 40)


def test_factors_of_sums_of_sums_keep_all_digits():
    factors = 0.1, Decimal("0.3"), 0.7
    whole = SpikeTimeSum("hidden")
    for factor in factors:
        whole = LossSum([(factor, whole)])
    a, b = (MpEngine(dps=45).solve(problem(loss, n_samples=1)) for loss in (whole, SpikeTimeSum("hidden")))
    product = CTX.mpf(0.1) * CTX.mpf("0.3") * CTX.mpf(0.7)
    assert_close([a.loss], [product * CTX.convert(b.loss)], 45)


class Form(OfSpikes):
    """A user's loss with a registered form that returns whatever it is made with."""


class FormOfVoltages(OfVoltages):
    """The same for V."""


@evaluated.register
def _(loss: Form, sample):
    return loss.returned(sample)


@voltage_evaluated.register
def _(loss: FormOfVoltages, observed):
    return loss.returned(observed)


def zeros(sample):
    return [[0] * len(train) for train in sample.trains]


@pytest.mark.parametrize(
    ("loss", "match"),
    [
        (Form(lambda s: (mpmath.exp(s.trains[0][0]), zeros(s))), "loss, value: got mpf"),
        (
            Form(lambda s: (math.exp(s.trains[0][0]), zeros(s))),
            "loss, value: got .*allowed: a number of the sample's context",
        ),
        (Form(lambda s: (s.ctx.nan, zeros(s))), "loss, value: got 'not a number'"),
        (Form(lambda s: (0, zeros(s)[:2])), "loss, derivatives: got .*allowed: a list of 3"),
        (Form(lambda s: (0, [[0.1] * len(train) for train in s.trains])), r"loss, derivatives\[0\]\[0\]: got 0.1"),
        (FormOfVoltages(lambda o: (o.numbers[0][0], o.numbers[0]), VoltageAt([1.0])), r"loss, derivatives: got"),
        (FormOfVoltages(lambda o: (0, [[o.ctx.inf]] * 2), VoltageAt([1.0])), r"loss, derivatives\[0\]\[0\]: got inf"),
    ],
)
def test_a_registered_form_that_loses_digits_or_shape_is_refused(loss, match):
    with pytest.raises(InvalidInput, match=match):
        MpEngine(dps=20).solve(problem(loss, n_samples=1))


def test_a_registered_form_may_return_whole_numbers():
    loss = Form(lambda s: (2, [[1.0] * len(train) for train in s.trains]))
    a, b = (MpEngine(dps=20).solve(problem(x, n_samples=1)) for x in (loss, SpikeTimeSum("hidden")))
    assert a.loss == 2
    assert flat(a.problem, a.gradients) == flat(b.problem, b.gradients)
