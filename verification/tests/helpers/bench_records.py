"""A made-up benchmark run: two engines of this package and two peers, three rounds, numbers that are easy to check."""

from spikeproof_reports.bench import BenchRecord

FACTS = {"spikeproof": "0.1.0", "commit": "0" * 40, "command": "spikeproof bench", "started": "2026-01-02T03:04:05"}
MICROSECONDS = {
    "event": (10.0, 10.0, 10.0), "grid, 1 ms": (5.0, 5.0, 5.0), "quick": (20.0, 40.0, 80.0),
    "careful": (900.0, 1000.0, 1100.0),
}  # fmt: skip
ERRORS = {"event": 1e-14, "grid, 1 ms": 2.0, "quick": 1.0, "careful": 1e-3}
EXACT = ("event", "careful")


def bench_record(workloads=("w1",), forward=("f1",), engines=tuple(MICROSECONDS)):
    """The engines on workloads with gradients, and on others that are forward only."""
    rows = {"engines": [], "times": [], "accuracy": [], "gradients": []}
    for workload in (*workloads, *forward):
        for engine in engines:
            head = {"workload": workload, "engine": engine}
            own = {"cores": 1, "batch": 10, "dtype": "float64", "differs": "", "exact": engine in EXACT}
            first = {"import_seconds": 0.5, "build_seconds": 0.25, "first_seconds": 2.0, "memory": 1e8}
            rows["engines"].append(
                {**head, "status": "measured", "note": "", **own, **first, "version": "1", "python": "3"}
            )
            for number, time in enumerate(MICROSECONDS[engine]):
                seconds = 1e-6 * time
                steps = {"round": number, "repeats": 7, "seconds": 10 * seconds, "per_sample": seconds}
                rows["times"].append({**head, **steps})
            counts = {"samples": 2, "spikes": 9, "missed": 0, "extra": 0, "median_time_error": 1e-15}
            rows["accuracy"].append({**head, **counts, "max_time_error": 0.1 * ERRORS[engine]})
            if workload in workloads:
                rows["gradients"].append({**head, "weights": "a->b", "error": ERRORS[engine], "cosine": 1.0})
    return BenchRecord.of([rows], FACTS)
