"""Rounds of the pytest-benchmark suites, and samples per second beside the seconds."""

ROUNDS = {"rounds": 15, "warmup_rounds": 2, "iterations": 1}


def note_rate(benchmark, problem):
    """Put samples per second, from the median, into the benchmark's extra_info."""
    benchmark.extra_info["samples_per_second"] = round(problem.stimulus.n_samples / benchmark.stats.stats.median)
