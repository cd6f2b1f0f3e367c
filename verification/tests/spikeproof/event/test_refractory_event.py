"""Refractory times in the event engine: held potentials, releases, and the gradients that go through them."""

from __future__ import annotations

import math
from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest
from refractory_problems import COUPLED, PROBLEMS, clock, held, pair

from spikeproof import (
    EventEngine,
    ExponentialWeight,
    InvalidInput,
    Projection,
    SpikeTimeSum,
    Stimulus,
    Synapses,
    VoltageIntegral,
    VoltageTarget,
    validity_radius,
)
from spikeproof_reference import MpEngine, rounding_sensitivity
from spikeproof_verification.checks.judge import Subject
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.tolerances import EPS, RUN, SHORT_RUN
from spikeproof_verification.problems.loss_networks import loss_problem

ENGINE = EventEngine()
TOO_SHORT = "held for much less than the digits of binary64"


def wrong_numbers(problem):
    """Measurements of the event engine that the reference in high precision does not accept."""
    theirs, conditioning = MpEngine(dps=40).solve(problem), rounding_sensitivity(problem, n_probes=2, seed=1)
    found = measure(Subject("tests", problem.name, "", "event", "mp"), ENGINE.solve(problem), theirs, conditioning)
    return [m for m in found if m.verdict != "pass"]


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name != TOO_SHORT])
def test_the_reference_agrees(name):
    assert wrong_numbers(PROBLEMS[name]()) == []


@pytest.mark.parametrize("seed", [3, 4, 7])  # an integral with a weight, a mean, a function of V at given times
def test_the_reference_agrees_where_losses_read_a_held_potential(seed):
    base = loss_problem(seed)
    tau = max(float(np.max(n.tau_mem)) for n in base.parameters.neurons.values())
    assert wrong_numbers(held(base, [0.4 * tau, 0.0, 0.1 * tau, math.inf, 1.3 * tau])) == []


def test_a_clock_ticks_later_by_each_refractory_time_and_no_sooner():
    # bias 1.5, threshold 1, reset 0: from one release to the next spike it takes tau log 3
    loss = SpikeTimeSum("n")
    solution = ENGINE.solve(clock(2.5, loss=loss, duration=100.0))
    step = 20 * mp.log(3)
    expected = [step * (k + 1) + mp.mpf(2.5) * k for k in range(4)]
    assert solution.spikes.times.tolist() == pytest.approx([float(t) for t in expected], rel=4 * EPS, abs=0.0)
    neuron = solution.gradients.neurons["n"]
    assert neuron.t_ref[0] == pytest.approx(0 + 1 + 2 + 3, rel=16 * EPS, abs=0.0)
    assert neuron.v_reset[0] == pytest.approx(float(-(0 + 1 + 2 + 3) * 20 / mp.mpf("1.5")), rel=16 * EPS, abs=0.0)
    assert neuron.tau_mem[0] == pytest.approx(float(mp.log(3) * (1 + 2 + 3 + 4)), rel=16 * EPS, abs=0.0)


def test_a_neuron_of_infinite_refractory_time_fires_once():
    problem = clock(math.inf, loss=VoltageIntegral("n", [1.0]), duration=100.0)
    solution = ENGINE.solve(problem)
    step, neuron = float(20 * mp.log(3)), solution.gradients.neurons["n"]
    assert solution.spikes.times.tolist() == pytest.approx([step], rel=4 * EPS, abs=0.0)
    assert solution.v_end.tolist() == [[0.0]]
    assert neuron.t_ref.tolist() == [0.0]
    # V is 0.25 from the spike to the end: a reset of so much is what the integral has of it
    moved = ENGINE.solve(clock(math.inf, loss=problem.loss, duration=100.0, v_reset=0.25))
    assert float(moved.loss - solution.loss) == pytest.approx(0.25 * (100.0 - step), rel=64 * EPS, abs=0.0)
    assert neuron.v_reset[0] == pytest.approx(100.0 - step, rel=16 * EPS, abs=0.0)


def test_what_is_read_of_a_held_potential_belongs_to_the_reset_alone():
    first = float(20 * mp.log(3))
    problem = clock(10.0, loss=VoltageTarget("n", [first + 4.0], [[-2.0]]), v_reset=0.5)
    neuron = ENGINE.solve(problem).gradients.neurons["n"]
    assert neuron.v_reset.tolist() == [2.5]
    assert [getattr(neuron, name).tolist() for name in ("tau_mem", "tau_syn", "v_th", "bias", "t_ref")] == [[0.0]] * 5


@pytest.mark.parametrize("weight", [ExponentialWeight(7.0), "sum"])
def test_the_integral_of_a_held_potential_is_in_closed_form(weight):
    loss = VoltageIntegral("n", [1.0], weight)
    ours, theirs = (engine.solve(clock(15.0, loss=loss, v_reset=0.5)) for engine in (ENGINE, MpEngine(dps=40)))
    assert float(ours.loss) == pytest.approx(float(theirs.loss), rel=64 * EPS, abs=0.0)


def test_an_arrival_at_the_release_meets_a_free_neuron():
    # the derivative of the side on which the arrival comes later: w (lambda_v - lambda_i), and not -w lambda_i
    first = ENGINE.solve(clock(4.0)).spikes.times[0]
    at, after = (clock(4.0, inputs=[x], w=0.5) for x in (first + 4.0, math.nextafter(first + 4.0, 100.0)))
    before = clock(4.0, inputs=[math.nextafter(first + 4.0, 0.0)], w=0.5)
    gradient = [ENGINE.solve(p).gradients.input_times[0] for p in (before, at, after)]
    assert gradient[1] == pytest.approx(gradient[2], rel=SHORT_RUN, abs=0.0)
    assert abs(gradient[0] - gradient[1]) > 0.1 * abs(gradient[1])


def test_a_drive_of_any_strength_spikes_once_in_each_refractory_time():
    problem = pair(COUPLED, 0.5, w_in=(1e9, 1e9), t_ref=0.25, times=[1.0], duration=4.0)
    times = ENGINE.solve(problem).spikes.trains(range(2))
    assert all(np.min(np.diff(train)) >= 0.25 - 4.0 * EPS for train in times)
    assert [len(train) for train in times] == [12, 12]


@pytest.mark.parametrize("name", ["delays", "arrivals during the hold", "fires once, and held"])
def test_threads_and_batches_do_not_change_a_bit(name):
    problem = PROBLEMS[name]()
    one = Stimulus.of_samples([problem.stimulus.sample(0)] * 9, problem.stimulus.duration)
    batch = replace(problem, stimulus=one)
    alone, together, threaded = ENGINE.solve(problem), ENGINE.solve(batch), EventEngine(threads=2).solve(batch)
    for sample in range(9):
        assert together.spikes.sample(sample).times.tolist() == alone.spikes.times.tolist()
    for population, expected in together.gradients.neurons.items():
        found = threaded.gradients.neurons[population]
        assert all(np.array_equal(a, b) for a, b in zip(vars(expected).values(), vars(found).values(), strict=True))


@pytest.mark.parametrize("size", [3, 40])  # samples, or neurons, side by side
def test_dense_and_sparse_layers_hold_their_neurons_alike(size):
    rng = np.random.default_rng(size)
    weights = rng.uniform(5.0, 20.0, (4, size))
    base = pair(np.zeros((2, 2)), 0.5)
    population = replace(base.network.populations[0], size=size)
    neurons = replace(base.parameters.neurons["n"], v_th=1.0, v_reset=-0.25, t_ref=rng.uniform(0.0, 3.0, size))
    times, channels = np.sort(rng.uniform(0.0, 20.0, 30)), rng.integers(0, 4, 30)

    def solved(synapses):
        network = replace(
            base.network,
            inputs=(replace(base.network.inputs[0], size=4),),
            populations=(population,),
            projections=(Projection("in", "n", synapses=synapses),),
        )
        parameters = replace(
            base.parameters, weights={"in->n": weights if synapses is None else weights.ravel()}, neurons={"n": neurons}
        )
        stimulus = Stimulus.of_samples([(times, channels)], 25.0)
        return ENGINE.solve(
            replace(base, network=network, parameters=parameters, stimulus=stimulus, loss=SpikeTimeSum("n"))
        )

    everyone = Synapses(np.arange(5) * size, np.tile(np.arange(size), 4))
    dense, sparse = solved(None), solved(everyone)
    assert len(dense.spikes) > 2 * size
    for mine, other in zip(dense.spikes.trains(range(size)), sparse.spikes.trains(range(size)), strict=True):
        assert mine == pytest.approx(other, rel=64 * EPS, abs=0.0)
    scale = np.max(np.abs(dense.gradients.neurons["n"].t_ref))
    assert dense.gradients.neurons["n"].t_ref == pytest.approx(sparse.gradients.neurons["n"].t_ref, abs=RUN * scale)


def test_a_refractory_time_that_times_do_not_resolve_is_refused():
    with pytest.raises(InvalidInput, match=r"neurons\['n'\].t_ref\[0\]: got 1e-25; allowed: 0, or at least"):
        ENGINE.solve(PROBLEMS[TOO_SHORT]())
    assert len(ENGINE.solve(clock(2.0**-50 * 60.0)).spikes) == 2


@pytest.mark.parametrize("wrong", [-1.0, math.nan, -math.inf])
def test_a_refractory_time_is_not_negative(wrong):
    with pytest.raises(InvalidInput, match="t_ref"):
        clock(wrong)


def test_a_step_that_takes_a_release_past_an_arrival_leaves_the_branch():
    # the weaker the first arrival, the later the spike and its release, which comes to the second one in the end
    def driven(w):
        return clock(4.0, inputs=[1.0, 26.0], w=w, duration=35.0)

    found = validity_radius(driven(0.05), {"in->n": np.array([[-1.0]])}, limit=0.06)
    assert found.change == "spike 0 of n[0] and an arrival change order"
    assert ENGINE.solve(driven(0.05 - found.radius)).spikes.times + 4.0 == pytest.approx([26.0], rel=64 * EPS, abs=0.0)
