"""exact-snn-nn: one spike per neuron, found on a grid and refined, in torch."""

from __future__ import annotations

import math
from importlib import metadata

import numpy as np
import torch
from exact_snn import ExactTTFSLinear
from spiking_readout import spiking
from torch_losses import first_spike_cross_entropy
from work import Answer, Link, Work

NAME = "exact-snn-nn"
ENVIRONMENT = "torch"
EXACT = False
WORKLOADS = ("w1", "w2")
VERSION = f"exact-snn-nn {metadata.version('exact-snn-nn')}, torch {torch.__version__}"
BATCH = {"w1": 50, "w2": 4}
ONCE = True  # input channels and neurons spike once at most
SUPPORTS = {"features": ["several layers", "batch", "ratio 1", "ratio 2", "other ratios"]}


class Step:
    """Two of its main layers, with its default grid. Its bias weight, an input spike at t = 0, stays 0."""

    dtype = "float32"

    def __init__(self, work: Work) -> None:
        torch.set_num_threads(1)
        self.work, differs = spiking(work)
        self.differs = "; ".join(filter(None, ("a neuron spikes once at most", differs)))
        (hidden, output), inputs = self.work.chain, self.work.inputs
        self.links = self.work.link(inputs.name, hidden.name), self.work.link(hidden.name, output.name)
        self.layers = torch.nn.Sequential(*(self._layer(x) for x in self.links))
        times, channels = self.work.padded()
        first = np.full((inputs.size, self.work.n_samples), np.inf, dtype=np.float32)
        for sample, (ts, cs) in enumerate(zip(times, channels, strict=True)):
            first[cs[cs >= 0], sample] = ts[cs >= 0]
        self.input, self.labels = torch.tensor(first), torch.tensor(self.work.labels)

    def _layer(self, link: Link):
        post = self.work.group(link.post)
        layer = ExactTTFSLinear(
            *link.weights.shape, tm=post.tau_mem, ts=post.tau_syn, theta=post.v_th, t_max=self.work.duration
        )
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
        return layer.k_peak / math.e if layer.tm == layer.ts else layer.ts * layer.k_peak

    def _loss(self, times):
        return first_spike_cross_entropy(times.T, self.labels, self.work.loss, self.work.duration)

    def run(self) -> None:
        self.layers.zero_grad()
        self._loss(self.layers(self.input)).backward()

    def answer(self) -> Answer:
        self.run()
        with torch.no_grad():
            hidden = self.layers[0](self.input)
            output = self.layers[1](hidden)
        times = torch.cat([hidden, output]).numpy()
        neurons, samples = np.nonzero(times <= self.work.duration)
        gradients = {
            x.name: layer.weight.grad[:, :-1].numpy().T * self._scale(layer)
            for x, layer in zip(self.links, self.layers, strict=True)
        }
        return Answer(times[neurons, samples], neurons, samples, float(self._loss(output)), gradients)


def prepare(work: Work) -> Step:
    return Step(work)
