"""norse: LIF and LI in forward Euler steps of 1 ms in torch, surrogate gradients.

Its functional steps in one loop over time: faster here than its modules, layer after layer.
"""

from __future__ import annotations

from importlib import metadata

import torch
from grids import DT
from norse.torch.functional import leaky_integrator, lif
from torch_step import GridStep
from work import Group, Work

NAME = "norse, 1 ms"
ENVIRONMENT = "torch"
EXACT = False
WORKLOADS = ("w1", "w2", "w3")
VERSION = f"norse {metadata.version('norse')}, torch {torch.__version__}"


class Step(GridStep):
    """norse's layers over time."""

    differs = "dt 1 ms, forward Euler; surrogate gradient"

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.p, self.q = (_parameters(g) for g in work.chain)

    def starts(self):
        (hidden, output), f = self.work.chain, self.zeros
        one = lif.LIFState(f(hidden), f(hidden), f(hidden)) if self.work.recurrent else _fed(hidden, f)
        return one, _fed(output, f)

    def hidden(self, x, state, w):
        if w.recurrent is None:
            return lif.lif_feed_forward_step(x @ w.into, state, self.p, DT)
        return lif.lif_step(x, state, w.into.T, w.recurrent.T, self.p, DT)

    def output(self, spikes, state, w):
        step = lif.lif_feed_forward_step if self.work.chain[1].kind == "lif" else leaky_integrator.li_feed_forward_step
        return step(spikes @ w.onward, state, self.q, DT)


def prepare(work: Work) -> Step:
    return Step(work)


def _fed(group: Group, zeros):
    kind = lif.LIFFeedForwardState if group.kind == "lif" else leaky_integrator.LIState
    return kind(zeros(group), zeros(group))


def _parameters(group: Group):
    rates = {"tau_syn_inv": torch.tensor(1.0 / group.tau_syn), "tau_mem_inv": torch.tensor(1.0 / group.tau_mem)}
    if group.kind == "li":
        return leaky_integrator.LIParameters(**rates)
    return lif.LIFParameters(**rates, v_th=torch.tensor(group.v_th), v_reset=torch.tensor(group.v_reset))
