"""A peer under the conformance protocol, in its own interpreter: numpy and the peer's packages are all that it needs.

    python judged.py ADAPTER [SETTING=VALUE...]

ADAPTER is one of a peer, such as peers/jaxsnn, see README.md; settings are constants of it, such as DT=0.01. Problems
are turned into the plain numbers that adapters read; what these cannot say is unsupported. An adapter may say more:

    LAYERS, LOOPS   numbers of layers that it knows, and how many of them may be recurrent
    ONCE, T_REF     that no channel and no neuron spikes twice; that it knows refractory times
    SUPPORTS        what it declares, where not all that adapters can say
    REFUSALS        exceptions by which it refuses a problem without an answer
    configured      run after the settings
    of_problem      reads a problem in place of `work_of`
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from lifeline import hold_on
from work import Group, Link, Unsupported, Work

sys.path.insert(0, str(Path(__file__).resolve().parent))
QUANTITIES = ["spike_times", "loss", "weights"]
FEATURES = [  # of networks input -> hidden -> output
    "several layers",
    "batch",
    "recurrence",
    "readout",
    "reset",
    "repeated spikes",
    "ratio 1",
    "ratio 2",
    "other ratios",
]
LOSSES = ["first_spike_cross_entropy", "max_voltage_cross_entropy"]
KNOWN = [*LOSSES, "spike_time_sum"]


def main(adapter: str, *settings: str) -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a peer prints must not be mistaken for a reply
    lines = queue.SimpleQueue()
    hold_on(lines.put)
    module, known = None, {}
    while True:
        message = json.loads(lines.get())
        if message["do"] == "stop":
            os._exit(0)
        if message["do"] == "start":
            module = importlib.import_module(adapter.replace("/", "."))
            for setting in settings:
                name, _, value = setting.partition("=")
                setattr(module, name, type(getattr(module, name))(value))
            if hasattr(module, "configured"):
                module.configured()
            reply = started(module)
        else:
            question = json.dumps([message["problem"], message.get("dt")])
            if question not in known:  # a problem that is judged at two levels is solved once
                known.clear()
                known[question] = answered(module, message)
            reply = {"id": message["id"], **known[question]}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def started(module) -> dict:
    """The name of the engine, and what it supports; an adapter may say itself what it supports."""
    supports = {"quantities": QUANTITIES, "features": FEATURES, "losses": LOSSES, "levels": ["float32"]}
    return {"engine": module.NAME, "version": module.VERSION, "supports": supports | getattr(module, "SUPPORTS", {})}


def answered(module, message: dict) -> dict:
    try:
        work = getattr(module, "of_problem", work_of)(message["problem"], module)
        if "dt" in message:
            step_of(module, message["dt"])
        step = module.prepare(work)
        if hasattr(step, "before"):
            step.before()
        found = step.answer()
    except Unsupported as error:
        return {"unsupported": str(error)}
    except getattr(module, "REFUSALS", ()) as error:
        return {"refused": " ".join(str(error).split())}
    except Exception as error:  # whatever a peer raises is its failure
        return {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
    return {"solution": solution_of(message["problem"], found)}


def work_of(problem: dict, module):
    """The problem as the adapters read it: an input, then neurons layer by layer, one value of each parameter."""
    network, parameters, stimulus = problem["network"], problem["parameters"], problem["stimulus"]
    groups = [Group(g["name"], g["size"], "input") for g in network["inputs"]]
    if len(groups) != 1:
        raise Unsupported("more than one input")
    names = [p["name"] for p in network["populations"]]
    for p in network["populations"]:
        given = {"v_th": 1.0, "v_reset": 0.0, "t_ref": 0.0} | parameters["neurons"][p["name"]]
        if any(isinstance(x, list) for x in given.values()):
            raise Unsupported("neurons with parameters of their own")
        numbers = [float(given[n]) if p["kind"] == "lif" or n.startswith("tau") else 0.0
                   for n in ("tau_mem", "tau_syn", "v_th", "v_reset", "t_ref")]  # fmt: skip
        check_t_ref(numbers[-1], module)
        groups.append(Group(p["name"], p["size"], p["kind"], *numbers))
    links = []
    for p in network["projections"]:
        name = p.get("name") or f"{p['pre']}->{p['post']}"
        links.append(Link(name, p["pre"], p["post"], np.array(parameters["weights"][name])))
    edges = {(x.pre, x.post) for x in links}
    chain = {(groups[0].name, names[0]), *pairwise(names)}
    layers, loops = getattr(module, "LAYERS", (2,)), {(name, name) for name in names[: getattr(module, "LOOPS", 1)]}
    if len(names) not in layers or not chain <= edges or not edges <= chain | loops or len(edges) < len(links):
        raise Unsupported("another network than input -> hidden -> output")
    duration = stimulus["duration"]
    heard = [[(t, c) for t, c in zip(s["times"], s["channels"], strict=True) if t < duration]
             for s in stimulus["samples"]]  # fmt: skip
    times, channels = (np.array([pair[k] for s in heard for pair in s]) for k in (0, 1))
    if getattr(module, "ONCE", False) and any(len({c for _, c in s}) < len(s) for s in heard):
        raise Unsupported("an input channel that spikes twice")
    offsets = np.cumsum([0, *map(len, heard)])
    loss, labels = loss_of(problem, names[-1], len(heard))
    arrays = times.astype(float), channels.astype(np.int64), offsets
    return Work("w1", tuple(groups), tuple(links), duration, *arrays, loss, labels)


def check_t_ref(t_ref: float, module) -> None:
    """Neurons that spike once are refractory for ever; others not at all, unless their adapter says so."""
    allowed = t_ref in (0.0, float("inf")) if getattr(module, "ONCE", False) else t_ref == 0.0
    if not (allowed or getattr(module, "T_REF", False)):
        raise Unsupported(f"a refractory time of {t_ref}")


def loss_of(problem: dict, output: str, n_samples: int):
    """The numbers of the loss; of a problem without one those of a loss that is not looked at."""
    given = problem.get("loss")
    if given is None:
        kind = problem["network"]["populations"][-1]["kind"]
        named = (
            {"kind": "first_spike", "tau0": 1.0, "tau1": 1.0, "alpha": 0.0}
            if kind == "lif"
            else {"kind": "max_voltage"}
        )
        return {"population": output, **named}, np.zeros(n_samples, dtype=np.int64)
    if given["population"] != output or given.get("silent", "duration") != "duration":
        raise Unsupported("another loss than one of the output, where a silent neuron counts as one that spikes at T")
    if given["kind"] not in KNOWN:
        raise Unsupported(given["kind"])
    if given["kind"] == "spike_time_sum":
        size = next(p["size"] for p in problem["network"]["populations"] if p["name"] == output)
        coefficients = np.broadcast_to(given.get("coefficients", 1.0), size).tolist()
        return {"population": output, "kind": "spike_sum", "coefficients": coefficients}, np.zeros(n_samples, np.int64)
    labels = np.array(given["labels"], dtype=np.int64)
    if given["kind"] == "max_voltage_cross_entropy":
        return {"population": output, "kind": "max_voltage"}, labels
    numbers = {n: given.get(n, 0.0) for n in ("tau0", "tau1", "alpha")}
    return {"population": output, "kind": "first_spike", **numbers}, labels


def step_of(module, dt: float) -> None:
    """Let an adapter in time steps take steps of `dt`."""
    import grids

    grids.decays.__defaults__ = (dt,)
    for name, loaded in list(sys.modules.items()):
        if hasattr(loaded, "DT") and (loaded is module or name in ("grids", "torch_step")):
            loaded.DT = dt


def solution_of(problem: dict, found) -> dict:
    """An answer as a solution; spikes in the order of time, and no negative zero."""
    n_neurons = sum(p["size"] for p in problem["network"]["populations"])
    n_samples, duration = len(problem["stimulus"]["samples"]), problem["stimulus"]["duration"]
    times, neurons, samples = (np.asarray(x) for x in (found.times, found.neurons, found.samples))
    rows = []
    for s in range(n_samples):
        mine = [np.sort(times[(samples == s) & (neurons == n)].astype(float)) for n in range(n_neurons)]
        rows.append({"spike_times": [t[t <= duration].tolist() for t in mine]})
    solution = {"format": "spikeproof-solution-1", "problem": problem.get("name", ""), "samples": rows}
    if len(rows) == 1:
        solution |= rows[0]
        del solution["samples"]
    if found.loss is not None:
        solution["loss"] = float(found.loss)
        gradients = {name: np.asarray(g, dtype=float).tolist() for name, g in found.gradients.items()}
        solution["gradients"] = {"weights": gradients}
    return solution


if __name__ == "__main__":
    main(*sys.argv[1:])
