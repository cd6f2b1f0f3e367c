"""The losses that are tried in every wide regime: each shipped kind, and a user's own of each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spikeproof import (
    FirstSpikeCrossEntropy,
    Loss,
    SpikeTimeFunction,
    SpikeTimeTarget,
    TargetTrace,
    VoltageIntegral,
    VoltagePathIntegral,
)
from spikeproof.losses import SMOOTH, ExponentialWeight, MaxVoltage, PathIntegral, VoltageAt, WeightedIntegral
from spikeproof_verification.problems.loss_networks import LOSSES as VOLTAGE_LOSSES
from spikeproof_verification.problems.loss_networks import NUMERICAL, READOUT, Scene
from spikeproof_verification.problems.random_networks import LOSSES as SPIKE_LOSSES
from spikeproof_verification.problems.user_losses import Saturated, SquaredSpikes, both


def _of_spikes(number: int) -> Callable[[Scene], Loss]:
    make = SPIKE_LOSSES[number]
    return lambda scene: make(scene.spiking, scene.n_samples, scene.duration, scene.rng)


def _absent(scene: Scene) -> Loss:
    size = scene.spiking.size
    tau0, tau1 = 0.03 * scene.duration, 0.5 * scene.duration
    return FirstSpikeCrossEntropy(scene.spiking.name, scene.labels(size), tau0, tau1, 0.1, silent="absent")


def _absent_target(scene: Scene) -> Loss:
    targets = scene.rng.uniform(0.0, scene.duration, (scene.n_samples, scene.spiking.size, 3))
    return SpikeTimeTarget(scene.spiking.name, targets, missing="absent")


def _spike_function(scene: Scene) -> Loss:
    rate = 1.0 / scene.duration

    def function(trains: list[Any]) -> tuple[Any, list[list[Any]]]:
        ranked = [[(k + 1, t * rate) for k, t in enumerate(train)] for train in trains]
        value = sum(x**3 / k for train in ranked for k, x in train)
        return value, [[3 * x**2 * rate / k for k, x in train] for train in ranked]

    return SpikeTimeFunction(scene.spiking.name, function)


def _slow_readout(scene: Scene) -> Loss:
    rate = 1.0 / scene.duration
    return VoltageIntegral(
        READOUT.name, scene.rng.normal(0.0, 1.0, READOUT.size), lambda t: 1 / (1 + (rate * t) ** 2), t_width=SMOOTH
    )


def _moving_trace(scene: Scene) -> Loss:
    rate, heights = 1.0 / scene.duration, scene.rng.uniform(-1.0, 1.0, READOUT.size)

    def target(t: Any) -> Any:
        return rate * t[:, None] * heights

    return TargetTrace(READOUT.name, target, t_width=SMOOTH)


def _own_spikes(scene: Scene) -> Loss:
    return SquaredSpikes(scene.spiking.name, scene.duration)


def _own_values(scene: Scene) -> Loss:
    return Saturated(scene.spiking.name, VoltageAt(scene.times(3)), 0.5)


def _own_maxima(_scene: Scene) -> Loss:
    return Saturated(READOUT.name, MaxVoltage(), 2.0)


def _own_integral(scene: Scene) -> Loss:
    tau = 0.02 * scene.duration
    return Saturated(READOUT.name, WeightedIntegral(ExponentialWeight(tau)), tau)


def _own_mean(scene: Scene) -> Loss:
    return both(scene.spiking.name, WeightedIntegral("mean"), scene.duration, 0.25)


def _own_path(scene: Scene) -> Loss:
    def integrand(v: Any, _t: Any, sample: int) -> tuple[Any, Any]:
        return (1 + sample) * (v * v).sum(axis=1), 2 * (1 + sample) * v

    return both(
        scene.spiking.name, PathIntegral(integrand, v_width=SMOOTH, t_width=SMOOTH), scene.duration, scene.duration
    )


def _own_end(scene: Scene) -> Loss:
    return Saturated(READOUT.name, VoltageAt([scene.duration]), 1.0)


def _narrow_in_v(scene: Scene) -> Loss:
    d, level = scene.height * 10.0 ** scene.rng.uniform(-3.0, -1.0), scene.v_th * scene.rng.uniform(0.1, 0.9)

    def integrand(v: Any, _t: Any, _sample: int) -> tuple[Any, Any]:
        x = (v - level) / d
        bump = np.exp(-x * x)
        return bump.sum(axis=1), -2 * x / d * bump

    return VoltagePathIntegral(scene.spiking.name, integrand, v_width=d)


def _narrow_in_t(scene: Scene) -> Loss:
    d, moment = scene.duration * 10.0 ** scene.rng.uniform(-3.5, -2.0), scene.duration * scene.rng.uniform(0.1, 0.6)
    return VoltageIntegral(READOUT.name, weight=lambda t: 1 / (1 + ((t - moment) / d) ** 2), t_width=d)


LOSSES: tuple[tuple[str, Callable[[Scene], Loss]], ...] = (
    ("sum of spike times", _of_spikes(0)),
    ("spike times and targets", _of_spikes(1)),
    ("first spike, cross-entropy", _of_spikes(2)),
    *VOLTAGE_LOSSES,
    ("first spike, silent ones absent", _absent),
    ("three spikes and targets, missing ones absent", _absent_target),
    ("function of spike times", _spike_function),
    ("integral of g(t) V", _slow_readout),
    ("distance to a moving trace", _moving_trace),
    ("own, spike times", _own_spikes),
    ("own, V at given times", _own_values),
    ("own, largest V", _own_maxima),
    ("own, integral of V exp(-t/tau)", _own_integral),
    ("own, spike times and mean of V", _own_mean),
    ("own, spike times and integral of l(V)", _own_path),
    ("own, V at the end", _own_end),
    ("integral of l(V), narrow in V", _narrow_in_v),
    ("integral of g(t) V, narrow in t", _narrow_in_t),
)
"""Losses by name; those of `loss_networks` keep their order."""

QUADRATURE = frozenset(
    {VOLTAGE_LOSSES[k][0] for k in NUMERICAL}
    | {"integral of g(t) V", "distance to a moving trace", "own, spike times and integral of l(V)"}
    | {"integral of l(V), narrow in V", "integral of g(t) V, narrow in t"}
)
