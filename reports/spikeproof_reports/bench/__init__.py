"""Benchmarks: running the suite of the benchmarks folder, keeping what it measured, and the report."""

from spikeproof_reports.bench.compare import Comparison, check_comparable, compared
from spikeproof_reports.bench.content import bench_content
from spikeproof_reports.bench.plan import BenchPlan
from spikeproof_reports.bench.record import BenchRecord, load_bench, save_bench
from spikeproof_reports.bench.suite import Suite, open_suite
from spikeproof_reports.bench.targets import TARGETS, targets_met
from spikeproof_reports.bench.units import open_parts, run_units, units_of

__all__ = [
    "TARGETS",
    "BenchPlan",
    "BenchRecord",
    "Comparison",
    "Suite",
    "bench_content",
    "check_comparable",
    "compared",
    "load_bench",
    "open_parts",
    "open_suite",
    "run_units",
    "save_bench",
    "targets_met",
    "units_of",
]
