"""Generated problems at the limits of what the model admits: one function per regime, each met by every loss.

`random_networks` draws from what networks usually are; here are long silences, large potentials, neurons of one
population that have nothing in common, strong bias currents, deep and shallow resets, coincident inputs and delays,
tiny and huge weights, extreme time constants, short runs, bursts, parallel projections and wild initial states. Half of
them have refractory times.
Networks are small, so that the reference can afford them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikeproof import Input, Network, NeuronParameters, Parameters, Population, Problem, Projection, Stimulus, Synapses
from spikeproof.numbers import Float64Array
from spikeproof_verification.problems.loss_networks import READOUT, Scene
from spikeproof_verification.problems.random_networks import unit_weight
from spikeproof_verification.problems.refractory_times import refractory
from spikeproof_verification.problems.wide_losses import LOSSES

SOURCE, FIRST, LAST = Input("in", 2), Population("a", 2), Population("b", 2)


@dataclass(frozen=True)
class Terrain:
    """All parts of a problem but its loss, as a regime fixes them; losses read `LAST` or `READOUT`."""

    network: Network
    neurons: dict[str, NeuronParameters]
    weights: dict[str, Float64Array]
    stimulus: Stimulus


Dice = np.random.Generator


def wide_problem(seed: int) -> Problem:
    """A problem of a regime with a loss; any `N_DRAWS` consecutive seeds walk through all pairs of them."""
    rng = np.random.default_rng([seed, 65537])
    place = REGIMES[wide_regime(seed)](rng)
    last = place.neurons[LAST.name]
    v_th, height = float(np.max(last.v_th)), float(np.max(np.subtract(last.v_th, last.v_reset)))
    scene = Scene(LAST, float(place.stimulus.duration), place.stimulus.n_samples, rng, v_th, height)
    loss = dict(LOSSES)[wide_loss(seed)](scene)
    parameters = Parameters(place.weights, place.neurons)
    return refractory(Problem(place.network, parameters, place.stimulus, loss, f"wide-{seed:04d}"), seed)


def wide_regime(seed: int) -> str:
    """The regime of a problem in words."""
    return list(REGIMES)[seed % len(REGIMES)]


def wide_loss(seed: int) -> str:
    """The loss of a problem in words."""
    return LOSSES[seed % len(LOSSES)][0]


def _log_uniform(rng: Dice, low: float, high: float, shape: Any = None) -> Any:
    return 10.0 ** rng.uniform(np.log10(low), np.log10(high), shape)


def _taus(rng: Dice) -> tuple[float, float]:
    tau = float(rng.uniform(4.0, 25.0))
    return tau, tau * float(rng.choice([0.25, 0.5, 0.7, 1.0, 1.6]))


def _network(rng: Dice, more: Sequence[Projection] = (), delay: float | None = None) -> Network:
    """Two layers and a readout that also sees the input."""
    delays = rng.uniform(0.1, 3.0, 3) if delay is None else [delay] * 3
    chain = (
        Projection("in", "a"), Projection("a", "b", float(delays[0])),
        Projection("b", READOUT.name, float(delays[1])), Projection("in", READOUT.name, float(delays[2])),
    )  # fmt: skip
    return Network((SOURCE,), (FIRST, LAST, READOUT), (*chain, *more))


def _neurons(tau_mem: float, tau_syn: float) -> dict[str, NeuronParameters]:
    """Neuron parameters: the same for both layers, and their time constants for the readout.

    All start above 0: no V is 0 all along, and a readout that is inhibited has its maximum at the start alone.
    """
    layer = NeuronParameters(tau_mem, tau_syn, 1.0, 0.0, v_init=0.3)
    return {"a": layer, "b": layer, READOUT.name: NeuronParameters(tau_mem, tau_syn, v_init=0.05)}


def _weights(
    network: Network, neurons: dict[str, NeuronParameters], rng: Dice, height: Any = 1.0
) -> dict[str, Float64Array]:
    """Weights in units of the one that alone lifts a neuron to its threshold, or a readout to `height`."""
    found = {}
    for projection in network.projections:
        target, size = neurons[projection.post], network.population(projection.post).size
        taus = zip(np.broadcast_to(target.tau_mem, size), np.broadcast_to(target.tau_syn, size), strict=True)
        unit = np.array([unit_weight(m, s) for m, s in taus]) * (height if target.v_th is None else target.v_th)
        mean, spread = (0.1, 0.4) if target.v_th is None else (0.8, 0.6)
        if projection.pre == projection.post:
            mean, spread = -0.2, 0.3
        elif projection.pre in neurons:
            mean, spread = 0.4 * mean, 0.4 * spread  # each neuron spikes more than once
        w = rng.normal(mean, spread, network.shape(projection)) * unit
        found[projection.name] = w if projection.synapses is None else projection.synapses.gathered(w)
    return found


def _stimulus(rng: Dice, duration: float, n_spikes: int = 6) -> Stimulus:
    """One or two samples, the inputs within the first two thirds."""
    samples = [
        (rng.uniform(0.0, 0.67 * duration, n_spikes), rng.integers(0, SOURCE.size, n_spikes))
        for _ in range(int(rng.integers(1, 3)))
    ]
    return Stimulus.of_samples(samples, duration)


def _plain(rng: Dice, neurons: dict[str, NeuronParameters], duration: float, height: Any = 1.0) -> Terrain:
    network = _network(rng)
    return Terrain(network, neurons, _weights(network, neurons, rng, height), _stimulus(rng, duration))


def long_gaps(rng: Dice) -> Terrain:
    """Silences of 10 to 1e5 time constants between groups of inputs, and before the end."""
    tau_mem, tau_syn = _taus(rng)
    starts = np.cumsum(tau_mem * _log_uniform(rng, 10.0, 1e5, 4))
    times = np.concatenate([starts, starts + tau_mem * rng.uniform(0.0, 1.0, 4)])
    duration = float(np.max(times) + tau_mem * _log_uniform(rng, 1.0, 1e5))
    neurons = _neurons(tau_mem, tau_syn)
    for name, bias in (("b", 0.1), (READOUT.name, -0.02)):  # so that V does not rest where all derivatives are 0
        neurons[name] = replace(neurons[name], bias=bias)
    place = _plain(rng, neurons, duration)
    return replace(place, stimulus=Stimulus.of_samples([(times, np.repeat([0, 1], 4))], duration))


def large_potentials(rng: Dice) -> Terrain:
    """Readouts, resets and inhibition of 5 to 400 thresholds, and a layer with such a threshold."""
    tau_mem, tau_syn = _taus(rng)
    height = float(_log_uniform(rng, 5.0, 400.0))
    neurons = _neurons(tau_mem, tau_syn)
    neurons["a"] = replace(neurons["a"], v_reset=-height * rng.uniform(0.3, 1.0, FIRST.size))
    neurons["b"] = replace(neurons["b"], v_th=height)
    place = _plain(rng, neurons, 5.0 * tau_mem, height)
    weights = {**place.weights, "in->a": 0.4 * height * place.weights["in->a"]}
    weights["b->" + READOUT.name] = weights["b->" + READOUT.name] / 3.0
    weights["a->b"] = weights["a->b"] / 2.0
    return replace(place, weights=weights)


def unlike_neurons(rng: Dice) -> Terrain:
    """Every neuron has time constants, threshold, reset and bias of its own, decades apart."""
    tau_mem, tau_syn = _taus(rng)
    neurons = {}
    for p in (FIRST, LAST, READOUT):
        mem, syn = tau_mem * _log_uniform(rng, 0.1, 10.0, p.size), tau_syn * _log_uniform(rng, 0.1, 10.0, p.size)
        v_th = _log_uniform(rng, 0.1, 10.0, p.size)
        bias, v_init = v_th * rng.uniform(-2.0, 0.9, p.size), v_th * rng.uniform(-2.0, 0.9, p.size)
        neurons[p.name] = NeuronParameters(mem, syn, bias=bias, v_init=v_init)
        if p.kind == "lif":
            v_reset = v_th * rng.uniform(-3.0, 0.5, p.size)
            neurons[p.name] = replace(neurons[p.name], v_th=v_th, v_reset=v_reset)
    return _plain(rng, neurons, 5.0 * tau_mem)


def tonic_drive(rng: Dice) -> Terrain:
    """Biases of 1.05 to 100 thresholds, inputs and recurrent weights that compete with them, negative currents."""
    tau_mem, tau_syn = _taus(rng)
    drive = _log_uniform(rng, 1.05, 100.0, FIRST.size)
    interval = -tau_mem * np.log1p(-1.0 / drive)
    neurons = _neurons(tau_mem, tau_syn)
    start = {"v_init": rng.uniform(-3.0, 0.0, FIRST.size), "i_init": rng.uniform(-3.0, 0.3, FIRST.size)}
    neurons["a"] = replace(neurons["a"], bias=drive, **start)
    network = _network(rng, [Projection("a", "a", float(rng.choice([0.0, 0.7])))])
    weights = _weights(network, neurons, rng)
    weights["in->a"] *= drive * rng.uniform(-0.5, 0.2, FIRST.size)
    return Terrain(network, neurons, weights, _stimulus(rng, float(15.0 * np.min(interval)) + 0.2 * tau_mem))


def far_and_near_resets(rng: Dice) -> Terrain:
    """Resets of -1 to -100 thresholds, and to just below it, where an inhibitory autapse keeps the neuron down."""
    tau_mem, tau_syn = _taus(rng)
    near = 1.0 - _log_uniform(rng, 1e-9, 0.1, FIRST.size)
    neurons = _neurons(tau_mem, tau_syn)
    neurons["a"] = replace(neurons["a"], v_reset=near)
    neurons["b"] = replace(neurons["b"], v_reset=-_log_uniform(rng, 1.0, 100.0, LAST.size))
    network = _network(rng, [Projection("a", "a", synapses=Synapses.one_to_one(FIRST.size))])
    weights = _weights(network, neurons, rng)
    weights["a->a"] = -unit_weight(tau_mem, tau_syn) * rng.uniform(3.0, 6.0, FIRST.size)
    weights["a->b"] *= 4.0
    return Terrain(network, neurons, weights, _stimulus(rng, 5.0 * tau_mem))


def borders_of_time(rng: Dice) -> Terrain:
    """Inputs at 0, at T, where only the first layer hears them, and after it; duplicates; all delays equal."""
    tau_mem, tau_syn = _taus(rng)
    duration = 8.0 * round(5.0 * tau_mem / 8.0)
    unheard = np.ones((SOURCE.size, READOUT.size), dtype=bool)
    unheard[1] = False
    delay = float(rng.integers(1, 16)) / 8.0
    network = _network(rng, delay=delay)
    heard = Projection("in", READOUT.name, delay, synapses=Synapses.of_mask(unheard))
    network = replace(network, projections=(*network.projections[:3], heard))
    neurons = _neurons(tau_mem, tau_syn)
    weights = _weights(network, neurons, rng)
    weights[heard.name] = np.abs(weights[heard.name])  # so that no duplicate cuts a rise of V
    inner = np.floor(rng.uniform(1.0, 0.6 * duration, 2) * 8.0) / 8.0
    times = np.concatenate([[0.0, 0.0, 0.0], np.repeat(inner, 2), inner + delay, [duration] * 2, [duration + 1.0]])
    channels = np.concatenate([[0, 0, 1], np.repeat([0, 1], 2), [0, 0], [1, 1], [0]])
    return Terrain(network, neurons, weights, Stimulus.of_samples([(times, channels)], duration))


def tiny_and_huge_weights(rng: Dice) -> Terrain:
    """Weights from 1e-12 to 1e6: thresholds that suit them, readouts of every height, and synapses that barely act."""
    tau_mem, tau_syn = _taus(rng)
    neurons = _neurons(tau_mem, tau_syn)
    for p in (FIRST, LAST):
        v_th = _log_uniform(rng, 1e-10, 3e5, p.size)
        bias = v_th * rng.uniform(-0.5, 0.5, p.size)
        neurons[p.name] = replace(neurons[p.name], v_th=v_th, bias=bias, v_init=0.3 * v_th)
    height = _log_uniform(rng, 1e-11, 1e6, READOUT.size)
    neurons[READOUT.name] = replace(neurons[READOUT.name], v_init=0.05 * height)
    place = _plain(rng, neurons, 5.0 * tau_mem, height)
    weights = {name: w * np.where(rng.random(w.shape) < 0.2, 1e-6, 1.0) for name, w in place.weights.items()}
    return replace(place, weights=weights)


def ratios_of_time_constants(rng: Dice) -> Terrain:
    """tau_syn from 1e-4 to 1e4 times tau_mem, another ratio in each population."""
    tau_mem, _ = _taus(rng)
    neurons = _neurons(tau_mem, tau_mem)
    neurons = {name: replace(p, tau_syn=tau_mem * _log_uniform(rng, 1e-4, 1e4)) for name, p in neurons.items()}
    return _plain(rng, neurons, float(rng.uniform(4.0, 8.0)) * tau_mem)


def short_runs(rng: Dice) -> Terrain:
    """T of 1e-9 to 0.1 membrane time constants, with synapses to match: V is what has been charged."""
    duration = float(rng.uniform(20.0, 60.0))
    taus = duration * _log_uniform(rng, 10.0, 1e9, 3)
    neurons = {}
    for tau_mem, p in zip(taus, (FIRST, LAST, READOUT), strict=True):
        tau_syn = duration * float(rng.choice([0.05, 0.3, 1.0]))
        neurons[p.name] = replace(_neurons(float(tau_mem), tau_syn)[p.name], bias=rng.uniform(-0.3, 0.3, p.size))
    network = _network(rng, delay=duration / 64.0)
    weights = _weights(network, neurons, rng)
    for name in ("in->a", "a->b"):
        weights[name] = 2.0 * np.abs(weights[name])  # time is short, and half of each charge comes after its end
    return Terrain(network, neurons, weights, _stimulus(rng, duration))


def bursts(rng: Dice) -> Terrain:
    """Synapses 1e-6 to 1e-3 as long as membranes, so strong that an arrival makes several spikes at once."""
    tau_mem, _ = _taus(rng)
    neurons = _neurons(tau_mem, tau_mem)
    neurons = {name: replace(p, tau_syn=tau_mem * _log_uniform(rng, 1e-6, 1e-3)) for name, p in neurons.items()}
    network = _network(rng)
    weights = _weights(network, neurons, rng)
    weights["in->a"] = weights["in->a"] + 6.0 * unit_weight(tau_mem, float(neurons["a"].tau_syn))
    weights["a->b"] = 0.7 * weights["a->b"]
    return Terrain(network, neurons, weights, _stimulus(rng, 4.0 * tau_mem, 3))


def parallel_projections(rng: Dice) -> Terrain:
    """Several projections between the same groups, delays equal and unequal, one sparse; autapses with a delay."""
    tau_mem, tau_syn = _taus(rng)
    near, far = (float(d) for d in rng.uniform(0.2, 4.0, 2))
    single = Synapses.one_to_one(2)
    more = [
        Projection("in", "a", near, "second"), Projection("in", "a", near, "third", single),
        Projection("a", "b", far, "fourth"), Projection("b", READOUT.name, far, "fifth"),
        Projection("a", "a", far, "self", single), Projection("b", "b", 0.0, "at once", single),
        Projection("b", "b", near, "later"),
    ]  # fmt: skip
    network, neurons = _network(rng, more), _neurons(tau_mem, tau_syn)
    weights = {name: 0.5 * w for name, w in _weights(network, neurons, rng).items()}
    return Terrain(network, neurons, weights, _stimulus(rng, 5.0 * tau_mem))


def wild_starts(rng: Dice) -> Terrain:
    """Currents of -3 to 3 and potentials of -30 to just below the threshold at t = 0, biases around it, recurrence."""
    tau_mem, tau_syn = _taus(rng)
    neurons = _neurons(tau_mem, tau_syn)
    for p in (FIRST, LAST, READOUT):
        v_init = np.where(
            rng.random(p.size) < 0.5, -_log_uniform(rng, 0.1, 30.0, p.size), 1.0 - _log_uniform(rng, 1e-9, 0.5, p.size)
        )
        start = {"bias": rng.uniform(-1.0, 1.6, p.size), "v_init": v_init, "i_init": rng.uniform(-3.0, 3.0, p.size)}
        neurons[p.name] = replace(neurons[p.name], **start)
    network = _network(rng, [Projection("a", "a"), Projection("b", "a", 0.9)])
    weights = _weights(network, neurons, rng)
    weights["b->a"] *= -0.3
    return Terrain(network, neurons, weights, _stimulus(rng, 4.0 * tau_mem, 4))


def all_at_once(rng: Dice) -> Terrain:
    """Unlike neurons, some of them tonic, with deep resets, silences and readouts far from 0."""
    place = unlike_neurons(rng)
    first = place.neurons["a"]
    first = replace(first, v_reset=-first.v_th * _log_uniform(rng, 1.0, 100.0, FIRST.size))
    bias = np.where(np.arange(FIRST.size) == 0, 1.1 * np.asarray(first.v_th), first.bias)
    longest = float(np.max(first.tau_mem))
    times, channels = place.stimulus.sample(0)
    late = Stimulus.of_samples([(np.append(times, 8.0 * longest), np.append(channels, 1))], 10.0 * longest)
    neurons = {**place.neurons, "a": replace(first, bias=bias)}
    name = f"b->{READOUT.name}"
    return replace(place, neurons=neurons, stimulus=late, weights={**place.weights, name: 30.0 * place.weights[name]})


REGIMES: dict[str, Callable[[Dice], Terrain]] = {
    "long gaps": long_gaps,
    "large potentials": large_potentials,
    "unlike neurons": unlike_neurons,
    "tonic drive": tonic_drive,
    "far and near resets": far_and_near_resets,
    "borders of time": borders_of_time,
    "tiny and huge weights": tiny_and_huge_weights,
    "ratios of time constants": ratios_of_time_constants,
    "short runs": short_runs,
    "bursts": bursts,
    "parallel projections": parallel_projections,
    "wild starts": wild_starts,
    "all at once": all_at_once,
}
N_DRAWS = len(REGIMES) * len(LOSSES)  # they have no common divisor
