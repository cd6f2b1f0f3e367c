"""The delta engine against its reference, in closed forms, and with seeded faults."""

import math

import numpy as np
import pytest
from delta_problems import delta_problem, expected_gradients

import spikeproof as sp
from spikeproof.lesson import DeltaEngine, TiedArrivals
from spikeproof.lesson import delta as delta_module
from spikeproof.lesson.kernels.delta_tables import BY_BIAS
from spikeproof_reference.lesson.delta import delta_spikes
from spikeproof_verification.checks.tolerances import EPS, RUN

SEEDS = range(8)


def one_neuron(arrivals, duration=50.0, delay=0.0, **parameters):
    """A neuron with tau_mem 16 and an arrival of each (time, weight), from a channel of its own."""
    network = sp.Network([sp.Input("in", len(arrivals))], [sp.Population("a", 1)], [sp.Projection("in", "a", delay)])
    neuron = sp.NeuronParameters(16.0, 5.0, **parameters)
    weights = {"in->a": np.array([[w] for _, w in arrivals])}
    stimulus = sp.Stimulus.of_channels([[t] for t, _ in arrivals], duration)
    return sp.Problem(network, sp.Parameters(weights, {"a": neuron}), stimulus, sp.SpikeTimeSum("a"))


def gradient_errors(problem):
    """Largest error of the gradients, relative to the sizes of the terms."""
    found = DeltaEngine().solve(problem, "weights").gradients
    expected, sizes = expected_gradients(problem)
    errors = [np.max(abs(found.input_times - expected["input"]) / (1.0 + sizes["input"]))]
    for name, values in found.weights.items():
        errors.append(np.max(abs(values - expected[name]) / (1.0 + sizes[name])))
    return max(errors)


@pytest.mark.parametrize("seed", SEEDS)
def test_spikes_are_those_of_the_reference(seed):
    problem = delta_problem(seed)
    spikes = DeltaEngine().solve(problem, None).spikes
    assert len(spikes) > 10
    for sample in range(2):
        expected, own = delta_spikes(problem, sample), spikes.sample(sample)
        assert own.neurons.tolist() == [s.neuron for s in expected]
        assert np.isfinite(own.vdot).tolist() == [s.by_bias for s in expected]
        assert own.times == pytest.approx([float(s.time) for s in expected], rel=RUN, abs=0.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_are_those_of_the_reference(seed):
    assert gradient_errors(delta_problem(seed)) < RUN


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_bias_no_weight_moves_a_spike_and_every_spike_moves_with_one_arrival(seed):
    problem = delta_problem(seed, biased=False)
    solution = DeltaEngine().solve(problem, "weights")
    assert len(solution.spikes)
    assert all(np.all(w == 0.0) for w in solution.gradients.weights.values())
    counted = sum(
        c * np.count_nonzero(solution.spikes.neurons == n) for n, c in enumerate((0.3, 0.3, 0.3, 0.3, 1.0, -0.5))
    )
    moved = solution.gradients.input_times
    assert abs(np.sum(moved) - counted / 2) <= 64 * EPS * np.sum(np.abs(moved))


def test_the_time_of_a_spike_by_bias_has_the_derivatives_of_its_closed_form():
    tau, bias, w, t_in = 16.0, 1.5, 0.25, 3.0
    solution = DeltaEngine().solve(one_neuron([(t_in, w)], duration=16.0, bias=bias))
    a = bias - w * math.exp(t_in / tau)  # V = bias - a exp(-t / tau) after the arrival
    t_out = tau * math.log(a / (bias - 1.0))
    left = math.exp(-(t_out - t_in) / tau)
    vdot = (bias - 1.0) / tau
    assert solution.spikes.times == pytest.approx([t_out], rel=16 * EPS, abs=0.0)
    assert solution.spikes.vdot == pytest.approx([vdot], rel=4 * EPS, abs=0.0)
    assert solution.gradients.weights["in->a"][0, 0] == pytest.approx(-left / vdot, rel=64 * EPS, abs=0.0)
    assert solution.gradients.input_times == pytest.approx([-left / vdot * w / tau], rel=64 * EPS, abs=0.0)
    neurons, e = solution.gradients.neurons["a"], math.exp(-t_out / tau)
    by_tau = ((bias - 1.0) * t_out + w * left * t_in) / tau**2  # d/dtau of V at t_out, with the sign turned
    assert neurons.bias == pytest.approx([-(1.0 - e) / vdot], rel=64 * EPS, abs=0.0)
    assert neurons.v_th == pytest.approx([1.0 / vdot], rel=64 * EPS, abs=0.0)
    assert neurons.v_init == pytest.approx([-e / vdot], rel=64 * EPS, abs=0.0)
    assert neurons.tau_mem == pytest.approx([by_tau / vdot], rel=64 * EPS, abs=0.0)
    assert neurons.tau_syn == neurons.i_init == neurons.t_ref == neurons.v_reset == [0.0]


def test_a_second_spike_by_bias_moves_with_its_reset():
    bias, v_reset = 1.5, -0.5
    solution = DeltaEngine().solve(one_neuron([(1.0, 0.5)], duration=40.0, bias=bias, v_reset=v_reset))
    first, second = solution.spikes.times
    assert second - first == pytest.approx(16.0 * math.log((bias - v_reset) / (bias - 1.0)), rel=16 * EPS, abs=0.0)
    by_reset = -16.0 / (bias - v_reset)  # of the interval
    assert solution.gradients.neurons["a"].v_reset == pytest.approx([by_reset], rel=64 * EPS, abs=0.0)


@pytest.mark.parametrize(
    ("arrivals", "times"),
    [
        ([(1.0, 0.6), (1.0, 0.6)], [1.0]),  # summed
        ([(1.0, 1.2), (1.0, -0.5)], []),  # before the threshold is looked at
        ([(1.0, 1.0)], []),  # V = v_th is no spike
        ([(1.0, math.nextafter(1.0, 2.0))], [1.0]),
        ([(1.0, 3.5), (1.5, 0.9)], [1.0]),  # one spike, and the rest of V is lost
        ([(50.0, 1.5)], [50.0]),  # T belongs to the simulation
    ],
)
def test_arrivals_at_one_time_are_summed_and_then_compared_with_the_threshold(arrivals, times):
    assert DeltaEngine().solve(one_neuron(arrivals), None).spikes.times.tolist() == times


def test_an_arrival_after_the_end_is_none():
    assert len(DeltaEngine().solve(one_neuron([(49.0, 1.5)], delay=1.5), None).spikes) == 0


def test_spikes_without_delay_arrive_at_the_same_time_but_after_what_was_there():
    network = sp.Network(
        [sp.Input("in", 1)], [sp.Population("a", 1), sp.Population("b", 1)],
        [sp.Projection("in", "a"), sp.Projection("in", "b"), sp.Projection("a", "b")],
    )  # fmt: skip
    weights = {"in->a": [[2.0]], "in->b": [[1.5]], "a->b": [[-1.0]]}
    neurons = dict.fromkeys("ab", sp.NeuronParameters(10.0, 5.0))
    stimulus = sp.Stimulus([1.0], [0], [0, 1], 5.0)
    solution = DeltaEngine().solve(sp.Problem(network, sp.Parameters(weights, neurons), stimulus), None)
    assert solution.spikes.neurons.tolist() == [0, 1]  # b spikes before the inhibition by a arrives
    assert solution.v_end[0] == pytest.approx([0.0, -math.exp(-0.4)], rel=4 * EPS, abs=0.0)


def test_neurons_that_excite_each_other_without_delay_run_away():
    network = sp.Network(
        [sp.Input("in", 1)], [sp.Population("a", 2)], [sp.Projection("in", "a"), sp.Projection("a", "a")]
    )
    neurons = {"a": sp.NeuronParameters(10.0, 5.0)}
    weights = {"in->a": np.full((1, 2), 2.0), "a->a": np.full((2, 2), 2.0)}
    problem = sp.Problem(network, sp.Parameters(weights, neurons), sp.Stimulus([1.0], [0], [0, 1], 5.0))
    with pytest.raises(sp.EventLimitExceeded, match="more than 1000 events"):
        DeltaEngine(event_limit=1000).solve(problem, None)


@pytest.mark.parametrize(
    ("arrivals", "bias"),
    [
        ([(1.0, 0.6), (1.0, 0.6)], 0.0),  # which of them comes last
        ([(1.0, 1.2), (1.0, -0.5)], 0.0),  # a spike, if the second is later
        ([(0.0, 0.5), (16.0 * math.log(2.0), 0.5)], 1.5),  # an arrival just when the bias makes the neuron spike
    ],
)
def test_no_derivative_is_given_where_the_order_of_simultaneous_events_matters(arrivals, bias):
    problem = one_neuron(arrivals, bias=bias)
    DeltaEngine().solve(problem, None)
    with pytest.raises(TiedArrivals, match="sample 0: the order of simultaneous events at neuron 0"):
        DeltaEngine().solve(problem, "weights")


def test_arrivals_of_one_spike_over_two_neurons_are_a_tie_for_delays_but_not_for_input_times():
    network = sp.chain(1, 2, 1)
    weights = {"input->hidden": np.full((1, 2), 2.0), "hidden->output": np.full((2, 1), 0.75)}
    neurons = dict.fromkeys(("hidden", "output"), sp.NeuronParameters(10.0, 5.0))
    stimulus = sp.Stimulus([1.0], [0], [0, 1], 5.0)
    problem = sp.Problem(network, sp.Parameters(weights, neurons), stimulus, sp.SpikeTimeSum("output"))
    assert DeltaEngine().solve(problem, "weights").gradients.input_times.tolist() == [1.0]
    with pytest.raises(TiedArrivals):
        DeltaEngine().solve(problem, "all")


def test_simultaneous_arrivals_that_cannot_reach_the_threshold_are_no_tie():
    gradients = DeltaEngine().solve(one_neuron([(1.0, 0.5), (1.0, 0.25), (2.0, 0.5)]), "weights").gradients
    assert gradients.input_times.tolist() == [0.0, 0.0, 1.0]


def test_the_gradients_of_delays_are_those_of_the_times_of_arrivals():
    solution = DeltaEngine().solve(one_neuron([(1.0, 0.3), (2.5, 0.4)], bias=1.25, delay=0.5), "all")
    assert len(solution.spikes) > 1
    assert solution.gradients.delays["in->a"][:, 0].tolist() == solution.gradients.input_times.tolist()


def test_sparse_projections_are_solved_as_matrices_with_zeros():
    dense = delta_problem(3)
    projections, weights = [], {}
    for p in dense.network.projections:
        synapses = sp.Synapses.of_mask(dense.parameters.weights[p.name] > 0.2)
        projections.append(sp.Projection(p.pre, p.post, p.delay, synapses=synapses))
        weights[p.name] = synapses.gathered(dense.parameters.weights[p.name])
    network = sp.Network(dense.network.inputs, dense.network.populations, projections)
    sparse = sp.Problem(network, sp.Parameters(weights, dense.parameters.neurons), dense.stimulus, dense.loss)
    found, expected = (DeltaEngine().solve(p, "weights") for p in (sparse, sparse.dense()))
    assert found.loss == expected.loss
    for name, values in found.gradients.weights.items():
        assert np.array_equal(network.as_matrices({name: values})[name] != 0.0, weights_where(expected, network, name))


def weights_where(solution, network, name):
    """The entries of a dense gradient at the synapses that are not 0."""
    projection = next(p for p in network.projections if p.name == name)
    own = projection.synapses.gathered(solution.gradients.weights[name])
    return projection.synapses.scattered(own, network.shape(projection)[1]) != 0.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"i_init": 0.1}, "i_init is not 0"),
        ({"t_ref": 1.0}, "t_ref is not 0"),
    ],
)
def test_what_a_delta_synapse_does_not_have_is_refused(change, reason):
    problem = one_neuron([(1.0, 1.5)], **change)
    with pytest.raises(sp.InvalidInput, match=reason):
        DeltaEngine().solve(problem)


def test_a_loss_of_potentials_is_refused_by_name():
    problem = delta_problem(0)
    loss = sp.MaxVoltageCrossEntropy("r", [0, 0])
    reading = sp.Problem(problem.network, problem.parameters, problem.stimulus, loss)
    with pytest.raises(sp.InvalidInput, match="the loss MaxVoltageCrossEntropy reads V"):
        DeltaEngine().solve(reading)


def backward_with(change):
    """The backward pass with tables, tape or result changed."""
    right = delta_module.delta_backward

    def wrong(tables, tape, a, k, duration, slopes, v_end, weights, *rest):
        tables, tape = change(tables, tape)
        right(tables, tape, a, k, duration, slopes, v_end, weights, *rest)

    return wrong


def one_before(tables, tape):
    """For each spike that an arrival causes the arrival with a positive weight before it at that neuron."""
    trigger = tape.trigger.copy()
    for k in np.flatnonzero(tape.trigger > 0):
        before = np.arange(tape.trigger[k])
        own = (tape.neuron[before] == tape.spike_neuron[k]) & (tables.weights[tape.weight[before]] > 0.0)
        trigger[k] = np.max(before[own], initial=trigger[k] if not own.any() else 0)
    return trigger


FAULTS = {
    "a reset that does not move": lambda t, tape: (t._replace(v_reset=t.bias), tape),
    "a threshold that the bias does not cross": lambda t, tape: (t._replace(v_th=0.0 * t.v_th), tape),
    "all spikes by bias": lambda t, tape: (t, tape._replace(trigger=np.full_like(tape.trigger, BY_BIAS))),
    "no leak": lambda t, tape: (t._replace(tau=1e6 * t.tau), tape),
    "the arrival before the cause": lambda t, tape: (t, tape._replace(trigger=one_before(t, tape))),
    "single precision": lambda t, tape: (t._replace(tau=(t.tau * (1.0 + 2.0**-24))), tape),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_backward_pass_is_rejected(fault, monkeypatch):
    monkeypatch.setattr(delta_module, "delta_backward", backward_with(FAULTS[fault]))
    assert not max(gradient_errors(delta_problem(seed)) for seed in range(3)) < RUN


def test_a_threshold_that_is_looked_at_after_every_arrival_is_rejected():
    """Two arrivals a moment apart, as such an engine would see those of one time."""
    together, apart = ([(1.0, 1.2), (t, -0.5)] for t in (1.0, math.nextafter(1.0, 2.0)))
    assert len(DeltaEngine().solve(one_neuron(together), None).spikes) == 0
    assert len(DeltaEngine().solve(one_neuron(apart), None).spikes) == 1
