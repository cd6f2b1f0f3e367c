"""Surrogate gradients against autodiff in PyTorch, with the surrogate functions of snnTorch and norse.

Skipped where there is no environment of these peers: ``tox run -e peer-torch`` makes it.
"""

import subprocess

import numpy as np
import pytest
from discrete_problems import DT, discrete_problem
from places import ROOT

from spikeproof.lesson import Discrete, SurrogateGradient
from spikeproof_verification.checks.tolerances import EPS, EPS32

PYTHON = ROOT / ".tox" / "peer-torch" / "bin" / "python"
SCRIPT = ROOT / "verification" / "tests" / "helpers" / "surrogate_in_torch.py"
PEERS = {  # slope of the same function
    "super_spike of snnTorch": 2.0,
    "sigmoid of snnTorch": 2.0,
    "arctan of snnTorch": 2.0,
    "super_spike of norse": 1.0,  # which ignores its alpha
    "triangle of norse": 1.0,
}
ROUNDINGS = {64: 64 * EPS, 32: 64 * EPS32}

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason=f"no environment of PyTorch, snnTorch and norse: {PYTHON}")


def problem():
    return discrete_problem(0)


def inputs(problem, n_steps):
    """How many spikes each channel sends in each step and sample."""
    counts = np.zeros((n_steps, problem.stimulus.n_samples, problem.network.n_channels))
    for sample in range(problem.stimulus.n_samples):
        times, channels = problem.stimulus.sample(sample)
        np.add.at(counts, (np.floor(times / DT).astype(int), sample, channels), 1.0)
    return counts


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Losses and gradients of the peers."""
    folder, own = tmp_path_factory.mktemp("torch"), problem()
    tables, network = Discrete(own, DT).tables, own.network
    out = network.neurons("out")
    columns = [[outside, *ends, lag] for outside, *ends, _, lag in tables.projections.tolist()]
    weights = {f"w{n}": own.parameters.weights[p.name] for n, p in enumerate(network.projections)}
    np.savez(
        folder / "in.npz", neurons=tables.neurons, projections=columns, inputs=inputs(own, tables.n_steps),
        readout=[out.start, out.stop], labels=own.loss.labels, **weights,
    )  # fmt: skip
    subprocess.run([PYTHON, SCRIPT, folder / "in.npz", folder / "out.npz"], check=True, timeout=300)
    return dict(np.load(folder / "out.npz"))


def deviations(found, peer, bits, reset_gradient, slope):
    """Errors of the peer's gradients, in units of the largest entry of each matrix, and of its loss."""
    own = SurrogateGradient(DT, peer.split()[0], slope, reset_gradient).estimate(problem())
    key = f"{peer}, {bits}, {'reset' if reset_gradient else 'detached'}"
    pairs = [(found[f"{key}, {n}"], g) for n, g in enumerate(own.gradients.values())]
    return max(np.max(np.abs(a - b)) / np.max(np.abs(b)) for a, b in pairs), abs(found[f"{key}, loss"] - own.value)


@pytest.mark.parametrize("reset_gradient", [True, False])
@pytest.mark.parametrize("bits", ROUNDINGS)
@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_has_the_same_gradient_to_its_rounding(found, peer, bits, reset_gradient):
    gradient, loss = deviations(found, peer, bits, reset_gradient, PEERS[peer])
    single = "snnTorch" in peer  # its steps return binary32, whatever they are given, and so do their derivatives
    assert gradient <= ROUNDINGS[32 if single else bits]
    assert loss <= ROUNDINGS[bits]


@pytest.mark.parametrize("peer", PEERS)
def test_a_slope_wrong_by_1_percent_is_rejected(found, peer):
    assert deviations(found, peer, 32, True, 1.01 * PEERS[peer])[0] > 10 * ROUNDINGS[32]


def test_a_detached_reset_is_told_from_one_with_its_gradient(found):
    wrong = {key.replace("detached", "reset"): value for key, value in found.items() if "detached" in key}
    assert deviations(wrong, "super_spike of snnTorch", 64, True, 2.0)[0] > 0.01
