"""The event limit is exact, costs no more than the events that it allows, and counts nothing but events."""

import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    EventLimitExceeded,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
    Synapses,
)
from spikeproof.dynamics import crossing
from spikeproof.event import pool
from spikeproof.event.kernels.core.scratch import new_scratch
from spikeproof.event.kernels.forward.dense import LANES

NEURON = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
KINDS = ["layer", "sparse layer", "recurrent"]


def problem(kind, weights, size=2, n_inputs=1):
    """A population of the given kind; sample s has `n_inputs` spikes on channel s, of weight `weights[s]`."""
    rows = np.repeat(np.asarray(weights, dtype=float)[:, None], size, axis=1)
    synapses = Synapses.of_mask(np.ones(rows.shape, dtype=bool)) if kind == "sparse layer" else None
    projections, matrices = [Projection("in", "a", synapses=synapses)], {"in->a": rows.ravel() if synapses else rows}
    if kind == "recurrent":
        projections.append(Projection("a", "a", 0.5))
        matrices["a->a"] = np.zeros((size, size))
    network = Network((Input("in", len(rows)),), (Population("a", size),), projections)
    samples = [(np.linspace(1.0, 2.0, n_inputs), [s] * n_inputs) for s in range(len(rows))]
    return Problem(network, Parameters(matrices, {"a": NEURON}), Stimulus.of_samples(samples, 60.0))


@pytest.fixture
def roomy():
    """Working memory that an earlier run has left, with room for far more spikes than are allowed."""
    memory = new_scratch(LANES, 2**20)
    memory.queue.spike_time[:] = np.nan
    pool.recycle_scratch(memory)
    yield memory.queue.spike_time
    pool._free[:] = [free for free in pool._free if free is not memory]


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_events_as_there_are_may_happen_and_no_fewer(kind):
    p = problem(kind, [90.0], n_inputs=3)
    n_spikes = len(EventEngine().run(p).spikes)
    n_events = n_spikes + 3 + (n_spikes if kind == "recurrent" else 0)
    late = sum(t + 0.5 > 60.0 for t in EventEngine().run(p).spikes.times) if kind == "recurrent" else 0
    assert len(EventEngine(event_limit=n_events - late).run(p).spikes) == n_spikes > 20
    with pytest.raises(EventLimitExceeded, match=f"sample 0: more than {n_events - late - 1} events"):
        EventEngine(event_limit=n_events - late - 1).run(p)


@pytest.mark.compiled
@pytest.mark.parametrize("weight", [1e10, 1e300])
@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_that_runs_away_stops_at_the_limit_whatever_room_there_is(kind, weight, roomy):
    with pytest.raises(EventLimitExceeded, match="sample 0"):
        EventEngine(event_limit=1000).run(problem(kind, [weight]))
    assert np.count_nonzero(~np.isnan(roomy)) <= 1000 + 2


@pytest.mark.compiled
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threads", [1, 2])
def test_the_first_sample_of_a_batch_that_runs_away_is_named(kind, threads, roomy):
    weights = [5.0, 1e200, 5.0, 1e10, 1e300, 5.0]
    with pytest.raises(EventLimitExceeded, match="sample 1: more than 3000"):
        EventEngine(threads=threads, event_limit=3000).run(problem(kind, weights))
    assert np.count_nonzero(~np.isnan(roomy)) <= 3 * LANES


def test_synapses_are_not_events():
    p = problem("sparse layer", [1e-3], size=1000, n_inputs=300)
    assert len(EventEngine(event_limit=300).run(p).spikes) == 0
    with pytest.raises(EventLimitExceeded):
        EventEngine(event_limit=299).run(p)


@pytest.mark.parametrize("i", [1e20, 1e35, 1e100, 1e153, 1e160, 1e200, 1e300])
@pytest.mark.parametrize("v_th", [1e-3, 1.0, 64.0])
def test_a_huge_current_drives_v_along_its_tangent(i, v_th):
    found = crossing.refine_crossing(0.0, i, 9.0, v_th, 20.0, 5.0)
    assert abs(found / (20.0 * (v_th / i)) - 1.0) < 1e-14  # the next term is smaller by the time itself


def test_a_huge_potential_crosses_where_a_small_one_does():
    scale = 2.0**1000
    small = crossing.refine_crossing(0.25, 8.0, 9.0, 1.0, 20.0, 5.0)
    huge = crossing.refine_crossing(0.25 * scale, 8.0 * scale, 9.0, scale, 20.0, 5.0)
    assert abs(huge - small) <= 4 * crossing.EPS * small
