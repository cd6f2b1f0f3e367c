"""A layer in PyTorch that speaks the protocol; it needs neither NumPy nor spikeproof.

spikeproof conformance --serve "python layer_torch.py"
"""

import json
import sys
from itertools import pairwise

import torch

FEATURES = ["batch", "reset", "repeated spikes", "ratio 2", "other ratios"]
SUPPORTS = {"quantities": ["spike_times", "loss", "weights"], "losses": ["spike_time_sum"], "features": FEATURES}


def train(w, times, channels, p, end):
    """Spike times of one neuron, each a tensor that knows its derivative by w."""

    def v(t, spikes):
        k, s = p["tau_syn"] / (p["tau_mem"] - p["tau_syn"]), t - times
        kernel = torch.where(s > 0, k * (torch.exp(-s / p["tau_mem"]) - torch.exp(-s / p["tau_syn"])), 0.0)
        resets = [torch.exp(-(t - r) / p["tau_mem"]) for r in spikes]
        return (w[channels] * kernel).sum() - (p["v_th"] - p["v_reset"]) * sum(resets)

    spikes, edges = [], [0.0, *times.tolist(), end]
    grid = torch.cat([torch.linspace(a, b, 200) for a, b in pairwise(edges)])  # a spike between two points is missed
    for a, b in pairwise(grid):
        low, high = torch.maximum(a, spikes[-1].detach() if spikes else a), b
        while high > low and float(v(high, spikes)) >= p["v_th"]:
            for _ in range(60):
                middle = 0.5 * (low + high)
                low, high = (low, middle) if float(v(middle, spikes)) >= p["v_th"] else (middle, high)
            t = high.detach().clone().requires_grad_()
            (slope,) = torch.autograd.grad(v(t, [s.detach() for s in spikes]), t)
            spikes.append(t.detach() - (v(t.detach(), spikes) - p["v_th"]) / slope)  # dt = -dV / V'
            low, high = spikes[-1].detach(), b
    return spikes


def solve(problem):
    """The solution of a problem with one layer."""
    (population,), (projection,) = problem["network"]["populations"], problem["network"]["projections"]
    p = {"v_th": 1.0, "v_reset": 0.0} | problem["parameters"]["neurons"][population["name"]]
    w = torch.tensor(problem["parameters"]["weights"][projection["name"]], requires_grad=True)
    end, samples, loss = problem["stimulus"]["duration"], [], torch.tensor(0.0)
    for sample in problem["stimulus"]["samples"]:
        times, channels = torch.tensor(sample["times"]), torch.tensor(sample["channels"], dtype=torch.long)
        trains = [train(w[:, n], times[times < end], channels[times < end], p, end) for n in range(population["size"])]
        samples.append({"spike_times": [[float(t) for t in x] for x in trains]})
        for c, x in zip(problem.get("loss", {}).get("coefficients", [1.0] * len(trains)), trains, strict=True):
            loss = loss + c * sum(x) / len(problem["stimulus"]["samples"])
    if loss.requires_grad:
        loss.backward()
    gradient = torch.zeros_like(w) if w.grad is None else w.grad
    found = {"format": "spikeproof-solution-1", "problem": problem["name"]}
    found |= {"loss": float(loss), "gradients": {"weights": {projection["name"]: gradient.tolist()}}}
    return found | (samples[0] if len(samples) == 1 else {"samples": samples})


torch.set_default_dtype(torch.float64)
for line in sys.stdin:
    message = json.loads(line)
    if message["do"] == "stop":
        break
    if message["do"] == "start":
        reply = {"engine": "a layer in PyTorch", "version": torch.__version__, "supports": SUPPORTS}
    else:
        try:
            reply = {"id": message["id"], "solution": solve(message["problem"])}
        except Exception as error:  # one line for whatever went wrong
            reply = {"id": message["id"], "error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
