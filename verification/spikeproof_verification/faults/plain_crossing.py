"""Next threshold crossing of one neuron, by bisection."""

from __future__ import annotations

from collections.abc import Callable

from spikeproof_verification.faults.plain_flow import flowed
from spikeproof_verification.faults.plain_model import PlainModel

HALVINGS = 200
COARSE = 24  # halvings of a root search that stops too early


def crossing(model: PlainModel, n: int, v: float, i: float, rest: float) -> float | None:
    """Time until V of neuron `n` reaches its threshold from below, None if it does not within `rest`."""
    v_th, bias = model.neurons.v_th[n], model.neurons.bias[n]
    if max(i, 0.0) + bias <= v_th or rest <= 0.0:
        return None
    v_end, i_end = flowed(model, n, v, i, rest)
    last = rest
    if model.wrong == "missed spikes between arrivals":
        if v_end < v_th:
            return None
    elif i_end + bias <= v_end:  # V falls at the end: its maximum lies before, where V = I + b
        last = bisected(lambda t: _rises(model, n, flowed(model, n, v, i, t)), 0.0, rest)[0]
    if flowed(model, n, v, i, last)[0] < v_th:
        return None
    halvings = COARSE if model.wrong == "root search stopped early" else HALVINGS
    return bisected(lambda t: bool(flowed(model, n, v, i, t)[0] < v_th), 0.0, last, halvings)[1]


def bisected(left: Callable[[float], bool], lo: float, hi: float, halvings: int = HALVINGS) -> tuple[float, float]:
    """The place where `left` turns from True at `lo` to False at `hi`, as two neighbouring numbers."""
    for _ in range(halvings):
        mid = 0.5 * (lo + hi)
        if mid in (lo, hi):
            break
        lo, hi = (mid, hi) if left(mid) else (lo, mid)
    return lo, hi


def _rises(model: PlainModel, n: int, state: tuple[float, float]) -> bool:
    return state[1] + model.neurons.bias[n] > state[0]
