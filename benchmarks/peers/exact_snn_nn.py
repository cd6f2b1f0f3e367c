"""exact-snn-nn: one spike per neuron, found on a grid and refined, in torch."""

from __future__ import annotations

import math
from importlib import metadata

import numpy as np
import torch
from exact_snn import ExactTTFSLinear
from exact_snn.event import ExactEventLinear
from spiking_readout import spiking
from torch_losses import loss_of_trains
from work import Answer, Link, Work

NAME = "exact-snn-nn"
ENVIRONMENT = "torch"
EXACT = False
WORKLOADS = ("w1", "w2")
VERSION = f"exact-snn-nn {metadata.version('exact-snn-nn')}, torch {torch.__version__}"
BATCH = {"w1": 50, "w2": 4}
ONCE = True  # input channels and neurons spike once at most
LAYERS, LOOPS = (1, 2, 3), 0
SUPPORTS = {
    "features": ["several layers", "batch", "ratio 1", "ratio 2", "other ratios", "refractory time"],
    "losses": ["first_spike_cross_entropy", "spike_time_sum"],
}
EVENT, X64, GRID = 0, 0, 2001  # its layer that needs no grid; double precision; points of the grid, by default


class Step:
    """Its main layers, with its default grid. Its bias weight, an input spike at t = 0, stays 0."""

    def __init__(self, work: Work) -> None:
        torch.set_num_threads(1)
        self.work, differs = spiking(work)
        self.differs = "; ".join(filter(None, ("a neuron spikes once at most", differs)))
        self.kind = torch.float64 if X64 else torch.float32
        self.dtype = "float64" if X64 else "float32"
        self.links = self.work.onward
        self.layers = torch.nn.ModuleList([self._layer(x) for x in self.links])
        times, channels = self.work.padded()
        first = np.full((self.work.inputs.size, self.work.n_samples), np.inf)
        for sample, (ts, cs) in enumerate(zip(times, channels, strict=True)):
            first[cs[cs >= 0], sample] = ts[cs >= 0]
        self.input, self.labels = torch.tensor(first, dtype=self.kind), torch.tensor(self.work.labels)

    def _layer(self, link: Link):
        post = self.work.group(link.post)
        given = {"tm": post.tau_mem, "ts": post.tau_syn, "theta": post.v_th, "t_max": self.work.duration}
        if EVENT:
            layer = ExactEventLinear(*link.weights.shape, **given, dtype=self.kind)
        else:
            layer = ExactTTFSLinear(*link.weights.shape, **given, grid_pts=GRID, dtype=self.kind)
        with torch.no_grad():
            layer.weight[:, :-1] = torch.tensor(link.weights.T * self._scale(layer))
            layer.weight[:, -1] = 0.0
        return layer

    @staticmethod
    def _scale(layer) -> float:
        """Factor of weights that makes its kernel ours.

        Its is 1 / (tm - ts) / k_peak times a difference of exponentials, ours tau_syn / (tau_mem - tau_syn) times that;
        with equal time constants its is d/tm exp(1 - d/tm) / k_peak, ours d/tm exp(-d/tm).
        """
        return layer.k_peak / math.e if abs(layer.tm - layer.ts) < 1e-9 else layer.ts * layer.k_peak

    def _trains(self):
        found = [self.input]
        for layer in self.layers:
            found.append(layer(found[-1]))
        return found[1:]

    def _loss(self, times):
        return loss_of_trains(times.T[:, :, None], self.labels, self.work.loss, self.work.duration)

    def run(self) -> None:
        self.layers.zero_grad()
        self._loss(self._trains()[-1]).backward()

    def answer(self) -> Answer:
        self.run()
        with torch.no_grad():
            trains = self._trains()
        times = torch.cat(trains).numpy()
        neurons, samples = np.nonzero(times <= self.work.duration)
        gradients = {
            x.name: layer.weight.grad[:, :-1].numpy().T * self._scale(layer)
            for x, layer in zip(self.links, self.layers, strict=True)
        }
        return Answer(times[neurons, samples], neurons, samples, float(self._loss(trains[-1])), gradients)


def prepare(work: Work) -> Step:
    return Step(work)
