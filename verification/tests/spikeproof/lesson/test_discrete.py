"""The discrete network against plain Python in mpmath and fractions, and against the network in continuous time."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from discrete_problems import DIGITS, DT, LOSSES, ctx, discrete_problem, for_deltas, reference_loss, reference_path

import spikeproof as sp
from spikeproof.lesson import Discrete, SurrogateGradient
from spikeproof_reference.lesson.discrete import as_fraction, coefficients, path
from spikeproof_verification.checks.tolerances import EPS, GRID_ORDER

SYNAPSES = ("exponential", "delta")
STEPS = 2.0 ** -np.arange(2, 8)


def problem_of(seed, synapse):
    problem = discrete_problem(seed)
    return for_deltas(problem) if synapse == "delta" else problem


def fired(trace, sample):
    """S of each step and neuron."""
    bounds, steps = trace.bounds[sample], trace.v.shape[1] - 1
    s = np.zeros((steps, trace.v.shape[2]), int)
    for k in range(steps):
        s[k, trace.neurons[sample, bounds[k] : bounds[k + 1]]] = 1
    return s


def deviation(trace, sample, found):
    """Largest error of V, in units of the largest V, and whether all spikes are the same."""
    v = np.array([[float(x) for x in row] for row in found.v])
    same = np.array_equal(fired(trace, sample), np.array(found.s))
    return np.max(np.abs(trace.v[sample] - v)) / np.max(np.abs(v)), same


@pytest.mark.parametrize("synapse", SYNAPSES)
@pytest.mark.parametrize("seed", range(3))
def test_potentials_and_spikes_are_those_of_the_plain_reference(seed, synapse):
    problem = problem_of(seed, synapse)
    trace = Discrete(problem, DT, synapse).run()
    assert trace.n_spikes > 50
    for sample in range(2):
        error, same = deviation(trace, sample, reference_path(problem, sample, synapse=synapse))
        assert error <= 64 * EPS
        assert same


def without_reset(problem, found):
    return reference_path(problem, 0, in_reset=lambda s: 0 * s)


def one_step_later(problem, found):
    stimulus = problem.stimulus
    late = sp.Stimulus(stimulus.times + DT, stimulus.channels, stimulus.offsets, stimulus.duration)
    return reference_path(replace(problem, stimulus=late), 0)


def delays_left_out(problem, found):
    projections = [replace(p, delay=0.0) for p in problem.network.projections]
    return reference_path(replace(problem, network=replace(problem.network, projections=projections)), 0)


def gain_of_equal_time_constants(problem, found):
    wrong = replace(found, c=[DT / 5 * e for e in found.a])
    return path(problem, DT, wrong, problem.parameters.weights)


def arrivals_act_at_once(problem, found):
    return reference_path(problem, 0, synapse="delta")


FAULTS = (without_reset, one_step_later, delays_left_out, gain_of_equal_time_constants, arrivals_act_at_once)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_step_is_rejected(fault):
    problem = discrete_problem(0)
    found = coefficients(problem, DT, "exponential", DIGITS).converted(ctx.mpf)
    error, same = deviation(Discrete(problem, DT).run(), 0, fault(problem, found))
    assert error > 0.01
    assert not same


def test_spikes_are_those_of_exact_arithmetic():
    problem = discrete_problem(1, duration=8.0)
    found = coefficients(problem, DT, "exponential").converted(as_fraction)
    weights = {name: [list(map(Fraction, row)) for row in w.tolist()] for name, w in problem.parameters.weights.items()}
    trace = Discrete(problem, DT).run()
    for sample in range(2):
        exact = path(problem, DT, found, weights, sample=sample)
        assert all(isinstance(x, Fraction) for x in exact.v[-1])
        assert np.array_equal(fired(trace, sample), np.array(exact.s))


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_are_those_of_the_plain_reference(loss):
    problem = discrete_problem(2, loss, duration=16.0)
    size = np.max(np.abs(Discrete(problem, DT).run().v)) ** 2  # of the target loss, which is quadratic
    assert SurrogateGradient(DT).answer(problem).loss == pytest.approx(
        float(reference_loss(problem)), abs=64 * EPS * size
    )


def continuous_problem(n_samples=12):
    random = np.random.default_rng(3)
    network = sp.chain(4, sp.Layer(6, recurrent=True, recurrent_delay=1.0), sp.Layer(2, kind="li"))
    moments = {"input->hidden": (1.5, 0.5), "hidden->hidden": (-0.1, 0.2), "hidden->output": (0.2, 0.5)}
    weights = sp.normal_weights(network, moments, seed=5)
    neurons = {"hidden": sp.NeuronParameters(20.0, 5.0), "output": sp.NeuronParameters(10.0, 10.0)}
    samples = [(random.uniform(0.0, 20.0, 8), random.integers(0, 4, 8)) for _ in range(n_samples)]
    stimulus = sp.Stimulus.of_samples(samples, 32.0)
    return sp.Problem(network, sp.Parameters(weights, neurons), stimulus, sp.VoltageIntegral("output"))


@pytest.mark.compiled
def test_it_converges_to_the_network_in_continuous_time_with_order_1():
    problem = continuous_problem()
    exact = sp.EventEngine().solve(problem, gradients=None)
    solutions = [SurrogateGradient(dt).answer(problem) for dt in STEPS]
    assert all(len(s.spikes) == len(exact.spikes) for s in solutions[3:])
    for error in (
        [np.median(np.abs(s.v_end - exact.v_end)) for s in solutions],
        [np.median(np.abs(s.sample_losses - exact.sample_losses)) for s in solutions],
    ):
        order = np.polyfit(np.log2(STEPS), np.log2(error), 1)[0]
        assert abs(order - 1.0) <= GRID_ORDER.multiple


@pytest.mark.compiled
def test_the_error_of_a_wrong_gain_does_not_converge():
    problem = continuous_problem()
    exact = sp.EventEngine().solve(problem, gradients=None)
    wrong = replace(problem, parameters=replace(problem.parameters, weights={
        name: 1.05 * w for name, w in problem.parameters.weights.items()
    }))  # fmt: skip
    error = [np.median(np.abs(SurrogateGradient(dt).answer(wrong).v_end - exact.v_end)) for dt in STEPS]
    assert np.polyfit(np.log2(STEPS), np.log2(error), 1)[0] < 0.7


def test_spikes_are_listed_with_their_rise():
    problem = discrete_problem(0)
    network = Discrete(problem, DT)
    trace = network.run()
    spikes = network.spikes(trace)
    for sample in range(2):
        own, s = spikes.sample(sample), fired(trace, sample)
        steps, neurons = np.nonzero(s)
        assert np.array_equal(own.times, steps * DT)
        assert np.array_equal(own.neurons, neurons)
        before = trace.v[sample, steps - 1, neurons] * (1 - s[steps - 1, neurons])
        assert np.array_equal(own.vdot, (trace.v[sample, steps, neurons] - before) / DT)


def test_a_sample_has_the_same_bits_alone_and_in_any_batch():
    problem = discrete_problem(3)
    both = Discrete(problem, DT).run()
    for sample in range(2):
        alone = Discrete(problem.select([sample]), DT).run()
        assert np.array_equal(alone.v[0], both.v[sample])


def test_a_sparse_projection_is_a_matrix_with_zeros():
    dense = discrete_problem(1)
    synapses = sp.Synapses.random(3, 5, 0.6, seed=1)
    projections = [replace(p, synapses=synapses) if p.name == "in->a" else p for p in dense.network.projections]
    weights = dict(dense.parameters.weights)
    weights["in->a"] = weights["in->a"][synapses.sources, synapses.targets]
    network = replace(dense.network, projections=projections)
    sparse = replace(dense, network=network, parameters=replace(dense.parameters, weights=weights))
    one, two = (SurrogateGradient(DT).estimate(p) for p in (sparse, sparse.dense()))
    assert one.value == two.value
    assert np.array_equal(one.gradients["in->a"], two.gradients["in->a"][synapses.sources, synapses.targets])


def test_an_input_spike_within_rounding_of_a_grid_point_is_at_it():
    network = sp.chain(1, sp.Layer(1, kind="li"))
    parameters = sp.Parameters(sp.constant_weights(network, 1.0), {"output": sp.NeuronParameters(5.0, 5.0)})
    times = [0.1 * k for k in range(1, 11)]  # 0.30000000000000004 among them
    for time in times:
        trace = Discrete(sp.Problem(network, parameters, sp.Stimulus.of_channels([[time]], 2.0)), 0.1).run()
        assert np.flatnonzero(trace.v[0, :, 0])[0] == round(time / 0.1) + 2


def neurons_with(problem, population, **values):
    neurons = dict(problem.parameters.neurons)
    neurons[population] = replace(neurons[population], **values)
    return replace(problem, parameters=replace(problem.parameters, neurons=neurons))


def delayed(problem, delay):
    projections = [replace(p, delay=delay) if p.name == "a->b" else p for p in problem.network.projections]
    return replace(problem, network=replace(problem.network, projections=projections))


REFUSED = {
    "dt": lambda p: Discrete(p, 0.3),
    "dt: got 0.0": lambda p: Discrete(p, 0.0),
    "synapse": lambda p: Discrete(p, DT, "alpha"),
    "parameters.neurons.a.v_reset": lambda p: Discrete(neurons_with(p, "a", v_reset=-0.5), DT),
    "parameters.neurons.b.t_ref": lambda p: Discrete(neurons_with(p, "b", t_ref=2.0), DT),
    "parameters.neurons.b.i_init": lambda p: Discrete(p, DT, "delta"),
    "network.projections.a->b.delay": lambda p: Discrete(delayed(p, 0.7), DT),
    "problem.loss: got None": lambda p: SurrogateGradient(DT).estimate(replace(p, loss=None)),
    "loss: got 'SpikeTimeSum'; allowed: a loss of potentials": lambda p: SurrogateGradient(DT).estimate(
        replace(p, loss=sp.SpikeTimeSum("a"))
    ),
    "loss.population: got 'a'": lambda p: SurrogateGradient(DT).estimate(replace(p, loss=sp.VoltageIntegral("a"))),
    "loss.times[0]: got 0.3": lambda p: SurrogateGradient(DT).estimate(
        replace(p, loss=sp.VoltageFunction("out", [0.3], lambda v: (0.0, 0.0 * v)))
    ),
    "parameters.weights: got 'sums that overflow": lambda p: Discrete(
        replace(
            p, parameters=replace(p.parameters, weights={n: 1e308 + 0 * w for n, w in p.parameters.weights.items()})
        ),
        DT,
    ).run(),
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_problem_without_a_discrete_network_is_refused_by_name(message):
    with pytest.raises(sp.InvalidInput) as error:
        REFUSED[message](discrete_problem(0))
    assert message in str(error.value)


def test_unsupported_gives_the_reason():
    problem = discrete_problem(0)
    assert Discrete.unsupported(problem, DT) is None
    assert "v_reset" in Discrete.unsupported(neurons_with(problem, "a", v_reset=-0.5), DT)
    assert "a loss of potentials" in SurrogateGradient(DT).unsupported(replace(problem, loss=sp.SpikeTimeSum("a")))


def test_decimals_are_rounded():
    problem = discrete_problem(0)
    exact = neurons_with(problem, "b", v_th=Decimal("0.75"))
    assert np.array_equal(Discrete(exact, DT).run().v, Discrete(problem, DT).run().v)
