"""The losses of the workloads in torch, as functions of first spike times or of potentials."""

from __future__ import annotations

import torch


def first_spike_cross_entropy(times, labels, loss, duration):
    """Mean loss of first spike times, shape (n_samples, size); those after the duration count as at its end."""
    times = torch.clamp(times, max=duration)
    own = times.gather(1, labels[:, None])[:, 0]
    values = torch.logsumexp(-times / loss["tau0"], dim=1) + own / loss["tau0"]
    return torch.mean(values + loss["alpha"] * torch.expm1(own / loss["tau1"]))


def loss_of_trains(trains, labels, loss, duration):
    """Mean loss of spike trains, shape (n_samples, size, most spikes); spikes after the duration are none."""
    if loss["kind"] == "first_spike":
        return first_spike_cross_entropy(trains.amin(dim=2), labels, loss, duration)
    coefficients = torch.tensor(loss["coefficients"], dtype=trains.dtype)[:, None]
    return torch.where(trains < duration, trains * coefficients, 0.0).sum() / len(trains)


def first_step_times(spikes, dt, first_step):
    """Time of the first spike in each train of spikes, shape (n_steps, n_samples, size), that surrogates can follow.

    The number of steps before the first spike is the sum over steps of the product of (1 - spike) so far.
    """
    return dt * (torch.cumprod(1.0 - spikes, dim=0).sum(dim=0) + first_step)


def max_voltage_cross_entropy(potentials, labels):
    """Mean loss of potentials, shape (n_steps, n_samples, size)."""
    return torch.nn.functional.cross_entropy(potentials.amax(dim=0), labels)
