"""Sparse problems in the engines and in everything that reads weights: shapes of the synapses, numbers of the zeros."""

from dataclasses import replace

import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    GridEngine,
    Input,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
    Synapses,
)
from spikeproof.validity import validity_radius
from spikeproof_reference import (
    Direction,
    MpEngine,
    central_difference,
    central_differences,
    one_sided,
    parameters_of,
    rounding_sensitivity,
    spike_time_jacobian,
)
from spikeproof_reference.analysis.rounding import root_mean_square
from spikeproof_reference.ode import OdeEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, RUN
from spikeproof_verification.problems.traces import example_traces

EVENT, GRID, MP, ODE = EventEngine(), GridEngine(1 / 32), MpEngine(dps=20), OdeEngine(dps=20)
ENGINES = (EVENT, GRID, MP, replace(MP, gradient="sensitivity"), ODE)
SHAPES = {"in->a": (3,), "a->a": (3,), "a->b": (3,), "in->b": (3, 2), "none": (0,)}


def sparse_problem():
    """Two populations in a loop; one projection has a row without synapses, one no synapse at all."""
    projections = (
        Projection("in", "a", 0.5, synapses=Synapses([0, 2, 2, 3], [0, 2, 1])),
        Projection("a", "a", 0.25, synapses=Synapses.one_to_one(3)),
        Projection("a", "b", synapses=Synapses([0, 0, 1, 3], [1, 0, 1])),
        Projection("in", "b"),
        Projection("b", "a", name="none", synapses=Synapses([0, 0, 0], [])),
    )
    network = Network((Input("in", 3),), (Population("a", 3), Population("b", 2)), projections)
    weights = {"in->a": [5.0, 6.0, 4.5], "a->a": [-0.5, 0.3, 0.2], "a->b": [2.0, 2.5, 3.0], "none": []}
    weights["in->b"] = np.random.default_rng(1).normal(1.0, 1.0, (3, 2))
    neuron = NeuronParameters(10.0, 5.0)
    stimulus = Stimulus.of_samples([([1.0, 2.0, 3.0, 3.5], [0, 1, 2, 0]), ([0.5, 2.5], [2, 0])], 20.0)
    loss = SpikeTimeSum("b", [1.0, -0.5])
    return Problem(network, Parameters(weights, {"a": neuron, "b": neuron}), stimulus, loss, "sparse")


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: f"{e.name} {getattr(e, 'gradient', '')}")
def test_gradients_have_the_shapes_of_the_weights_and_the_numbers_of_the_dense_problem(engine):
    problem = sparse_problem()
    solution, dense = engine.solve(problem), engine.solve(problem.dense())
    assert solution.problem is problem
    assert {name: w.shape for name, w in solution.gradients.weights.items()} == SHAPES
    assert {name: d.shape for name, d in solution.gradients.delays.items()} == SHAPES
    expected = dense.gradients.at_synapses(problem.network)
    for kind in ("weights", "delays"):
        for name, part in getattr(solution.gradients, kind).items():
            wanted = getattr(expected, kind)[name]
            assert np.all(abs(part - wanted) <= RUN * (1 + abs(wanted)))
    assert any(np.any(solution.gradients.weights[name]) for name in ("in->a", "a->a", "a->b"))


def test_gradients_at_neurons_of_two_time_constants_are_those_of_the_dense_problem():
    problem = sparse_problem()
    neurons = {**problem.parameters.neurons, "b": NeuronParameters([10.0, 7.0], 5.0)}  # one component, two runs
    problem = replace(problem, parameters=Parameters(problem.parameters.weights, neurons))
    found = EVENT.solve(problem).gradients.weights
    expected = EVENT.solve(problem.dense()).gradients.at_synapses(problem.network).weights
    for name, wanted in expected.items():
        assert np.all(abs(found[name] - wanted) <= RUN * (1 + abs(wanted))), name
    assert np.any(found["a->b"])


def test_the_vjp_of_a_run_has_the_shapes_of_the_synapses_and_the_numbers_of_the_dense_problem():
    problem = sparse_problem()
    run, dense = EVENT.run(problem), EVENT.run(problem.dense())
    assert np.array_equal(run.spikes.neurons, dense.spikes.neurons)
    cotangents = np.random.default_rng(2).normal(size=len(run.spikes))
    found = run.vjp(cotangents, gradients="all")
    expected = dense.vjp(cotangents, gradients="all")
    at_synapses = expected.at_synapses(problem.network)
    for kind in ("weights", "delays"):
        for name, part in getattr(found, kind).items():
            wanted = getattr(at_synapses, kind)[name]
            assert part.shape == wanted.shape == SHAPES[name]
            assert np.all(abs(part - wanted) <= RUN * (1 + abs(wanted)))
    assert np.all(abs(found.input_times - expected.input_times) <= RUN * (1 + abs(expected.input_times)))
    assert all(np.any(found.weights[name]) for name in ("in->a", "a->a", "a->b"))


def test_parameters_differences_and_jacobian_speak_of_the_synapses():
    problem = sparse_problem()
    parameters = parameters_of(problem, ("weight", "input_time"))
    assert [p[1:] for p in parameters[:4]] == [("in->a", 0, 0), ("in->a", 0, 2), ("in->a", 2, 1), ("a->a", 0, 0)]
    assert spike_time_jacobian(problem, dps=20).parameters == tuple(parameters)
    gradients = MpEngine(dps=30).solve(problem).gradients
    found = central_differences(problem, [p for p in parameters if p.projection == "a->b"], dps=20)
    assert np.all(abs(found - gradients.weights["a->b"]) < 1e-18)
    with pytest.raises(InvalidInput, match="parameters: got"):
        central_differences(problem, [("weight", "in->a", 1, 0)])


def test_directions_have_the_shapes_of_the_weights():
    problem, along = sparse_problem(), np.array([0.5, -1.0, 0.25])
    gradients = MpEngine(dps=30).solve(problem).gradients
    by_weights, by_delays = np.sum(gradients.weights["in->a"] * along), np.sum(gradients.delays["in->a"] * along)
    assert abs(central_difference(problem, Direction({"in->a": along}), dps=20) - by_weights) < 1e-18
    both = Direction({"in->a": along}, delays={"in->a": along})
    assert abs(one_sided(problem, both, dps=20).right.derivative - by_weights - by_delays) < 1e-15
    for function in (central_difference, one_sided):
        with pytest.raises(InvalidInput, match=r"direction.weights.in->a: got 'shape \(3, 3\)'; allowed: shape \(3,\)"):
            function(problem, Direction({"in->a": np.ones((3, 3))}))


def test_conditioning_is_that_of_the_synapses():
    found = rounding_sensitivity(sparse_problem(), n_probes=1)
    assert {name: part.shape for name, part in found.weights.items()} == SHAPES
    assert {name: part.shape for name, part in found.delays.items()} == SHAPES


def test_root_mean_squares_do_not_leave_the_range_of_binary64():
    found = root_mean_square(np.array([[3e-250, 0.0, 0.0, 3.0], [4e-250, 0.0, 1e200, 4.0]]))
    assert np.allclose(found, [np.sqrt(12.5) * 1e-250, 0.0, np.sqrt(0.5) * 1e200, np.sqrt(12.5)], rtol=1e-15, atol=0.0)


def test_the_validity_radius_is_that_of_the_dense_problem_along_the_same_direction():
    problem = sparse_problem()
    found = validity_radius(problem)
    assert {name: part.shape for name, part in found.direction.items()} == SHAPES
    dense = validity_radius(problem.dense(), problem.network.as_matrices(found.direction), limit=found.limit)
    assert dense.radius == pytest.approx(found.radius, rel=AMPLIFIED, abs=0.0)
    assert dense.spike_change == found.spike_change


def test_traces_are_those_of_the_dense_problem():
    a, b = example_traces(sparse_problem()), example_traces(sparse_problem().dense())
    assert np.array_equal(a["v"], b["v"])
    assert np.max(a["v"]) == pytest.approx(1.0, abs=AMPLIFIED)


@pytest.mark.parametrize("engine", [EVENT, GRID], ids=lambda e: e.name)
def test_sparse_gradients_of_the_weights_alone(engine):
    gradients = engine.solve(sparse_problem(), gradients="weights").gradients
    assert gradients.delays is None
    assert {name: w.shape for name, w in gradients.weights.items()} == SHAPES
    assert engine.solve(replace(sparse_problem(), loss=None), gradients="weights").gradients is None
