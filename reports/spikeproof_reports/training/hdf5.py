"""Spike trains in the HDF5 format of the Spiking Heidelberg data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from spikeproof import InvalidInput, Stimulus
from spikeproof.numbers import Array
from spikeproof.training import Samples
from spikeproof_reports.training.optional import needed

MILLISECONDS = 1000.0  # in a second, the unit of the file
PARTS = ("spikes/times", "spikes/units", "labels")


def read_spike_trains(path: Path, n_channels: int, duration: float | None = None) -> Samples:
    """The samples in an HDF5 file: ragged ``spikes/times`` (in s) and ``spikes/units``, and ``labels``.

    Parameters
    ----------
    path : Path
    n_channels : int
        Number of units.
    duration : float, or None
        T in ms; None: the first whole millisecond after the last spike. No spike may come later.

    Returns
    -------
    Samples
        Times in ms, the file's numbers times 1000.

    Raises
    ------
    InvalidInput
        If h5py is not installed, the file is no HDF5 file, lacks a part, or its parts do not fit each other.
    OSError
        If it cannot be read.
    """
    times, units, labels = _parts(path, needed("h5py", "h5py"))
    for name, part in (("spikes/units", units), ("labels", labels)):
        if len(part) != len(times):
            raise InvalidInput(f"{path.name}: {name}", f"{len(part)} entries", f"one per sample: {len(times)}")
    if not len(times):
        raise InvalidInput(f"{path.name}: labels", "no samples", "at least one")
    samples = [_sample(path, n, t, u, n_channels) for n, (t, u) in enumerate(zip(times, units, strict=True))]
    last = max((float(t.max()) for t, _ in samples if len(t)), default=0.0)
    end = float(np.floor(last) + 1.0) if duration is None else float(duration)
    if last > end:
        raise InvalidInput(f"{path.name}: spikes/times", last, f"times up to the duration of {end:g} ms")
    if labels.dtype.kind not in "iu":
        raise InvalidInput(f"{path.name}: labels", f"dtype {labels.dtype}", "whole numbers >= 0")
    return Samples(Stimulus.of_samples(samples, end), labels.astype(np.int64))


def _parts(path: Path, h5py: Any) -> list[Array]:
    with path.open("rb"):  # an OSError here is about the path, one of h5py about the content
        pass
    try:
        with h5py.File(path, "r") as file:
            for name in PARTS:
                if name not in file or not isinstance(file[name], h5py.Dataset) or file[name].ndim != 1:
                    raise InvalidInput(f"{path.name}: {name}", "missing", "a dataset of one dimension")
            return [file[name][:] for name in PARTS]
    except OSError as error:
        raise InvalidInput(path.name, str(error), "a readable HDF5 file") from None


def _sample(path: Path, number: int, times: Array, units: Array, n_channels: int) -> tuple[Array, Array]:
    """Times in ms and channels of one sample."""
    where = f"[{number}]"
    t, c = np.asarray(times), np.asarray(units)
    if t.ndim != 1 or t.dtype.kind != "f" or c.ndim != 1 or c.dtype.kind not in "iu" or len(t) != len(c):
        given = f"{t.shape} of {t.dtype} and {c.shape} of {c.dtype}"
        raise InvalidInput(
            f"{path.name}: spikes{where}", given, "a list of times and one of whole numbers, equally long"
        )
    t = t.astype(np.float64) * MILLISECONDS
    if not np.all(np.isfinite(t) & (t >= 0)):
        raise InvalidInput(f"{path.name}: spikes/times{where}", "a time < 0 or not finite", "finite times >= 0")
    if len(c) and (c.min() < 0 or c.max() >= n_channels):
        bad = int(c.min() if c.min() < 0 else c.max())
        raise InvalidInput(f"{path.name}: spikes/units{where}", bad, f"units from 0 to {n_channels - 1}")
    return t, c.astype(np.int64)
