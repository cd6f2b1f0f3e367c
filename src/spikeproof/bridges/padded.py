"""Padded arrays of input spikes: infinity stands where a channel has no further spike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, Float64Array, IntArray, Scalar, integer, is_exact, refuse_where
from spikeproof.stimulus import Stimulus

TIMES = "times >= 0, or infinity where no spike is"


class Unpadded(NamedTuple):
    """A stimulus, and the place in the padded array of each of its spikes, shape (n_spikes,), by flat index."""

    stimulus: Stimulus
    place: IntArray


def padded(stimulus: Stimulus, n_channels: int, max_spikes: int) -> Float64Array:
    """The input spikes of a stimulus as one array of fixed shape, as frameworks take it.

    Parameters
    ----------
    stimulus : Stimulus
        In binary64.
    n_channels : int
        Number of channels, of all inputs together: ``network.n_channels``.
    max_spikes : int
        Largest number of spikes of a channel in a sample, >= 0.

    Returns
    -------
    float64 array, shape (n_samples, n_channels, max_spikes)
        Spike times of each channel in ascending order, then infinity.

    Raises
    ------
    InvalidInput
        If a channel has more spikes, or a number beyond `n_channels`, or if times are decimals.
    """
    instance("stimulus", stimulus, Stimulus).check_channels(n_channels)
    integer("max_spikes", max_spikes, low=0)
    if is_exact(stimulus.times):
        raise InvalidInput("stimulus.times", "decimals", "times in binary64: see `Stimulus.rounded`")
    sample = np.repeat(np.arange(stimulus.n_samples), np.diff(stimulus.offsets))
    key = sample * n_channels + stimulus.channels
    order = np.argsort(key, kind="stable")
    rank = np.arange(len(key)) - np.searchsorted(key[order], key[order])
    if np.any(rank >= max_spikes):
        last = order[np.argmax(rank)]
        where = f"channel {stimulus.channels[last]} has {np.max(rank) + 1} spikes in sample {sample[last]}"
        raise InvalidInput("max_spikes", max_spikes, f"at least {np.max(rank) + 1}: {where}")
    times = np.full((stimulus.n_samples * n_channels, max_spikes), np.inf)
    times[key[order], rank] = stimulus.times[order]
    return times.reshape(stimulus.n_samples, n_channels, max_spikes)


def unpadded(times: Array, duration: Scalar) -> Unpadded:
    """The stimulus of a padded array, shape (n_samples, n_channels, max_spikes), whose channels need no order.

    Raises
    ------
    InvalidInput
        If a time is negative or NaN.
    """
    refuse_where(~(times >= 0), "input_times", times, TIMES)
    place = np.flatnonzero(np.isfinite(times))
    sample, channel, _ = np.unravel_index(place, times.shape)
    order = np.lexsort((times.ravel()[place], sample))  # stable: at one time channels stay in their order
    offsets = np.concatenate([[0], np.cumsum(np.bincount(sample, minlength=len(times)))])
    place = place[order]
    return Unpadded(Stimulus(times.ravel()[place], channel[order], offsets, duration), place)
