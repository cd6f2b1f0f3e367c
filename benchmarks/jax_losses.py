"""The losses of the workloads in jax, as functions of first spike times or of potentials."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def first_spike_cross_entropy(times, labels, loss, duration):
    """Mean loss of first spike times, shape (n_samples, size); those after the duration count as at its end."""
    times = jnp.minimum(times, duration)
    own = jnp.take_along_axis(times, labels[:, None], axis=1)[:, 0]
    values = jax.nn.logsumexp(-times / loss["tau0"], axis=1) + own / loss["tau0"]
    return jnp.mean(values + loss["alpha"] * jnp.expm1(own / loss["tau1"]))


def loss_of_events(times, neurons, labels, loss, duration):
    """Mean loss of spikes, each with its neuron, both of shape (n_samples, most spikes); later ones are none."""
    heard = times < duration
    if loss["kind"] == "spike_sum":
        coefficients = jnp.asarray(loss["coefficients"], dtype=times.dtype)
        return jnp.sum(jnp.where(heard, jnp.where(heard, times, 0.0) * coefficients[neurons], 0.0)) / len(times)
    of_neuron = heard[:, None, :] & (neurons[:, None, :] == jnp.arange(loss["size"])[:, None])
    first = jnp.min(jnp.where(of_neuron, times[:, None, :], duration), axis=2)
    return first_spike_cross_entropy(first, labels, loss, duration)


def first_step_times(spikes, dt, first_step):
    """Time of the first spike in each train of spikes, shape (n_steps, n_samples, size), that surrogates can follow.

    The number of steps before the first spike is the sum over steps of the product of (1 - spike) so far.
    """
    return dt * (jnp.sum(jnp.cumprod(1.0 - spikes, axis=0), axis=0) + first_step)


def max_voltage_cross_entropy(potentials, labels):
    """Mean loss of potentials, shape (n_steps, n_samples, size)."""
    highest = jnp.max(potentials, axis=0)
    own = jnp.take_along_axis(highest, labels[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(highest, axis=1) - own)
