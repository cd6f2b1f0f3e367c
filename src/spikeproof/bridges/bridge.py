"""The bridge: a network as a differentiable function of two arrays, all weights and padded input spikes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from spikeproof.arguments import instance
from spikeproof.bridges.padded import Unpadded, unpadded
from spikeproof.bridges.readings import Reading
from spikeproof.engine import Engine, Wanted, check_engine
from spikeproof.errors import InvalidInput
from spikeproof.event import EventEngine
from spikeproof.losses.checked import require_finite
from spikeproof.network import Network
from spikeproof.numbers import Array, Float64Array, Scalar, positive
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.problem import Problem
from spikeproof.solution import Solution
from spikeproof.stimulus import Stimulus

_bridges: WeakValueDictionary[int, Bridge] = WeakValueDictionary()
_numbers = count()


@dataclass(frozen=True, eq=False)
class Bridge:
    """A network as a function of weights and input spike times, with its exact pull-back.

    ::

        bridge = Bridge(chain(2, 3, 2), neurons, 60.0, SpikeTimes("output", max_spikes=4))
        times = bridge.values(weights, input_times)  # shape (n_samples, 2, 4)

    Parameters
    ----------
    network : Network
    neurons : mapping from population name to NeuronParameters
    duration : float
        T, > 0.
    reading : Reading
        What the function returns of each sample: `SpikeTimes`, `Voltages` or `MaxVoltages`.
    engine : Engine
        Engine that computes the function and its pull-back.

    Attributes
    ----------
    number : int
        Stands for this bridge in operators of frameworks: see `numbered`.

    Raises
    ------
    InvalidInput
        If an argument is not what is allowed, or the reading does not fit the network.

    Notes
    -----
    Nothing is kept between `values` and `pullback`: the pull-back computes the spikes anew, to the same bits.
    """

    network: Network
    neurons: Mapping[str, NeuronParameters]
    duration: Scalar
    reading: Reading
    engine: Engine = field(default_factory=EventEngine)
    number: int = field(init=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (
            self.network,
            self.neurons,
            self.duration,
            self.reading,
            self.engine,
        )  # a copy: a new number

    def __post_init__(self) -> None:
        instance("network", self.network, Network)
        object.__setattr__(self, "duration", positive("duration", self.duration))
        check_engine("engine", self.engine)
        if not all(hasattr(self.reading, name) for name in ("population", "check", "shape", "values", "loss")):
            raise InvalidInput("reading", self.reading, "SpikeTimes, Voltages, MaxVoltages, or another Reading")
        self.reading.check(self.network, self.duration)
        weights = {p.name: np.zeros(self.network.weight_shape(p)) for p in self.network.projections}
        checked = Parameters(weights, self.neurons).checked(self.network)
        object.__setattr__(self, "neurons", checked.neurons)
        object.__setattr__(self, "number", next(_numbers))
        _bridges[self.number] = self

    @property
    def n_weights(self) -> int:
        """Number of all weights, which come as one vector in the order of `Network.split`."""
        return sum(math.prod(self.network.weight_shape(p)) for p in self.network.projections)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the reading of one sample."""
        return self.reading.shape(self.network)

    def values(self, weights: Array, input_times: Array) -> Float64Array:
        """The reading of every sample.

        Parameters
        ----------
        weights : float64 array, shape (n_weights,)
        input_times : float64 array, shape (..., n_channels, n_spikes)
            Spike times of each channel in any order, infinity where no spike is. All axes before the last two are of
            samples.

        Returns
        -------
        float64 array, shape (..., *shape)

        Raises
        ------
        InvalidInput
            If a shape, a type or a number is wrong, or a neuron spikes more often than the reading allows.
        EventLimitExceeded
            From the event engine, if a sample has more events than its limit.
        """
        stimulus = self._unpadded(input_times).stimulus
        solution = self._solved(weights, stimulus, np.zeros((stimulus.n_samples, *self.shape)), None)
        found = self.reading.values(solution).reshape(*np.shape(input_times)[:-2], *self.shape)
        return np.ascontiguousarray(found)

    def pullback(self, weights: Array, input_times: Array, cotangents: Array) -> tuple[Float64Array, Float64Array]:
        """The gradient of ``sum(cotangents * values(weights, input_times))``.

        Parameters
        ----------
        weights, input_times
            As for `values`.
        cotangents : float64 array, shape (..., *shape)
            Finite; 0 where no spike is.

        Returns
        -------
        d_weights : float64 array, shape (n_weights,)
        d_input_times : float64 array, shape of `input_times`, 0 where no spike is.

        Raises
        ------
        InvalidInput
            As `values`, or if the cotangents are not what is allowed, or a derivative overflows binary64.
        GrazingSpike
            If a spike that matters has Vdot = 0 to rounding.
        """
        stimulus, place = self._unpadded(input_times)
        factors = _float64("cotangents", cotangents, (*np.shape(input_times)[:-2], *self.shape))
        require_finite("cotangents", factors)
        solution = self._solved(weights, stimulus, factors.reshape(stimulus.n_samples, *self.shape), "weights")
        if solution.gradients is None:
            raise InvalidInput("engine", self.engine, "an engine that computes gradients")
        n_samples = stimulus.n_samples  # the loss of a batch is the mean over its samples
        by_name = solution.gradients.weights
        d_weights = np.concatenate([np.zeros(0), *(by_name[p.name].ravel() for p in self.network.projections)])
        d_times = np.zeros(np.shape(input_times))
        d_times.reshape(-1)[place] = n_samples * solution.gradients.input_times
        return n_samples * d_weights, d_times

    def _solved(self, weights: Array, stimulus: Stimulus, cotangents: Float64Array, gradients: Wanted) -> Solution:
        """The solution of a batch whose loss is the sum of its readings times these cotangents."""
        parts = self.network.split(_float64("weights", weights, (self.n_weights,)))
        problem = Problem(self.network, Parameters(parts, self.neurons), stimulus, self.reading.loss(cotangents))
        return self.engine.solve(problem, gradients)

    def _unpadded(self, input_times: Array) -> Unpadded:
        times, n_channels = np.asarray(input_times), self.network.n_channels
        if times.ndim < 2 or times.shape[-2] != n_channels:
            allowed = f"shape (..., {n_channels}, n_spikes): one row for each input channel"
            raise InvalidInput("input_times", f"shape {times.shape}", allowed)
        if 0 in times.shape[:-2]:
            raise InvalidInput("input_times", f"shape {times.shape}", "at least one sample")
        times = _float64("input_times", times, times.shape)
        return unpadded(times.reshape(math.prod(times.shape[:-2]), *times.shape[-2:]), self.duration)


def numbered(number: int) -> Bridge:
    """The bridge of this number, as long as something holds it: operators take numbers and arrays alone."""
    return _bridges[number]


def doubles(array: Any, library: str) -> Any:
    """`array`, what a function of the user is called with, which must be in float64, as `library` computes."""
    if not isinstance(array, np.ndarray) or array.dtype != np.float64:
        kind = f"numbers of type {array.dtype}" if isinstance(array, np.ndarray) else array
        raise InvalidInput("loss.function, argument", kind, f"float64 arrays: {library} has no numbers of more digits")
    return array


def _float64(name: str, given: Array, shape: tuple[int, ...]) -> Float64Array:
    """`given`, which must be a float64 array of this shape: nothing is converted, since digits would be made up."""
    array = np.asarray(given)
    if array.dtype != np.float64:
        raise InvalidInput(name, f"numbers of type {array.dtype}", "float64")
    if array.shape != shape:
        raise InvalidInput(name, f"shape {array.shape}", f"shape {shape}")
    return array
