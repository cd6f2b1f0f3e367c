"""Images as input spikes: the brighter a pixel, the earlier its spike."""

from __future__ import annotations

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, array, positive, refuse_where, scalar
from spikeproof.stimulus import Stimulus


def latency_code(
    images: Array, *, brightest: float = 255.0, threshold: float = 1.0, t_max: float = 20.0, duration: float = 20.0
) -> Stimulus:
    """One spike at ``(1 - p / brightest) * t_max`` for each pixel of value p above `threshold`, none for the others.

    Parameters
    ----------
    images : array, shape (n_images, n_pixels)
        Values from 0 to `brightest`; pixel c is channel c.
    brightest : float
        The value that spikes at 0, > 0.
    threshold : float
        The largest value that does not spike.
    t_max : float
        Time that the value 0 would spike at, > 0, in ms.
    duration : float
        T, >= t_max, in ms.

    Returns
    -------
    Stimulus
        One sample per image, one channel per pixel; times in ms.

    Raises
    ------
    InvalidInput
        If a shape or number is outside its range.

    References
    ----------
    Wunderlich and Pehle (2021), Scientific Reports 11, 12829: brightest 255, threshold 1, t_max 20 ms for MNIST.
    """
    values = array("images", images, ndim=2)
    top = float(positive("brightest", brightest))
    refuse_where(np.asarray((values < 0) | (values > top), dtype=bool), "images", values, f"values from 0 to {top:g}")
    if positive("t_max", t_max) > positive("duration", duration):
        raise InvalidInput("duration", duration, f"at least t_max = {t_max}, or input would be lost")
    seen = values > float(scalar("threshold", threshold))
    times = np.where(seen, (1.0 - values / top) * t_max, np.inf)
    channels = np.argsort(times, axis=1, kind="stable")
    times = np.take_along_axis(times, channels, axis=1)
    kept = np.isfinite(times)
    offsets = np.concatenate([[0], np.cumsum(np.sum(seen, axis=1))])
    return Stimulus(times[kept], channels[kept], offsets, duration)
