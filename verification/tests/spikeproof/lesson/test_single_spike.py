"""Single spikes against the event engine with an infinite refractory time, the mp engine, and closed forms."""

import math
import re

import mpmath
import numpy as np
import pytest

import spikeproof as sp
from spikeproof.lesson import SingleSpike, first_spike_layers
from spikeproof.lesson.kernels.closed_crossing import DOWN, UP, lambert_above
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, EPS, SPIKE_TIME

RATIOS = (1.0, 2.0)


def neuron(ratio, tau=10.0, **parameters):
    return sp.NeuronParameters(tau, tau / ratio, t_ref=math.inf, **parameters)


def layered(ratio, seed=1, n_samples=4):
    """Two hidden layers and an output, a projection that skips one, delays, several input spikes per channel."""
    network = sp.Network(
        [sp.Input("in", 5)], [sp.Population("b", 6), sp.Population("a", 8), sp.Population("o", 3)],
        [sp.Projection("in", "a", 0.5), sp.Projection("a", "b"), sp.Projection("a", "o", 1.0), sp.Projection("b", "o")],
    )  # fmt: skip
    random = np.random.default_rng(seed)
    weights = {"in->a": random.normal(1.6, 0.9, (5, 8)), "a->b": random.normal(1.4, 0.7, (8, 6))}
    weights |= {"a->o": random.normal(0.4, 0.6, (8, 3)), "b->o": random.normal(0.7, 0.5, (6, 3))}
    neurons = {
        "a": neuron(ratio, bias=0.1, v_reset=-0.2),
        "b": neuron(3.0 - ratio, 14.0, v_init=np.linspace(-0.3, 0.3, 6)),
        "o": neuron(ratio, 8.0, i_init=0.2, v_th=1.1),
    }
    samples = [(random.uniform(0.0, 20.0, 15), random.integers(0, 5, 15)) for _ in range(n_samples)]
    loss = sp.FirstSpikeCrossEntropy("o", random.integers(0, 3, n_samples), tau0=2.0, tau1=9.0, alpha=0.01)
    return sp.Problem(network, sp.Parameters(weights, neurons), sp.Stimulus.of_samples(samples, 40.0), loss)


def by_neuron(spikes, n_neurons):
    """First spike times, and 1/Vdot there, shape (n_samples, n_neurons)."""
    times, steepness = np.full((spikes.n_samples, n_neurons), np.inf), np.zeros((spikes.n_samples, n_neurons))
    place = spikes.samples(), spikes.neurons
    times[place], steepness[place] = spikes.times, 1.0 / spikes.vdot
    return times, steepness


def errors(problem, expected):
    """Errors of spike times and gradients in units of their tolerances."""
    found, n = SingleSpike().estimate(problem), problem.network.n_neurons
    times, _ = by_neuron(found.solution.spikes, n)
    right, steepness = by_neuron(expected.spikes, n)
    if not np.array_equal(np.isfinite(times), np.isfinite(right)):
        return math.inf, math.inf
    there = np.isfinite(right)
    late = np.max(abs(times[there] - right[there]) / (right[there] + steepness[there]))
    off = max(
        np.max(abs(found.gradients[name] - right_one)) / np.max(abs(right_one))
        for name, right_one in expected.gradients.weights.items()
    )
    return late / (SPIKE_TIME.multiple * EPS), off / AMPLIFIED


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ratio", RATIOS)
def test_spikes_and_gradients_are_those_of_the_event_engine_with_an_infinite_refractory_time(ratio, seed):
    problem = layered(ratio, seed)
    expected = sp.EventEngine().solve(problem, "weights")
    assert len(expected.spikes) > 20
    assert max(errors(problem, expected)) < 1.0
    answer = SingleSpike().answer(problem)
    assert answer.loss == pytest.approx(expected.loss, rel=AMPLIFIED, abs=0.0)
    assert np.max(abs(answer.v_end - expected.v_end)) < AMPLIFIED
    assert np.max(abs(answer.i_end - expected.i_end)) < AMPLIFIED


@pytest.mark.compiled
@pytest.mark.parametrize("ratio", RATIOS)
def test_the_yin_yang_network_has_the_spikes_and_gradients_of_the_event_engine(ratio):
    published = yin_yang_problem(*yin_yang(20, seed=42), seed=1)
    weights = {name: 1.3 * w for name, w in published.parameters.weights.items()}
    parameters = sp.Parameters(weights, dict.fromkeys(("hidden", "output"), neuron(ratio)))
    problem = sp.Problem(published.network, parameters, published.stimulus, published.loss)
    expected = sp.EventEngine().solve(problem, "weights")
    assert len(expected.spikes) > 3000
    assert max(errors(problem, expected)) < 1.0


@pytest.mark.parametrize("ratio", RATIOS)
def test_spikes_and_gradients_are_those_of_the_mp_engine(ratio):
    problem = layered(ratio, n_samples=1)
    expected = MpEngine(dps=20).solve(problem, "weights")
    spikes = sp.EventEngine().solve(problem, None).spikes  # the same, in another type of number
    found = SingleSpike().estimate(problem)
    assert len(found.solution.spikes) == len(spikes) == len(expected.spikes)
    for name, right in expected.gradients.weights.items():
        right = right.astype(float)
        assert np.max(abs(found.gradients[name] - right)) < AMPLIFIED * np.max(abs(right))


@pytest.mark.parametrize("fault", ["falling", "no slope"])
@pytest.mark.parametrize("ratio", RATIOS)
def test_the_wrong_branch_and_a_wrong_slope_are_rejected(ratio, fault, monkeypatch):
    problem = layered(ratio)
    expected = sp.EventEngine().solve(problem, "weights")
    back = first_spike_layers.first_spikes_back

    def without_slope(neurons, arrivals, weights, times, vdot, *rest):
        return back(neurons, arrivals, weights, times, np.ones_like(vdot), *rest)

    def falling(neurons, arrivals, weights, times, vdot, *rest):  # where Vdot is negative
        return back(neurons, arrivals, weights, times, abs(vdot), *rest)

    monkeypatch.setattr(first_spike_layers, "first_spikes_back", without_slope if fault == "no slope" else falling)
    if fault == "falling":
        monkeypatch.setattr(first_spike_layers, "SIDE", DOWN)
    assert max(errors(problem, expected)) > 1e6


@pytest.mark.parametrize("exponent", [-52, -30, -12, -3, -1, 0, 2, 5, 9])
def test_the_branches_of_lambert_are_those_of_mpmath(exponent):
    for factor in (1.0, 1.37):
        delta = factor * 2.0**exponent
        with mpmath.workdps(40):
            for side, branch in ((UP, 0), (DOWN, -1)):
                right = 1 + mpmath.lambertw(-mpmath.exp(-1 - mpmath.mpf(delta)), branch)
                assert abs(lambert_above(delta, side) - right) < 8 * EPS * max(1, abs(right))


def test_the_branches_of_lambert_meet_where_the_spike_grazes():
    assert lambert_above(0.0, UP) == lambert_above(0.0, DOWN) == 0.0


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("w", [2.0**k for k in range(3, 30, 3)] + [2.8, 4.2])
def test_the_time_of_a_spike_after_one_arrival_is_the_closed_form(ratio, w):
    network = sp.chain(1, 1)
    loss = sp.SpikeTimeSum("output")
    parameters = sp.Parameters({"input->output": [[w]]}, {"output": neuron(ratio, 8.0)})
    problem = sp.Problem(network, parameters, sp.Stimulus([0.0], [0], [0, 1], 50.0), loss)
    found = SingleSpike().estimate(problem)
    with mpmath.workdps(40):
        if ratio == 1.0:
            right = -8 * mpmath.lambertw(-1 / mpmath.mpf(w)).real
            slope = (w * mpmath.exp(-right / 8) - 1) / 8
            response = right / 8 * mpmath.exp(-right / 8)
        else:
            x = (1 + mpmath.sqrt(1 - 4 / mpmath.mpf(w))) / 2 if w >= 4 else None
            if x is None:
                assert found.spikes == 0.0
                return
            right, slope, response = -8 * mpmath.log(x), (w * x * x - 1) / 8, x - x * x
        assert abs(found.value - right) < 16 * EPS * (right + 1 / slope)
        by_weight = -response / slope
        assert abs(found.gradients["input->output"][0, 0] / by_weight - 1) < 64 * EPS * (1 + 1 / slope)


def test_a_neuron_fires_once_whatever_the_refractory_time_of_the_problem():
    def problem(t_ref):
        parameters = sp.Parameters({"input->output": [[9.0]]}, {"output": sp.NeuronParameters(8.0, 8.0, t_ref=t_ref)})
        return sp.Problem(sp.chain(1, 1), parameters, sp.Stimulus([0.0], [0], [0, 1], 50.0), sp.SpikeTimeSum("output"))

    assert len(sp.EventEngine().solve(problem(0.0), None).spikes) > 1
    assert SingleSpike().estimate(problem(0.0)).value == SingleSpike().estimate(problem(math.inf)).value


def test_a_sample_has_the_same_bits_alone_and_in_a_batch():
    problem = layered(1.0)
    whole, alone = SingleSpike().answer(problem), SingleSpike().answer(problem.select([2]))
    assert whole.spikes.sample(2).times.tolist() == alone.spikes.times.tolist()
    assert whole.sample_losses[2] == alone.loss


def test_a_sparse_projection_has_a_gradient_for_each_synapse():
    synapses = sp.Synapses([0, 1, 3], [1, 0, 1])
    network = sp.Network([sp.Input("in", 2)], [sp.Population("a", 2)], [sp.Projection("in", "a", synapses=synapses)])
    parameters = sp.Parameters({"in->a": [9.0, 6.0, 5.0]}, {"a": neuron(2.0)})
    stimulus = sp.Stimulus.of_channels([[1.0], [1.5]], 30.0)
    problem = sp.Problem(network, parameters, stimulus, sp.SpikeTimeSum("a"))
    expected = sp.EventEngine().solve(problem, "weights").gradients.weights["in->a"]
    assert SingleSpike().estimate(problem).gradients["in->a"] == pytest.approx(expected, rel=AMPLIFIED, abs=0.0)


def test_an_input_spike_after_the_end_does_nothing():
    parameters = sp.Parameters({"input->output": [[9.0]]}, {"output": neuron(2.0)})
    problem = sp.Problem(sp.chain(1, 1), parameters, sp.Stimulus([60.0], [0], [0, 1], 50.0), sp.SpikeTimeSum("output"))
    answer = SingleSpike().answer(problem)
    assert len(answer.spikes) == 0
    assert answer.i_end.tolist() == [[0.0]]


def changed(**parameters):
    given = {"tau_mem": 10.0, "tau_syn": 10.0} | parameters
    weights = sp.Parameters({"input->output": [[9.0]]}, {"output": sp.NeuronParameters(**given)})
    return sp.Problem(sp.chain(1, 1), weights, sp.Stimulus([0.0], [0], [0, 1], 50.0), sp.SpikeTimeSum("output"))


def recurrent():
    network = sp.chain(1, sp.Layer(2, recurrent=True), 1)
    weights = sp.constant_weights(network, 1.0)
    neurons = dict.fromkeys(("hidden", "output"), neuron(1.0))
    return sp.Problem(
        network, sp.Parameters(weights, neurons), sp.Stimulus([0.0], [0], [0, 1], 9.0), sp.SpikeTimeSum("output")
    )


def reading_potentials():
    network = sp.chain(1, sp.Layer(2, "li"))
    parameters = sp.Parameters({"input->output": [[1.0, 2.0]]}, {"output": sp.NeuronParameters(10.0, 10.0)})
    return sp.Problem(
        network, parameters, sp.Stimulus([0.0], [0], [0, 1], 9.0), sp.MaxVoltageCrossEntropy("output", [0])
    )


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (changed(tau_syn=4.0), r"tau_mem / tau_syn = 2\.5: closed forms are known for 1 and 2"),
        (changed(bias=1.0), "a bias that reaches its threshold"),
        (recurrent(), "'hidden -> hidden'; allowed: a network without recurrence"),
        (reading_potentials(), "leaky integrators, which do not spike"),
    ],
)
def test_what_has_no_closed_form_is_refused_by_name(problem, reason):
    with pytest.raises(sp.InvalidInput):
        SingleSpike().estimate(problem)
    assert re.search(reason, SingleSpike().unsupported(problem))


def test_a_problem_without_a_loss_has_an_answer_but_no_estimate():
    bare = sp.Problem(layered(1.0).network, layered(1.0).parameters, layered(1.0).stimulus)
    assert SingleSpike().answer(bare).loss is None
    with pytest.raises(sp.InvalidInput, match=r"problem\.loss"):
        SingleSpike().estimate(bare)
