"""The textbook engine holds neurons for their refractory time: spike times, losses and all gradients of one neuron."""

import math
from dataclasses import replace
from functools import cache

import mpmath
import numpy as np
import pytest
from refractory_neuron import CASES, DPS, ONE_SIDED, found, gradient, precise, solved

from spikeproof import (
    EventLimitExceeded,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_reference.textbook.forward import Forward
from spikeproof_reference.textbook.model import model_of
from spikeproof_reference.textbook.record import Arrival, Release, Spike
from spikeproof_verification.checks.tolerances import EPS

FEW = 64.0 * EPS  # a dozen events, each with a few roundings
PERIOD = 16.0 * math.log(3.0)  # of a neuron with tau_mem = 16 and a bias of 1.5 thresholds


@cache
def expected(name):
    """Spike times, loss and gradient of a case in high precision."""
    with mpmath.workdps(DPS):
        spikes, loss = solved(precise(CASES[name]))
    return spikes, loss, gradient(CASES[name], ONE_SIDED.get(name))


@pytest.mark.parametrize("name", CASES)
def test_spikes_and_losses_are_those_of_the_closed_flow_and_its_roots(name):
    (spikes, loss, _), solution = expected(name), TextbookEngine().solve(CASES[name].problem(), None)
    assert len(solution.spikes) == len(spikes)
    assert all(abs(t - x) <= FEW * (x + 16.0) for t, x in zip(solution.spikes.times, spikes, strict=True))
    assert abs(solution.loss - loss) <= FEW * abs(loss)


@pytest.mark.parametrize("name", CASES)
def test_every_gradient_is_the_derivative_of_the_closed_flow(name):
    wanted = expected(name)[2]
    got = found(TextbookEngine().solve(CASES[name].problem()).gradients)
    assert set(wanted) | {("t_ref", 0)} == set(got)
    size = 1.0 + max(map(abs, wanted.values()))
    assert {k: float(abs(got[k] - g) / size) for k, g in wanted.items() if not abs(got[k] - g) <= FEW * size} == {}


@pytest.mark.parametrize("name", ["fires once", "held beyond the end"])
def test_a_neuron_that_is_never_released_has_no_gradient_of_its_refractory_time(name):
    solution = TextbookEngine().solve(CASES[name].problem())
    assert len(solution.spikes) == 1
    assert solution.gradients.neurons["n"].t_ref.tolist() == [0.0]


def clocks(t_ref, **more):
    """Neurons that their bias alone makes fire, from the reset on, each with a refractory time of its own."""
    size = len(t_ref)
    network = Network([Input("in", 1)], [Population("n", size)], [Projection("in", "n")])
    neurons = NeuronParameters(16.0, 5.0, bias=1.5, t_ref=t_ref, **more)
    parameters = Parameters({"in->n": np.zeros((1, size))}, {"n": neurons})
    return Problem(network, parameters, Stimulus.of_samples([([], [])], 100.0), SpikeTimeSum("n"))


def test_each_spike_of_a_clock_but_the_first_is_later_by_what_the_refractory_time_is_longer():
    """t_k = k period + (k - 1) t_ref; neurons of one population differ."""
    t_ref = [0.0, 2.0, 11.0, 90.0, math.inf]
    solution = TextbookEngine().solve(clocks(t_ref))
    for n, held in enumerate(t_ref):
        times = solution.spikes.times[solution.spikes.neurons == n]
        count = sum(k * PERIOD + (k - 1 and (k - 1) * held) < 100.0 for k in range(1, 9))
        assert len(times) == count
        assert all(
            abs(t - k * PERIOD - (k - 1 and (k - 1) * held)) <= FEW * 100.0 for k, t in enumerate(times, start=1)
        )
        later = count * (count - 1) / 2
        assert abs(solution.gradients.neurons["n"].t_ref[n] - later) <= FEW * (1.0 + later)


def record(case):
    """What the forward pass of a case leaves."""
    problem = case.problem().rounded()
    return Forward(model_of(problem), 0, *problem.stimulus.sample(0)).run()


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("an autapse that arrives at the release", [Spike, Release, Arrival]),
        ("an autapse shorter than the hold", [Spike, Arrival, Release]),
        ("an autapse longer than the hold", [Spike, Release, Arrival]),
        ("an autapse without delay", [Spike, Arrival, Release]),
        ("never held", [Spike]),
        ("fires once", [Spike, Arrival]),
    ],
)
def test_a_release_comes_before_what_arrives_then_and_a_neuron_that_is_not_held_has_none(name, order):
    events = record(CASES[name]).events
    assert list(map(type, events[: len(order)])) == order
    assert events[0].time == pytest.approx(14.987966283621379, rel=1e-14, abs=0.0)


def test_releases_come_before_crossings_at_their_time():
    """Of two clocks one is released exactly when the other one spikes."""
    first = TextbookEngine().solve(clocks([0.0]), None).spikes.times
    held = first[1] - first[0]
    problem = clocks([held, 0.0])
    events = Forward(model_of(problem), 0, *problem.stimulus.sample(0)).run().events
    assert [(type(e), e.neuron) for e in events[:4]] == [(Spike, 0), (Spike, 1), (Release, 0), (Spike, 1)]
    assert events[2].time == events[3].time


def test_v_is_the_reset_from_the_spike_to_the_release_and_the_current_goes_on():
    case = CASES["an arrival during the hold"]
    found = record(case)
    spike = found.events[0].time
    for time in (spike + 1e-9, 16.0, 17.5, spike + 4.0):
        assert found.v(0, found.interval_before(0, time), time) == case.v_reset
    release = next(e for e in found.events if isinstance(e, Release))
    rest = [(0.0, case.i_init), *case.inputs]
    assert release.i == pytest.approx(sum(w * math.exp((a - release.time) / 5.0) for a, w in rest), rel=1e-14, abs=0.0)


def test_releases_do_not_count_as_events_that_are_limited():
    problem = clocks([2.0])
    count = len(TextbookEngine().solve(problem, None).spikes)
    assert len(TextbookEngine(event_limit=count).solve(problem, None).spikes) == count
    with pytest.raises(EventLimitExceeded):
        TextbookEngine(event_limit=count - 1).solve(problem, None)


def test_a_refractory_time_below_the_digits_of_time_still_lets_time_go_on():
    case = replace(CASES["a drive that crosses almost at once"], t_ref=1e-30, inputs=((16.0, 40.0),))
    never = replace(case, t_ref=0.0)
    some, none = (TextbookEngine().solve(c.problem(), None).spikes.times for c in (case, never))
    assert len(some) == len(none)
    assert np.max(np.abs(some - none)) <= FEW * 40.0
