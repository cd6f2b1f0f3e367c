"""The tree of a right problem file, and what changes one number or one place of it."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

Tree = dict[str, Any]
Mutation = Callable[[Tree], Tree | str | bytes | None]  # changes the tree in place, or returns what to write instead


def good_problem() -> Tree:
    """A right problem tree, fresh on every call: every mutation starts from it."""
    return {
        "format": "spikeproof-problem-1",
        "name": "small",
        "description": "two inputs, three hidden, two output neurons and a readout",
        "network": {
            "inputs": [{"name": "in", "size": 2}],
            "populations": [
                {"name": "hidden", "kind": "lif", "size": 3},
                {"name": "out", "kind": "lif", "size": 2},
                {"name": "readout", "kind": "li", "size": 1},
            ],
            "projections": [
                {"pre": "in", "post": "hidden"},
                {"pre": "hidden", "post": "hidden", "delay": 0.5, "name": "recurrent"},
                {"pre": "hidden", "post": "out", "delay": "0.1"},
                {"pre": "hidden", "post": "readout"},
            ],
        },
        "parameters": {
            "weights": {
                "in->hidden": [[1.0, 2.0, "3.3"], [-0.5, 4.0, 1.5]],
                "recurrent": [[0.0, 0.1, 0.2], [0.3, 0.0, 0.1], [0.2, 0.1, 0.0]],
                "hidden->out": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
                "hidden->readout": [[1.0], [1.0], [1.0]],
            },
            "neurons": {
                "hidden": {"tau_mem": 20.0, "tau_syn": [5.0, 5.0, 4.0], "v_th": 1.0, "v_reset": 0.0},
                "out": {"tau_mem": 20, "tau_syn": 5},
                "readout": {"tau_mem": 20.0, "tau_syn": 5.0},
            },
        },
        "stimulus": {
            "duration": 50.0,
            "samples": [
                {"times": [1.0, 2.0, 2.0], "channels": [0, 1, 0]},
                {"times": [0.0, 7.5], "channels": [1, 1]},
            ],
        },
        "loss": {
            "kind": "first_spike_cross_entropy",
            "population": "out",
            "labels": [0, 1],
            "tau0": 0.5,
            "tau1": 6.4,
            "alpha": 0.003,
        },
    }


def put(path: str, value: Any) -> Mutation:
    """The mutation that sets the value at a path like ``network.inputs.0.size``."""

    def mutate(tree: Tree) -> None:
        parent, key = _parent(tree, path)
        parent[key] = deepcopy(value)  # further mutations must not change what others put

    return mutate


def drop(path: str) -> Mutation:
    """The mutation that removes the value at a path."""

    def mutate(tree: Tree) -> None:
        parent, key = _parent(tree, path)
        del parent[key]

    return mutate


def text(old: str, new: str) -> Mutation:
    """The mutation that replaces the first `old` in the file's text, for what no tree can hold."""

    def mutate(tree: Tree) -> str:
        before = json.dumps(tree)
        assert old in before
        return before.replace(old, new, 1)

    return mutate


def both(*mutations: Mutation) -> Mutation:
    """Several changes that together make one mistake."""

    def mutate(tree: Tree) -> None:
        for change in mutations:
            change(tree)

    return mutate


def _parent(tree: Any, path: str) -> tuple[Any, Any]:
    *keys, last = (int(key) if key.isdigit() else key for key in path.split("."))
    for key in keys:
        tree = tree[key]
    return tree, last
