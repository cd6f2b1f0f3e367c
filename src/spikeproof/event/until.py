"""The forward pass of a part of a batch as far as its loss can see: each sample until its loss is determined."""

from __future__ import annotations

from threading import Lock

import numpy as np

from spikeproof.event.batch import Batch, Part
from spikeproof.event.forward import empty_tape, forward
from spikeproof.event.kernels.core.arrivals import Inputs
from spikeproof.event.kernels.core.tables import FROM_INPUT, POST_START, SLOTS, T_REF
from spikeproof.event.kernels.core.tape import DONE, SCRATCH_FULL, TAPE_FULL, Tape, grown, new_tape
from spikeproof.event.kernels.forward.ahead import SPIKES, follow_ahead, keep_determined
from spikeproof.event.kernels.forward.ahead_state import Ahead, new_ahead
from spikeproof.event.kernels.forward.determined import Views
from spikeproof.event.layout import LAYER
from spikeproof.event.pool import recycle
from spikeproof.losses import Loss, Ranks, horizon_of, terms_of
from spikeproof.numbers import IntArray

LANES = 2**14  # neurons, in several samples, that are taken together: their states stay in the cache
EVENTS, MOST_EVENTS = 64, 2**18  # of each kind, for which a component of a sample has room at first; all have
LONG = 256  # input spikes of a sample
PILOTS = 16  # samples
FAR = 0.6  # of the duration; to follow samples as far as that takes longer than to run them to the end
KEPT = 4  # sets of working memory: the last ones used

_free: list[tuple[Tape, Ahead]] = []
_lock = Lock()


def views_of(batch: Batch, loss: Loss) -> Views | None:
    """The views of `loss` on a sample; None if it sees all of it, or if the network has to be run to the end.

    So have networks with recurrent or sparse projections, or refractory times, and those in which long trains from
    several inputs meet, whose arrivals are put into order one by one.
    """
    s, duration = batch.structure, float(batch.problem.stimulus.duration)
    if any(kind != LAYER for kind in s.kinds) or np.any(batch.layout.slot[T_REF]) or _long_trains_meet(batch):
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


def _long_trains_meet(batch: Batch) -> bool:
    """Whether several projections from inputs reach a component, and samples have many input spikes."""
    from_input, post = batch.layout.projection[FROM_INPUT], batch.layout.projection[POST_START]
    longest = int(np.max(np.diff(batch.problem.stimulus.offsets), initial=0))
    reached = [
        c for p, c in zip(from_input, np.searchsorted(batch.layout.component[SLOTS], post, "right"), strict=True) if p
    ]
    return longest > LONG and len(set(reached)) < len(reached)


def forward_until(batch: Batch, bounds: IntArray, views: Views) -> Part:
    """The samples of these chunks until their losses are determined.

    The first few show how far that is. Where it is far, or a sample has too many events on the way, or a number
    overflows, all are run to the end, and what comes later is left out: the result is the same, and whether a sample is
    refused is for a run to the end to say.

    Raises
    ------
    EventLimitExceeded
        If a sample has too many events.
    InvalidInput
        If a current overflows binary64.
    """
    work = _Work(batch, int(bounds[0]), int(bounds[-1]), views)
    with work:
        if not (work.follow(PILOTS) and work.follow(work.n_samples)):
            work.run_to_the_end(bounds)
    return Part(batch, bounds, work.kept, int(work.counts[SPIKES]), work.until)


class _Work:
    """Consecutive samples of a batch, followed until their losses are determined; a context that holds their memory."""

    def __init__(self, batch: Batch, first: int, last: int, views: Views) -> None:
        self.batch, self.first, self.n_samples, self.views = batch, first, last - first, views
        self.kept, self.until = empty_tape(batch, first, last), np.empty(last - first)
        self.counts, self.sample = np.array([0, 0, batch.event_limit]), 0

    def __enter__(self) -> None:
        width = max(1, min(self.n_samples, LANES // self.batch.layout.slot.shape[1]))
        self.tape, self.ahead = _memory(self.batch, width)

    def __exit__(self, *_: object) -> None:
        with _lock:
            _free.append((self.tape, self.ahead))
            del _free[:-KEPT]

    def follow(self, stop: int) -> bool:
        """Follow samples up to `stop`; False if they should rather be run to the end."""
        flat, stimulus = self.batch.layout, self.batch.problem.stimulus
        inputs = Inputs(float(stimulus.duration), stimulus.times, stimulus.channels, stimulus.offsets)
        expected = float(np.mean(self.until[: self.sample])) if self.sample else 0.0
        if expected > FAR * inputs.duration:
            return False
        until = self.until[:stop]
        while True:
            status, self.sample = follow_ahead(
                flat, inputs, self.first, self.sample, expected, self.views, self.tape, self.ahead, self.kept,
                self.counts, until,
            )  # fmt: skip
            room = len(self.tape.spike_time) // len(self.tape.spike_start)
            if status == DONE or status not in (SCRATCH_FULL, TAPE_FULL) or room > 2 * self.batch.event_limit:
                return bool(status == DONE)
            self.kept = grown(self.kept)
            width = len(self.ahead.active)
            if 2 * room * len(self.tape.spike_start) > MOST_EVENTS:
                width = max(1, width // 2)
            self.tape, self.ahead = _new_memory(self.batch, width, 2 * room)

    def run_to_the_end(self, bounds: IntArray) -> None:
        """Run all samples to the end, and keep what comes until they are determined."""
        part, duration = forward(self.batch, bounds), float(self.batch.problem.stimulus.duration)
        complete = np.full(len(self.batch.structure.kinds), np.inf)
        while True:
            self.counts[: SPIKES + 1] = 0
            status = keep_determined(
                self.batch.layout, duration, self.views, part.tape, complete, self.ahead.chosen, self.kept,
                self.counts, self.until,
            )  # fmt: skip
            if status == DONE:
                break
            self.kept = grown(self.kept)
        recycle([part.tape])


def _memory(batch: Batch, width: int) -> tuple[Tape, Ahead]:
    """Working memory for so many samples side by side, or for fewer with more events each, old or new."""
    shape = (len(batch.structure.kinds), len(batch.layout.delay), batch.layout.slot.shape[1])
    with _lock:
        for n, (tape, ahead) in enumerate(_free):
            w = len(ahead.active)
            wide = w == width or (w < width and 2 * len(tape.spike_time) > MOST_EVENTS)
            if wide and (ahead.clock.shape[1], len(ahead.cursor), ahead.lanes.shape[1] // w) == shape:
                return _free.pop(n)
    return _new_memory(batch, width, EVENTS)


def _new_memory(batch: Batch, width: int, events: int) -> tuple[Tape, Ahead]:
    """Working memory for so many samples side by side, and so many events of each of their components."""
    n_components, n_slots = len(batch.structure.kinds), batch.layout.slot.shape[1]
    n_blocks = n_components * width
    ahead = new_ahead(n_components, len(batch.layout.delay), n_slots, width, n_blocks * events + n_slots * width)
    return new_tape(n_blocks, n_blocks * events, n_blocks * events), ahead
