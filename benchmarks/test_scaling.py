"""The points of the scaling curves, one benchmark each; `scaling.py` measures them round by round."""

import pytest
from scaling import points, problem

from spikeproof import EventEngine

POINTS = {f"{p.curve}-{n}": p for n, p in enumerate(points())}


@pytest.mark.parametrize("name", POINTS)
def test_training_step(benchmark, name):
    point = POINTS[name]
    benchmark.group = point.curve
    given, engine = problem(point.size), EventEngine(threads=point.size.threads)
    n_spikes = len(engine.run(given).spikes)
    benchmark.pedantic(engine.solve, (given, "weights"), rounds=5, warmup_rounds=1)
    events = n_spikes + len(given.stimulus.times)
    benchmark.extra_info |= {
        "x": point.x,
        "events": events,
        "us_per_event": 1e6 * benchmark.stats.stats.median / events,
    }
