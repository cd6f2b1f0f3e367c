"""Problems on a lattice: what they consist of, that the engines agree on them, and samples alone and in a batch."""

from dataclasses import replace

import numpy as np
import pytest

from spikeproof import EventEngine, GridEngine, LossSum
from spikeproof_verification import Subject, Task, run_task
from spikeproof_verification.campaign.plan import DEEP
from spikeproof_verification.checks.alone import measure_alone, samples_of
from spikeproof_verification.checks.reference import Effort
from spikeproof_verification.checks.tied_reference import arriving_last, neighbour
from spikeproof_verification.experiments.faults import faulty_engine
from spikeproof_verification.problems.lattice_networks import LOSSES, N_DRAWS, lattice_draw, lattice_problem

QUICK = Effort(1, 1, 2)
SEEDS = (2, 3, 14, 17, 33, 48, 63, 74)  # first spikes; largest V, alone and in mixtures, of every topology


def problems(n=N_DRAWS):
    return [lattice_problem(seed) for seed in range(n)]


@pytest.mark.parametrize("seed", SEEDS)
def test_networks_on_a_lattice_are_within_their_bounds(seed):
    result = run_task(Task("lattice", seed), QUICK)
    assert result.case.status == "done"
    assert [m for m in result.measurements if m.verdict == "fail"] == []
    assert {a.pair for a in result.agreement} == {"adjoint/sensitivity", "adjoint/one-sided"}
    assert {m.quantity for m in result.measurements} >= {"sample_alone", "weight_gradient", "loss"}


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(N_DRAWS, N_DRAWS + 60))
def test_networks_beyond_those_of_the_deep_run_are_within_their_bounds(seed):
    result = run_task(Task("lattice", seed), DEEP.effort)
    assert result.case.status == "done"
    assert [m for m in result.measurements if m.verdict == "fail"] == []


def test_every_topology_meets_every_regime_and_loss_in_the_deep_run():
    assert DEEP.n_lattice == N_DRAWS == len({lattice_draw(seed).label for seed in range(N_DRAWS)})
    assert {lattice_draw(seed).flavour for seed in range(len(LOSSES))} == {name for name, _ in LOSSES}


def test_sums_of_times_and_weights_are_exact():
    for problem in problems(60):
        numbers = [problem.stimulus.times, *problem.parameters.weights.values()]
        numbers += [np.array([p.delay for p in problem.network.projections])]
        assert all(np.array_equal(x, np.round(8.0 * x) / 8.0) for x in numbers)


def test_inputs_come_at_the_start_at_the_end_after_it_twice_and_not_at_all():
    stimuli = [p.stimulus for p in problems(60)]
    assert sum(0.0 in s.times for s in stimuli) > 20
    assert sum(s.duration in s.times for s in stimuli) > 20
    assert sum(np.any(s.times > s.duration) for s in stimuli) > 20
    for s in stimuli:
        counts = np.diff(s.offsets)
        assert np.flatnonzero(counts == 0).tolist() in [[0], [1], [2]]
        assert counts[-1] > 0
    pairs = [list(zip(*s.sample(n), strict=True)) for s in stimuli for n in range(s.n_samples - 1)]
    assert all(len(set(p)) < len(p) for p in pairs if p)


def test_currents_start_far_below_zero_neurons_fire_on_their_own_and_potentials_reach_hundreds():
    neurons = [p.parameters.neurons["a"] for p in problems(60)]
    assert sum(np.min(n.i_init) == -3.0 for n in neurons) > 20
    assert sum(np.any(n.bias > n.v_th) for n in neurons) > 10
    largest = [np.max(np.abs(EventEngine().run(p).maxima("out").value)) for p in problems(60)]
    assert max(largest) > 400.0
    assert sum(x > 50.0 for x in largest) >= 4


def test_many_events_coincide():
    arrivals = spikes = 0
    for problem in problems(30):
        run = EventEngine().run(problem)
        times = run.parts[0].tape.arrival_time[: run.parts[0].tape.arrival_stop.max()]
        arrivals += np.count_nonzero(np.diff(times) == 0.0)
        spikes += sum(len(s.times) - len(set(s.times)) for s in map(run.spikes.sample, range(run.spikes.n_samples)))
    assert arrivals > 200
    assert spikes > 30


def test_a_neighbour_has_no_ties():
    for seed in range(8):
        stimulus = neighbour(lattice_problem(seed)).stimulus
        for n in range(stimulus.n_samples):
            times, _ = stimulus.sample(n)
            assert len(set(times)) == len(times)


def test_what_inputs_add_at_the_end_is_counted_once_for_each():
    problem = lattice_problem(169)  # two inputs of +-3/4 at T cancel in what is left of I
    added = arriving_last(problem)
    assert np.any(added > 0.0)
    late = samples_of(problem, [0])
    assert np.array_equal(arriving_last(late)[0], added[0])
    earlier = replace(late, stimulus=replace(late.stimulus, duration=30.0))
    assert not np.any(arriving_last(earlier))


SUBJECT = Subject("lattice", "case", "", "engine", "engine")


def differing(engine, problem):
    """What is not the same alone, or after a silent sample, as in the batch."""
    found = measure_alone(SUBJECT, engine, engine.solve(problem))
    return [m.component for m in found if m.verdict == "fail"]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_sample_has_the_same_bits_alone_in_a_batch_and_after_a_silent_one(threads):
    for problem in problems(24):
        assert differing(EventEngine(threads=threads), problem) == []


def test_a_sample_on_the_grid_has_the_same_bits_alone_in_a_batch_and_after_a_silent_one():
    for problem in problems(24):
        engine = GridEngine(0.25)
        if engine.unsupported(problem) is None:
            assert differing(engine, problem) == []


def test_a_bit_that_depends_on_the_place_in_the_batch_is_found():
    problem = lattice_problem(0)
    engine = faulty_engine("last bit by the place in the batch")
    assert differing(engine, problem) == [
        *(f"sample {s} alone, end state: numbers that differ" for s in (1, 3)),
        *(f"sample {s} after a silent one, end state: numbers that differ" for s in (0, 2)),
    ]


def test_another_number_of_spikes_is_found():
    class OneMore(EventEngine):
        def solve(self, problem):
            more = problem.stimulus.n_samples == 1
            neurons = {
                name: replace(p, bias=p.bias + 1.0) if more and p.v_th is not None else p
                for name, p in problem.parameters.neurons.items()
            }
            return super().solve(replace(problem, parameters=replace(problem.parameters, neurons=neurons)))

    found = differing(OneMore(), lattice_problem(0))
    assert "sample 0 alone, spikes: numbers that differ" in found


def test_samples_keep_their_labels_and_targets():
    for problem in problems(30):
        one = samples_of(problem, [2 % problem.stimulus.n_samples])
        for part in [t for _, t in problem.loss.terms] if isinstance(problem.loss, LossSum) else [problem.loss]:
            taken = next(t for _, t in getattr(one.loss, "terms", [(1.0, one.loss)]) if type(t) is type(part))
            for name in ("labels", "targets"):
                if getattr(part, name, None) is not None:
                    assert np.array_equal(getattr(taken, name)[0], getattr(part, name)[2 % problem.stimulus.n_samples])
