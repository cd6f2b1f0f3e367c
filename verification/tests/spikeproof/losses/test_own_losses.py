"""What a user's loss or function returns: taken as it is, or refused by name in one line, by every float64 engine."""

import re
from fractions import Fraction

import numpy as np
import pytest
from own_losses import OfSpikes, OfVoltages, problem

from spikeproof import (
    EventEngine,
    GridEngine,
    InvalidInput,
    LossSum,
    SpikeTimeFunction,
    SpikeTimeSum,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
)
from spikeproof.losses import MaxVoltage, VoltageAt, WeightedIntegral
from spikeproof.losses.checked import checked, mean
from spikeproof_reference.ode.engine import OdeEngine

ENGINES = [EventEngine(), EventEngine(threads=2), GridEngine(0.5)]
EVERY_ENGINE = pytest.mark.parametrize("engine", ENGINES, ids=["event", "two threads", "grid"])


def refusal(engine, loss, gradients="all"):
    with pytest.raises(InvalidInput) as caught:
        engine.solve(problem(loss), gradients)
    message = str(caught.value)
    assert "\n" not in message
    return message


def ones(spikes):
    return np.ones(len(spikes))


WRONG_SPIKE_LOSSES = {
    "one derivative per neuron": (lambda _: (np.zeros(2), np.ones(3)), "derivatives: got 'shape"),
    "derivatives of its own spikes, of one sample": (lambda s: (np.zeros(2), ones(s.sample(0))), "derivatives: got"),
    "no derivatives": (lambda _: (np.zeros(2), np.zeros(0)), r"derivatives: got 'shape \(0,\)'"),
    "derivatives too many": (lambda s: (np.zeros(2), np.ones(len(s) + 3)), "derivatives: got 'shape"),
    "one derivative for all": (lambda _: (np.zeros(2), 1.0), r"derivatives: got 'shape \(\)'"),
    "a column": (lambda s: (np.zeros(2), ones(s)[:, None]), "derivatives: got 'shape"),
    "a loss for the whole batch": (lambda s: (0.0, ones(s)), r"values: got 'shape \(\)'"),
    "one loss in a list": (lambda s: ([0.0], ones(s)), r"values: got 'shape \(1,\)'"),
    "a loss too many": (lambda s: (np.zeros(3), ones(s)), "values: got 'shape"),
    "complex": (lambda s: (np.zeros(2), ones(s) + 0j), "derivatives: got 'numbers of type complex128'"),
    "single precision": (
        lambda s: (np.zeros(2), ones(s).astype("f4")),
        "derivatives: got 'numbers of type float32'",
    ),
    "half precision": (lambda s: (np.zeros(2, "f2"), ones(s)), "values: got 'numbers of type float16'"),
    "booleans": (lambda s: (np.zeros(2), s.times > 0), "derivatives: got 'numbers of type bool'"),
    "strings": (lambda s: (["1.0", "2.0"], ones(s)), "values: got 'numbers of type <U3'"),
    "objects": (lambda s: (np.array([0.0, None]), ones(s)), r"values\[1\]: got None"),
    "inexact whole numbers": (lambda s: (np.array([0, 2**53 + 1]), ones(s)), r"values\[1\]: got 9007199254740993"),
    "a mask": (lambda s: (np.zeros(2), np.ma.masked_array(ones(s), True)), "derivatives: got masked_array"),
    "ragged": (lambda s: ([[0.0], [0.0, 1.0]], ones(s)), "values: got"),
    "not a number": (lambda s: (np.array([0.0, np.nan]), ones(s)), r"values\[1\]: got 'not a number'"),
    "infinite": (lambda s: (np.zeros(2), ones(s) * np.inf), r"derivatives\[0\]: got inf"),
    "nothing": (lambda _: None, "got None; allowed: a pair"),
    "three things": (lambda _: (0, 1, 2), r"got \(0, 1, 2\); allowed: a pair"),
}


@EVERY_ENGINE
@pytest.mark.parametrize("name", WRONG_SPIKE_LOSSES)
def test_a_loss_of_spike_times_that_returns_something_else_is_refused(engine, name):
    returned, match = WRONG_SPIKE_LOSSES[name]
    message = refusal(engine, OfSpikes(returned))
    assert message.startswith("loss.evaluate")
    assert re.search(match, message), message


@EVERY_ENGINE
@pytest.mark.parametrize("convert", [list, np.asarray, lambda x: x.astype(object), lambda x: x.astype(">f8")])
def test_right_numbers_in_another_container_give_the_same_bits(engine, convert):
    expected = engine.solve(problem(SpikeTimeSum("hidden")))

    def returned(spikes):
        value, slopes = SpikeTimeSum("hidden").evaluate(spikes, range(3), 30.0)
        return convert(value), convert(slopes)

    found = engine.solve(problem(OfSpikes(returned)))
    whole = engine.solve(problem(OfSpikes(lambda s: (np.zeros(2, int), np.ones(len(s), np.int8)))))
    assert found.loss == expected.loss
    for solution in (found, whole):
        assert np.array_equal(solution.gradients.weights["in->hidden"], expected.gradients.weights["in->hidden"])


WRONG_VOLTAGE_LOSSES = {
    "a loss for the whole batch": (lambda v: (v.sum(), np.ones(v.shape)), r"values: got 'shape \(\)'"),
    "slopes for one sample too few": (lambda v: (v.sum(axis=1), np.ones(v[1:].shape)), "derivatives: got 'shape"),
    "slopes for one sample too many": (lambda v: (v.sum(axis=1), np.ones((3, 2))), "derivatives: got 'shape"),
    "one slope per neuron": (lambda v: (v.sum(axis=1), np.ones(2)), "derivatives: got 'shape"),
    "complex": (lambda v: (v.sum(axis=1) + 1j, np.ones(v.shape)), "values: got 'numbers of type complex128'"),
    "not a number": (lambda v: (v.sum(axis=1), v * np.nan), r"derivatives\[0\]\[0\]: got 'not a number'"),
}


@EVERY_ENGINE
@pytest.mark.parametrize("name", WRONG_VOLTAGE_LOSSES)
def test_a_loss_of_potentials_that_returns_something_else_is_refused(engine, name):
    returned, match = WRONG_VOLTAGE_LOSSES[name]
    for observable in (MaxVoltage(), WeightedIntegral("mean")):
        message = refusal(engine, OfVoltages(returned, observable))
        assert message.startswith("loss.evaluate_voltage")
        assert re.search(match, message), message


def integral(function):
    return VoltagePathIntegral("readout", function)


WRONG_FUNCTIONS = {
    "density with a dimension too many": (
        integral(lambda v, *_: (v.sum(axis=1, keepdims=True), v)),
        "loss.integrand, values",
    ),
    "one density": (integral(lambda v, *_: (1.0, v)), "loss.integrand, values"),
    "complex density": (
        integral(lambda v, *_: (v[:, 0] * 1j, v)),
        "loss.integrand, values: got 'numbers of type compl",
    ),
    "slopes of one neuron": (integral(lambda v, *_: (v[:, 0], v[:, :1])), "loss.integrand, derivatives: got 'shape"),
    "slopes that are no numbers": (
        integral(lambda v, *_: (v[:, 0], v * np.nan)),
        r"derivatives\[0\]\[0\]: got 'not a n",
    ),
    "no slopes": (integral(lambda v, *_: v[:, 0].sum()), "loss.integrand: got"),
    "one weight": (VoltageIntegral("readout", weight=lambda _: 2.0), r"loss.weight: got 'shape \(\)'"),
    "weights in a column": (VoltageIntegral("readout", weight=lambda t: t[:, None]), "loss.weight: got 'shape"),
    "infinite weights": (VoltageIntegral("readout", weight=lambda t: t * np.inf), r"loss.weight\[0\]: got"),
    "weights in single precision": (
        VoltageIntegral("readout", weight=lambda t: t.astype("f4")),
        "loss.weight: got 'num",
    ),
    "one target": (TargetTrace("readout", lambda _: 0.5), r"loss.target: got 'shape \(\)'"),
    "targets in a column": (TargetTrace("readout", lambda t: t[:, None]), "loss.target: got 'shape"),
    "complex targets": (
        TargetTrace("readout", lambda t: np.ones((len(t), 2)) * 1j),
        "loss.target: got 'numbers of type c",
    ),
    "complex function of V": (
        VoltageFunction("readout", [3.0], lambda v: (v.sum() + 1j, v)),
        "loss.function, values: got",
    ),
    "slopes of V in a row": (
        VoltageFunction("readout", [3.0], lambda v: (0.0, v.T)),
        "loss.function, derivatives: got",
    ),
    "boolean slopes of V": (
        VoltageFunction("readout", [3.0], lambda v: (0.0, v > 0)),
        "loss.function, derivatives: got 'num",
    ),
    "complex function of spikes": (
        SpikeTimeFunction("hidden", lambda t: (1j, t)),
        "loss.function, value: got 'numbers",
    ),
    "function of spikes in a list": (
        SpikeTimeFunction("hidden", lambda t: ([0.0], t)),
        "loss.function, value: got 'shape",
    ),
    "derivatives in columns": (
        SpikeTimeFunction("hidden", lambda t: (0.0, [x[:, None] for x in t])),
        r"loss.function, derivatives\[0\]: got 'shape",
    ),
    "derivatives as strings": (
        SpikeTimeFunction("hidden", lambda t: (0.0, [x.astype(str) for x in t])),
        "numbers of type <U",
    ),
    "a derivative that is no list": (
        SpikeTimeFunction("hidden", lambda _: (0.0, 1.0)),
        "loss.function, derivatives: got 1.0",
    ),
}


@EVERY_ENGINE
@pytest.mark.parametrize("name", WRONG_FUNCTIONS)
def test_a_function_that_returns_something_else_is_refused(engine, name):
    loss, match = WRONG_FUNCTIONS[name]
    message = refusal(engine, loss)
    assert re.search(match, message), message


@EVERY_ENGINE
def test_a_refusal_says_which_term_of_a_sum_it_is(engine):
    wrong = LossSum([(0.5, SpikeTimeSum("hidden")), (2.0, SpikeTimeFunction("hidden", lambda t: (np.nan, t)))])
    message = refusal(engine, LossSum([(1.0, SpikeTimeSum("hidden")), (1.0, wrong)]))
    assert message.startswith("loss.terms[1].loss.terms[1].loss.function, value: got 'not a number'")


@EVERY_ENGINE
def test_a_function_that_works_in_place_spoils_nothing(engine):
    def in_place(v, t, _):
        t += 1.0
        v *= v
        return v[:, 0] * t, np.stack([2 * np.sqrt(v[:, 0]) * t, 0 * t], axis=1) * np.array([[1.0, 0.0]])

    def plain(v, t, _):
        return v[:, 0] * v[:, 0] * (t + 1.0), np.stack([2 * np.sqrt(v[:, 0] * v[:, 0]) * (t + 1.0), 0 * t], axis=1)

    a, b = (engine.solve(problem(integral(f))) for f in (in_place, plain))
    assert a.loss == b.loss
    assert np.array_equal(a.gradients.weights["hidden->readout"], b.gradients.weights["hidden->readout"])


def test_the_largest_potential_of_spiking_neurons_is_refused_when_the_problem_is_made():
    loss = OfVoltages(lambda v: (v.sum(axis=1), np.ones(v.shape)), MaxVoltage(), "hidden")
    for whole, field in ((loss, "loss.population"), (LossSum([(1.0, loss)]), r"loss.terms\[0\].loss.population")):
        with pytest.raises(InvalidInput, match=field + r": got 'hidden'; allowed: a li population: \['readout'\]"):
            problem(whole)
    with pytest.raises(InvalidInput, match="population: got 'hidden'; allowed: a population of leaky integrators"):
        EventEngine().run(problem(None)).maxima("hidden")


@pytest.mark.parametrize(
    ("loss", "match"),
    [
        (OfVoltages(len, VoltageAt([31.0])), r"loss.times\[0\]: got 31.0"),
        (OfVoltages(len, "largest"), "loss.observable: got 'largest'"),
        (OfVoltages(len, MaxVoltage(), "nowhere"), "loss.population: got 'nowhere'"),
        (OfSpikes(len, "in"), "loss.population: got 'in'"),
    ],
)
def test_a_loss_that_reads_what_is_not_there_is_refused_when_the_problem_is_made(loss, match):
    with pytest.raises(InvalidInput, match=match):
        problem(loss)


def constant(value, slope=1.0):
    return OfSpikes(lambda spikes: (np.full(spikes.n_samples, value), np.full(len(spikes), slope)))


OVERFLOWS = {
    "a factor": (LossSum([(1e308, SpikeTimeSum("hidden"))]), r"loss.terms\[0\].factor times value\[0\]: got inf"),
    "factors that cancel": (
        LossSum([(1e308, SpikeTimeSum("hidden")), (-1e308, SpikeTimeSum("hidden"))]),
        r"loss.terms\[0\].factor times value\[0\]: got inf",
    ),
    "factors of sums": (
        LossSum([(1e200, LossSum([(1e200, constant(0.0, 0.0))]))]),
        r"loss.terms\[0\].loss.terms\[0\].factor times value\[0\]: got 'not a number'",
    ),
    "a sum": (LossSum([(1.0, constant(1e308)), (1.0, constant(1e308))]), r"loss, values\[0\]: got inf"),
    "the gradient": (constant(0.0, 1e308), r"gradients.weights\['in->hidden'\]\[0\]\[0\]: got -?inf"),
    "a derivative and its factor": (LossSum([(10.0, constant(0.0, 1e308))]), r"gradients.weights\['in->hidden'\]"),
}


@EVERY_ENGINE
@pytest.mark.parametrize("name", OVERFLOWS)
def test_a_loss_or_gradient_that_overflows_is_an_error_and_no_warning(engine, name):
    loss, match = OVERFLOWS[name]
    assert re.match(match, refusal(engine, loss))
    if name == "the gradient":
        assert re.match(match, refusal(engine, loss, "weights"))


@EVERY_ENGINE
def test_the_mean_of_finite_losses_is_finite(engine):
    assert engine.solve(problem(constant(1.5e308))).loss == 1.5e308


def test_the_mean_is_that_of_exact_arithmetic_and_has_the_bits_of_a_plain_one_where_nothing_overflows():
    values = np.array([1.7e308, 1.6e308, -1.7e308, 1.5e308])
    assert mean(values) == pytest.approx(float(sum(map(Fraction, values)) / 4), rel=1e-15, abs=0.0)
    small = np.random.default_rng(0).normal(size=1001)
    assert mean(small) == float(np.mean(small))


def test_a_mean_over_an_immense_time_is_refused_before_its_gradients_overflow():
    mean_of_v = VoltageIntegral("readout", weight="mean")
    with pytest.raises(InvalidInput, match=r"stimulus.duration: got 2e\+154; allowed: at most 1e\+12 times"):
        EventEngine().solve(problem(mean_of_v, duration=2e154))


def test_gradients_of_cotangents_that_overflow_are_an_error():
    run = EventEngine().run(problem(None))
    with pytest.raises(InvalidInput, match=r"gradients.weights\['in->hidden'\]"):
        run.vjp(np.full(len(run.spikes), 1e308))


def test_results_of_the_ode_engine_that_overflow_are_an_error():
    alone = LossSum([(1e308, SpikeTimeSum("hidden"))])
    with pytest.raises(InvalidInput, match="loss, value of sample 0: got inf"):
        OdeEngine("scipy", rtol=1e-8).solve(problem(alone, n_samples=1))


def test_numbers_that_are_right_are_handed_on_without_a_copy():
    values = np.ones((2, 3))
    assert checked("loss", values, (2, 3)) is values
    view = np.broadcast_to(np.ones(3), (2, 3))
    assert checked("loss", view, (2, 3)) is view
