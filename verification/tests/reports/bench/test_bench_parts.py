"""The pieces of the benchmarks: workload files, judging, ratios, targets, and the adapters' constants."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bench_suites import REAL

from spikeproof_reports.audit.peers import PEERS
from spikeproof_reports.bench import BenchRecord, compared, open_suite, targets_met
from spikeproof_reports.bench.accuracy import judged_answer, judged_gradients
from spikeproof_reports.bench.figures import scaling_picture
from spikeproof_reports.bench.ratios import speedup
from spikeproof_verification.checks.tolerances import EPS

pytestmark = pytest.mark.skipif(not REAL.exists(), reason="the benchmarks folder is not beside the tests")


@pytest.fixture(scope="module")
def suite():
    return open_suite(REAL)


def answer(suite, **changes):
    """Spikes of 2 samples of 3 neurons, and two gradients."""
    given = {
        "times": np.array([1.0, 2.0, 5.0, 3.0]), "neurons": np.array([0, 2, 2, 1]), "samples": np.array([0, 0, 0, 1]),
        "loss": 2.0, "gradients": {"a": np.array([[3.0, 4.0]]), "b": np.ones((2, 2))},
    }  # fmt: skip
    return suite.work.Answer(**given | changes)


def record(*rows):
    """A record in which engines took so many seconds per sample in three rounds: (workload, engine, seconds)."""
    times = [
        {"workload": w, "engine": e, "round": n, "repeats": 1, "seconds": s * (1 + 0.5 * n), "per_sample": s * (1 + n)}
        for w, e, s in rows
        for n in range(3)
    ]
    return BenchRecord.of([{"times": times}], {})


@pytest.mark.parametrize("name", ["w1", "w2", "w3", "f1", "f2", "f3", "f4", "f5"])
def test_a_workload_file_holds_the_whole_problem(suite, tmp_path, name):
    problem = suite.workloads[name].judged()
    work = suite.work.work_of(problem)
    suite.work.save(work, tmp_path / "work.npz")
    read = suite.work.load(tmp_path / "work.npz")
    assert suite.work.digest(read) == suite.work.digest(work)
    again = suite.problem.problem_of(read)
    assert again.network == problem.network
    assert [p.delay for p in again.network.projections] == [p.delay for p in problem.network.projections]
    for key, w in problem.parameters.weights.items():
        np.testing.assert_array_equal(again.parameters.weights[key], w)
    for field in ("times", "channels", "offsets", "duration"):
        np.testing.assert_array_equal(getattr(again.stimulus, field), getattr(problem.stimulus, field))
    assert type(again.loss) is type(problem.loss)


def test_a_changed_number_changes_the_digest(suite):
    work = suite.work.work_of(suite.workloads["w1"].judged())
    digest = suite.work.digest(work)
    first, *others = work.links
    weights = first.weights.copy()
    weights[0, 0] = np.nextafter(weights[0, 0], 2.0)
    assert suite.work.digest(replace(work, links=(replace(first, weights=weights), *others))) != digest


@pytest.mark.compiled
def test_the_first_samples_of_a_larger_batch_are_those_of_a_smaller_one(suite):
    for name in ("w1", "w2", "w3"):
        small, large = (suite.work.work_of(suite.workloads[name].build(n)) for n in (3, 5))
        assert suite.work.digest(large.first(3)) == suite.work.digest(small)


def test_w3_is_as_lively_as_its_description_says(suite):
    from spikeproof import EventEngine

    problem = suite.workloads["w3"].problem
    spikes = EventEngine().run(problem).spikes
    counts = np.zeros((problem.stimulus.n_samples, problem.network.n_neurons), dtype=int)
    np.add.at(counts, (spikes.samples(), spikes.neurons), 1)
    recurrent, output = counts[:, :128], counts[:, 128:]
    assert np.mean(recurrent > 0) > 0.9
    assert recurrent.max() <= 5
    assert output.min() >= 1


def test_inputs_on_the_grid_keep_every_spike(suite):
    work = suite.work.work_of(suite.workloads["w2"].judged())
    counts = work.on_grid(1.0)
    assert counts.shape == (60, 3, 784)
    assert counts.sum() == len(work.times)


def test_the_right_answer_has_no_errors(suite):
    found = judged_answer(answer(suite), answer(suite), 2, 3)
    assert [found[k] for k in ("spikes", "missed", "extra", "max_time_error", "loss_error")] == [4, 0, 0, 0.0, 0.0]
    assert [(r["error"], r["cosine"]) for r in judged_gradients(answer(suite), answer(suite))] == [
        (0.0, pytest.approx(1.0, rel=4 * EPS, abs=0.0)),
        (0.0, pytest.approx(1.0, rel=4 * EPS, abs=0.0)),
    ]


def test_missing_and_surplus_spikes_do_not_cancel(suite):
    wrong = answer(suite, times=np.array([1.5, 2.0, 3.0, 4.0]), samples=np.array([0, 0, 1, 1]),
                   neurons=np.array([0, 2, 1, 1]))  # fmt: skip
    found = judged_answer(wrong, answer(suite), 2, 3)
    assert (found["missed"], found["extra"]) == (1, 1)
    assert found["max_time_error"] == 0.5  # of neuron 0, which has the right number


@pytest.mark.parametrize(
    ("given", "error", "cosine"),
    [([[-3.0, -4.0]], 2.0, -1.0), ([[30.0, 40.0]], 9.0, 1.0), ([[4.0, -3.0]], 2**0.5, 0.0), ([[0.0, 0.0]], 1.0, 0.0)],
)
def test_a_wrong_gradient_is_measured(suite, given, error, cosine):
    wrong = answer(suite, gradients={"a": np.array(given)})
    rows = {r["weights"]: r for r in judged_gradients(wrong, answer(suite))}
    assert rows["a"]["error"] == pytest.approx(error, rel=4 * EPS, abs=0.0)
    assert rows["a"]["cosine"] == pytest.approx(cosine, rel=4 * EPS, abs=4 * EPS)
    assert (rows["b"]["error"], rows["b"]["cosine"]) == (1.0, 0.0)  # missing


def test_a_gradient_that_is_no_number_is_not_taken_for_a_good_one(suite):
    wrong = answer(suite, gradients={"a": np.array([[np.nan, 4.0]])})
    assert judged_gradients(wrong, answer(suite))[0]["error"] == np.inf


def test_a_loss_or_time_that_is_no_number_is_infinitely_wrong(suite):
    found = judged_answer(answer(suite, loss=np.nan, times=np.array([np.nan, 2.0, 5.0, 3.0])), answer(suite), 2, 3)
    assert found["loss_error"] == np.inf
    assert found["max_time_error"] == np.inf


def test_ratios_are_of_the_same_round():
    found = speedup(record(("w1", "event", 1.0), ("w1", "spyx, 1 ms", 3.5)).times, "w1", "event", "spyx, 1 ms")
    assert (found.median, found.low, found.high) == (3.5, 3.5, 3.5)


@pytest.mark.parametrize(
    ("times", "verdict"), [(2.9, "missed"), (3.0, "reached"), (7.9, "reached"), (8.0, "aim reached")]
)
def test_a_target_is_reached_missed_or_more(times, verdict):
    targets = targets_met(record(("w1", "event", 1.0), ("w1", "spyx, 1 ms", times))).set_index("target")
    assert targets.loc["W1: event engine against spyx", "verdict"] == verdict
    assert targets.loc["W2: event engine against spyx", "verdict"] == "not measured"


def test_smaller_is_better_for_start_up():
    rows = [{"what": "import", "seconds": s} for s in (0.4, 0.6, 0.7)]
    targets = targets_met(BenchRecord.of([{"startup": rows}], {})).set_index("target")
    assert targets.loc["import", ["reached", "verdict"]].tolist() == [0.6, "missed"]


def test_a_slower_machine_is_no_slower_engine():
    stored = record(("w1", "event", 1.0), ("w1", "calibration", 1.0))
    slow_machine = record(("w1", "event", 3.0), ("w1", "calibration", 3.0))
    slow_engine = record(("w1", "event", 1.5), ("w1", "calibration", 1.0))
    assert compared(slow_machine, stored, 1.3).slower.empty
    assert compared(slow_engine, stored, 1.3).slower["factor"].tolist() == [1.5]
    assert compared(stored, slow_engine, 1.3).slower.empty


def test_every_peer_has_its_environment(suite):
    tox = (REAL.parent / "tox.ini").read_text(encoding="utf-8")
    peers = {e.environment for e in suite.engines if e.environment}
    (names,) = [line[len("    peers = ") :].split(", ") for line in tox.splitlines() if line.startswith("    peers = ")]
    assert {f"peer-{name}" for name in peers | {peer.environment for peer in PEERS if peer.environment}} == set(names)
    assert len({e.name for e in suite.engines}) == len(suite.engines)


def test_every_engine_of_a_target_has_an_adapter(suite):
    from spikeproof_reports.bench import targets

    names = {e.name for e in suite.engines}
    assert {targets.EVENT, targets.TWO, targets.GRID, targets.JAXSNN, targets.NEST, *targets.GRID_PEERS} <= names


def test_a_frame_without_rows_has_its_columns():
    empty = BenchRecord.of([], {})
    assert isinstance(empty.times, pd.DataFrame)
    assert list(empty.startup) == ["what", "seconds"]


def test_every_point_of_the_scaling_curves_can_be_seen():
    sizes = (1, 4, 16, 64, 256)
    rows = [{"curve": "batch", "x": n, "seconds": 5e-4 + 1e-4 * n, "events": 200 * n, "batch": n} for n in sizes]
    axes = scaling_picture(BenchRecord.of([{"scaling": rows}], {})).figure.axes
    drawn = [(ax, y) for ax in axes for line in ax.lines for y in line.get_ydata()]
    assert len(drawn) == 2 * len(sizes)
    assert all(ax.get_ylim()[0] <= y <= ax.get_ylim()[1] for ax, y in drawn)
