"""A training step of a torch engine in time steps of 1 ms: one loop over time through both layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from grids import DT, grid_answer
from torch_losses import first_spike_cross_entropy, first_step_times, max_voltage_cross_entropy
from work import Answer, Group, Work


@dataclass
class Matrices:
    """The weights of a network as its layers apply them; `recurrent` may be None."""

    into: torch.Tensor
    onward: torch.Tensor
    recurrent: torch.Tensor | None


class GridStep:
    """Forward, loss and backward; a subclass says how its layers step. Spikes of step k happen at (k + 1) dt."""

    dtype, differs = "float32", ""

    def __init__(self, work: Work) -> None:
        torch.set_num_threads(1)
        self.work = work
        self.weights = {x.name: torch.tensor(x.weights, dtype=torch.float32, requires_grad=True) for x in work.links}
        self.input, self.labels = torch.tensor(work.on_grid(DT)), torch.tensor(work.labels)

    def gain(self, group: Group) -> float:
        """The input of a layer per unit of weight."""
        return 1.0

    def starts(self):
        """States of the two layers at t = 0."""
        raise NotImplementedError

    def hidden(self, x, state, w: Matrices):
        """Spikes of the hidden layer from input spikes, and its new state."""
        raise NotImplementedError

    def output(self, spikes, state, w: Matrices):
        """Spikes of a LIF output, or potentials of leaky integrators, and the new state."""
        raise NotImplementedError

    def _matrices(self) -> Matrices:
        work, (hidden, output) = self.work, self.work.chain
        into = self.weights[work.link(work.inputs.name, hidden.name).name] * self.gain(hidden)
        onward = self.weights[work.link(hidden.name, output.name).name] * self.gain(output)
        recurrent = self.weights[work.recurrent.name] * self.gain(hidden) if work.recurrent else None
        return Matrices(into, onward, recurrent)

    def _forward(self):
        w, (one, two), spikes, seen = self._matrices(), self.starts(), [], []
        for x in self.input:
            z, one = self.hidden(x, one, w)
            y, two = self.output(z, two, w)
            spikes.append(z)
            seen.append(y)
        return spikes, torch.stack(seen)

    def _loss(self, seen):
        work = self.work
        if work.loss["kind"] == "first_spike":
            return first_spike_cross_entropy(first_step_times(seen, DT, 1), self.labels, work.loss, work.duration)
        return max_voltage_cross_entropy(seen, self.labels)

    def zeros(self, group: Group):
        return torch.zeros(self.work.n_samples, group.size)

    def run(self) -> None:
        for w in self.weights.values():
            w.grad = None
        self._loss(self._forward()[1]).backward()

    def answer(self) -> Answer:
        self.run()
        with torch.no_grad():
            spikes, seen = self._forward()
            loss = float(self._loss(seen))
        layers = [torch.stack(spikes).numpy()] + ([seen.numpy()] if self.work.chain[1].kind == "lif" else [])
        return grid_answer(layers, DT, 1, loss, {name: np.array(w.grad) for name, w in self.weights.items()})
