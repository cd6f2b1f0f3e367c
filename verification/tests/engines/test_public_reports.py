"""What users of other engines have reported as wrong there: right here, in numbers of a closed form.

With tau_mem = 4 tau_syn = 20, x = exp(-t/20) and one input of weight w at 0, V = (w/3)(x - x**4), and 2 (1 - x) more
with a bias of 2.
"""

from dataclasses import dataclass

import mpmath
import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    GridEngine,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeFunction,
    Stimulus,
)
from spikeproof_reference import MpEngine
from spikeproof_reference.ode import OdeEngine
from spikeproof_verification.checks.tolerances import EPS, ODE_RUNGE_KUTTA

LN2 = float(mpmath.log(2))
MP = mpmath.MPContext()
MP.dps = 50


@dataclass(frozen=True)
class Exact:
    """An engine without steps, and how exact it is, in units of a number and its conditioning."""

    engine: object
    error: float


EXACT = {
    "event": Exact(EventEngine(), 8 * EPS),
    "mp": Exact(MpEngine(dps=40), 1e-15),  # closed forms are rounded to binary64
    "ode, Taylor": Exact(OdeEngine(dps=20), 1e-15),
    "ode, Runge-Kutta": Exact(OdeEngine("scipy"), ODE_RUNGE_KUTTA.unit),
}
STEPS = 2.0 ** -np.arange(5, 12)  # of the grid engine

exact = pytest.mark.parametrize("exact", EXACT.values(), ids=EXACT)


def one_spike(population, rank):
    """The loss that is the time of one spike of the only neuron of a population, the first of rank 1."""

    def function(trains):
        slopes = [0] * len(trains[0])
        slopes[rank - 1] = 1
        return trains[0][rank - 1], [slopes]

    return SpikeTimeFunction(population, function)


def tonic(rank):
    """One neuron, bias 2, without any input: it spikes at 20 k ln 2."""
    network = Network((Input("in", 1),), (Population("a", 1),), (Projection("in", "a"),))
    neuron = NeuronParameters(20.0, 5.0, 1.0, 0.0, bias=2.0)
    silence = Stimulus.of_samples([([], [])], 64.0)
    return Problem(network, Parameters({"in->a": [[1.0]]}, {"a": neuron}), silence, one_spike("a", rank))


def single(weight):
    """One neuron and one input at 0."""
    stimulus = Stimulus.of_channels([[0.0]], 16.0)
    return one_layer([[weight]], stimulus, NeuronParameters(20.0, 5.0), one_spike("a", 1), name="a")


def pair(order, of):
    """A neuron that its bias makes fire, and one that an input makes inhibit it first; the time of a spike."""
    network = Network(
        (Input("in", 1),),
        tuple(Population(name, 1) for name in order),
        (Projection("in", "B"), Projection("B", "A")),
    )
    neurons = {"A": NeuronParameters(20.0, 5.0, bias=2.0), "B": NeuronParameters(20.0, 5.0)}
    parameters = Parameters({"in->B": [[8.0]], "B->A": [[-4.0]]}, neurons)
    return Problem(network, parameters, Stimulus.of_channels([[0.0]], 28.0), one_spike(of, 1))


def order_of(errors):
    """Slope of the errors in the steps of the grid engine, by which they fall."""
    return np.polyfit(np.log(STEPS), np.log(np.abs(errors)), 1)[0]


def derivatives_of(solution):
    """What the first population's only neuron moves."""
    return {name: float(x[0]) for name, x in vars(solution.gradients.neurons["a"]).items() if x is not None}


TONIC = {
    "v_th": lambda k: 20.0 * k,
    "bias": lambda k: -10.0 * k,
    "tau_mem": lambda k: k * LN2,
    "v_reset": lambda k: -10.0 * (k - 1),
    "v_init": lambda _: -10.0,
    "tau_syn": lambda _: 0.0,
}


@exact
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_spikes_that_a_bias_alone_makes_have_their_derivatives_by_every_parameter(exact, k):
    solution = exact.engine.solve(tonic(k))
    assert abs(float(solution.loss) - 20.0 * k * LN2) <= exact.error * 40.0 * k
    found = derivatives_of(solution)
    for name, expected in TONIC.items():
        assert abs(found[name] - expected(k)) <= exact.error * 40.0 * k, name


@pytest.mark.parametrize("k", [1, 3])
def test_the_grid_engine_converges_to_the_spikes_of_a_bias(k):
    solutions = [GridEngine(float(dt)).solve(tonic(k)) for dt in STEPS]
    assert 0.8 < order_of([s.loss - 20.0 * k * LN2 for s in solutions]) < 1.2
    for name in ("v_th", "bias", "tau_mem"):
        errors = [derivatives_of(s)[name] - TONIC[name](k) for s in solutions]
        assert 0.8 < order_of(errors) < 1.2, name


WEIGHT = 6.3496042078727974  # 4 times the cube root of 4: the peak just touches the threshold
NEAR = [
    (1e-2, 7.91171308728309553, -9.81165611951623),
    (1e-4, 9.10137533145775947, -110.047712829589),
    (1e-6, 9.22782860615411394, -1112.31074901856),
    (1e-8, 9.24054827723787944, -11134.9215358045),
]  # m, t, dt/dw for the weight (1 + m) WEIGHT


def crossing(weight):
    """Time of the spike of `single`, its derivative by the weight and dV/dt, of the weight as binary64 has it."""
    w = MP.mpf(weight)
    touch = MP.cbrt(MP.mpf(1) / 4)
    x = MP.findroot(lambda x: x - x**4 - 3 / w, touch + MP.sqrt((touch - touch**4 - 3 / w) / (6 * touch**2)))
    assert x > touch
    slope = -w / 60 * (x - 4 * x**4)
    return -20 * MP.log(x), -1 / (w * slope), slope


@pytest.mark.parametrize(("m", "t", "by_weight"), NEAR)
def test_the_numbers_reported_are_those_of_the_closed_form(m, t, by_weight):
    expected, derivative, slope = crossing((1.0 + m) * WEIGHT)
    assert abs(expected - t) <= 4 * EPS * (t + 1 / slope)  # the weight is a product of rounded numbers
    assert abs(derivative / by_weight - 1) <= 1e-14 + 4 * EPS / (20 * slope) ** 2


@exact
@pytest.mark.parametrize("m", [m for m, _, _ in NEAR])
def test_a_spike_that_nearly_grazes_has_its_time_and_its_large_derivative(exact, m):
    weight = (1.0 + m) * WEIGHT
    expected, derivative, slope = crossing(weight)
    solution = exact.engine.solve(single(weight))
    vdot = float(slope)
    assert abs(float(solution.loss - expected)) <= exact.error * (float(expected) + 1.0 / vdot)
    lost = 1.0 + 1.0 / (20.0 * vdot) ** 2  # Vdot is taken at a time that is off by eps/Vdot
    for got, times in ((solution.gradients.weights["in->a"][0, 0], 1.0), (derivatives_of(solution)["v_th"], -weight)):
        assert abs(float(got / (derivative * times)) - 1.0) <= exact.error * lost


def test_the_grid_engine_converges_to_a_spike_that_nearly_grazes():
    expected, derivative, _ = crossing(1.01 * WEIGHT)
    solutions = [GridEngine(float(dt)).solve(single(1.01 * WEIGHT)) for dt in STEPS]
    assert 0.7 < order_of([s.loss - float(expected) for s in solutions]) < 1.3
    assert 0.7 < order_of([s.gradients.weights["in->a"][0, 0] - float(derivative) for s in solutions]) < 1.3


PAIR = {"B": 4.11660862858557935, "A": 25.4590413099538805}


def inhibited():
    """Times of the first spikes of both neurons of `pair`."""
    first = MP.findroot(lambda x: 8 * (x - x**4) / 3 - 1, 0.8)
    late = MP.findroot(lambda x: 2 * (1 - x) - 4 * (x / first - (x / first) ** 4) / 3 - 1, 0.28)
    return {"B": -20 * MP.log(first), "A": -20 * MP.log(late)}


def test_the_times_reported_of_an_inhibited_neuron_are_those_of_the_closed_form():
    for name, t in inhibited().items():
        assert abs(t / PAIR[name] - 1) <= EPS


@exact
@pytest.mark.parametrize("order", ["AB", "BA"])
@pytest.mark.parametrize("of", ["A", "B"])
def test_a_neuron_inhibited_before_its_own_spike_waits_whatever_the_order_of_declaration(exact, order, of):
    solution = exact.engine.solve(pair(order, of))
    times = inhibited()
    assert abs(float(solution.loss - times[of])) <= exact.error * 2.0 * PAIR[of]
    if of == "A":  # A's spike moves with B's and with both weights
        x, y = MP.exp(-times["A"] / 20), MP.exp((times["B"] - times["A"]) / 20)
        slope = (2 * x + 4 * (y - 4 * y**4) / 3) / 20
        by_weight = -(y - y**4) / 3 / slope
        got = solution.gradients.weights["B->A"][0, 0]
        assert abs(float(got / by_weight - 1)) <= exact.error * 8.0
        by_b = 4 * (y - 4 * y**4) / 60 / slope * crossing(8.0)[1]  # a later inhibition is less decayed
        assert abs(float(solution.gradients.weights["in->B"][0, 0] / by_b - 1)) <= exact.error * 8.0


@pytest.mark.parametrize("of", ["A", "B"])
def test_the_grid_engine_converges_to_the_inhibited_neuron_too(of):
    # a spike is late by less than a step, that of A by what B is late too
    late = [(GridEngine(float(dt)).solve(pair("AB", of)).loss - PAIR[of]) / dt for dt in STEPS]
    assert np.all(np.array(late) > 0.0)
    assert np.all(np.array(late) < 2.0)
