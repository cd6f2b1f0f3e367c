"""The numbers that losses observe of V, and the terms in the adjoint that follow from them.

A loss sees numbers: values of V at given times, here; maxima, in `largest`; integrals, in `integrals`. Its derivative
with respect to such a number is `c`, and goes on to what the number depends on:

- V at a time: an *impulse* ``c`` there, by which lambda_v falls by ``c / tau_mem``;
- an integral: impulses at the nodes of the quadrature; and, where V jumps at a spike, ``l_V^- - l_V^+`` in `d_spike`;
- a maximum: an impulse where V is largest, and the rise of V where an arrival cuts it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spikeproof.losses import VoltageAt
from spikeproof_reference.textbook.record import Record


@dataclass
class Pulled:
    """The terms of a loss in the adjoint of one sample.

    Attributes
    ----------
    d_spike : derivative by the time of each spike.
    impulses : of neuron n in its interval k, (time since its start, derivative by V then).
    kinks : by number of the arrival, derivative by its time.
    """

    d_spike: list[float]
    impulses: dict[tuple[int, int], list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    kinks: dict[int, float] = field(default_factory=lambda: defaultdict(float))


@dataclass
class Observed:
    """An observable of a population in one sample: the numbers seen, and the way back."""

    observable: Any
    record: Record
    neurons: range
    sample: int

    def seen(self) -> Any:
        """The observed numbers."""
        raise NotImplementedError

    def pull(self, c: Any, pulled: Pulled) -> None:
        """Hand on derivatives of the loss with respect to what it has seen."""
        raise NotImplementedError

    def impulse(self, pulled: Pulled, n: int, k: int, time: float, c: float) -> None:
        """Observe V of neuron `n` at a `time` in its interval `k`."""
        pulled.impulses[n, k].append((time - self.record.nodes[n][k].time, c))


class AtTimes(Observed):
    """V at given times, shape (size, n_times); the left limit at a spike."""

    observable: VoltageAt

    def seen(self) -> Any:
        return np.array([[self.v(n, float(t)) for t in self.observable.times] for n in self.neurons])

    def v(self, n: int, time: float) -> float:
        """V of neuron `n`."""
        return self.record.v(n, self.record.interval_before(n, time), time)

    def pull(self, c: Any, pulled: Pulled) -> None:
        for n, row in zip(self.neurons, c, strict=True):
            for time, slope in zip(self.observable.times, row, strict=True):
                self.impulse(pulled, n, self.record.interval_before(n, float(time)), float(time), float(slope))
