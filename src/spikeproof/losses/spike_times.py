"""Losses that are plain functions of spike times: weighted sums, targets, and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses.checked import checked, pair_of
from spikeproof.losses.horizon import Ranks
from spikeproof.losses.inside import Inside
from spikeproof.losses.protocol import check_spiking
from spikeproof.losses.ranks import ranked_spikes
from spikeproof.losses.samples import PerSample, WithTargets, checked_targets, cut
from spikeproof.network import Network
from spikeproof.numbers import Array, IntArray, Scalar, array, refuse_where
from spikeproof.spikes import Spikes


@dataclass(frozen=True)
class SpikeTimeSum(PerSample):
    """Sum over neurons n and their spikes k of ``coefficients[n] * t_nk``; a silent neuron contributes nothing.

    Parameters
    ----------
    population
        Name of a LIF population.
    coefficients : array, shape (size,), or None
        One factor per neuron; all 1 if None.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    coefficients: Any = None

    per_sample: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if self.coefficients is not None:
            object.__setattr__(self, "coefficients", array("loss.coefficients", self.coefficients, ndim=1))

    def check(self, network: Network, n_samples: int) -> None:
        size = check_spiking(network, self.population)
        if self.coefficients is not None and len(self.coefficients) != size:
            raise InvalidInput("loss.coefficients", f"{len(self.coefficients)} entries", f"one per neuron: {size}")

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        coefficients = np.ones(len(neurons)) if self.coefficients is None else self.coefficients
        derivative = np.zeros(len(spikes))
        mine = (spikes.neurons >= neurons.start) & (spikes.neurons < neurons.stop)
        derivative[mine] = coefficients[spikes.neurons[mine] - neurons.start]
        return np.bincount(spikes.samples(), derivative * spikes.times, spikes.n_samples), derivative


@dataclass(frozen=True)
class SpikeTimeTarget:
    """Half the squared distance of spike k of neuron n to ``targets[n, k]``, summed over n and k.

    Parameters
    ----------
    population
        Name of a LIF population.
    targets : array, shape (size, n_ranks) or (n_samples, size, n_ranks)
        Target times, >= 0. Spikes beyond the n_ranks first of a neuron are not constrained.
    missing
        What a spike that does not happen counts as: ``"duration"``, a spike at T (it adds to the loss but has
        no derivative); or ``"absent"``, no contribution.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    targets: Any
    missing: Literal["duration", "absent"] = "duration"

    def __post_init__(self) -> None:
        targets = array("loss.targets", self.targets)
        if targets.ndim not in (2, 3):
            raise InvalidInput(
                "loss.targets", f"shape {targets.shape}", "(size, n_ranks) or (n_samples, size, n_ranks)"
            )
        refuse_where(np.asarray(targets < 0, dtype=bool), "loss.targets", targets, "times >= 0")
        if not isinstance(self.missing, str) or self.missing not in ("duration", "absent"):
            raise InvalidInput("loss.missing", self.missing, "'duration' or 'absent'")
        object.__setattr__(self, "targets", targets)

    def check(self, network: Network, n_samples: int) -> None:
        size = check_spiking(network, self.population)
        if self.targets.shape[:-1] not in ((size,), (n_samples, size)):
            allowed = f"({size}, n_ranks) or ({n_samples}, {size}, n_ranks)"
            raise InvalidInput("loss.targets", f"shape {self.targets.shape}", allowed)

    @property
    def horizon(self) -> Ranks | None:
        return Ranks(self.targets.shape[-1]) if self.targets.shape[-1] else None

    def select(self, samples: IntArray) -> SpikeTimeTarget:
        return cut(self, samples, "targets") if self.targets.ndim == 3 else self

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        index = ranked_spikes(spikes, neurons, self.targets.shape[-1])
        present = index >= 0
        times = np.full(index.shape, float(duration))
        times[present] = spikes.times[index[present]]
        distance = times - np.broadcast_to(self.targets, index.shape)
        if self.missing == "absent":
            distance[~present] = 0.0
        derivative = np.zeros(len(spikes))
        derivative[index[present]] = distance[present]
        return 0.5 * np.sum(distance**2, axis=(1, 2)), derivative


@dataclass(frozen=True)
class SpikeTimeFunction(WithTargets):
    """The user's own function of the spike times of one sample.

    Parameters
    ----------
    population
        Name of a LIF population.
    function
        Called per sample with a list of arrays of spike times, one per neuron of the population. Returns the loss
        and a list of derivatives of the same lengths. See `spikeproof.losses` on how it is written.
    targets : array, shape (n_samples, ...), or None
        Numbers that belong to each sample, such as labels, target times or the number of the sample,
        ``np.arange(n_samples)``. If they are given, the function is called with a second argument, the entry of the
        sample.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    function: Callable[..., tuple[Any, Sequence[Sequence[Any]]]]
    targets: Any = None

    per_sample: ClassVar[tuple[str, ...]] = ("targets",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", checked_targets(self.targets))
        if not callable(self.function):
            raise InvalidInput("loss.function", self.function, "a function of the spike times of one sample")

    def check(self, network: Network, n_samples: int) -> None:
        check_spiking(network, self.population)
        self.check_targets(n_samples)

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        values = np.zeros(spikes.n_samples)
        derivative = np.zeros(len(spikes))
        for number in range(spikes.n_samples):
            sample = spikes.sample(number)
            trains = sample.trains(neurons)
            with Inside("loss.function", number):
                returned = self.function_of(number)(list(trains))
            value, parts = trains_of("loss.function", returned, trains)
            values[number] = checked("loss.function, value", value, ())
            for k, (neuron, part) in enumerate(zip(neurons, parts, strict=True)):
                index = spikes.offsets[number] + np.flatnonzero(sample.neurons == neuron)
                derivative[index] = checked(f"loss.function, derivatives[{k}]", part, index.shape)
        return values, derivative


def trains_of(field: str, returned: Any, trains: Sequence[Array]) -> tuple[Any, Sequence[Any]]:
    """The value and the derivatives, neuron by neuron, that a function of spike times returned; lengths are checked."""
    value, parts = pair_of(field, returned)
    wanted = [len(t) for t in trains]
    try:
        got = [len(p) for p in parts]
    except TypeError:
        allowed = f"a list of derivatives per neuron, of lengths {wanted}"
        raise InvalidInput(f"{field}, derivatives", parts, allowed) from None
    if got != wanted:
        raise InvalidInput(field, f"derivatives of lengths {got}", f"the spike counts {wanted}")
    return value, parts
