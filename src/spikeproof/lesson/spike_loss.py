"""Losses of spike times alone, evaluated on the spikes of any system: values, and derivatives by spike times."""

from __future__ import annotations

import numpy as np

from spikeproof.losses import Located, Loss, is_spike_loss, is_voltage_loss, spike_part, terms_of
from spikeproof.losses.checked import require_finite
from spikeproof.network import Network
from spikeproof.numbers import Float64Array, Scalar, quiet
from spikeproof.spikes import Spikes


def refusal(loss: Loss | None) -> str | None:
    """Why `loss` is no loss of spike times alone; None if it is one.

    Parameters
    ----------
    loss : Loss or None

    Returns
    -------
    str or None
    """
    if loss is None:
        return "the problem has no loss"
    for _, part in terms_of(loss):
        if is_voltage_loss(part):
            return f"the loss {type(part).__name__} reads V: only losses of spike times are supported"
        if getattr(part, "heuristic", False):
            return f"the loss {type(part).__name__} is a heuristic, which has no gradient"
    return None


@quiet
def spike_loss(loss: Loss, network: Network, duration: Scalar, spikes: Spikes) -> tuple[Float64Array, Float64Array]:
    """The loss of each sample, and the derivative of their mean by the time of each spike.

    Parameters
    ----------
    loss : Loss
        All terms are functions of spike times: see `refusal`.
    network : Network
    duration : float or Decimal
        T.
    spikes : Spikes
        All spikes of the batch.

    Returns
    -------
    values : float64 array, shape (n_samples,)
    slopes : float64 array, shape (n_spikes,)

    Raises
    ------
    InvalidInput
        If a term returns anything but finite numbers of the right shapes, or the sum overflows.
    """
    values, slopes = np.zeros(spikes.n_samples), np.zeros(len(spikes))
    for number, (factor, part) in enumerate(terms_of(loss)):
        if not is_spike_loss(part):
            raise TypeError(f"{type(part).__name__} is no loss of spike times")
        with Located(loss, number):
            value, slope = spike_part(part, spikes, network.neurons(part.population), duration)
            values += float(factor) * value
            slopes += float(factor) / spikes.n_samples * slope
            require_finite("factor times value", values)
    return values, slopes
