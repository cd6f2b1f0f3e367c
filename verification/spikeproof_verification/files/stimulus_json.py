"""The stimulus of a problem file: one list of times and channels per sample."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import numpy as np

from spikeproof import InvalidInput, Stimulus
from spikeproof.numbers import IntArray
from spikeproof_verification.files.numbers import from_json, to_json


def stimulus_from_dict(tree: dict[str, Any]) -> Stimulus:
    """The stimulus of a checked problem tree; unsorted times are refused, not sorted."""
    samples = tree["samples"]
    for number, sample in enumerate(samples):
        n_times, n_channels = len(sample["times"]), len(sample["channels"])
        if n_times != n_channels:
            field = f"stimulus.samples[{number}].channels"
            raise InvalidInput(field, f"{n_channels} entries", f"one per spike time: {n_times}")
    offsets = list(accumulate((len(s["times"]) for s in samples), initial=0))
    times = [from_json(t) for s in samples for t in s["times"]]
    channels = [int(c) for s in samples for c in s["channels"]]
    with located(np.array(offsets)):
        return Stimulus(times, channels, offsets, from_json(tree["duration"]))


def stimulus_to_dict(stimulus: Stimulus) -> dict[str, Any]:
    """`stimulus` in the form of a problem file."""
    samples = (stimulus.sample(number) for number in range(stimulus.n_samples))
    return {
        "duration": to_json(stimulus.duration),
        "samples": [{"times": to_json(times), "channels": channels.tolist()} for times, channels in samples],
    }


@contextmanager
def located(offsets: IntArray) -> Iterator[None]:
    """Turns ``stimulus.times[17]`` of the model's errors into the file's ``stimulus.samples[2].times[5]``."""
    try:
        yield
    except InvalidInput as error:
        found = re.fullmatch(r"stimulus\.(times|channels)\[(\d+)\]", error.field)
        if not found:
            raise
        index = int(found[2])
        sample = int(np.searchsorted(offsets, index, side="right")) - 1
        field = f"stimulus.samples[{sample}].{found[1]}[{index - int(offsets[sample])}]"
        raise InvalidInput(field, error.value, error.allowed) from None
