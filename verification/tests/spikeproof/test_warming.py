"""The kernels after `warm`: nothing is left to compile for generated problems; of several processes one compiles."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.compiled, pytest.mark.deep]

LATER = """
import numba.core.event as ev
import numpy as np
import spikeproof
from spikeproof_verification.problems.loss_networks import loss_problem
from spikeproof_verification.problems.random_networks import random_problem
from spikeproof_verification.problems.sparse_networks import sparse_problem
from spikeproof_verification.problems.wide_networks import wide_problem

size = 3000
network = spikeproof.Network(
    [spikeproof.Input("in", 2)],
    [spikeproof.Population("n", size)],
    [
        spikeproof.Projection("in", "n"),
        spikeproof.Projection("n", "n", 2.0, synapses=spikeproof.Synapses.random(size, size, 0.01, seed=0)),
    ],
)
weights = {"in->n": np.full((2, size), 6.0), "n->n": np.full(network.weight_shape(network.projections[1]), 0.1)}
parameters = spikeproof.Parameters(weights, {"n": spikeproof.NeuronParameters(20.0, 5.0)})
stimulus = spikeproof.Stimulus.of_channels([[1.0, 5.0], [3.0]], duration=20.0)
large = spikeproof.Problem(network, parameters, stimulus, spikeproof.SpikeTimeSum("n"))

spikeproof.warm()
with ev.install_recorder("numba:compile") as compiled:
    for make in (random_problem, loss_problem, sparse_problem, wide_problem):
        for seed in range(24):
            until = spikeproof.EventEngine(until="loss")
            for engine in (spikeproof.EventEngine(), until, until, spikeproof.GridEngine(0.25)):
                problem = make(seed)
                if engine.unsupported(problem) is None:
                    engine.solve(problem)
    for wanted in ("all", "weights", None):
        spikeproof.EventEngine().solve(large, gradients=wanted)
print(sorted({str(e.data["dispatcher"]) for _, e in compiled.buffer}))
"""

COMPILING = """
import numba.core.event as ev
with ev.install_recorder("numba:compile") as compiled:
    import spikeproof
    from spikeproof.yin_yang import yin_yang, yin_yang_problem
    solution = spikeproof.EventEngine().solve(yin_yang_problem(*yin_yang(1, seed=42), seed=0), gradients="weights")
print(len(compiled.buffer), solution.loss)
"""


def start(code, cache):
    command = [sys.executable, "-c", code]
    return subprocess.Popen(
        command, env={**os.environ, "NUMBA_CACHE_DIR": str(cache)}, stdout=subprocess.PIPE, text=True
    )


def test_nothing_is_left_to_compile_for_generated_problems(tmp_path):
    assert start(LATER, tmp_path).communicate()[0].strip() == "[]"


def test_of_several_processes_on_an_empty_folder_each_kernel_is_compiled_by_one(tmp_path):
    alone = int(start(COMPILING, tmp_path / "alone").communicate()[0].split()[0])
    processes = [start(COMPILING, tmp_path / "many") for _ in range(4)]
    said = [p.communicate()[0].split() for p in processes]
    assert sum(int(n) for n, _ in said) == alone
    assert len({loss for _, loss in said}) == 1


def test_a_process_that_is_killed_while_it_compiles_does_not_keep_the_others_waiting(tmp_path):
    first = start(COMPILING, tmp_path)
    while not list(tmp_path.rglob("spikeproof.lock")):
        assert first.poll() is None
    first.kill()
    first.communicate()
    assert int(start(COMPILING, tmp_path).communicate(timeout=600)[0].split()[0]) > 0
