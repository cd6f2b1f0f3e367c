"""Initial weights with which neurons fire, from the statistics of what arrives at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.builders import by_projection, constant_weights
from spikeproof.errors import InvalidInput
from spikeproof.network import Network, Projection
from spikeproof.numbers import Array, IntArray, Scalar, integer, nonnegative, positive, refuse_where
from spikeproof.parameters import NeuronParameters, Parameters, neuron_columns
from spikeproof.stimulus import Stimulus

RECURRENT = 0.1  # share of the projections from a population to itself
ROUNDING = 1e-9  # by how much shares that a user has written down may miss their sum


def fluctuation_driven_weights(
    network: Network, neurons: Mapping[str, NeuronParameters], rates: Any, seed: int, *, mean: Scalar = 0.0,
    distance: Scalar = 1.0, shares: Mapping[str, Scalar] | None = None,
) -> dict[str, Array]:  # fmt: skip
    """Normal weights with which V of each neuron, were it never reset, varies just below the threshold.

    For a neuron into which n synapses of a projection lead, whose sources spike at a rate r, with weights of mean mu
    and standard deviation sigma, V has over time::

        mean        = bias + sum over projections of n r mu tau_syn
        variance    = sum over projections of n r (sigma^2 + mu^2) tau_syn^2 / (2 (tau_syn + tau_mem))

    Weights are drawn such that this mean lies the fraction `mean` of the way from the bias to the threshold, and the
    threshold `distance` standard deviations above it. Each neuron's own synapses, time constants, bias and threshold
    count.

    Parameters
    ----------
    network : Network
        The weights are drawn projection by projection in its order, by ``numpy.random.default_rng(seed)``.
    neurons : mapping from population name to NeuronParameters
        As for `Parameters`. A leaky integrator has no threshold: for it, it is 1 above the bias.
    rates : number, or mapping from names of inputs and populations to numbers
        Mean spikes of each channel or neuron per unit of time, > 0, of every group from which a projection starts:
        `mean_rates` has those of the inputs, those of populations are what is wanted of them.
    seed : int
        >= 0.
    mean : number
        From 0 to below 1.
    distance : number
        > 0; the smaller, the more spikes.
    shares : mapping from projection name to number, or None
        What fraction of the mean and of the variance each projection contributes, > 0, with a sum of 1 for each
        population. If None, projections from a population to itself have a tenth together, and all others equal parts
        of the rest: neurons that drive each other as strongly as their input can run away.

    Returns
    -------
    dict from projection name to float64 array of the shape of its weights

    Raises
    ------
    InvalidInput
        If the numbers do not fit the network, a bias reaches the threshold, or weights of that mean alone
        make V vary more than `distance` allows: then the rates are too low, or `mean` or `distance` is too large.

    References
    ----------
    Rossbroich, Gygax and Zenke (2022), Fluctuation-driven initialization for spiking neural network training,
    Neuromorphic Computing and Engineering 2, 044016, with its kernel for currents that jump by the weight.
    """
    instance("network", network, Network)
    fraction = float(nonnegative("mean", mean))
    if fraction >= 1.0:
        raise InvalidInput("mean", mean, "a number from 0 to below 1")
    apart, random = float(positive("distance", distance)), np.random.default_rng(integer("seed", seed, low=0))
    columns, part, weights = _columns(network, neurons), _shares(network, shares), {}
    for projection in network.projections:
        name, own = projection.name, network.neurons(projection.post)
        tau_mem, tau_syn, gap = (c[own.start : own.stop] for c in columns)
        rate = float(positive(f"rates.{projection.pre}", _of_group("rates", rates, projection.pre)))
        targets, n_in = _targets(network, projection)
        arrivals = np.maximum(n_in, 1) * rate  # a neuron without synapses has no weight either
        mu = part[name] * fraction * gap / (arrivals * tau_syn)
        unit = tau_syn**2 / (2.0 * (tau_syn + tau_mem))  # variance of V by one arrival of weight 1 per unit of time
        spread = part[name] * ((1.0 - fraction) * gap / apart) ** 2 / (arrivals * unit)
        if np.any(spread <= mu**2):
            allowed = "a smaller mean or distance, or higher rates: too few arrivals for such a mean"
            raise InvalidInput("mean", f"{fraction} with distance {apart} in {name!r}", allowed)
        sigma = np.sqrt(spread - mu**2)
        weights[name] = mu[targets] + sigma[targets] * random.standard_normal(network.weight_shape(projection))
    return weights


def mean_rates(network: Network, stimulus: Stimulus) -> dict[str, float]:
    """The mean number of spikes of a channel of each input per unit of time, over all samples from 0 to T.

    Parameters
    ----------
    network : Network
    stimulus : Stimulus

    Returns
    -------
    dict from input name to float
    """
    instance("network", network, Network)
    counted = instance("stimulus", stimulus, Stimulus).rounded()
    counted.check_channels(network.n_channels)
    channels = counted.channels[counted.times <= counted.duration]
    counts = np.bincount(channels, minlength=network.n_channels)
    every = {group.name: network.channels(group.name) for group in network.inputs}
    each = counted.n_samples * counted.duration
    return {name: float(np.mean(counts[own.start : own.stop]) / each) for name, own in every.items()}


def _columns(network: Network, neurons: Any) -> tuple[Array, Array, Array]:
    """tau_mem, tau_syn, and the distance from bias to threshold of every neuron; 1 for leaky integrators."""
    constant = constant_weights(network, 0.0)
    checked = Parameters(constant, neurons).checked(network).rounded()
    found = neuron_columns(network, checked.neurons)
    gap = np.where(np.isinf(found["v_th"]), 1.0, found["v_th"] - found["bias"])
    refuse_where(gap <= 0.0, "neurons, v_th - bias", gap, "a bias below the threshold: others spike without any input")
    return found["tau_mem"], found["tau_syn"], gap


def _targets(network: Network, projection: Projection) -> tuple[IntArray, IntArray]:
    """The target of each weight in its last axis, and how many synapses lead into each neuron."""
    n_pre, n_post = network.shape(projection)
    if projection.synapses is None:
        return np.arange(n_post), np.full(n_post, n_pre)
    targets: IntArray = projection.synapses.targets
    return targets, np.bincount(targets, minlength=n_post)


def _of_group(field: str, given: Any, group: str) -> Any:
    if not isinstance(given, Mapping):
        return given
    if group not in given:
        raise InvalidInput(f"{field}.{group}", "missing", "a number for each input and population that projects")
    return given[group]


def _default_shares(names: list[str], recurrent: set[str]) -> Iterator[tuple[str, float]]:
    """The default share of each of the projections into a population."""
    groups = [[name for name in names if (name in recurrent) == inner] for inner in (False, True)]
    parts = (1.0 - RECURRENT, RECURRENT) if all(groups) else (1.0, 1.0)
    for group, part in zip(groups, parts, strict=True):
        yield from ((name, part / len(group)) for name in group)


def _shares(network: Network, shares: Any) -> dict[str, float]:
    """The share of each projection, which are 1 together for each population."""
    into: dict[str, list[str]] = {}
    for projection in network.projections:
        into.setdefault(projection.post, []).append(projection.name)
    if shares is None:
        own = {p.name for p in network.projections if p.pre == p.post}
        return {name: part for names in into.values() for name, part in _default_shares(names, own)}
    given = {name: value for name, _, value in by_projection("shares", network, shares)}
    found = {name: float(positive(f"shares.{name}", value)) for name, value in given.items()}
    for population, names in into.items():
        total = sum(found[name] for name in names)
        if abs(total - 1.0) > ROUNDING:
            raise InvalidInput("shares", total, f"numbers with the sum 1 for {population!r}: {names}")
    return found
