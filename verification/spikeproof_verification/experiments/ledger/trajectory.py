"""Trajectories of networks: Taylor series from event to event, crossings by bisection and Newton's method.

The order in which simultaneous events are taken is stated in `simulate`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from spikeproof_verification.experiments.ledger.network import Network, column
from spikeproof_verification.experiments.ledger.precision import Number, mp
from spikeproof_verification.experiments.ledger.series import Path, Series, taylor

SAMPLES = 6  # places of a Taylor step where V is compared with the threshold
SAME = mp.mpf(10) ** -50  # a threshold is reached at once if V is no farther below


@dataclass(frozen=True, eq=False)
class Piece:
    """The trajectory between two events.

    Attributes
    ----------
    path : (V, I) of all neurons, also beyond the events.
    start, end : its interval.
    source : what ends it: neuron n, input i as size + i, None at the end of the trajectory.
    """

    path: Path
    start: Number
    end: Number
    source: int | None


@dataclass(frozen=True, eq=False)
class Trajectory:
    """All pieces, one after another."""

    network: Network
    pieces: tuple[Piece, ...]

    @cached_property
    def spikes(self) -> tuple[tuple[int, Number, int], ...]:
        """(neuron, time, piece that the spike ends), in the order of time."""
        size = self.network.size
        ends = ((piece.source, piece.end, place) for place, piece in enumerate(self.pieces))
        return tuple((n, t, place) for n, t, place in ends if n is not None and n < size)

    @property
    def times(self) -> list[Number]:
        """The spike times in their order."""
        return [t for _, t, _ in self.spikes]

    @property
    def sequence(self) -> list[int | None]:
        """The event that ends each piece; trajectories can be subtracted only if these agree."""
        return [piece.source for piece in self.pieces]


def simulate(network: Network) -> Trajectory:
    """The trajectory of `network`.

    Of neurons that reach their thresholds together the one with the lower number spikes first; a crossing comes
    before an arrival at the same time.
    """
    pieces: list[Piece] = []
    t, state, arrivals = network.start, [*network.v, *network.i], list(network.arrivals)
    while True:
        stop = arrivals[0][0] if arrivals else network.end
        piece = _until_event(network, t, state, stop)
        if piece.source is None and arrivals:
            piece = Piece(piece.path, piece.start, piece.end, network.size + arrivals.pop(0)[1])
        pieces.append(piece)
        if piece.source is None:
            return Trajectory(network, tuple(pieces))
        t, state = piece.end, after_event(network, piece.source, piece.path.at(piece.end))


def after_event(network: Network, source: int, state: Sequence[Number]) -> list[Number]:
    """(V, I) after the spike of the neuron or input `source`: paper 38 and 45, with the autapse if there is one."""
    size = network.size
    v, i = list(state[:size]), list(state[size:])
    weights = column(network.w, source) if source < size else column(network.w_in, source - size)
    if source < size:
        v[source] = network.v_reset[source]
    return [*v, *(current + weight for current, weight in zip(i, weights, strict=True))]


def _until_event(network: Network, t: Number, state: Sequence[Number], stop: Number) -> Piece:
    start, knots, series = t, [t], []
    count = max(1, int(mp.ceil((stop - t) / network.step)))
    dt = (stop - t) / count
    for place in range(1, count + 1):
        step = taylor(network.field, state)
        series.append(step)
        crossings = [(_crossing(step, n, dt, v_th), n) for n, v_th in enumerate(network.v_th) if v_th is not None]
        found = [(wait, n) for wait, n in crossings if wait is not None]
        if found:
            wait, n = min(found)
            knots.append(t + wait)
            return Piece(Path(tuple(knots), tuple(series)), start, t + wait, n)
        t = start + dt * place if place < count else stop
        knots.append(t)
        state = Path((mp.mpf(0), dt), (step,)).at(dt)
    return Piece(Path(tuple(knots), tuple(series)), start, stop, None)


def _crossing(step: Series, n: int, dt: Number, v_th: Number) -> Number | None:
    """The time at which V_n first reaches the threshold within `dt`, None if it does not."""
    path = Path((mp.mpf(0), dt), (step,))

    def gap(wait: Number) -> Number:
        return path.component(n, wait) - v_th

    if gap(mp.mpf(0)) > -SAME:
        return mp.mpf(0)
    low = mp.mpf(0)
    for sample in range(1, SAMPLES + 1):
        high = dt * sample / SAMPLES
        if gap(high) >= 0:
            return root(gap, lambda wait: path.slope(n, wait), low, high)
        low = high
    return None


def root(function: Callable[[Number], Number], slope: Callable[[Number], Number], low: Number, high: Number) -> Number:
    """The root of `function` between `low` and `high`, by bisection, then Newton's method."""
    sign = 1 if function(high) > 0 else -1
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (low, middle) if sign * function(middle) >= 0 else (middle, high)
    x = (low + high) / 2
    for _ in range(12):
        change = function(x) / slope(x)
        x -= change
        if abs(change) < SAME * mp.mpf(10) ** -8:
            break
    return x
