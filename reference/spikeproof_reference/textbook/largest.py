"""The largest V of leaky integrators, and its derivatives.

V is largest at the start, where it stops to rise between two events, at an arrival that cuts a rising V (a kink), or at
the end. A smooth maximum depends on V at its time alone. At a kink V is taken before the arrival, and ``c dV/dt^-`` is
added to what the arrival sends back: the later it comes, the higher the maximum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spikeproof.losses import MaxVoltage
from spikeproof_reference.textbook.crossing import peak, rises
from spikeproof_reference.textbook.observed import Observed, Pulled


class Largest(Observed):
    """The largest V of leaky integrators, shape (size,); the first of equal ones, at the last arrival of its time."""

    observable: MaxVoltage

    def seen(self) -> Any:
        self.places = [self.place(n) for n in self.neurons]
        return np.array([self.record.v(n, k, time) for n, (k, time) in zip(self.neurons, self.places, strict=True)])

    def place(self, n: int) -> tuple[int, float]:
        """Interval and time of the maximum of neuron `n`."""
        places, end = [(0, 0.0)], self.record.model.duration
        for k, node in enumerate(self.record.nodes[n]):
            stop = self.record.stop(n, k)
            if node.time == end:  # what arrives at T acts no more
                break
            summit = peak(self.record.model.neurons[n], node.u, node.i, stop - node.time)
            if summit is not None:
                places.append((k, node.time + summit))
            elif self.rises_at(n, k, stop) and (stop == end or not self.goes_on(n, k + 1)):
                places.append((k, stop))
        return max(places, key=lambda place: (self.record.v(n, *place), -place[1], place[0]))

    def rises_at(self, n: int, k: int, time: float) -> bool:
        """True if V of neuron `n` rises at a `time` of its interval `k`."""
        node = self.record.nodes[n][k]
        return rises(self.record.model.neurons[n], node.u, node.i, time - node.time)

    def goes_on(self, n: int, k: int) -> bool:
        """True if V rises at the start of interval `k`; False after the end."""
        return k < len(self.record.nodes[n]) and self.rises_at(n, k, self.record.nodes[n][k].time)

    def pull(self, c: Any, pulled: Pulled) -> None:
        for n, (k, time), slope in zip(self.neurons, self.places, c, strict=True):
            if self.is_kink(n, k, time):
                self.pull_kink(pulled, n, k, float(slope), self.observable.rule)
            else:
                self.impulse(pulled, n, k, time, float(slope))

    def is_kink(self, n: int, k: int, time: float) -> bool:
        """True if the maximum lies at the arrival that ends its interval."""
        nodes, end = self.record.nodes[n], self.record.model.duration
        return k + 1 < len(nodes) and time == nodes[k + 1].time < end and self.rises_at(n, k, time)

    def pull_kink(self, pulled: Pulled, n: int, k: int, c: float, rule: str) -> None:
        """V just before the arrival, and its rise until then; the published rule takes V after it and nothing else."""
        node = self.record.nodes[n][k + 1]
        if rule == "published":
            self.impulse(pulled, n, k + 1, node.time, c)
            return
        self.impulse(pulled, n, k, node.time, c)
        pulled.kinks[node.event] += c * self.vdot_before(n, k, node.time)

    def vdot_before(self, n: int, k: int, time: float) -> float:
        """dV/dt at the end of an interval."""
        neuron, node = self.record.model.neurons[n], self.record.nodes[n][k]
        v, i = self.record.v(n, k, time), node.i * math.exp(-(time - node.time) / neuron.tau_syn)
        return (i + neuron.bias - v) / neuron.tau_mem
