"""Surrogate gradients against dual numbers in mpmath, through several layers, recurrence, delays and resets."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from discrete_problems import (
    DT,
    LOSSES,
    along,
    ctx,
    direction_of,
    discrete_problem,
    for_deltas,
    matrix_derivative,
    reference_derivative,
    surrogate_derivative,
    surrogate_of,
)

import spikeproof as sp
from spikeproof.lesson import Discrete, SurrogateGradient, discrete
from spikeproof.lesson.shapes import SHAPES, surrogate
from spikeproof_reference.lesson.discrete import hard_step
from spikeproof_verification.checks.tolerances import EPS


def error_of(problem, expected, **settings):
    """Error of a derivative along a direction, in units of the size of its terms."""
    direction = direction_of(problem, 11)
    found, size = along(SurrogateGradient(DT, **settings).estimate(problem).gradients, direction)
    return abs(found - expected(problem, direction)) / size


def reference(shape, slope, **options):
    return lambda problem, direction: surrogate_derivative(problem, direction, shape, slope, **options)


@pytest.mark.parametrize("reset_gradient", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_derivative_by_dual_numbers(shape, reset_gradient):
    problem = discrete_problem(4, duration=8.0)
    settings = {"shape": shape, "slope": 2.0, "reset_gradient": reset_gradient}
    assert error_of(problem, reference(**settings), **settings) <= 16 * EPS


@pytest.mark.parametrize("loss", sorted(set(LOSSES) - {"max"}))
def test_it_serves_every_loss_of_readouts(loss):
    problem = discrete_problem(5, loss)
    assert error_of(problem, reference("super_spike", 25.0), slope=25.0) <= 16 * EPS


def test_it_serves_delta_synapses():
    problem = for_deltas(discrete_problem(6, duration=8.0))
    options = {"shape": "super_spike", "slope": 5.0, "synapse": "delta"}
    assert error_of(problem, reference(**options), **options) <= 16 * EPS


def test_nothing_is_left_out_where_a_broad_surrogate_is_small():
    problem = discrete_problem(0)
    assert error_of(problem, reference("super_spike", 0.5), slope=0.5) <= 16 * EPS


def near_the_threshold(problem, direction):
    """A reference that leaves out neurons far from their threshold, whose surrogate is small."""
    h = surrogate_of("super_spike", 0.5)
    return reference_derivative(problem, direction, hard_step, lambda x: h(x) if abs(x) < 0.9 else ctx.zero)


def without_recurrence(problem, direction):
    """A reference whose surrogate ends at the spikes that neurons send each other within a layer."""
    weights = {**problem.parameters.weights, "a->a": 0.0 * problem.parameters.weights["a->a"]}
    found = SurrogateGradient(DT, slope=0.5).estimate(problem).gradients
    cut = replace(problem, parameters=replace(problem.parameters, weights=weights))
    other = SurrogateGradient(DT, slope=0.5).estimate(cut).gradients
    return along({**found, "in->a": other["in->a"]}, direction)[0]


FAULTS = {
    "what is far from the threshold left out": near_the_threshold,
    "recurrence left out": without_recurrence,
    "a slope wrong by 1 %": reference("super_spike", 0.505),
    "another shape": reference("triangle", 0.5),
    "the reset detached": reference("super_spike", 0.5, reset_gradient=False),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_another_gradient_is_rejected(fault):
    assert error_of(discrete_problem(0), FAULTS[fault], slope=0.5) > 1e6 * EPS


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_its_formula(shape):
    x = np.linspace(-2.0, 2.0, 41)
    exact = surrogate_of(shape, 3.0)
    expected = np.array([float(exact(ctx.mpf(v))) for v in x])
    assert surrogate(shape, x, 3.0) == pytest.approx(expected, rel=8 * EPS, abs=8 * EPS)


@pytest.mark.parametrize(
    ("shape", "area"), [("super_spike", 2 / 3), ("sigmoid", 1), ("triangle", 1 / 3), ("arctan", 1)]
)
def test_areas_are_those_that_are_stated(shape, area):
    h = surrogate_of(shape, 3.0)
    half = ctx.quad(h, [0, ctx.mpf(1) / 3, 1, ctx.inf])
    assert abs(2 * half - ctx.mpf(area)) < 64 * EPS


def wide_problem():
    """More neurons than a product takes columns at once, no multiple of four; more samples than a block."""
    network = sp.chain(3, sp.Layer(523, recurrent=True), sp.Layer(7), sp.Layer(2, kind="li"))
    neurons = {p.name: sp.NeuronParameters(10.0, 5.0) for p in network.populations}
    moments = {p.name: (2.0, 1.0) if p.pre == "input" else (0.0, 0.05) for p in network.projections}
    random = np.random.default_rng(0)
    samples = [(random.uniform(0.0, 8.0, 6), random.integers(0, 3, 6)) for _ in range(11)]
    parameters = sp.Parameters(sp.normal_weights(network, moments, 0), neurons)
    loss = sp.MaxVoltageCrossEntropy("output", np.arange(11) % 2)
    return sp.Problem(network, parameters, sp.Stimulus.of_samples(samples, 12.0), loss)


@pytest.mark.compiled
def test_a_wide_network_has_the_derivative_of_matrix_products():
    problem = wide_problem()
    direction = direction_of(problem, 0)
    found, size = along(SurrogateGradient(1.0, slope=1.0).estimate(problem).gradients, direction)
    assert abs(found - matrix_derivative(problem, direction, 1.0, 1.0)) <= 16 * EPS * size


@pytest.mark.compiled
def test_parts_of_a_batch_have_the_bits_of_the_whole(monkeypatch):
    problem, estimator = wide_problem(), SurrogateGradient(1.0, slope=1.0)
    assert len(list(Discrete(problem, 1.0).parts())) == 1
    whole = estimator.estimate(problem)
    monkeypatch.setattr(discrete, "HELD", 1)
    assert len(list(Discrete(problem, 1.0).parts())) == 2
    parts = estimator.estimate(problem)
    assert parts.value == whole.value
    assert all(np.array_equal(g, whole.gradients[name]) for name, g in parts.gradients.items())
    for solution in (parts.solution, estimator.answer(problem)):
        for field in ("times", "neurons", "offsets", "vdot"):
            assert np.array_equal(getattr(solution.spikes, field), getattr(whole.solution.spikes, field))
        assert np.array_equal(solution.v_end, whole.solution.v_end)
        assert np.array_equal(solution.i_end, whole.solution.i_end)
        assert np.array_equal(solution.sample_losses, whole.solution.sample_losses)
        assert np.array_equal(solution.observed[0], whole.solution.observed[0])


@dataclass(frozen=True)
class OfTheBatch:
    """A loss that cannot be taken apart by samples: the labels are none of its own."""

    inner: sp.MaxVoltageCrossEntropy

    population = property(lambda self: self.inner.population)
    observable = property(lambda self: self.inner.observable)

    def check(self, network, n_samples):
        self.inner.check(network, n_samples)

    def evaluate_voltage(self, observed):
        return self.inner.evaluate_voltage(observed)


@pytest.mark.compiled
def test_a_loss_of_the_batch_keeps_its_samples_together(monkeypatch):
    monkeypatch.setattr(discrete, "HELD", 1)
    problem = wide_problem()
    together = replace(problem, loss=OfTheBatch(problem.loss))
    assert len(list(Discrete(together, 1.0).parts())) == 1
    one, other = (SurrogateGradient(1.0).estimate(p).gradients for p in (problem, together))
    assert all(np.array_equal(one[name], g) for name, g in other.items())


WRONG = {
    "dt": {"dt": -1.0},
    "slope": {"dt": 1.0, "slope": 0.0},
    "shape": {"dt": 1.0, "shape": "boxcar"},
    "reset_gradient": {"dt": 1.0, "reset_gradient": 1},
    "synapse": {"dt": 1.0, "synapse": "alpha"},
    "name": {"dt": 1.0, "name": 3},
}


@pytest.mark.parametrize("field", WRONG)
def test_wrong_arguments_are_refused_by_name(field):
    with pytest.raises(sp.InvalidInput, match=rf"^{field}: got"):
        SurrogateGradient(**WRONG[field])
