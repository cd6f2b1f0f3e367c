"""Spikes as data sets keep them - lists per channel, dense rasters, structured event arrays - as times and channels.

Every conversion is exact or rounded once, and nothing is left out unless asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

import numpy as np

from spikeproof.arguments import choice, members
from spikeproof.errors import InvalidInput
from spikeproof.numbers import (
    MAX_SIZE,
    Array,
    IntArray,
    Scalar,
    array,
    integer,
    integers,
    is_exact,
    positive,
    rectangular,
    refuse_where,
)

Pair = tuple[Array, IntArray]  # times and channels of one sample

FIELDS = "a structured array with the fields t and x, and y and p if the sensor has them"
SENSOR = "(width, height, polarities), three whole numbers >= 1"


def pairs_of_trains(trains: Any) -> list[Pair]:
    """Times and channels of each sample, from one list of spike times per channel in each of them."""
    allowed = "a sequence of samples, each a sequence of lists of spike times, one for each channel"
    samples, pairs, size = members("trains", trains, allowed), [], 0
    if not samples:
        raise InvalidInput("trains", [], "at least one sample")
    for number, sample in enumerate(samples):
        lists = members(f"trains[{number}]", sample, "a sequence of lists of spike times, one for each channel")
        if number and len(lists) != size:
            raise InvalidInput(f"trains[{number}]", f"{len(lists)} channels", f"the {size} channels of trains[0]")
        size = len(lists)
        times = [array(f"trains[{number}][{c}]", t, ndim=1) for c, t in enumerate(lists)]
        pairs.append((joined(times), np.repeat(np.arange(size), [len(t) for t in times])))
    return pairs


def pairs_of_raster(raster: Any, dt: Scalar, first_step: int) -> tuple[list[Pair], Scalar]:
    """Times and channels of each sample of a raster, and the end of its last step."""
    counts = _whole("raster", rectangular("raster", raster))
    if counts.ndim not in (2, 3) or not counts.shape[-2]:
        allowed = "(n_steps, n_channels) or (n_samples, n_steps, n_channels), of one step at least"
        raise InvalidInput("raster", f"shape {counts.shape}", allowed)
    step, first = positive("dt", dt), integer("first_step", first_step, low=0, high=2**53)
    times = _multiples(step, first, counts.shape[-2] + 1)
    pairs = []
    for sample in counts if counts.ndim == 3 else counts[None]:
        at, channels = np.nonzero(sample)
        repeats = sample[at, channels]
        pairs.append((np.repeat(times[at], repeats), np.repeat(channels, repeats)))
    if not pairs:
        raise InvalidInput("raster", f"shape {counts.shape}", "at least one sample")
    return pairs, times[-1] if isinstance(step, Decimal) else float(times[-1])


def pairs_of_events(events: Any, sensor_size: Any, ticks: int, merge_polarities: bool) -> list[Pair]:
    """Times and channels of each sample, from structured arrays of events."""
    sizes = members("sensor_size", sensor_size, SENSOR)
    if len(sizes) != 3:
        raise InvalidInput("sensor_size", sensor_size, SENSOR)
    width, height, polarities = (integer("sensor_size", n, low=1, high=MAX_SIZE) for n in sizes)
    per_unit = integer("ticks", ticks, low=1, high=2**53)
    if not isinstance(merge_polarities, bool):
        raise InvalidInput("merge_polarities", merge_polarities, "True or False")
    if merge_polarities and polarities != 1:
        raise InvalidInput("sensor_size", sensor_size, "one polarity if polarities are merged")
    one = isinstance(events, np.ndarray)
    samples = [events] if one else members("events", events, f"{FIELDS}, or a sequence of them, one per sample")
    if not samples:
        raise InvalidInput("events", [], "at least one sample")
    pairs = []
    for number, sample in enumerate(samples):
        field = "events" if one else f"events[{number}]"
        names = _field_names(field, sample, height, polarities, merge_polarities)
        x = integers(f"{field}['x']", sample["x"], low=0, high=width)
        y = integers(f"{field}['y']", sample["y"], low=0, high=height) if "y" in names else np.zeros_like(x)
        p = np.zeros_like(x)
        if "p" in names and not merge_polarities:
            given = sample["p"].astype(np.int8) if sample["p"].dtype == np.bool_ else sample["p"]
            p = integers(f"{field}['p']", given, low=0, high=polarities)
        times = array(f"{field}['t']", sample["t"], ndim=1)
        pairs.append((times if per_unit == 1 else times / per_unit, (p * height + y) * width + x))
    return pairs


def joined(parts: Sequence[Array]) -> Array:
    """Arrays of times one after the other: objects if one of them has decimals."""
    if any(is_exact(p) for p in parts):
        return np.concatenate([p.astype(object) for p in parts])
    return np.concatenate([np.zeros(0), *parts])


def within(pairs: Sequence[Pair], duration: Scalar, outside: str) -> list[Pair]:
    """The pairs with no spike outside [0, T]: such a spike is refused or, if `outside` is ``"drop"``, left out."""
    choice("outside", outside, "error", "drop")
    kept = []
    for number, (times, channels) in enumerate(pairs):
        bad = np.asarray((times < 0) | (times > duration), dtype=bool)
        if outside == "error":
            allowed = f"times from 0 to the duration {duration}; outside='drop' leaves others out"
            refuse_where(bad, f"sample {number}, times", times, allowed)
        kept.append((times[~bad], channels[~bad]))
    return kept


def _field_names(field: str, sample: Any, height: int, polarities: int, merged: bool) -> tuple[str, ...]:
    """The fields of a sample, which are those that its sensor needs, and no others."""
    names: tuple[str, ...] | None = sample.dtype.names if isinstance(sample, np.ndarray) and sample.ndim == 1 else None
    if isinstance(sample, np.ma.MaskedArray) or names is None or not {"t", "x"} <= set(names) <= {"t", "x", "y", "p"}:
        raise InvalidInput(field, sample if names is None else f"fields {names}", FIELDS)
    for name, size in (("y", height), ("p", 1 if merged else polarities)):
        if size > 1 and name not in names:
            raise InvalidInput(field, f"fields {names}", f"a field {name!r}, for the sensor has {size} of it")
    return names


def _whole(field: str, raw: Array) -> IntArray:
    """Counts as int64: whole numbers >= 0 of any type, or booleans."""
    allowed = "booleans, or whole numbers >= 0: how many spikes a channel has in a step"
    if raw.dtype.kind not in "biuf":
        raise InvalidInput(field, f"numbers of type {raw.dtype}", allowed)
    if raw.dtype.kind != "b":
        with np.errstate(over="ignore"):  # what binary64 does not hold is too large anyway
            number = raw.astype(np.float64)  # which half precision could not compare with the largest size
        whole = (number >= 0.0) & (number <= MAX_SIZE) & (number == np.floor(number)) & (number == raw)
        refuse_where(~whole, field, raw, allowed)
    counts: IntArray = raw.astype(np.int64)
    return counts


def _multiples(dt: Scalar, first: int, n: int) -> Array:
    """``k * dt`` for n whole numbers k from `first` on: the nearest binary64 numbers, or decimals with all digits."""
    if not isinstance(dt, Decimal):
        times: Array = np.arange(first, first + n) * dt
        return array("raster, times", times)
    exact, digits = Context(prec=len(dt.as_tuple().digits) + 20), np.empty(n, dtype=object)
    digits[:] = [exact.multiply(dt, k) for k in range(first, first + n)]
    return digits
