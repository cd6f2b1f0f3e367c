"""The headline of the benchmark: the fastest peer, the ratio with its interval, and both errors."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from bench_records import bench_record

from spikeproof_reports.bench.compare import CALIBRATION
from spikeproof_reports.bench.content import bench_content, verdict_on_bench
from spikeproof_reports.bench.finding import findings
from spikeproof_reports.bench.targets import OWN
from spikeproof_verification.checks.tolerances import RUN, TABULATED

# peer over event: 2, 4 and 8 times; the logarithms have the standard deviation ln 2, t of two degrees is 4.302653
LOWER, UPPER = (4.0 * 2.0 ** (sign * 4.302653 / np.sqrt(3.0)) for sign in (-1.0, 1.0))


def test_the_fastest_peer_is_found_and_this_packages_engines_are_none():
    (trained, forward) = findings(bench_record())
    assert (trained.workload, trained.peer, trained.right) == ("w1", "quick", "careful")
    assert (trained.own_error, trained.peer_error) == (1e-14, 1.0)
    assert (trained.ratio.mean, trained.ratio.lower, trained.ratio.upper) == pytest.approx(
        (4.0, LOWER, UPPER), rel=TABULATED, abs=0.0
    )
    assert trained.right_ratio == pytest.approx((90.0 * 100.0 * 110.0) ** (1 / 3), rel=RUN, abs=0.0)
    assert (forward.workload, forward.trains) == ("f1", False)


def test_the_sentence_says_peer_ratio_interval_and_both_errors():
    sentence = verdict_on_bench(bench_record()).sentence
    assert sentence == (
        "The event engine is 4.00 times as fast as quick on W1 (95 % from 0.715 to 22.4): the fastest of the others. "
        "Its gradients are off by 1.00×10⁻¹⁴ at most, theirs by 1.00 and more."  # noqa: RUF001
    )


def test_lines_are_of_all_workloads_and_the_targets_stand_below():
    lines = verdict_on_bench(bench_record()).lines
    assert [line.name for line in lines] == ["W1", "F1", "Targets"]
    assert "No difference of the two is shown." in lines[0].note
    assert "median of the rounds 4.00" in lines[0].note
    assert lines[0].where == "The fastest other with a gradient right to a tenth: careful, ×99.7."  # noqa: RUF001
    assert lines[1].where == ""
    assert lines[2].value.endswith(" of 19")


def test_without_a_peer_the_sentence_says_so():
    assert verdict_on_bench(bench_record(engines=("event", "grid, 1 ms"))).sentence == (
        "No other engine was measured beside the event engine."
    )


def test_a_difference_is_shown_where_the_interval_leaves_out_equal_speed():
    record = bench_record(engines=("event", "careful"))
    assert "No difference" not in verdict_on_bench(record).lines[0].note
    slow = record.times.assign(per_sample=np.where(record.times["engine"] == "event", 1.0, 0.5))
    (line, *_) = verdict_on_bench(dataclasses.replace(record, times=slow)).lines
    assert line.value == "×0.500"  # noqa: RUF001


def test_the_report_has_the_headline_first_and_its_tables_the_intervals():
    content = bench_content(bench_record())
    assert content.tables[0].name == "headline"
    speed = next(table for table in content.tables if table.name == "bench_speed").frame.set_index("engine")
    row = speed.loc["quick"].iloc[0] if speed.index.duplicated().any() else speed.loc["quick"]
    assert (row["mean"], row["lower"], row["upper"]) == pytest.approx((4.0, LOWER, UPPER), rel=TABULATED, abs=0.0)


def test_no_engine_of_this_package_is_a_peer():
    folder = Path(__file__).parents[4] / "benchmarks" / "engines"
    if not folder.exists():
        pytest.skip("the benchmarks are not beside the tests")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    names = {re.search(r'^NAME = "(.*)"', text, re.MULTILINE)[1] for stem, text in texts.items() if stem != CALIBRATION}
    assert names == set(OWN)
