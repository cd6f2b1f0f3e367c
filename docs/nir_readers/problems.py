"""NIR files of a few neurons, the input spikes of each, and what spikeproof makes of them."""

from pathlib import Path

import nir
import numpy as np

import spikeproof as sp
from spikeproof.bridges.nir import Step, from_nir

DT, STEPS = 1e-4, 1000  # s; readers with a grid run so many steps
TAU_MEM, TAU_SYN = 0.02, 0.005  # s
AREAS = {"pulse": 1.0, "step": DT, "jump": TAU_SYN}  # of a spike, in s, by its names in spikeproof
KINDS = {"pulse": "pulse", "step": Step(DT), "jump": "jump"}
R = TAU_MEM / DT  # snnTorch reads no other
W_INS = (1.0, TAU_SYN / DT)  # SpikingJelly reads the second alone
PEAK = (
    TAU_SYN / (TAU_MEM - TAU_SYN) * ((TAU_SYN / TAU_MEM) ** (TAU_SYN / (TAU_MEM - TAU_SYN)) * (1 - TAU_SYN / TAU_MEM))
)
IN, HIDDEN = 4, 3


def neurons(kind, size, w_in):
    """`size` equal neurons with a threshold of 1 that are reset to 0."""
    shared = {"r": np.full(size, R), "v_leak": np.zeros(size)}
    spiking = {"v_threshold": np.ones(size), "v_reset": np.zeros(size)}
    if kind == "LIF":
        return nir.LIF(tau=np.full(size, TAU_MEM), **shared, **spiking)
    cuba = {"tau_syn": np.full(size, TAU_SYN), "tau_mem": np.full(size, TAU_MEM), "w_in": np.full(size, w_in), **shared}
    return nir.CubaLI(**cuba) if kind == "CubaLI" else nir.CubaLIF(**cuba, **spiking)


def affine(weights):
    """Weights and no constants; not every reader knows a Linear node."""
    return nir.Affine(weights.astype(np.float32), np.zeros(len(weights), np.float32))


def graph(kind, weights, recurrent=None, w_in=1.0):
    """Input, linear node, neurons and output; `recurrent` are weights from the neurons to themselves."""
    size = len(weights)
    nodes = {
        "input": nir.Input({"input": np.array([weights.shape[1]])}),
        "affine": affine(weights),
        "neurons": neurons(kind, size, w_in),
        "output": nir.Output({"output": np.array([size])}),
    }
    edges = [("input", "affine"), ("affine", "neurons"), ("neurons", "output")]
    if recurrent is not None:
        nodes["recurrent"] = affine(recurrent)
        edges += [("neurons", "recurrent"), ("recurrent", "neurons")]
    return nir.NIRGraph(nodes, edges)


def one_weight(kind, weight, w_in):
    """One neuron behind one weight."""
    return graph(kind, np.array([[weight]]), w_in=w_in)


def layer(area, recurrent, w_in):
    """Three neurons whose weights are such that a spike of this area is strong enough."""
    rng = np.random.default_rng(5)
    unit = TAU_SYN / (R * w_in * area)  # of weights by which I of R I jumps by 1
    weights = unit * rng.uniform(0.8, 2.4, (HIDDEN, IN))
    back = unit * rng.uniform(-1.0, 1.0, (HIDDEN, HIDDEN)) if recurrent else None
    return graph("CubaLIF", weights, back, w_in)


def inputs():
    """Steps and channels of the input spikes, never two at a time."""
    rng = np.random.default_rng(6)
    steps = np.sort(rng.choice(np.arange(10, STEPS - 200), 40, replace=False))
    return [[int(step), int(channel)] for step, channel in zip(steps, rng.integers(0, IN, 40), strict=True)]


def ours(file, kind, spikes):
    """Exact spike times (s) and neurons of a file, by spikeproof."""
    network, parameters, outputs = from_nir(nir.read(file), spike=KINDS[kind], unit=1.0, v_init=0.0)
    times, channels = [step * DT for step, _ in spikes], [channel for _, channel in spikes]
    stimulus = sp.Stimulus.of_samples([(times, channels)], duration=STEPS * DT)
    problem = sp.Problem(network, parameters, stimulus, sp.SpikeTimeSum(outputs["output"]))
    found = sp.EventEngine().solve(problem).spikes
    return sorted(zip(found.times.tolist(), found.neurons.tolist(), strict=True))


def write(folder, name, content):
    """Path of `content` as a file."""
    path = Path(folder) / f"{name}.nir"
    nir.write(str(path), content)
    return str(path)
