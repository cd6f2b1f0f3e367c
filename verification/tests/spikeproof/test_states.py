"""V and I at given times, from the spikes of a solution."""

from dataclasses import replace

import numpy as np
import pytest
from grid_problems import recurrent
from one_layer import one_layer
from refractory_problems import PROBLEMS, held

import spikeproof as sp
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, RUN, SHORT_RUN

TIMES = np.array([0.0, 0.125, 1.0, 3.0, 4.75, 7.5, 8.9])  # none of them a spike of the problems below, some an arrival
HELD = held(recurrent(None), [0.7, 0.0, 2.5])


def sparse(problem):
    """The problem with every other synapse of its recurrent projection alone."""
    kept = sp.Synapses.of_mask(np.arange(25).reshape(5, 5) % 2 == 0)
    projections = [replace(p, synapses=kept if p.name == "h->h" else None) for p in problem.network.projections]
    weights = dict(problem.parameters.weights)
    weights["h->h"] = kept.gathered(weights["h->h"])
    network = replace(problem.network, projections=tuple(projections))
    return replace(problem, network=network, parameters=replace(problem.parameters, weights=weights))


def observed(problem, population, times):
    """V in 40 digits, as a loss of V at these times sees it, and that solution."""
    size = problem.network.population(population).size
    loss = sp.VoltageTarget(population, times, np.zeros((size, len(times))))
    solution = MpEngine(dps=40).solve(replace(problem, loss=loss), gradients=None)
    return solution.observed[0].astype(float), solution


def assert_same(found, wanted, bound=RUN):
    assert found.shape == wanted.shape
    assert np.max(np.abs(found - wanted)) <= bound * (1.0 + np.max(np.abs(wanted)))


@pytest.mark.parametrize("population", ["h", "o"])
@pytest.mark.parametrize("problem", [recurrent(None), HELD, sparse(recurrent(None))], ids=["plain", "held", "sparse"])
def test_v_is_what_the_reference_observes(problem, population):
    wanted, solution = observed(problem, population, TIMES)
    assert len(solution.spikes) > 10
    assert_same(solution.voltage(population, TIMES), wanted)


@pytest.mark.parametrize("name", [n for n in PROBLEMS if "almost at once" not in n and "digits" not in n])
def test_v_of_neurons_that_are_held_is_what_the_reference_observes(name):
    wanted, solution = observed(PROBLEMS[name](), "n", TIMES)
    assert_same(solution.voltage("n", TIMES), wanted)


def test_a_neuron_that_is_held_for_less_than_its_spike_time_resolves_is_free_at_once():
    problem = PROBLEMS["held for much less than the digits of binary64"]()
    wanted, solution = observed(problem, "n", TIMES)
    assert_same(solution.voltage("n", TIMES), wanted)


@pytest.mark.compiled
@pytest.mark.parametrize("problem", [recurrent(None), HELD], ids=["plain", "held"])
def test_the_state_at_the_end_is_that_of_the_event_engine(problem):
    solution, end = sp.EventEngine().solve(problem), [problem.stimulus.duration]
    for name in ("h", "o"):
        own = problem.network.neurons(name)
        assert_same(solution.voltage(name, end)[..., 0], solution.v_end[:, own.start : own.stop])
        assert_same(solution.current(name, end)[..., 0], solution.i_end[:, own.start : own.stop])


@pytest.mark.compiled
def test_v_at_a_spike_is_the_threshold_and_just_after_it_the_reset():
    solution = sp.EventEngine().solve(recurrent(None))
    spikes = solution.spikes.sample(1)
    neurons = solution.problem.parameters.neurons["h"]
    before = solution.voltage("h", spikes.times)[1, spikes.neurons, np.arange(len(spikes))]
    after = solution.voltage("h", np.nextafter(spikes.times, np.inf))[1, spikes.neurons, np.arange(len(spikes))]
    assert np.max(np.abs(before - neurons.v_th[spikes.neurons])) < AMPLIFIED
    assert np.max(np.abs(after - neurons.v_reset[spikes.neurons])) < AMPLIFIED


def test_one_input_spike_raises_v_as_its_closed_form_says():
    stimulus = sp.Stimulus.of_samples([([2.0], [0]), ([], [])], 50.0)
    problem = one_layer([[3.0]], stimulus, sp.NeuronParameters(20.0, 5.0), kind="li")
    solution = _without_spikes(problem)
    times = np.array([30.0, 2.0, 0.0, 10.0])  # in any order
    after = np.maximum(times - 2.0, 0.0)
    v = 3.0 * 5.0 / (20.0 - 5.0) * (np.exp(-after / 20.0) - np.exp(-after / 5.0))
    i = 3.0 * np.exp(-after / 5.0) * (times > 2.0)
    assert solution.voltage("n", times).tolist()[1] == [[0.0] * 4]
    assert np.allclose(solution.voltage("n", times)[0, 0], v, rtol=SHORT_RUN, atol=0.0)
    assert np.allclose(solution.current("n", times)[0, 0], i, rtol=SHORT_RUN, atol=0.0)


@pytest.mark.parametrize("ratio", [1.0, 1.0 + 2.0**-40, 1.0 + 2.0**-20, 1.5])
def test_v_keeps_its_digits_where_the_time_constants_are_nearly_equal(ratio):
    stimulus = sp.Stimulus([0.5], [0], [0, 1], 9.0)
    problem = one_layer([[3.0]], stimulus, sp.NeuronParameters(4.0, 4.0 * ratio), kind="li")
    wanted, solution = observed(problem, "n", [1.0, 8.0])
    assert np.allclose(solution.voltage("n", [1.0, 8.0]), wanted, rtol=SHORT_RUN, atol=0.0)


def test_an_arrival_at_the_end_and_an_input_spike_after_it_act_on_nothing():
    stimulus = sp.Stimulus([3.0, 5.0], [0, 0], [0, 2], 4.0)
    problem = one_layer([[3.0]], stimulus, sp.NeuronParameters(20.0, 5.0), kind="li", delay=1.0)
    solution = _without_spikes(problem)
    assert solution.voltage("n", [0.0, 4.0]).tolist() == [[[0.0, 0.0]]]
    assert solution.current("n", [0.0, 4.0]).tolist() == [[[0.0, 0.0]]]


@pytest.mark.parametrize(
    ("population", "times", "field"),
    [
        ("x", [1.0], "population"),
        ("n", [-0.5], r"times\[0\]"),
        ("n", [1.0, 4.5], r"times\[1\]"),
        ("n", 1.0, "times"),
        ("n", [float("nan")], r"times\[0\]"),
    ],
)
@pytest.mark.parametrize("what", ["voltage", "current"])
def test_other_populations_and_times_outside_the_simulation_are_refused(population, times, field, what):
    problem = one_layer([[3.0]], sp.Stimulus([3.0], [0], [0, 1], 4.0), sp.NeuronParameters(20.0, 5.0), kind="li")
    with pytest.raises(sp.InvalidInput, match=f"^{field}: got"):
        getattr(_without_spikes(problem), what)(population, times)


def _without_spikes(problem):
    n, nothing = problem.stimulus.n_samples, np.zeros(0)
    spikes = sp.Spikes(nothing, np.zeros(0, np.int64), np.zeros(n + 1, np.int64), nothing)
    return sp.Solution("none", problem, spikes, np.zeros((n, 1)), np.zeros((n, 1)))
