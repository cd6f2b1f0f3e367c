"""The campaign: cases end in measurements, can be stopped and resumed, and failures are not lost."""

from dataclasses import dataclass

import numpy as np
import pytest
from few_cases import small_plan
from solved_cases import QUICK

from spikeproof import EventEngine, InvalidInput
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_verification import CaseResult, Plan, Task, open_store, random_problem, run_campaign, run_task, verdicts
from spikeproof_verification.campaign.plan import DEEP
from spikeproof_verification.checks.reference import Effort
from spikeproof_verification.experiments.faults import faulty_engine
from spikeproof_verification.files import shipped_cases
from spikeproof_verification.problems import sparse_networks, wide_networks
from spikeproof_verification.problems.random_networks import FLAVOURS, REGIMES, TOPOLOGIES, draw
from spikeproof_verification.problems.refractory_times import with_times
from spikeproof_verification.problems.sparse_networks import sparse_draw, sparse_problem
from spikeproof_verification.problems.wide_losses import LOSSES
from spikeproof_verification.problems.wide_networks import REGIMES as WIDE
from spikeproof_verification.problems.wide_networks import wide_loss, wide_problem, wide_regime

CASES = (str(shipped_cases()[0]),)
SMALL = small_plan(n_random=3, effort=QUICK, cases=CASES)


@dataclass(frozen=True)
class Raising:
    """An engine that fails."""

    name: str = "raising"

    def unsupported(self, problem):
        return None

    def solve(self, problem):
        raise ZeroDivisionError("inside a foreign engine")


@dataclass(frozen=True)
class Refusing:
    """An engine that supports nothing."""

    name: str = "refusing"

    def unsupported(self, problem):
        return "no recurrence"


@pytest.mark.parametrize("path", shipped_cases(), ids=lambda p: p.stem)
def test_event_engine_and_reference_reproduce_the_case_file(path, solved):
    result = solved(Task("cases", 0, str(path)))
    if result.case.status == "refused":
        assert "t_ref" in result.case.note
        assert "Q0" in path.stem
        return
    assert result.case.status == "done"
    assert {m.engine for m in result.measurements} == {"event", "mp", "textbook"}
    assert [m for m in result.measurements if m.verdict == "fail"] == []


@pytest.mark.parametrize("seed", range(8))
def test_every_topology_is_within_its_bounds(seed, solved):
    result = solved(Task("random", seed))
    assert result.case.status == "done"
    assert [m for m in result.measurements if m.verdict == "fail"] == []
    assert {a.verdict for a in result.agreement} == {"pass"}


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(DEEP.n_random, DEEP.n_random + 60))
def test_networks_beyond_those_of_the_deep_run_are_within_their_bounds(seed):
    result = run_task(Task("random", seed), DEEP.effort)
    assert result.case.status == "done"
    assert [m for m in result.measurements if m.verdict == "fail"] == []
    assert {a.verdict for a in result.agreement} <= {"pass"}


@pytest.mark.parametrize("seed", [96, 117, 145])
def test_a_synaptic_time_constant_far_below_the_spike_times_costs_no_digits(seed, solved):
    # tau_syn of about EPS t times 1e13: spike times and currents must belong to one rounded trajectory
    assert draw(seed).regime == "extreme ratio"
    result = solved(Task("random", seed))
    assert [m for m in result.measurements if m.verdict == "fail"] == []


@pytest.mark.parametrize("seed", [0, 1, 2, 9, 10, 15, 54, 89])
def test_networks_with_sparse_projections_are_within_their_bounds(seed, solved):
    result = solved(Task("sparse", seed))
    assert result.case.status == "done"
    assert [m for m in result.measurements if m.verdict == "fail"] == []
    assert {a.verdict for a in result.agreement} == {"pass"}


@pytest.mark.parametrize("seed", [26, 236, *(pytest.param(n, marks=pytest.mark.deep) for n in (5, 159))])
def test_integrals_of_potentials_with_very_slow_synapses_are_within_their_bounds(seed, solved):
    assert sparse_draw(seed).regime == "extreme ratio"
    result = solved(Task("sparse", seed))
    assert result.case.status == "done"
    assert {m.verdict for m in result.measurements} == {"pass"}


def test_sparse_networks_have_every_topology_regime_and_loss_once_in_the_deep_run():
    assert len({sparse_draw(seed).label for seed in range(DEEP.n_sparse)}) == DEEP.n_sparse == sparse_networks.N_DRAWS
    assert len({sparse_draw(seed).flavour for seed in range(Plan().n_sparse)}) == len(sparse_networks.LOSSES)


def test_sparse_networks_have_rows_without_synapses_with_one_and_one_to_one():
    drawn = [p.synapses for seed in range(8) for p in sparse_problem(seed).network.projections]
    rows = [np.diff(synapses.offsets) for synapses in drawn if synapses is not None]
    assert sum(0 in row and 1 in row for row in rows) >= 16
    assert any(np.all(row == 1) for row in rows)
    assert None in drawn


def test_few_networks_with_sparse_projections_have_no_gradient_to_compare():
    silent = 0
    for seed in range(88):
        gradients = EventEngine().solve(sparse_problem(seed)).gradients.weights.values()
        silent += not any(np.any(w) for w in gradients)
    assert silent <= 0.1 * 88


@pytest.mark.parametrize(
    "seed", [1, 5, 20, 24, 26, 55, 88, 109, *(pytest.param(n, marks=pytest.mark.deep) for n in (28, 47, 51, 129))]
)
def test_networks_at_the_limits_of_the_model_are_within_their_bounds(seed, solved):
    result = solved(Task("wide", seed))
    assert result.case.status == "done"
    assert [m for m in result.measurements if m.verdict == "fail"] == []
    assert {a.verdict for a in result.agreement} == {"pass"}


def test_every_regime_at_the_limits_meets_every_loss_in_the_deep_run_and_each_is_in_the_default_one():
    pairs = {(wide_regime(seed), wide_loss(seed)) for seed in range(DEEP.n_wide)}
    assert len(pairs) == DEEP.n_wide == wide_networks.N_DRAWS == len(WIDE) * len(LOSSES)
    assert {wide_loss(seed) for seed in range(Plan().n_wide)} == {name for name, _ in LOSSES}
    assert {wide_regime(seed) for seed in range(Plan().n_wide)} == set(WIDE)


def test_the_regimes_reach_the_limits_that_they_are_there_for():
    seeds = range(wide_networks.N_DRAWS)
    drawn = {regime: [wide_problem(s) for s in seeds if wide_regime(s) == regime] for regime in WIDE}
    gaps = [np.max(np.diff(p.stimulus.times)) / p.parameters.neurons["a"].tau_mem for p in drawn["long gaps"]]
    assert max(gaps) > 1e4
    drive = [np.max(p.parameters.neurons["a"].bias) for p in drawn["tonic drive"]]
    assert max(drive) > 80.0
    resets = np.concatenate([p.parameters.neurons[name].v_reset for name in "ab" for p in drawn["far and near resets"]])
    assert min(resets) < -80.0
    assert np.log10(1.0 - max(resets)) < -7
    weights = np.abs(np.concatenate([p.parameters.flat() for p in drawn["tiny and huge weights"]]))
    assert np.log10(np.min(weights[weights > 0])) < -12
    assert np.max(weights) > 1e5
    ratios = [q.tau_syn / q.tau_mem for p in drawn["ratios of time constants"] for q in p.parameters.neurons.values()]
    assert np.log10(min(ratios)) < -3
    assert max(ratios) > 1e3
    short = [p.stimulus.duration / q.tau_mem for p in drawn["short runs"] for q in p.parameters.neurons.values()]
    assert np.log10(min(short)) < -8
    assert max(short) > 0.03
    for p in (*drawn["short runs"], *drawn["bursts"]):
        assert len(EventEngine().solve(with_times(p, {})).spikes) > 2 * p.stimulus.n_samples
    ends = [abs(v) for p in drawn["large potentials"] for v in np.ravel(EventEngine().solve(p).v_end)]
    assert max(ends) > 100.0
    for p in drawn["borders of time"]:
        times = p.stimulus.times
        assert times[0] == 0.0
        assert np.any(times == p.stimulus.duration)
        assert times[-1] > p.stimulus.duration
        assert len(set(times)) < len(times)


def test_few_networks_at_the_limits_have_no_gradient_to_compare():
    silent = sum(
        not any(np.any(w) for w in EventEngine().solve(wide_problem(seed)).gradients.weights.values())
        for seed in range(104)
    )
    assert silent <= 0.1 * 104


def test_a_yin_yang_sample_is_within_its_bounds():
    result = run_task(Task("yin_yang", 3), Effort(1, 1, 2))
    assert result.case.n_neurons == 203
    for engine in ("event", "textbook"):
        assert sum(m.quantity == "weight_gradient" for m in result.measurements if m.engine == engine) == 1600
    assert [m for m in result.measurements if m.verdict == "fail"] == []


def test_the_deep_run_walks_through_all_combinations_three_times():
    assert DEEP.n_random >= 500
    assert DEEP.n_yin_yang >= 50
    labels = [draw(seed).label for seed in range(DEEP.n_random)]
    assert len(set(labels)) == len(TOPOLOGIES) * len(REGIMES) * len(FLAVOURS)
    assert min(labels.count(x) for x in set(labels)) == 3
    drawn = {(draw(s).topology, draw(s).flavour, type(random_problem(s).loss)) for s in range(DEEP.n_random)}
    assert len(drawn) == len(TOPOLOGIES) * len(FLAVOURS) * 3


def test_few_generated_problems_have_no_gradient_to_compare():
    silent = 0
    for seed in range(168):
        gradients = EventEngine().solve(random_problem(seed)).gradients.weights.values()
        silent += not any(np.any(w) for w in gradients)
    assert silent <= 0.1 * 168


def test_a_generated_problem_is_the_same_for_the_same_seed():
    a, b = random_problem(17), random_problem(17)
    assert np.array_equal(a.stimulus.times, b.stimulus.times)
    assert all(np.array_equal(w, b.parameters.weights[name]) for name, w in a.parameters.weights.items())


@pytest.mark.parametrize("task", [Task("random", 0), Task("cases", 0, str(shipped_cases()[0]))])
def test_an_engine_that_raises_is_a_failed_case(task):
    result = run_task(task, QUICK, Raising())
    assert result.case.status == "failed"
    assert "ZeroDivisionError: inside a foreign engine" in result.case.note
    assert verdicts([result])[1] == 1


def test_an_engine_may_refuse_a_problem_with_a_reason():
    result = run_task(Task("random", 0), QUICK, Refusing())
    assert (result.case.status, result.case.note) == ("refused", "no recurrence")
    assert verdicts([result]) == (0, 0)


class Crooked(TextbookEngine):
    """A third opinion that fails."""

    def solve(self, problem):
        raise ZeroDivisionError("inside the textbook")


def test_the_third_opinion_has_rows_of_its_own_beside_those_of_the_engine(solved):
    result = solved(Task("random", 0))
    rows = {who: [m for m in result.measurements if m.engine == who] for who in ("event", "textbook")}
    assert [(m.quantity, m.component) for m in rows["event"]] == [(m.quantity, m.component) for m in rows["textbook"]]
    assert len(rows["event"]) + len(rows["textbook"]) == len(result.measurements) > 100


@pytest.mark.parametrize("task", [Task("random", 0), Task("cases", 0, str(shipped_cases()[0]))])
def test_a_third_opinion_that_raises_is_a_failed_case_and_the_engine_is_measured_all_the_same(task, monkeypatch):
    monkeypatch.setattr("spikeproof_verification.campaign.tasks.TextbookEngine", Crooked)
    result = run_task(task, QUICK)
    assert (result.case.status, result.case.note) == ("failed", "ZeroDivisionError: inside the textbook")
    assert [m.engine for m in result.measurements if m.verdict == "fail"] == ["textbook"]
    assert sum(m.engine == "event" for m in result.measurements) > 1


def test_the_campaign_takes_another_engine():
    result = run_task(Task("random", 3), QUICK, faulty_engine())
    assert {m.engine for m in result.measurements} == {"textbook"}
    assert verdicts([result])[1] == 0


def test_results_survive_the_store_exactly(tmp_path):
    result = run_task(Task("random", 0), QUICK)
    again = CaseResult.from_dict(result.to_dict())
    store = open_store(tmp_path, SMALL, "event")
    store.save(Task("random", 0), result)
    loaded = store.load(Task("random", 0))
    assert loaded.case == again.case == result.case
    assert repr(loaded) == repr(result)  # NaN is not equal to itself


def test_a_stopped_run_is_resumed_without_doing_a_case_twice(tmp_path, monkeypatch):
    store = open_store(tmp_path, SMALL, "event")
    running = run_campaign(SMALL, store)
    first = [next(running) for _ in range(2)]
    running.close()
    monkeypatch.setattr("spikeproof_verification.campaign.workers.run_task", _counted := Counted())
    again = list(run_campaign(SMALL, open_store(tmp_path, SMALL, "event")))
    assert len(again) == 4
    assert _counted.calls == 2
    assert [repr(r) for _, r in again[:2]] == [repr(r) for _, r in first]


def test_what_is_no_engine_is_refused_before_a_case_is_solved(tmp_path):
    with pytest.raises(InvalidInput, match=r"^engine: got .*; allowed: an engine"):
        next(run_campaign(SMALL, open_store(tmp_path, SMALL, "event"), engine=EventEngine))


class Counted:
    """`run_task` that counts its calls."""

    calls = 0

    def __call__(self, *arguments):
        self.calls += 1
        return run_task(*arguments)


def test_parts_of_another_run_are_not_taken_up_and_not_discarded_unasked(tmp_path, solved):
    result = solved(SMALL.tasks()[0])
    open_store(tmp_path, SMALL, "event").save(SMALL.tasks()[0], result)
    with pytest.raises(InvalidInput, match="finished cases of another run"):
        open_store(tmp_path, Plan(n_random=5, studies=()), "event")
    assert open_store(tmp_path, SMALL, "event").load(SMALL.tasks()[0]) is not None
    assert open_store(tmp_path, SMALL, "event", fresh=True).load(SMALL.tasks()[0]) is None


@pytest.mark.parametrize("text", ["", "{", '{"case": {}}', "[]"])
def test_a_damaged_part_is_refused_by_name(text, tmp_path):
    store, task = open_store(tmp_path, SMALL, "event"), SMALL.tasks()[0]
    (store.folder / f"{task.key}.json").write_text(text)
    with pytest.raises(InvalidInput, match=task.key):
        store.load(task)


def test_workers_in_processes_give_the_results_of_one(tmp_path):
    def strip(results):
        return sorted(repr((r.measurements, r.agreement)) for _, r in results)

    alone = strip(run_campaign(SMALL, open_store(tmp_path / "a", SMALL, "event")))
    both = strip(run_campaign(SMALL, open_store(tmp_path / "b", SMALL, "event"), workers=2))
    assert alone == both


def test_the_event_engine_on_several_threads_passes_as_well():
    result = run_task(Task("random", 2), QUICK, EventEngine(threads=2))
    assert verdicts([result])[1] == 0
