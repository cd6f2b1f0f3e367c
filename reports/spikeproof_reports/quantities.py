"""What the compared quantities are called and what they are."""

from __future__ import annotations

from collections.abc import Iterable

LABELS = {
    "spike_count": "spike counts",
    "spike_time": "spike times",
    "end_state": "end states",
    "loss": "losses",
    "weight_gradient": "weight gradients",
    "input_time_gradient": "input time gradients",
    "spike_time_jacobian": "spike time Jacobians",
}
MEANINGS = {
    "spike_count": "how many spikes a neuron fires; there is no tolerance here, a spike is there or it is not",
    "spike_time": "when each spike happens; rounding moves a spike by about ε/V̇, "
    "so the slower the membrane crosses its threshold, the less sharply its time is defined",
    "end_state": "the membrane potential V and the synaptic current I of every neuron at the end, t = T",
    "loss": "the number that training would minimise",
    "weight_gradient": "the derivative of the loss with respect to each synaptic weight",
    "input_time_gradient": "the derivative of the loss with respect to the time of each input spike",
    "spike_time_jacobian": "the derivatives of single spike times with respect to the parameters",
}


def label(quantity: str) -> str:
    """The quantity's name in words; unknown quantities lose their underscores."""
    return LABELS.get(quantity, quantity.replace("_", " "))


def ordered(quantities: Iterable[str]) -> list[str]:
    """`quantities` once each, the known ones in the order of the flow, the others after them by name."""
    order = {name: rank for rank, name in enumerate(LABELS)}
    return sorted(set(quantities), key=lambda name: (order.get(name, len(order)), name))
