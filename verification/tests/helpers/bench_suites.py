"""A benchmarks folder of two tiny workloads and engines that are right, wrong, absent or crash, for the tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from places import ROOT

REAL = ROOT / "benchmarks"
SHARED = ("worker.py", "lifeline.py", "work.py", "problem.py")

WORKLOADS = """
from dataclasses import dataclass
from typing import Callable
import numpy as np
from spikeproof import *

@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    build: Callable
    batch: int
    judged: Callable
    most_rounds: int | None = None

    @property
    def problem(self):
        return self.build(self.batch)

def tiny(batch):
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
    network = chain(Input("in", 2), 3, Layer(2, name="out"))
    weights = {"in->hidden": np.array([[9.0, 4.0, 6.0], [2.0, 8.0, 5.0]]), "hidden->out": np.full((3, 2), 4.0)}
    stimulus = Stimulus.of_samples([([1.0 + n, 4.0], [0, 1]) for n in range(batch)], 60.0)
    loss = FirstSpikeCrossEntropy("out", [0] * batch, tau0=0.5, tau1=6.4, alpha=0.003)
    return Problem(network, Parameters(weights, {"hidden": neuron, "out": neuron}), stimulus, loss, "tiny")

WORKLOADS = {
    "tiny": Workload("tiny", "a tiny network", tiny, 4, lambda: tiny(1)),
    "slow": Workload("slow", "a network in a single round", tiny, 4, lambda: tiny(1), most_rounds=1),
}
"""

FAKE = """
import os
import time
import numpy as np
from work import Answer

NAME = "{name}"
ENVIRONMENT = "{name}"
EXACT = False
VERSION = "fake 1"
{top}

class Step:
    dtype, differs = "float64", "it only pretends"

    def __init__(self, work):
        self.work = work

    def run(self):
        time.sleep({seconds})
        {run}

    def answer(self):
        gradients = {{x.name: np.ones_like(x.weights) for x in self.work.links}}
        return Answer(np.array([1.0]), np.array([0]), np.array([0]), 1.0, gradients)

def prepare(work):
    return Step(work)
"""


def make_suite(folder: Path, *, engines: tuple[str, ...] = ("event.py", "calibration.py"), **fakes: str) -> Path:
    """A benchmarks folder with these engines of the real one, and fake peers by name."""
    for part in ("engines", "peers"):
        (folder / part).mkdir(parents=True)
    for name in SHARED:
        shutil.copy(REAL / name, folder / name)
    for name in engines:
        shutil.copy(REAL / "engines" / name, folder / "engines" / name)
    (folder / "workloads.py").write_text(WORKLOADS)
    for name, text in fakes.items():
        (folder / "peers" / f"{name}.py").write_text(text)
    return folder


def fake(name: str, *, seconds: float = 0.002, run: str = "", top: str = "") -> str:
    """The text of an adapter with wrong answers whose steps take some seconds and then do `run`."""
    return FAKE.format(name=name, seconds=seconds, run=run or "pass", top=top)
