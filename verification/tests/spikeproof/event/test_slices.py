"""Large recurrent components, taken through slices as long as the shortest delay: small ones of them judged, and ties.

The numbers of neurons from which on they are taken so are set to 0, so that small networks with a reference are, too.
"""

import numpy as np
import pytest
from solved_cases import QUICK

import spikeproof as sp
import spikeproof.event.forward as event_forward
from spikeproof.errors import EventLimitExceeded
from spikeproof_reference import MpEngine
from spikeproof_verification import Task, run_task
from spikeproof_verification.checks.tolerances import RUN

SPARSE_LOOPS = (3, 11, 19, 23, 27, 35)  # generated networks with delays in sparse loops; of six regimes and losses


@pytest.fixture
def calls(monkeypatch):
    """A list with an entry for each call of the kernel that takes a component through slices."""
    calls, kernel = [], event_forward.sliced_forward

    def counted(*arguments):
        calls.append(arguments[1])
        return kernel(*arguments)

    monkeypatch.setattr(event_forward, "sliced_forward", counted)
    return calls


@pytest.fixture
def sliced(calls, monkeypatch):
    """Slices for components of any size."""
    monkeypatch.setattr(event_forward, "SLICED_FROM", 0)
    monkeypatch.setattr(event_forward, "FOR_A_SLICE", 0)
    return calls


def ring(size=6, delay=1.0, at=(0.0, 1.0, 2.0, 3.0), t_ref=0.0, far=2.0, weight=5.0):
    """Neurons that each excite the next one after a delay, inhibit another one later, and get inputs at these times."""
    following = sp.Synapses(np.arange(size + 1), np.roll(np.arange(size), -1))
    network = sp.Network(
        [sp.Input("in", 2)],
        [sp.Population("n", size), sp.Population("out", 2)],
        [
            sp.Projection("in", "n"),
            sp.Projection("n", "n", delay, synapses=following, name="next"),
            sp.Projection("n", "n", far, synapses=sp.Synapses.one_to_one(size), name="self"),
            sp.Projection("n", "out"),
        ],
    )
    rng = np.random.default_rng(5)
    weights = {
        "in->n": rng.uniform(0.5, 1.0, (2, size)) * weight,
        "next": rng.uniform(0.6, 1.0, size) * weight,
        "self": np.full(size, -0.5),
        "n->out": rng.uniform(0.2, 0.5, (size, 2)) * weight,
    }
    neurons = {"n": sp.NeuronParameters(10.0, 5.0, t_ref=t_ref), "out": sp.NeuronParameters(10.0, 5.0)}
    trains = [[list(at), [t + 0.5 for t in at]], [[0.25], list(at)], [[], []]]
    stimulus = sp.Stimulus.of_trains(trains, duration=12.0)
    return sp.Problem(network, sp.Parameters(weights, neurons), stimulus, sp.SpikeTimeSum("out"), "ring")


@pytest.mark.parametrize("seed", SPARSE_LOOPS)
def test_every_number_of_a_generated_network_is_within_its_bound(seed, sliced):
    found = run_task(Task("sparse", seed), QUICK, sp.EventEngine()).measurements
    assert sliced
    own = [m.verdict for m in found if m.engine == "event"]
    assert len(own) > 20
    assert set(own) == {"pass"}


@pytest.mark.parametrize("t_ref", [0.0, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("delay", [1.0, 0.75, 0.1])
def test_what_arrives_at_the_border_of_a_slice_arrives_once(delay, t_ref, sliced):
    problem = ring(delay=delay, t_ref=t_ref)  # inputs and arrivals at whole multiples of the delay
    found, expected = sp.EventEngine().solve(problem), MpEngine(dps=30).solve(problem)
    assert sliced
    assert len(found.spikes) > 20
    for sample in range(problem.stimulus.n_samples):
        trains = (s.spikes.sample(sample).trains(range(8)) for s in (found, expected))
        for train, wanted in zip(*trains, strict=True):
            assert len(train) == len(wanted)
            assert np.all(abs(train - wanted) <= RUN * wanted)
    for kind in ("weights", "delays"):
        for name, gradient in getattr(found.gradients, kind).items():
            wanted = np.asarray(getattr(expected.gradients, kind)[name], dtype=np.float64)
            assert np.any(wanted)
            assert np.all(abs(gradient - wanted) <= RUN * (1 + abs(wanted)))


def test_slices_and_single_events_find_the_same_spikes_and_the_same_gradients(sliced, monkeypatch):
    problem = ring(size=40, weight=6.0)
    by_slices = sp.EventEngine().solve(problem)
    assert sliced
    monkeypatch.setattr(event_forward, "SLICED_FROM", 1000)
    sliced.clear()
    by_events = sp.EventEngine().solve(problem)
    assert not sliced
    assert np.array_equal(by_slices.spikes.neurons, by_events.spikes.neurons)
    assert len(by_slices.spikes) > 200
    assert np.all(abs(by_slices.spikes.times - by_events.spikes.times) <= RUN * by_events.spikes.times)
    for name, gradient in by_slices.gradients.weights.items():
        wanted = by_events.gradients.weights[name]
        assert np.all(abs(gradient - wanted) <= RUN * (1 + abs(wanted)))


def test_neurons_with_time_constants_of_their_own_are_taken_through_slices(calls, monkeypatch):
    problem = ring(size=40)
    own = sp.NeuronParameters(np.linspace(8.0, 12.0, 40), 5.0)
    parameters = sp.Parameters(problem.parameters.weights, {**problem.parameters.neurons, "n": own})
    problem = sp.Problem(problem.network, parameters, problem.stimulus, problem.loss)
    by_slices = sp.EventEngine().solve(problem)
    assert calls
    monkeypatch.setattr(event_forward, "SLICED_RUNS", 41)
    calls.clear()
    by_events = sp.EventEngine().solve(problem)
    assert not calls
    assert len(by_slices.spikes) > 200
    assert np.array_equal(by_slices.spikes.neurons, by_events.spikes.neurons)
    assert np.all(abs(by_slices.spikes.times - by_events.spikes.times) <= RUN * by_events.spikes.times)


@pytest.mark.parametrize(("size", "delay", "taken"), [(512, 0.2, True), (511, 0.2, False), (512, 0.1, False)])
def test_components_are_taken_through_slices_where_neurons_are_many_for_each_of_them(size, delay, taken, calls):
    problem = ring(size, delay, at=(0.0,))
    assert problem.stimulus.duration == 12.0  # 60 slices, which take 360 neurons, or 120
    sp.EventEngine().run(problem)
    assert bool(calls) == taken


@pytest.mark.usefixtures("sliced")
def test_a_sample_has_the_same_bits_alone_and_among_others_whatever_the_threads():
    problem = ring(size=40)
    together = sp.EventEngine(threads=2).solve(problem)
    assert together.spikes.times.tobytes() == sp.EventEngine(threads=1).solve(problem).spikes.times.tobytes()
    for sample in range(problem.stimulus.n_samples):
        alone = sp.EventEngine().solve(problem.select([sample])).spikes
        own = slice(together.spikes.offsets[sample], together.spikes.offsets[sample + 1])
        assert np.array_equal(alone.times, together.spikes.times[own])
        assert np.array_equal(alone.neurons, together.spikes.neurons[own])


def test_events_are_counted_up_to_the_limit_and_the_sample_beyond_it_is_named(sliced):
    problem = ring(size=12)
    spikes = sp.EventEngine().solve(problem).spikes
    counts = [sum(len(t) for t in spikes.sample(s).trains(range(12))) for s in range(3)]
    of_output = np.diff(spikes.offsets) - counts
    late = [sum(np.sum(t + d > 12.0) for t in spikes.sample(s).trains(range(12)) for d in (1.0, 2.0)) for s in range(3)]
    events = [
        n_in + n * 4 + o - gone
        for n_in, n, o, gone in zip(np.diff(problem.stimulus.offsets), counts, of_output, late, strict=True)
    ]
    assert sp.EventEngine(event_limit=int(max(events))).solve(problem).loss == sp.EventEngine().solve(problem).loss
    with pytest.raises(EventLimitExceeded) as error:
        sp.EventEngine(event_limit=int(max(events)) - 1, threads=1).solve(problem)
    assert error.value.sample == int(np.argmax(events))
    assert sliced


def test_a_network_that_runs_away_is_refused_by_name(sliced):
    with pytest.raises(EventLimitExceeded):
        sp.EventEngine(event_limit=5000).solve(ring(size=30, weight=400.0, delay=0.01, far=0.05))
    assert sliced


def test_delays_of_zero_or_far_shorter_than_the_run_are_taken_event_by_event(sliced):
    sp.EventEngine().solve(ring(delay=0.0))
    sp.EventEngine().solve(ring(delay=1e-4))
    assert not sliced
