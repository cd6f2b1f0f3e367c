"""How the event engine's time grows: a line of JSON for each point of each curve.

    python scaling.py CORES REPEATS

Layers 20 - neurons - 10 with the integral loss unless a curve says otherwise, float64, one thread. The curve of large
networks has one recurrent population with 100 synapses of each neuron, delays of 1.5 ms, and four input spikes and
about three spikes of each neuron in 100 ms, with the sum of spike times as its loss. Each line has the curve, x,
seconds of a training step (median over REPEATS rounds through all points of the curve), and its events: input spikes
and spikes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from workloads import large

from spikeproof import (
    EventEngine,
    Input,
    IntegralCrossEntropy,
    Layer,
    NeuronParameters,
    Parameters,
    Problem,
    SpikeTimeSum,
    Stimulus,
    chain,
)

TURN = 0.05  # seconds of a point in each round, at least one step
NEURON = NeuronParameters(tau_mem=20.0, tau_syn=5.0)


@dataclass(frozen=True)
class Size:
    """Size of a random network: `rate` is input spikes per channel and ms, `drive` scales input weights."""

    neurons: int = 100
    channels: int = 20
    batch: int = 64
    duration: float = 60.0
    rate: float = 0.03
    drive: float = 0.5
    threads: int = 1
    synapses: int = 0  # of each neuron, in one large population, see `large`; 0 for layers


@dataclass(frozen=True)
class Point:
    """One point of a curve; `x` is None where it is the number of spikes, known only after the first step."""

    curve: str
    size: Size
    x: float | None


def points() -> Iterator[Point]:
    """All points."""
    for n in (25, 50, 100, 200, 400, 800):
        yield Point("neurons", Size(neurons=n), n)
    for rate in (0.01, 0.02, 0.04, 0.08, 0.16):
        # the weights fall as the rate grows, so that the output stays about the same
        yield Point("input spikes", Size(rate=rate, drive=0.5 * 0.03 / rate), None)
    for drive in (0.27, 0.4, 0.8, 3.2):
        yield Point("output spikes", Size(drive=drive), None)
    for batch in (1, 4, 16, 64, 256):
        yield Point("batch", Size(batch=batch), batch)
    for threads in (1, 2, 4):
        yield Point("threads", Size(batch=256, threads=threads), threads)
    for n in (100, 1000, 10_000, 100_000):
        yield Point("neurons with 100 synapses each", Size(neurons=n, batch=1, synapses=100), n)
    for duration in (60.0, 120.0, 240.0, 480.0, 960.0, 1920.0):
        yield Point("length of the run (ms)", Size(batch=8, duration=duration), duration)


def problem(size: Size) -> Problem:
    """A random problem of this size, the same every time."""
    if size.synapses:
        return replace(large(size.neurons, size.synapses), loss=SpikeTimeSum("a"))
    rng = np.random.default_rng(5)
    network = chain(Input("in", size.channels), size.neurons, Layer(10, "li", name="out"))
    weights = {
        "in->hidden": size.drive * rng.normal(1.0, 0.6, (size.channels, size.neurons)),
        "hidden->out": rng.normal(0.1, 0.3, (size.neurons, 10)),
    }
    parameters = Parameters(weights, {"hidden": NEURON, "out": NEURON})
    samples = []
    for _ in range(size.batch):
        n = max(1, round(size.rate * size.channels * size.duration))
        samples.append((rng.uniform(0.0, size.duration, n), rng.integers(0, size.channels, n)))
    loss = IntegralCrossEntropy("out", rng.integers(0, 10, size.batch))
    return Problem(network, parameters, Stimulus.of_samples(samples, size.duration), loss)


def measured(curve: list[Point], repeats: int) -> Iterator[dict[str, object]]:
    """All points of a curve, round by round."""
    engines = [EventEngine(threads=p.size.threads) for p in curve]
    problems = [problem(p.size) for p in curve]
    spikes = [len(e.solve(q, gradients="weights").spikes) for e, q in zip(engines, problems, strict=True)]
    times: list[list[float]] = [[] for _ in curve]
    for _ in range(repeats):
        for place, (engine, given) in enumerate(zip(engines, problems, strict=True)):
            stop = time.perf_counter() + TURN
            while True:
                begin = time.perf_counter()
                engine.solve(given, gradients="weights")
                end = time.perf_counter()
                times[place].append(end - begin)
                if end >= stop:
                    break
    for point, given, n_spikes, own in zip(curve, problems, spikes, times, strict=True):
        n_inputs = len(given.stimulus.times)
        per_sample = {"input spikes": n_inputs / point.size.batch, "output spikes": n_spikes / point.size.batch}
        x = per_sample[point.curve] if point.x is None else point.x
        yield {
            "curve": point.curve, "x": x, "seconds": float(np.median(own)), "events": n_inputs + n_spikes,
            "batch": point.size.batch,
        }  # fmt: skip


def main(cores: str, repeats: str) -> None:
    allowed = [int(core) for core in cores.split(",")]
    everything = list(points())
    for curve in dict.fromkeys(p.curve for p in everything):
        mine = [p for p in everything if p.curve == curve and p.size.threads <= len(allowed)]
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, allowed if curve == "threads" else allowed[:1])
        for row in measured(mine, int(repeats)):
            print(json.dumps(row), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
