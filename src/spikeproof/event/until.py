"""The forward pass of a part of a batch as far as its loss can see: each sample until its loss is determined."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from spikeproof.errors import EventLimitExceeded, InvalidInput
from spikeproof.event.batch import Batch, Part
from spikeproof.event.forward import KERNELS, empty_tape, follow, inputs_of, kernel_of
from spikeproof.event.kernels.core.tables import MEM, SIZES
from spikeproof.event.kernels.core.tape import LIMIT, TAPE_FULL, grown
from spikeproof.event.kernels.forward.dense import FEW
from spikeproof.event.kernels.forward.determined import COMPONENT, LEFT, RANKS, SPIKES, Views, keep_determined
from spikeproof.event.layout import LAYER, SPARSE_LAYER
from spikeproof.event.pool import recycle
from spikeproof.losses import Loss, Ranks, horizon_of, terms_of
from spikeproof.numbers import Float64Array, IntArray

SLACK = 2.0**-20  # of a horizon, which lies behind the time that it has to reach
WORTH = 0.95  # of a run to the end: what is kept of it has to be copied
SHORT = 2.0**-40  # of the duration: how far the end of a sample that has too many events is looked for
KEPT = 64  # horizons

_horizons: dict[Hashable, float] = {}  # of runs of the same kind: they say what costs least, and change no result


def views_of(batch: Batch, loss: Loss) -> Views | None:
    """The views of `loss` on a sample; None if it sees all of it, or if the network has to be run to the end.

    So have networks with sparse layers, and those with recurrent components that go through slices.
    """
    s, duration = batch.structure, float(batch.problem.stimulus.duration)
    for c, kind in enumerate(s.kinds):
        if kind == SPARSE_LAYER or kernel_of(batch.layout, c, kind, duration) is not KERNELS[kind]:
            return None
    table, times = [], []
    for _, part in terms_of(loss):
        horizon = horizon_of(part)
        if horizon is None or (not isinstance(horizon, Ranks) and float(horizon.time) >= duration):
            return None
        slots, ranks = s.slots[part.population], horizon.n if isinstance(horizon, Ranks) else 0
        table.append([s.component_of[part.population], slots.start, slots.stop, ranks])
        times.append(0.0 if isinstance(horizon, Ranks) else float(horizon.time))
    return Views(np.array(table, np.int64), np.array(times))


def forward_until(batch: Batch, bounds: IntArray, views: Views) -> Part:
    """The samples of these chunks until their losses are determined.

    Where the loss looks at first spikes of the last layer alone, that stops each sample by itself. Where there is more
    to save, all are followed to the horizon that would have cost least in the last run of the same kind, and those that
    are not determined then to the end; in the first run all are followed to the end.

    Raises
    ------
    EventLimitExceeded
        If a sample has too many events until its loss is determined.
    InvalidInput
        If a current overflows binary64 before that.
    """
    followed, samples = _Followed(batch, bounds, views), np.arange(int(bounds[-1] - bounds[0]))
    duration = float(batch.problem.stimulus.duration)
    kind = (id(batch.structure), duration, views.table.tobytes(), views.time.tobytes())
    try:
        left = followed.follow(samples, _horizons.get(kind, np.inf))
        if len(left):
            left = followed.follow(left, np.inf)
    except (EventLimitExceeded, InvalidInput):
        followed.counts[:] = 0
        for sample in range(len(samples)):
            followed.follow_alone(sample)
        left = samples[:0]
    finally:
        recycle([followed.tape])
    if len(left):
        raise RuntimeError("a sample that was run to the end has no end")  # its events are nowhere
    later = batch.structure.later if followed.ranks is None else batch.structure.later[:-1]
    if any(later):  # a horizon saves something there, not in a last layer that stops by itself
        if len(_horizons) >= KEPT:
            _horizons.clear()
        _horizons[kind] = _cheapest(followed.needed, batch, bounds)
    return Part(batch, bounds, followed.kept, int(followed.counts[SPIKES]), followed.until)


def _cheapest(needed: Float64Array, batch: Batch, bounds: IntArray) -> float:
    """The horizon that costs least where samples need these; infinite if a run to the end costs less.

    A horizon is taken to cost its part of the time until the inputs have been forgotten, and a sample that is not
    determined there a run to the end.
    """
    stimulus, times, n = batch.problem.stimulus, np.sort(needed), len(needed)
    inputs = stimulus.times[stimulus.offsets[bounds[0]] : stimulus.offsets[bounds[-1]]]
    over = min(float(stimulus.duration), np.max(inputs, initial=0.0) + np.max(batch.layout.time[MEM]))
    costs = times / over + 1.0 - np.arange(1, n + 1) / n
    best = int(np.argmin(costs))
    return float(times[best]) * (1.0 + SLACK) if costs[best] < WORTH else np.inf


def _ranks(batch: Batch, views: Views) -> IntArray | None:
    """The numbers of spikes that the loss looks at, where it looks at nothing but the last component, one of few."""
    last, table = len(batch.structure.kinds) - 1, views.table.tolist()
    few = batch.structure.kinds[last] == LAYER and batch.layout.component[SIZES, last] <= FEW
    if not few or any(view[RANKS] == 0 or view[COMPONENT] != last for view in table):
        return None
    ranks = np.zeros(batch.layout.slot.shape[1], np.int64)
    for _, start, stop, n in table:
        ranks[start:stop] = np.maximum(ranks[start:stop], n)
    return ranks


class _Followed:
    """Consecutive samples of a batch; on the tape `kept` what happens to them until they are determined."""

    def __init__(self, batch: Batch, bounds: IntArray, views: Views) -> None:
        self.batch, self.first, self.views = batch, int(bounds[0]), views
        self.kept = empty_tape(batch, int(bounds[0]), int(bounds[-1]))
        self.tape = empty_tape(batch, int(bounds[0]), int(bounds[-1]))
        self.until, self.needed = np.empty((2, int(bounds[-1] - bounds[0])))
        self.counts, self.ranks = np.zeros(3, np.int64), _ranks(batch, views)

    def follow(self, samples: IntArray, horizon: float) -> IntArray:
        """Follow samples from the start to a horizon, and keep those that are determined; returns the others.

        Raises
        ------
        EventLimitExceeded
            If a sample has too many events.
        InvalidInput
            If a current overflows binary64.
        """
        flat, status, sample, left = self.batch.layout, TAPE_FULL, 0, samples.copy()
        ends = self.batch.ends[:, self.first : self.first + len(samples)]
        inputs = inputs_of(self.batch, self.first + samples, horizon, self.ranks)
        self.tape, _ = follow(self.batch, inputs, self.tape, ends)
        self.counts[LEFT] = 0
        while status == TAPE_FULL:
            status, sample = keep_determined(
                flat, inputs, self.views, self.tape, left, sample, self.batch.event_limit,
                np.empty(flat.slot.shape[1], np.int64), self.kept, self.counts, self.until, self.needed,
            )  # fmt: skip
            self.kept = grown(self.kept) if status == TAPE_FULL else self.kept
        if status == LIMIT:
            raise EventLimitExceeded(self.first + int(samples[sample]), self.batch.event_limit)
        return left[: self.counts[LEFT]]

    def follow_alone(self, sample: int) -> None:
        """Follow a sample that may be refused: it is if no horizon is late enough for its loss and early enough for it.

        Raises
        ------
        EventLimitExceeded, InvalidInput
            What a run to the end raises.
        """
        alone, low, high = np.array([sample]), 0.0, float(self.batch.problem.stimulus.duration)
        try:
            self.follow(alone, np.inf)
        except (EventLimitExceeded, InvalidInput) as error:
            short = SHORT * high
            while high - low > short:
                middle = 0.5 * (low + high)
                try:
                    if not len(self.follow(alone, middle)):
                        return
                    low = middle
                except (EventLimitExceeded, InvalidInput):
                    high = middle
            if isinstance(error, EventLimitExceeded):
                raise EventLimitExceeded(self.first + sample, self.batch.event_limit) from None
            raise
