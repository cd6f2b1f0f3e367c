"""Equal times and values, the first and the last of a range, silent samples: what random reals never meet, by name.

Each of these tests distinguishes the code from one with a small change, listed in `source_mutants`.
"""

from dataclasses import replace

import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    GridEngine,
    Input,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeCountRegulariser,
    SpikeTimeSum,
    Stimulus,
    Synapses,
    VoltageIntegral,
)
from spikeproof.grid.kernels.coefficients import I_DECAY, N_COEFFICIENTS, V_DECAY, V_GAIN, step_coefficients
from spikeproof.grid.kernels.step import find
from spikeproof.losses.softmax import cross_entropy
from spikeproof.training import FirstSpikeReadout
from spikeproof_reference import MpEngine
from spikeproof_verification import Subject, measure
from spikeproof_verification.checks.reference import Effort
from spikeproof_verification.checks.tied_reference import tied_judgement
from spikeproof_verification.checks.tolerances import AMPLIFIED, EPS, RUN, SHORT_RUN, SPIKE_TIME, TRAPEZOIDS

NEURON = NeuronParameters(8.0, 4.0)
ONCE = replace(NEURON, v_th=1.0, v_reset=-9.0)  # after a spike it is too low for another one


def failing(problem, engine=None):
    """What the checks of the campaign reject of an engine."""
    engine = EventEngine() if engine is None else engine
    expected = tied_judgement("lattice", problem, Effort(1, 1, 3), 0)
    assert expected.trusted
    subject = Subject("lattice", problem.name, "", engine.name, "mp")
    found = measure(subject, engine.solve(problem), expected.solution, expected.conditioning)
    return [(m.quantity, m.component) for m in found if m.verdict == "fail"]


def layer(kind, weights, samples, duration, loss, neuron, synapses=None):
    """Input to a population "n"; `weights` has a row per channel, or an entry per synapse."""
    return one_layer(weights, Stimulus.of_samples(samples, duration), neuron, loss, kind=kind, synapses=synapses)


def readouts(weights, samples, duration, neuron=NEURON, synapses=None, label=0):
    loss = MaxVoltageCrossEntropy("n", [label] * len(samples))
    return layer("li", weights, samples, duration, loss, neuron, synapses)


def v_at(dt, v, i, tau_mem=8.0, tau_syn=4.0):
    """V after `dt` without events."""
    a, b = np.exp(-dt / tau_mem), np.exp(-dt / tau_syn)
    return v * a + i * tau_syn / (tau_mem - tau_syn) * (a - b)


def test_a_sample_without_spikes_knows_nothing_of_the_spikes_of_the_next():
    # its only input makes nobody spike; the next one spikes first after as many arrivals
    loss = VoltageIntegral("n", [1.0, 1.0])
    neuron = replace(ONCE, v_init=[0.0, 0.5])
    problem = layer("lif", [[8.0, 0.0], [0.5, 0.0]], [([1.0], [1]), ([1.0], [0])], 16.0, loss, neuron)
    solution = EventEngine().solve(problem)
    assert np.diff(solution.spikes.offsets).tolist() == [0, 1]
    t = np.linspace(0.0, 15.0, 30_001)
    expected = np.trapezoid(v_at(t, 0.0, 0.5), t) + 0.5 * 8.0 * (1.0 - np.exp(-2.0))
    assert solution.sample_losses[0] == pytest.approx(expected, rel=TRAPEZOIDS, abs=0.0)
    assert failing(problem) == []


def test_a_spike_of_the_next_population_is_not_counted():
    network = Network((Input("in", 1),), (Population("a", 2), Population("b", 2)), (Projection("in", "b"),))
    parameters = Parameters({"in->b": [[9.0, 9.0]]}, {"a": ONCE, "b": ONCE})
    stimulus = Stimulus.of_samples([([1.0], [0]), ([], [])], 20.0)
    loss = SpikeCountRegulariser("a", 1.0)
    run = EventEngine().run(Problem(network, parameters, stimulus))
    assert sorted(run.spikes.neurons.tolist()) == [2, 3]
    values, slopes = loss.evaluate(run.spikes, network.neurons("a"), 20.0)
    assert values.tolist() == [1.0, 1.0]  # two silent neurons instead of one spike each
    assert not np.any(slopes)


@pytest.mark.parametrize("synapses", [None, Synapses.of_mask([[True, True], [True, True]])])
def test_a_spike_within_rounding_of_the_arrival_that_causes_it_comes_after_it(synapses):
    # V rests a rounding below the threshold, so that the time of the spike is that of the arrival
    neuron = NeuronParameters(8.0, 4.0, v_th=1.0 + EPS, v_reset=0.0, bias=1.0, v_init=1.0)
    weights = [[64.0, 0.0], [0.0, 64.0]] if synapses is None else [64.0, 0.0, 0.0, 64.0]
    loss = SpikeTimeSum("n", [1.0, 3.0])
    problem = layer("lif", weights, [([1.0, 2.0], [0, 1])], 2.5, loss, neuron, synapses)
    solution = EventEngine().solve(problem)
    assert solution.spikes.times.tolist()[0] == 1.0
    exact = MpEngine(dps=30).solve(problem)
    assert len(solution.spikes) == len(exact.spikes)
    assert solution.gradients.input_times == pytest.approx(
        exact.gradients.input_times.astype(float), rel=AMPLIFIED, abs=0.0
    )
    assert solution.gradients.input_times[0] > 0.5


def test_the_jumps_of_a_run_are_those_of_its_spikes():
    samples = [([1.0], [0]), ([2.0, 3.0], [0, 1])]
    problem = layer("lif", [[8.0, 0.0], [0.0, 9.0]], samples, 8.0, None, ONCE)
    run = EventEngine().run(problem)
    _, jumps = run.adjoint(np.array([1.0, -2.0, 4.0]))
    assert jumps == pytest.approx(np.array([1.0, -2.0, 4.0]) / (8.0 * run.spikes.vdot), rel=1e-15, abs=0.0)


@pytest.mark.parametrize("weight", ["sum", "mean"])
def test_integrals_of_v_of_readouts_with_constants_of_their_own_are_exact(weight):
    neuron = NeuronParameters([8.0, 4.0, 16.0], [4.0, 8.0, 4.0], bias=[0.25, 0.0, -0.5])
    loss = VoltageIntegral("n", [1.0, -2.0, 0.5], weight)
    samples = [([0.0, 2.0, 8.0], [0, 1, 0]), ([1.0, 16.0], [1, 0])]
    assert failing(layer("li", [[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]], samples, 16.0, loss, neuron)) == []


def test_a_neuron_exactly_at_its_threshold_on_the_grid_is_found():
    v, v_th, found = np.array([0.5, 1.0, 2.0]), np.array([1.0, 1.0, 1.0]), np.full(2, -1)
    assert find(0, 1, v_th, v, found, 0) == 1
    assert found.tolist() == [1, -1]


def test_a_neuron_that_reaches_its_threshold_exactly_at_a_grid_point_spikes_there():
    gain = on_grid(1)[V_GAIN]
    neuron = NeuronParameters(8.0, 4.0, v_th=2.0 * gain, v_reset=-9.0)
    problem = layer("lif", [[2.0, 0.5]], [([1.0], [0])], 4.0, SpikeTimeSum("n"), neuron)
    assert GridEngine(1.0).solve(problem).spikes.times.tolist() == [2.0]


def on_grid(dt, tau_mem=8.0, tau_syn=4.0):
    """Coefficients of a step."""
    out = np.empty((N_COEFFICIENTS, 1))
    step_coefficients(float(dt), np.array([tau_mem]), np.array([tau_syn]), out)
    return out[:, 0]


@pytest.mark.parametrize("engine", [GridEngine(1.0), EventEngine(), MpEngine(dps=30)], ids=lambda e: e.name)
def test_of_two_arrivals_that_make_v_flat_and_then_fall_the_first_one_is_the_kink(engine):
    # V = -exp(-t / 8) rises to v at t = 2, where I becomes v, so that V is flat, and 2 v
    v = -1.0
    for _ in range(2):
        v *= on_grid(1)[V_DECAY]
    neuron = NeuronParameters(8.0, 4.0, v_init=[-1.0, -1.0])
    problem = readouts([[v, 0.0]], [([2.0, 2.0], [0, 0])], 4.0, neuron, label=1)
    solution = engine.solve(problem)
    share = 1.0 / (1.0 + np.exp(-np.exp(-0.5) - v))  # of the first of two; the other one rises to the end
    assert float(solution.loss) == pytest.approx(np.log1p(np.exp(v + np.exp(-0.5))), rel=RUN, abs=0.0)
    first, second = solution.gradients.input_times.astype(float)
    assert (first, second) == pytest.approx((share * -v / 8.0, 0.0), rel=RUN, abs=RUN)
    v_init = solution.gradients.neurons["n"].v_init.astype(float)
    assert v_init == pytest.approx([share * np.exp(-0.25), -share * np.exp(-0.5)], rel=RUN, abs=0.0)


@pytest.mark.parametrize("engine", [GridEngine(0.5), EventEngine(), MpEngine(dps=30)], ids=lambda e: e.name)
def test_one_input_may_be_the_kink_of_several_readouts(engine):
    neuron = NeuronParameters(8.0, 4.0, i_init=[4.0, 6.0, 0.0])
    solution = engine.solve(readouts([[-9.0, -12.0, 0.0]], [([2.0], [0])], 4.0, neuron))
    v, i = v_at(2.0, 0.0, np.array([4.0, 6.0, 0.0])), np.array([4.0, 6.0, 0.0]) * np.exp(-0.5)
    slopes = np.exp(v) / np.sum(np.exp(v)) - [1.0, 0.0, 0.0]
    assert float(solution.gradients.input_times[0]) == pytest.approx(np.sum(slopes * (i - v)) / 8.0, rel=RUN, abs=0.0)
    v_init = solution.gradients.neurons["n"].v_init[:2].astype(float)
    assert v_init == pytest.approx(slopes[:2] * np.exp(-0.25), rel=RUN, abs=0.0)


@pytest.mark.parametrize("engine", [GridEngine(1.0), EventEngine(), MpEngine(dps=30)], ids=lambda e: e.name)
def test_an_arrival_that_makes_a_rising_v_flat_is_a_kink(engine):
    v, i, step = 0.0, 4.0, on_grid(1)
    for _ in range(2):
        v, i = v * step[V_DECAY] + i * step[V_GAIN], i * step[I_DECAY]
    problem = readouts([[v - i, 0.0]], [([2.0], [0])], 4.0, rising())
    assert i + (v - i) == v
    share = 1.0 / (1.0 + np.exp(v))
    assert float(engine.solve(problem).gradients.input_times[0]) == pytest.approx(
        -share * (i - v) / 8.0, rel=RUN, abs=0.0
    )


@pytest.mark.parametrize("engine", [GridEngine(0.5), EventEngine(), MpEngine(dps=30)], ids=lambda e: e.name)
def test_of_arrivals_that_end_lift_and_end_a_rise_again_the_last_one_is_the_kink(engine):
    problem = readouts([[-4.0, 0.0], [8.0, 0.0], [-9.0, 0.0]], [([2.0] * 3, [0, 1, 2])], 4.0, rising())
    first, second, third = engine.solve(problem).gradients.input_times.astype(float)
    v, i = v_at(2.0, 0.0, 4.0), 4.0 * np.exp(-0.5)
    share = 1.0 - 1.0 / (1.0 + np.exp(-v))
    assert i - 4.0 - v < 0.0 < i + 4.0 - v
    assert (first, second) == pytest.approx((-share * -4.0 / 8.0 * -1.0, -share * 8.0 / 8.0 * -1.0), rel=RUN, abs=0.0)
    assert third == pytest.approx(-share * (i + 4.0 - v) / 8.0, rel=RUN, abs=0.0)


def rising():
    return NeuronParameters(8.0, 4.0, i_init=[4.0, 0.0])


@pytest.mark.parametrize("engine", [EventEngine(), GridEngine(0.5), MpEngine(dps=30)], ids=lambda e: e.name)
@pytest.mark.parametrize("w", [2.0, -9.0])
def test_what_arrives_at_the_end_acts_on_no_maximum(engine, w):
    problem = readouts([[w, 0.0]], [([2.0], [0])], 2.0, rising())
    solution = engine.solve(problem)
    assert float(solution.loss) == pytest.approx(np.log1p(np.exp(-v_at(2.0, 0.0, 4.0))), rel=RUN, abs=0.0)
    assert float(solution.gradients.input_times[0]) == 0.0


@pytest.mark.parametrize("engine", [EventEngine(), GridEngine(0.5), MpEngine(dps=30)], ids=lambda e: e.name)
def test_an_input_at_the_start_that_ends_a_rise_is_a_kink_that_can_only_come_later(engine):
    neuron = NeuronParameters(8.0, 4.0, v_init=[1.0, 1.0], i_init=[3.0, 0.0])
    solution = engine.solve(readouts([[-9.0, 0.0]], [([0.0], [0])], 2.0, neuron))
    assert float(solution.loss) == pytest.approx(np.log(2.0), rel=1e-14, abs=0.0)
    assert float(solution.gradients.input_times[0]) == pytest.approx(-0.5 * (3.0 - 1.0) / 8.0, rel=1e-14, abs=0.0)
    assert solution.gradients.neurons["n"].v_init.astype(float) == pytest.approx([-0.5, 0.5], rel=1e-14, abs=0.0)


@pytest.mark.parametrize("engine", [EventEngine(), GridEngine(0.5), MpEngine(dps=30)], ids=lambda e: e.name)
@pytest.mark.parametrize("weights", [[1.0, -2.0], [-2.0, 1.0], [1.0, -1.0, -0.5]])
@pytest.mark.parametrize("start", [{}, {"v_init": 0.25, "bias": 0.25}])
@pytest.mark.parametrize("at", [0.0, 3.0, 16.0])
def test_arrivals_that_come_together_make_no_maximum_later_than_the_start_that_is_as_high(engine, weights, start, at):
    samples, n = [(np.full(len(weights), at), np.arange(len(weights)))], len(weights)
    problem = readouts(np.outer(weights, [1.0, 1.0]), samples, 16.0, replace(NEURON, **start))
    gradients = engine.solve(problem).gradients
    assert gradients.neurons["n"].v_init.astype(float).tolist() == [-0.5, 0.5]
    assert gradients.neurons["n"].bias.astype(float).tolist() == [0.0, 0.0]
    assert gradients.input_times.astype(float).tolist() == [0.0] * n


def test_a_rise_that_goes_on_by_less_than_rounding_ends_where_it_is_cut():
    times, neuron = np.array([1.0, np.nextafter(1.0, 2.0)]), NeuronParameters(8.0, 4.0, v_init=64.0, i_init=[96.0, 0.0])
    problem = readouts([[0.5, 0.0], [-90.0, 0.0]], [(times, [0, 1])], 4.0, neuron)
    found, exact = (e.solve(problem).gradients.input_times.astype(float) for e in (EventEngine(), MpEngine(dps=50)))
    assert np.all(exact)
    assert found == pytest.approx(exact, rel=RUN, abs=0.0)


def test_the_first_spike_of_a_batch_is_an_answer():
    problem = layer("lif", [[0.0, 9.0], [9.0, 0.0]], [([1.0], [0]), ([1.0], [1]), ([], [])], 20.0, None, ONCE)
    readout = FirstSpikeReadout("n", 1.0, 5.0)
    assert readout.classes(EventEngine().solve(problem)).tolist() == [1, 0, -1]


@pytest.mark.parametrize("sparse", [False, True])
def test_a_kink_where_an_input_arrives_belongs_to_that_input(sparse):
    # one readout is cut at t = 2 by the input itself, the other one by nothing
    synapses = Synapses.of_mask([[True, False], [True, True]]) if sparse else None
    weights = [8.0, -9.0, 3.0] if sparse else [[8.0, 0.0], [-9.0, 3.0]]
    problem = readouts(weights, [([0.0, 2.0], [0, 1])], 16.0, synapses=synapses)
    v, slope = v_at(2.0, 0.0, 8.0), (8.0 * np.exp(-0.5) - v_at(2.0, 0.0, 8.0)) / 8.0
    other = 3.0 / 4.0  # at tau_mem = 2 tau_syn a peak is a quarter of the weight high
    share = 1.0 / (1.0 + np.exp(v - other))
    solution = EventEngine().solve(problem)
    assert solution.loss == pytest.approx(np.log1p(np.exp(other - v)), rel=1e-14, abs=0.0)
    assert solution.gradients.input_times == pytest.approx([share * slope, -share * slope], rel=SHORT_RUN, abs=0.0)
    assert failing(problem) == []


def test_a_neuron_held_below_its_threshold_by_inhibition_alone_comes_back():
    # the current is far below V, and gone before V has fallen; a bound with V and I exchanged sees no crossing
    neuron = NeuronParameters(8.0, 0.5, 15.0 / 16.0, 0.0, bias=1.5, v_init=[0.9, 0.0], i_init=[-3.0, -3.0])
    network = Network((Input("in", 1),), (Population("n", 2),), (Projection("in", "n"), Projection("n", "n", 1.0)))
    weights = {"in->n": [[0.0, 0.0]], "n->n": [[0.0, -0.25], [0.125, 0.0]]}
    stimulus = Stimulus.of_samples([([], []), ([30.0], [0])], 32.0)
    problem = Problem(network, Parameters(weights, {"n": neuron}), stimulus, SpikeTimeSum("n", [1.0, 0.5]))
    assert len(EventEngine().solve(problem).spikes) > 8
    assert failing(problem) == []


@pytest.mark.parametrize("level", [400.0, -400.0, 1e300])
def test_potentials_far_from_zero_do_not_overflow_a_softmax(level):
    values, slopes = cross_entropy(np.array([[level, level, level]]), np.array([1]))
    assert values[0] == pytest.approx(np.log(3.0), rel=1e-15, abs=0.0)
    assert slopes[0] == pytest.approx([1.0 / 3.0, -2.0 / 3.0, 1.0 / 3.0], rel=1e-15, abs=0.0)


@pytest.mark.parametrize("bias", [400.0, -400.0])
def test_the_largest_potentials_may_be_hundreds(bias):
    neuron = replace(NEURON, bias=[bias, bias], v_init=[bias, bias])
    assert failing(readouts([[4.0, 2.0]], [([1.0], [0])], 16.0, neuron)) == []


def connected(how, arrivals, duration, neuron):
    """Input spikes (time, weight), each of a channel of its own, to neurons that know nothing of each other."""
    weights = np.array([[w, w] for _, w in arrivals])
    synapses = Synapses.of_mask(np.ones(weights.shape, bool)) if how == "sparse" else None
    projections = [Projection("in", "n", synapses=synapses)]
    given = {"in->n": weights if synapses is None else weights.ravel()}
    if how == "recurrent":
        projections.append(Projection("n", "n"))
        given["n->n"] = np.zeros((2, 2))
    network = Network((Input("in", len(arrivals)),), (Population("n", 2),), tuple(projections))
    stimulus = Stimulus.of_samples([([t for t, _ in arrivals], range(len(arrivals)))], duration)
    return Problem(network, Parameters(given, {"n": neuron}), stimulus)


@pytest.mark.parametrize("how", ["dense", "sparse", "recurrent"])
@pytest.mark.parametrize("w", np.random.default_rng(2).uniform(4.1, 40.0, 12))
def test_a_spike_a_few_roundings_before_the_end_or_before_inhibition_counts_and_one_after_it_does_not(how, w):
    # at tau_mem = 2 tau_syn, V = w (x - x^2) with x = exp(-t / tau_mem)
    x = (1.0 + np.sqrt(1.0 - 4.0 / w)) / 2.0
    t, vdot = -8.0 * np.log(x), w * (2.0 * x - 1.0) * x / 8.0
    margin = SPIKE_TIME.multiple * EPS * (t + 1.0 / vdot) + 4.0 * EPS / (2.0 * x - 1.0) ** 2
    for border in (1.0, -1.0):
        at = t + border * margin
        ended = EventEngine().run(connected(how, [(0.0, w)], at, ONCE))
        cut = EventEngine().run(connected(how, [(0.0, w), (at, -200.0)], 40.0, ONCE))
        assert len(ended.spikes) == len(cut.spikes) == (2 if border > 0.0 else 0)


def test_a_layer_of_many_neurons_hears_every_arrival():
    # as many as are stepped sample by sample; each has the spikes of a layer of its own
    weights = 1.0 + np.arange(2.0 * 48).reshape(2, 48) / 8.0
    samples = [([1.0, 3.0], [0, 1]), ([2.0], [1])]
    many = EventEngine().run(layer("lif", weights, samples, 20.0, None, ONCE)).spikes
    for n in (0, 17, 47):
        alone = EventEngine().run(layer("lif", weights[:, n : n + 1], samples, 20.0, None, ONCE)).spikes
        assert [many.sample(s).trains(range(48))[n].tolist() for s in (0, 1)] == [
            alone.sample(s).times.tolist() for s in (0, 1)
        ]
    assert len(many) > 40
