"""snntorch: second-order LIF in time steps of 1 ms in torch, surrogate gradients."""

from __future__ import annotations

from importlib import metadata

import snntorch
import torch
from grids import decays
from snntorch import surrogate
from torch_step import GridStep
from work import Group, Work

NAME = "snntorch, 1 ms"
ENVIRONMENT = "torch"
EXACT = False
WORKLOADS = ("w1", "w2", "w3")
VERSION = f"snntorch {metadata.version('snntorch')}, torch {torch.__version__}"


class Step(GridStep):
    """snntorch's neurons, stepped in a loop as its tutorials do; a state is (spikes, current, potential)."""

    differs = "dt 1 ms; surrogate gradient; reset a step late"

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.layers = [_neuron(g) for g in work.chain]

    def gain(self, group: Group) -> float:
        return decays(group)[2]

    def starts(self):
        return [tuple(self.zeros(g) for _ in range(3)) for g in self.work.chain]

    def hidden(self, x, state, w):
        current = x @ w.into if w.recurrent is None else x @ w.into + state[0] @ w.recurrent
        state = self.layers[0](current, *state[1:])
        return state[0], state

    def output(self, spikes, state, w):
        state = self.layers[1](spikes @ w.onward, *state[1:])
        return state[0 if self.work.chain[1].kind == "lif" else 2], state


def prepare(work: Work) -> Step:
    return Step(work)


def _neuron(group: Group):
    v, i, _ = decays(group)
    lif = group.kind == "lif"
    return snntorch.Synaptic(
        alpha=i, beta=v, threshold=group.v_th if lif else 1.0, reset_mechanism="zero" if lif else "none",
        spike_grad=surrogate.fast_sigmoid(),
    )  # fmt: skip
