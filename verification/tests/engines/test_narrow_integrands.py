"""What is narrow in V or in t is integrated down to the width that a loss states, by every engine, or refused."""

from functools import cache

import mpmath
import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    Input,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
    TargetTrace,
    VoltageIntegral,
    VoltagePathIntegral,
)
from spikeproof.losses import PathIntegral, WeightedIntegral
from spikeproof.losses.observables import SMOOTH
from spikeproof_reference import MpEngine
from spikeproof_reference.textbook.engine import TextbookEngine
from spikeproof_verification.checks.tolerances import EPS, RUN, SHORT_RUN

LEVEL, WEIGHT, DURATION, MOMENT = 0.503, 9.0, 40.0, 17.3
MP = mpmath.MPContext()
MP.dps = 40
ENGINES = {"event": EventEngine(), "textbook": TextbookEngine(), "mp": MpEngine(dps=20)}
EVERY_ENGINE = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)


def with_each_engine(*widths, slow):
    """Every engine with every choice of widths; the slowest of the reference in high precision is for deep runs."""
    marks = {("mp", slow): pytest.mark.deep}
    return [
        pytest.param(engine, *w, marks=marks.get((name, w), ()), id=f"{name}-{'-'.join(map(str, w))}")
        for name, engine in ENGINES.items()
        for w in widths
    ]


def problem(loss, times=(0.0,), duration=DURATION, n_samples=1):
    """One integrator, tau 20 and 5, and inputs of weight 9."""
    stimulus = Stimulus.of_samples([([t + k for t in times], [0] * len(times)) for k in range(n_samples)], duration)
    return one_layer([[WEIGHT]], stimulus, NeuronParameters(20.0, 5.0), loss, kind="li", name="out")


def bump(d, level=LEVEL):
    def integrand(v, _t, _sample):
        x = (v - level) / d
        return np.exp(-x * x).sum(axis=1), -2 * x / d * np.exp(-x * x)

    return integrand


def pulse(d):
    return lambda t: np.exp(-(((t - MOMENT) / d) ** 2))


def path_of_v(x):
    """V and dV/dt where exp(-t / 20) is x: the difference of the exponentials."""
    return MP.mpf(WEIGHT) / 3 * (x - x**4), MP.mpf(WEIGHT) / 3 * (4 * x**4 - x) / 20


@cache
def by_substitution(d):
    """The integral of the bump, its derivative by the weight, and the integral of the size of the latter, over V."""
    level, d = MP.mpf(LEVEL), MP.mpf(d)
    totals = [MP.zero] * 3
    for guess in ("0.95", "0.17"):  # up, and down again

        def parts(y, guess=guess):
            x = MP.findroot(lambda x: path_of_v(x)[0] - level - y * d, MP.mpf(guess))
            v, rate = path_of_v(x)
            f = MP.exp(-y * y) / abs(rate)
            return f * d, -2 * y * f * v / WEIGHT

        for k, part in enumerate((lambda y: parts(y)[0], lambda y: parts(y)[1], lambda y: abs(parts(y)[1]))):
            totals[k] += MP.quad(part, [-8, -4, -2, 0, 2, 4, 8], maxdegree=4)
    return totals


@pytest.mark.parametrize(
    ("engine", "d", "stated"), with_each_engine((1e-3, None), (1e-3, 1e-3), (1e-4, 1e-4), slow=(1e-4, 1e-4))
)
def test_a_bump_that_v_passes_has_its_integral_and_its_gradient(engine, d, stated):
    loss, gradient, size = by_substitution(d)
    found = engine.solve(problem(VoltagePathIntegral("out", bump(d), v_width=stated)))
    assert abs(found.loss - loss) <= RUN * loss
    rounding = 16.0 * EPS * (LEVEL / d) * float(size)  # V has no more digits than that beside the width
    assert abs(found.gradients.weights["in->out"][0][0] - gradient) <= rounding


@pytest.mark.parametrize(("engine", "d"), with_each_engine((0.02,), (2e-3,), slow=(2e-3,)))
def test_a_pulse_in_time_has_its_integral_and_its_gradients(engine, d):
    def at(y):
        return path_of_v(MP.exp(-(MOMENT + y * MP.mpf(d)) / 20))

    places = [-9, -3, 0, 3, 9]
    value = d * MP.quad(lambda y: at(y)[0] * MP.exp(-y * y), places)
    rate = d * MP.quad(lambda y: at(y)[1] * MP.exp(-y * y), places)
    duration = 20.0
    width = None if d == duration / 1000 else d

    def product(v, t, _sample):
        return pulse(d)(t) * v.sum(axis=1), pulse(d)(t)[:, None] + 0 * v

    whole = VoltagePathIntegral("out", product, v_width=SMOOTH, t_width=width)
    for loss in (whole, VoltageIntegral("out", weight=pulse(d), t_width=width)):
        found = engine.solve(problem(loss, duration=duration))
        assert abs(found.loss - value) <= SHORT_RUN * value
        assert abs(found.gradients.weights["in->out"][0][0] - value / WEIGHT) <= SHORT_RUN * value / WEIGHT
        assert abs(found.gradients.input_times[0] + rate) <= RUN * abs(rate)


@EVERY_ENGINE
def test_a_target_that_moves_in_a_short_time_is_followed(engine):
    """Half the square of 3 (x - x^4) - a pulse, whose square is a pulse 1/sqrt(2) as wide."""
    d = 0.05

    def product(y):
        v = path_of_v(MP.exp(-(MOMENT + y * MP.mpf(d)) / 20))[0]
        return MP.exp(-2 * y * y) / 2 - v * MP.exp(-y * y)

    end = MP.exp(-MP.mpf(DURATION) / 20)
    expected = 20 * MP.quad(lambda x: path_of_v(x)[0] ** 2 / 2 / x, [end, 1]) + d * MP.quad(product, [-9, -3, 0, 3, 9])
    found = engine.solve(problem(TargetTrace("out", lambda t: pulse(d)(t)[:, None], t_width=d)))
    assert abs(found.loss - expected) <= SHORT_RUN * expected


def test_every_sample_of_a_batch_has_the_bits_that_it_has_alone():
    loss = VoltagePathIntegral("out", bump(1e-3))
    together = EventEngine().solve(problem(loss, (0.0, 7.0), n_samples=4)).gradients.input_times
    for k in range(4):
        alone = EventEngine().solve(problem(loss, (0.0 + k, 7.0 + k))).gradients.input_times
        assert np.array_equal(4.0 * together[2 * k : 2 * k + 2], alone)


@EVERY_ENGINE
@pytest.mark.parametrize("widths", [{"v_width": 1e-9}, {"t_width": 1e-8}], ids=lambda w: next(iter(w)))
def test_a_width_that_asks_for_too_much_is_refused_by_name(engine, widths):
    name, width = next(iter(widths.items()))
    with pytest.raises(InvalidInput, match="a width that takes at most") as refusal:
        engine.solve(problem(VoltagePathIntegral("out", bump(0.1), **widths)))
    assert refusal.value.field == f"loss.{name}"
    assert abs(refusal.value.value - width) <= RUN * width


@pytest.mark.parametrize("width", [0.0, -1.0, np.inf, np.nan, "wide", True])
def test_a_width_is_a_finite_number_above_0(width):
    for name in ("v_width", "t_width"):
        for kind in (lambda **w: VoltagePathIntegral("out", bump(1.0), **w), lambda **w: PathIntegral(bump(1.0), **w)):
            with pytest.raises(InvalidInput) as refusal:
                kind(**{name: width})
            assert refusal.value.field == f"loss.{name}"


@pytest.mark.parametrize(
    "make",
    [
        lambda: TargetTrace("out", [0.5], t_width=1.0),
        lambda: VoltageIntegral("out", t_width=1.0),
        lambda: IntegralCrossEntropy("out", [0], "mean", t_width=1.0),
        lambda: WeightedIntegral("sum", 1.0),
        lambda: PathIntegral(bump(1.0), depends_on_time=False, t_width=1.0),
    ],
)
def test_a_width_in_time_without_a_function_of_time_is_refused(make):
    with pytest.raises(InvalidInput, match=r"loss\.t_width: got 1\.0; allowed: None"):
        make()


def test_a_cross_entropy_sees_a_steep_crossing_of_potentials_of_500():
    """The sum of softplus(V) and V of the label at 0, with one neuron at 0 and one that goes from -500 to 500."""
    network = Network([Input("in", 1)], [Population("out", 2, "li")], [Projection("in", "out")])
    neuron = NeuronParameters(20.0, 0.05, v_init=np.array([-500.0, 0.0]))
    parameters = Parameters({"in->out": np.array([[4e5, 0.0]])}, {"out": neuron})
    stimulus = Stimulus.of_samples([([0.0], [0])], duration=2.0)
    found = EventEngine().solve(Problem(network, parameters, stimulus, InstantaneousCrossEntropy("out", [1])))
    mem, syn = MP.mpf(20), MP.mpf(0.05)
    c = MP.mpf(4e5) * syn / (mem - syn)

    def density(t):
        v = -500 * MP.exp(-t / mem) + c * (MP.exp(-t / mem) - MP.exp(-t / syn))
        return MP.log1p(MP.exp(v)) if v < 0 else v + MP.log1p(MP.exp(-v))

    crossing = MP.findroot(lambda t: (c - 500) * MP.exp(-t / mem) - c * MP.exp(-t / syn), 0.04)
    places = [0, *(crossing + s for s in (-0.01, -1e-3, -1e-4, 0, 1e-4, 1e-3, 0.01)), 0.2, 0.6, 2]
    expected = MP.quad(density, places)
    assert abs(found.loss - expected) <= 1e-14 * expected
