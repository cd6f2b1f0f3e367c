"""Work and precision: every engine with time and error, and which of them no other beats."""

import dataclasses

import pytest
from bench_records import bench_record

from spikeproof_reports.bench.work_precision import work_and_precision, work_precision_page
from spikeproof_verification.checks.tolerances import RUN


def test_every_engine_on_every_workload_has_its_median_time_and_its_error():
    points = work_and_precision(bench_record()).set_index(["workload", "engine"])
    assert len(points) == 8
    row = points.loc[("w1", "quick")]
    assert (row["microseconds"], row["low"], row["high"]) == pytest.approx((40.0, 20.0, 80.0), rel=RUN, abs=0.0)
    assert (row["gradient_error"], row["time_error"]) == (1.0, 0.1)


def test_the_unbeaten_are_those_that_no_other_beats_in_both():
    points = work_and_precision(bench_record())
    best = points[points["front"] == "unbeaten"]
    # the grid is faster, the event engine more exact; both peers are slower and less exact than the event engine
    assert list(zip(best["workload"], best["engine"], strict=True)) == [
        ("w1", "event"), ("w1", "grid, 1 ms"), ("f1", "event"), ("f1", "grid, 1 ms"),
    ]  # fmt: skip


def test_an_engine_on_two_cores_neither_is_unbeaten_nor_beats():
    record = bench_record()
    doubled = record.engines.assign(cores=record.engines["cores"].where(record.engines["engine"] != "event", 2.0))
    points = work_and_precision(dataclasses.replace(record, engines=doubled))
    best = points[(points["front"] == "unbeaten") & (points["workload"] == "w1")]
    assert list(best["engine"]) == ["grid, 1 ms", "quick", "careful"]


def test_an_engine_that_is_as_exact_but_slower_is_beaten():
    record = bench_record(forward=())
    same = record.gradients["error"].where(record.gradients["engine"] != "quick", 1e-14)
    points = work_and_precision(dataclasses.replace(record, gradients=record.gradients.assign(error=same)))
    assert list(points.loc[points["front"] == "unbeaten", "engine"]) == ["event", "grid, 1 ms"]


def test_the_page_has_the_figure_the_table_and_the_sentence():
    page = work_precision_page(bench_record())
    assert page.verdict.sentence.endswith("W1: “grid, 1 ms”, “event”; F1: “grid, 1 ms”, “event”.")
    (picture,), (table,) = page.chapter.pictures, page.tables
    assert len(picture.figure.axes) == 1  # of the workload with gradients
    said = "The event engine has errors of 1.00×10⁻¹⁴; of all other points 1 as fast, with errors of 2.00."  # noqa: RUF001
    assert picture.alt == said
    assert len(table.frame) == len(table.commands) == 8
    assert table.commands[0].endswith("--workloads w1")


def test_a_record_without_times_has_a_page_that_says_so():
    page = work_precision_page(bench_record(workloads=(), forward=()))
    assert page.verdict.sentence == "No engine was timed and judged."
    assert page.chapter.pictures[0].figure is None
