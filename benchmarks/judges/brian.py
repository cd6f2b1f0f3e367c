"""Brian2 for the conformance suite: any network in time steps with exact integration, spike times alone.

All samples are simulated side by side, as copies of the network. A spike is reported at the start of the step at whose
threshold check V was above the threshold: its time is the end of that step.
"""

from __future__ import annotations

import brian2 as b2
import numpy as np
from work import Answer, Unsupported

b2.prefs.codegen.target = "numpy"
b2.BrianLogger.log_level_error()
NAME = "Brian2"
VERSION = f"brian2 {b2.__version__}"
DT = 0.1  # its default, in the unit of time, which is a millisecond here
SUPPORTS = {
    "levels": ["grid"],
    "quantities": ["spike_times"],
    "features": [
        "several layers", "skip", "recurrence", "delays", "readout", "batch", "unlike neurons", "bias", "initial state",
        "reset", "refractory time", "repeated spikes", "ratio 1", "ratio 2", "other ratios",
    ],
}  # fmt: skip
MODEL = """
dv/dt = (b - v + current) / tau_mem : 1 (unless refractory)
dcurrent/dt = -current / tau_syn : 1
b : 1
tau_mem : second
tau_syn : second
v_th : 1
v_reset : 1
t_ref : second
"""
PARAMETERS = {"tau_mem": b2.ms, "tau_syn": b2.ms, "v_th": 1, "v_reset": 1, "t_ref": b2.ms, "b": 1, "v": 1, "current": 1}
NAMES = {"b": "bias", "v": "v_init", "current": "i_init"}
REST = {"v_th": 1e9, "v_reset": 0.0, "t_ref": 0.0, "bias": 0.0, "v_init": 0.0, "i_init": 0.0}


class Step:
    """A network with a copy of each neuron for each sample."""

    def __init__(self, problem: dict) -> None:
        self.problem = problem
        self.populations = problem["network"]["populations"]
        self.samples = problem["stimulus"]["samples"]
        self.n_samples, self.duration = len(self.samples), problem["stimulus"]["duration"]

    def answer(self) -> Answer:
        b2.start_scope()
        b2.defaultclock.dt = DT * b2.ms
        groups = {g["name"]: self._input(g, n) for n, g in enumerate(self.problem["network"]["inputs"])}
        groups |= {p["name"]: self._neurons(p) for p in self.populations}
        synapses = [self._synapses(p, groups) for p in self.problem["network"]["projections"]]
        monitors = [b2.SpikeMonitor(groups[p["name"]]) for p in self.populations]
        b2.Network(list(groups.values()), synapses, monitors).run(self.duration * b2.ms, namespace={})
        times, neurons, samples, start = [], [], [], 0
        for p, monitor in zip(self.populations, monitors, strict=True):
            times.append(np.asarray(monitor.t / b2.ms) + DT)
            neurons.append(np.asarray(monitor.i) % p["size"] + start)
            samples.append(np.asarray(monitor.i) // p["size"])
            start += p["size"]
        return Answer(*(np.concatenate(x) for x in (times, neurons, samples)))

    def _input(self, group: dict, n: int):
        first = sum(g["size"] for g in self.problem["network"]["inputs"][:n])
        rows = [(s * group["size"] + c - first, t) for s, sample in enumerate(self.samples)
                for t, c in zip(sample["times"], sample["channels"], strict=True)
                if first <= c < first + group["size"] and t < self.duration]  # fmt: skip
        steps = [(k, round(t / DT)) for k, t in rows]  # the nearest point of the grid
        if len(set(steps)) < len(steps):
            raise Unsupported("two spikes of a channel in one step")
        indices, at = np.array(steps, dtype=int).reshape(-1, 2).T
        return b2.SpikeGeneratorGroup(self.n_samples * group["size"], indices, at * DT * b2.ms)

    def _neurons(self, population: dict):
        size, lif = population["size"], population["kind"] == "lif"
        rule = {"threshold": "v > v_th", "reset": "v = v_reset", "refractory": "t_ref"}
        group = b2.NeuronGroup(self.n_samples * size, MODEL, method="exact", **rule)
        given = REST | ({"v_th": 1.0} if lif else {}) | self.problem["parameters"]["neurons"][population["name"]]
        for name, unit in PARAMETERS.items():
            values = np.broadcast_to(np.array(given[NAMES.get(name, name)], dtype=float), size)
            setattr(group, name, np.tile(values, self.n_samples) * unit)
        return group

    def _synapses(self, projection: dict, groups: dict):
        name = projection.get("name") or f"{projection['pre']}->{projection['post']}"
        weights = np.array(self.problem["parameters"]["weights"][name], dtype=float)
        delays = np.broadcast_to(np.array(projection.get("delay", 0.0), dtype=float), weights.shape)
        pre, post = (x.ravel() for x in np.indices(weights.shape))
        found = b2.Synapses(groups[projection["pre"]], groups[projection["post"]], "w : 1", on_pre="current_post += w")
        shift = np.repeat(np.arange(self.n_samples), weights.size)
        found.connect(i=np.tile(pre, self.n_samples) + shift * weights.shape[0],
                      j=np.tile(post, self.n_samples) + shift * weights.shape[1])  # fmt: skip
        found.w = np.tile(weights.ravel(), self.n_samples)
        found.delay = np.tile(delays.ravel(), self.n_samples) * b2.ms
        return found


def of_problem(problem: dict, _module) -> dict:
    """The problem itself; sparse projections are left out."""
    if any("synapses" in p for p in problem["network"]["projections"]):
        raise Unsupported("sparse projections")
    return problem


def prepare(problem: dict) -> Step:
    return Step(problem)
