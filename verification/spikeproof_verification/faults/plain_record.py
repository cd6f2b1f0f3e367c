"""What the plain forward pass leaves of one sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from spikeproof.numbers import Float64Array
from spikeproof_verification.faults.plain_flow import flowed
from spikeproof_verification.faults.plain_model import PlainModel


@dataclass(frozen=True)
class Spike:
    """Spike `number` of the sample: `neuron` crossed its threshold with ``slope = tau_mem Vdot`` just before."""

    time: float
    neuron: int
    number: int
    slope: float


@dataclass(frozen=True)
class Arrival:
    """Row `row` of projection `synapses` acted; `source` is the number of the spike or of the input spike."""

    time: float
    synapses: int
    row: int
    source: int


@dataclass(frozen=True)
class Stretch:
    """Time between two successive events of the network, with V and I of all neurons at its start."""

    start: float
    stop: float
    v: tuple[float, ...]
    i: tuple[float, ...]


Event: TypeAlias = Spike | Arrival


@dataclass
class Record:
    """Events in the order in which they happened; event k ends stretch k, and the last stretch ends at T."""

    events: list[Event] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    v_end: list[float] = field(default_factory=list)
    i_end: list[float] = field(default_factory=list)

    @property
    def spikes(self) -> list[Spike]:
        """The spikes among the events."""
        return [e for e in self.events if isinstance(e, Spike)]


def potentials(model: PlainModel, stretch: Stretch, times: Any, neurons: range) -> Float64Array:
    """V of `neurons` at `times` within a stretch, shape (n_times, n_neurons)."""
    dt = np.asarray(times, dtype=np.float64) - stretch.start
    return np.stack([flowed(model, n, stretch.v[n], stretch.i[n], dt)[0] for n in neurons], axis=1)
