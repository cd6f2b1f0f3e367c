"""Input spikes of a batch of samples, as ragged arrays, and the duration of the simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spikeproof.arguments import members
from spikeproof.errors import InvalidInput
from spikeproof.numbers import (
    Array,
    IntArray,
    array,
    integer,
    integers,
    is_exact,
    positive,
    rectangular,
    refuse_where,
    rounded,
)
from spikeproof.recordings import Pair, joined, pairs_of_events, pairs_of_raster, pairs_of_trains, within

PAIRS = "a sequence of (times, channels) pairs, at least one: a sample without spikes is ([], [])"


@dataclass(frozen=True)
class Stimulus:
    """Input spikes of one or more samples.

    Parameters
    ----------
    times : array, shape (n_spikes,)
        Spike times >= 0, sorted within each sample. Spikes of one channel at one time add up; spikes after the
        duration are kept, act on nothing, and have gradient 0.
    channels : int array, shape (n_spikes,)
        Channel of each spike, numbered through over the network's inputs.
    offsets : int array, shape (n_samples + 1,)
        Sample s owns spikes ``offsets[s] : offsets[s + 1]``.
    duration
        T: the simulation runs over [0, T]; > 0.

    Raises
    ------
    InvalidInput
        If arrays do not fit each other, times are negative or unsorted, or the duration is not positive.
    """

    times: Any
    channels: Any
    offsets: Any
    duration: Any

    def __post_init__(self) -> None:
        times = array("stimulus.times", self.times, ndim=1)
        channels = integers("stimulus.channels", self.channels, low=0, high=np.iinfo(np.int64).max)
        if len(channels) != len(times):
            raise InvalidInput("stimulus.channels", f"{len(channels)} entries", f"one per spike time: {len(times)}")
        offsets = _checked_offsets(self.offsets, len(times))
        duration = positive("stimulus.duration", self.duration)
        refuse_where(np.asarray(times < 0, dtype=bool), "stimulus.times", times, "times >= 0")
        unsorted = np.zeros(len(times), dtype=bool)
        unsorted[1:] = times[1:] < times[:-1]
        unsorted[offsets[:-1][offsets[:-1] < len(times)]] = False
        refuse_where(unsorted, "stimulus.times", times, "times sorted in ascending order within each sample")
        for name, value in (("times", times), ("channels", channels), ("offsets", offsets), ("duration", duration)):
            object.__setattr__(self, name, value)

    @classmethod
    def of_samples(cls, samples: Sequence[tuple[Any, Any]], duration: Any) -> Stimulus:
        """A stimulus from one (times, channels) pair per sample; spikes are sorted by time here.

        Raises
        ------
        InvalidInput
            If a sample is no pair of equally long lists, or as `Stimulus`.
        """
        times, channels, offsets = [], [], [0]
        pairs = members("stimulus.samples", samples, PAIRS)
        if not pairs:
            raise InvalidInput("stimulus.samples", [], PAIRS)
        for number, sample in enumerate(pairs):
            t, c = _checked_sample(f"stimulus.samples[{number}]", sample)
            order = np.argsort(t, kind="stable")
            times.append(t[order])
            channels.append(c[order])
            offsets.append(offsets[-1] + len(t))
        return cls(joined(times), np.concatenate(channels), offsets, duration)

    @classmethod
    def of_channels(cls, trains: Sequence[Any], duration: Any) -> Stimulus:
        """A stimulus of one sample from one list of spike times per channel."""
        lists = members("stimulus.trains", trains, "a sequence of lists of spike times, one for each channel")
        checked = [array(f"stimulus.trains[{c}]", t, ndim=1) for c, t in enumerate(lists)]
        channels = np.repeat(np.arange(len(checked)), [len(t) for t in checked])
        return cls.of_samples([(joined(checked), channels)], duration)

    @classmethod
    def of_trains(
        cls, trains: Sequence[Any], duration: Any, *, outside: Literal["error", "drop"] = "error"
    ) -> Stimulus:
        """A stimulus from lists of spike times: ``trains[s][c]`` has those of channel c in sample s.

        Parameters
        ----------
        trains : sequence of samples, each a sequence of lists of spike times, one for each channel
            In any order within a list; every sample has as many channels.
        duration
            T, > 0.
        outside
            What becomes of spikes outside [0, T]: ``"error"``, they are refused; ``"drop"``, they are left out.

        Returns
        -------
        Stimulus

        Raises
        ------
        InvalidInput
            If samples differ in their channels, a time is no number or outside [0, T], or as `Stimulus`.
        """
        return cls._of_pairs(pairs_of_trains(trains), duration, outside)

    @classmethod
    def of_raster(
        cls, raster: Any, dt: Any, duration: Any = None, *, first_step: int = 0,
        outside: Literal["error", "drop"] = "error",
    ) -> Stimulus:  # fmt: skip
        """A stimulus from a dense array of spikes per time step and channel.

        Parameters
        ----------
        raster : array, shape (n_samples, n_steps, n_channels), or (n_steps, n_channels) for one sample
            Booleans or whole numbers >= 0: how many spikes a channel has in a step. Several at one time add up.
        dt
            Width of a step, > 0, in the unit of the time constants. The spikes of step k, counted from 0, happen at
            ``(first_step + k) * dt``: the binary64 number next to it, or all its digits if `dt` is a Decimal.
        duration
            T, > 0; the end of the last step, ``(first_step + n_steps) * dt``, if None.
        first_step
            Number of the first step, >= 0; with 1 spikes happen at the end of their step.
        outside
            As for `of_trains`.

        Returns
        -------
        Stimulus

        Raises
        ------
        InvalidInput
            If the array has another shape or other numbers, or a spike happens after T.
        """
        pairs, end = pairs_of_raster(raster, dt, first_step)
        return cls._of_pairs(pairs, end if duration is None else duration, outside)

    @classmethod
    def of_events(
        cls, events: Any, sensor_size: tuple[int, int, int], duration: Any, *, ticks: int = 1,
        merge_polarities: bool = False, outside: Literal["error", "drop"] = "error",
    ) -> Stimulus:  # fmt: skip
        """A stimulus from structured arrays of events, as event cameras and spiking data sets have them.

        Parameters
        ----------
        events : structured array, shape (n_events,), or a sequence of such arrays, one for each sample
            Fields t, the time in ticks, and x; y if the sensor has several rows, p if it has several polarities. No
            others. In any order.
        sensor_size : (width, height, polarities)
            The channel of an event is ``(p * height + y) * width + x``; there are width * height * polarities of them.
        duration
            T, > 0, in the unit of the time constants.
        ticks
            How many ticks of t make one unit of the time constants, >= 1: 1000 for microseconds and milliseconds. The
            time of an event is the binary64 number next to ``t / ticks``.
        merge_polarities
            True: events of both polarities count as one kind, and the sensor has one; their field p is not read.
        outside
            As for `of_trains`.

        Returns
        -------
        Stimulus

        Raises
        ------
        InvalidInput
            If fields are missing, there are others, or an event lies outside the sensor or outside [0, T].
        """
        return cls._of_pairs(pairs_of_events(events, sensor_size, ticks, merge_polarities), duration, outside)

    @classmethod
    def _of_pairs(cls, pairs: list[Pair], duration: Any, outside: str) -> Stimulus:
        duration = positive("stimulus.duration", duration)
        return cls.of_samples(within(pairs, duration, outside), duration)

    @property
    def n_samples(self) -> int:
        """Number of samples in the batch."""
        return len(self.offsets) - 1

    def sample(self, number: int) -> tuple[Array, IntArray]:
        """Times and channels of the input spikes of one sample."""
        number = integer("sample", number, low=0, high=self.n_samples - 1)
        part = slice(self.offsets[number], self.offsets[number + 1])
        return self.times[part], self.channels[part]

    def select(self, numbers: IntArray) -> Stimulus:
        """The samples with these numbers, in this order.

        Raises
        ------
        InvalidInput
            If a number is not that of a sample, or there is no number.
        """
        numbers = integers("numbers", numbers, low=0, high=self.n_samples)
        if not len(numbers):
            raise InvalidInput("numbers", [], "at least one sample")
        starts, counts = self.offsets[numbers], self.offsets[numbers + 1] - self.offsets[numbers]
        offsets = np.zeros(len(numbers) + 1, dtype=np.int64)
        np.cumsum(counts, out=offsets[1:])
        own = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], counts)
        return self._part(self.times[own], self.channels[own], offsets)

    def keep(self, kept: NDArray[np.bool_]) -> Stimulus:
        """This stimulus with the marked spikes alone, shape (n_spikes,).

        Raises
        ------
        InvalidInput
            If `kept` is no array of booleans of that shape.
        """
        kept = rectangular("kept", kept)
        if kept.dtype != np.bool_ or kept.shape != self.times.shape:
            raise InvalidInput("kept", f"{kept.dtype} of shape {kept.shape}", f"booleans of shape {self.times.shape}")
        before = np.zeros(len(kept) + 1, dtype=np.int64)
        np.cumsum(kept, out=before[1:])
        return self._part(self.times[kept], self.channels[kept], before[self.offsets])

    def _part(self, times: Array, channels: IntArray, offsets: IntArray) -> Stimulus:
        """A stimulus of some of these spikes, which are not checked again: a training step has no time for it."""
        part = object.__new__(Stimulus)
        for name, value in (("times", times), ("channels", channels), ("offsets", offsets)):
            value.setflags(write=False)
            object.__setattr__(part, name, value)
        object.__setattr__(part, "duration", self.duration)
        return part

    def check_channels(self, n_channels: int) -> None:
        """Raise `InvalidInput` if a channel number is not below `n_channels`."""
        integer("n_channels", n_channels, low=0)
        refuse_where(self.channels >= n_channels, "stimulus.channels", self.channels, f"channels below {n_channels}")

    def rounded(self) -> Stimulus:
        """This stimulus with every Decimal rounded to the nearest binary64."""
        if not (is_exact(self.times) or is_exact(self.duration)):
            return self
        return Stimulus(rounded(self.times), self.channels, self.offsets, rounded(self.duration))


def _checked_sample(field: str, sample: object) -> tuple[Array, IntArray]:
    if not isinstance(sample, Sequence) or len(sample) != 2:
        raise InvalidInput(field, sample, "a pair (times, channels)")
    times = array(f"{field}.times", sample[0], ndim=1)
    channels = integers(f"{field}.channels", sample[1], low=0, high=np.iinfo(np.int64).max)
    if len(channels) != len(times):
        raise InvalidInput(f"{field}.channels", f"{len(channels)} entries", f"one per spike time: {len(times)}")
    return times, channels


def _checked_offsets(value: object, n_spikes: int) -> IntArray:
    offsets = integers("stimulus.offsets", value, low=0, high=n_spikes + 1)
    allowed = f"0 first, {n_spikes} (the number of spikes) last, never falling"
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != n_spikes or np.any(np.diff(offsets) < 0):
        raise InvalidInput("stimulus.offsets", offsets.tolist(), allowed)
    return offsets
