"""exact-event-adjoint for the conformance suite: layers of first spikes, or of several spikes with resets, in torch.

Its kernel is tau_mem tau_syn / (tau_mem - tau_syn) times a difference of exponentials, ours tau_syn / (tau_mem -
tau_syn) times that: weights are divided by tau_mem. A neuron that is silent spikes at t_max, where it acts on nothing.
"""

from __future__ import annotations

from importlib import metadata

import numpy as np
import torch
from exact_event_adjoint import ExactAdjointLinear, ExactAdjointMultiSpike
from torch_losses import loss_of_trains
from work import Answer, Link, Work

NAME = "exact-event-adjoint"
VERSION = f"exact-event-adjoint {metadata.version('exact-event-adjoint')}, torch {torch.__version__}"
LAYERS, LOOPS = (1, 2, 3), 0
MOST, LONGEST = 1, 4096  # spikes of a neuron: 1 for ExactAdjointLinear, else as many as are needed, up to LONGEST
X64 = 0
ONCE_FEATURES = ["several layers", "batch", "ratio 2", "other ratios"]  # its kernel divides by tau_mem - tau_syn
SUPPORTS = {"losses": ["first_spike_cross_entropy", "spike_time_sum"]}


def configured() -> None:
    """Say what the chosen layer is made for."""
    global ONCE
    ONCE = MOST == 1
    more = ["refractory time"] if ONCE else ["reset", "repeated spikes"]
    SUPPORTS["features"] = ONCE_FEATURES + more


class Step:
    """Its layers, from one to the next; every spike of a neuron is an input of its own to the next layer."""

    def __init__(self, work: Work) -> None:
        torch.set_num_threads(1)
        self.work, self.kind = work, torch.float64 if X64 else torch.float32
        times, channels = work.padded()
        counts = [np.bincount(row[row >= 0], minlength=work.inputs.size) for row in channels]
        width = max(1, int(np.max(counts)))
        given = np.full((work.n_samples, work.inputs.size, width), work.duration)
        for s, (ts, cs) in enumerate(zip(times, channels, strict=True)):
            for c in range(work.inputs.size):
                own = np.sort(ts[cs == c])
                given[s, c, : len(own)] = own
        self.input, self.labels = torch.tensor(given, dtype=self.kind), torch.tensor(work.labels)
        self.weights = [torch.tensor(x.weights.T, dtype=self.kind, requires_grad=True) for x in work.onward]
        self.most = [MOST if MOST == 1 else 4] * len(work.onward)

    def _layer(self, link: Link, weight, most: int, width: int):
        post = self.work.group(link.post)
        sizes = weight.shape[1] * width, weight.shape[0]
        given = {"tau_m": post.tau_mem, "tau_s": post.tau_syn, "theta": post.v_th, "t_max": self.work.duration}
        if most == 1:
            layer = ExactAdjointLinear(*sizes, **given)
        else:
            layer = ExactAdjointMultiSpike(*sizes, max_spikes=most, u_reset=post.v_reset, **given)
        del layer.weight
        layer.weight = (weight / post.tau_mem).repeat_interleave(width, dim=1)
        return layer

    def _trains(self):
        """Spike times of each layer, shape (n_samples, size, most); t_max where there is none."""
        found = [self.input]
        for link, weight, most in zip(self.work.onward, self.weights, self.most, strict=True):
            n_samples, size, width = found[-1].shape
            out = self._layer(link, weight, most, width)(found[-1].reshape(n_samples, size * width))
            found.append(out[:, :, None] if most == 1 else out.permute(1, 0, 2))
        return found[1:]

    def _enough(self):
        """The trains, after the number of spikes was raised until no neuron uses it up."""
        while True:
            with torch.no_grad():
                full = [bool((t[:, :, -1] < self.work.duration).any()) for t in self._trains()]
            if MOST == 1 or not any(full):
                return self._trains()
            if max(self.most) >= LONGEST:
                raise MemoryError(f"more than {LONGEST} spikes of a neuron")
            self.most = [2 * m if f else m for m, f in zip(self.most, full, strict=True)]

    def answer(self) -> Answer:
        trains, duration = self._enough(), self.work.duration
        loss = loss_of_trains(trains[-1], self.labels, self.work.loss, duration)
        if loss.requires_grad:
            loss.backward()
        spikes, start = [], 0
        for train in trains:
            times = train.detach().numpy()
            samples, neurons, places = np.nonzero(times < duration)
            spikes.append((times[samples, neurons, places], neurons + start, samples))
            start += times.shape[1]
        gradients = {
            x.name: np.zeros(x.weights.shape) if w.grad is None else w.grad.numpy().T
            for x, w in zip(self.work.onward, self.weights, strict=True)
        }
        return Answer(*(np.concatenate(c) for c in zip(*spikes, strict=True)), float(loss), gradients)


def prepare(work: Work) -> Step:
    return Step(work)
