"""Generated problems for every loss: generated networks with a readout, bias currents and initial states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikeproof import (
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    Loss,
    LossSum,
    MaxVoltageCrossEntropy,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeTarget,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof.losses import SMOOTH
from spikeproof.numbers import Array, Float64Array
from spikeproof_verification.problems.random_networks import draw, random_problem

NUMERICAL = (5, 8, 9, 10)  # losses that are integrated by quadrature
READOUT = Population("out", 3, "li")


@dataclass(frozen=True)
class Scene:
    """The surroundings of a loss to be drawn: a spiking population, duration, number of samples, random numbers.

    `v_th` is the highest threshold of the population, `height` the longest way from a reset to a threshold.
    """

    spiking: Population
    duration: float
    n_samples: int
    rng: np.random.Generator
    v_th: float = 1.0
    height: float = 1.0

    def labels(self, size: int) -> Array:
        """A class for each sample."""
        return self.rng.integers(0, size, self.n_samples)

    def times(self, n: int) -> Float64Array:
        """Ascending times within the simulation."""
        return np.sort(self.rng.uniform(0.0, self.duration, n))


def loss_problem(seed: int) -> Problem:
    """A problem with one of `LOSSES`, the same for the same seed; `len(LOSSES)` consecutive seeds have each loss once.

    The network is that of `random_problem`, with three leaky integrators that its last population and the input
    drive, and with a bias current, an initial potential and an initial current for every neuron. Every fifth problem
    has neurons that their bias alone makes fire.
    """
    base = random_problem(_network_seed(seed))
    rng = np.random.default_rng([seed, 7919])
    spiking = next(p for name in "cba" for p in base.network.populations if p.name == name)
    source = base.network.inputs[0]
    delays = [float(d) for d in rng.uniform(0.1, 2.0, 2)]
    more = (Projection(spiking.name, READOUT.name, delays[0]), Projection(source.name, READOUT.name, delays[1]))
    network = replace(
        base.network,
        populations=(*base.network.populations, READOUT),
        projections=(*base.network.projections, *more),
    )
    unit = max(float(np.max(np.abs(w))) for w in base.parameters.weights.values())
    weights = {p.name: unit * rng.normal(0.1, 0.4, network.shape(p)) for p in more}
    neurons = {
        name: started(p, network.population(name).size, tonic=seed % 5 == 4, rng=rng)
        for name, p in base.parameters.neurons.items()
    }
    time_constants = base.parameters.neurons[spiking.name]
    tau_mem, tau_syn = (float(np.mean(x)) for x in (time_constants.tau_mem, time_constants.tau_syn))
    neurons[READOUT.name] = started(NeuronParameters(tau_mem, tau_syn), READOUT.size, tonic=False, rng=rng)
    parameters = Parameters({**base.parameters.weights, **weights}, neurons)
    scene = Scene(spiking, float(base.stimulus.duration), base.stimulus.n_samples, rng)
    _, make = LOSSES[_loss_number(seed)]
    return Problem(network, parameters, base.stimulus, make(scene), f"losses-{seed:04d}")


def loss_label(seed: int) -> str:
    """The loss of `loss_problem` in words."""
    return LOSSES[_loss_number(seed)][0]


def _loss_number(seed: int) -> int:
    return (seed + seed // len(LOSSES)) % len(LOSSES)  # every loss is combined with every topology in time


def network_label(seed: int) -> str:
    """The network of `loss_problem` in words."""
    return draw(_network_seed(seed)).label


def _network_seed(seed: int) -> int:
    """The network of problem `seed`; one without extreme ratios of the time constants where a loss is integrated
    numerically, which would take the reference minutes there.
    """
    extreme = draw(seed).regime == "extreme ratio"
    return seed + 1 if extreme and _loss_number(seed) in NUMERICAL else seed


def started(p: NeuronParameters, size: int, *, tonic: bool, rng: np.random.Generator) -> NeuronParameters:
    """Parameters with a bias and an initial state for every neuron; the first one fires on its own if `tonic`."""
    scale = 1.0 if p.v_th is None else p.v_th
    bias = rng.uniform(-0.1, 0.25, size)
    if tonic:
        bias[0] = 1.2
    return replace(
        p, bias=bias * scale, v_init=rng.uniform(-0.5, 0.5, size) * scale, i_init=rng.uniform(-0.3, 0.6, size)
    )


def _max_voltage(scene: Scene) -> Loss:
    return MaxVoltageCrossEntropy(READOUT.name, scene.labels(READOUT.size))


def _mean_cross_entropy(scene: Scene) -> Loss:
    return IntegralCrossEntropy(READOUT.name, scene.labels(READOUT.size), "mean")


def _sum(scene: Scene) -> Loss:
    return VoltageIntegral(READOUT.name, scene.rng.normal(0.0, 1.0, READOUT.size), "sum")


def _exponential(scene: Scene) -> Loss:
    weight = ExponentialWeight(0.4 * scene.duration)
    return VoltageIntegral(scene.spiking.name, scene.rng.normal(0.0, 1.0, scene.spiking.size), weight)


def _spiking_mean(scene: Scene) -> Loss:
    return IntegralCrossEntropy(scene.spiking.name, scene.labels(scene.spiking.size), "mean")


def _weighted(scene: Scene) -> Loss:
    rate = 1.0 / scene.duration

    def weight(t: Any) -> Any:
        return 1 - rate * t + 2 * (rate * t) ** 2

    return VoltageIntegral(scene.spiking.name, scene.rng.normal(0.0, 1.0, scene.spiking.size), weight, t_width=SMOOTH)


def _voltage_target(scene: Scene) -> Loss:
    return VoltageTarget(READOUT.name, scene.times(3), scene.rng.normal(0.0, 0.5, (scene.n_samples, READOUT.size, 3)))


def _spiking_voltages(scene: Scene) -> Loss:
    def function(v: Any) -> tuple[Any, Any]:
        total = v.sum()
        return total * total / 2 + (v * v * v).sum(), total + 3 * v * v

    return VoltageFunction(scene.spiking.name, scene.times(2), function)


def _trace(scene: Scene) -> Loss:
    return TargetTrace(scene.spiking.name, scene.rng.uniform(-0.2, 0.5, scene.spiking.size))


def _instantaneous(scene: Scene) -> Loss:
    return InstantaneousCrossEntropy(READOUT.name, scene.labels(READOUT.size))


def _path_integral(scene: Scene) -> Loss:
    rate = 1.0 / scene.duration

    def integrand(v: Any, t: Any, _sample: int) -> tuple[Any, Any]:
        level = (rate * t) ** 2
        return level * (v**3).sum(axis=1), 3 * level[:, None] * v**2

    return VoltagePathIntegral(scene.spiking.name, integrand, v_width=SMOOTH, t_width=SMOOTH)


def _mixture(scene: Scene) -> Loss:
    size = scene.spiking.size
    first = FirstSpikeCrossEntropy(
        scene.spiking.name, scene.labels(size), 0.1 * scene.duration, 0.4 * scene.duration, 0.01
    )
    late = SpikeTimeTarget(scene.spiking.name, scene.rng.uniform(0.0, scene.duration, (scene.n_samples, size, 1)))
    largest, decaying = _max_voltage(scene), _exponential(scene)
    return LossSum([(1.0, first), (0.1, late), (2.0, largest), (0.5, decaying), (1.5, _max_voltage(scene))])


LOSSES: tuple[tuple[str, Callable[[Scene], Loss]], ...] = (
    ("largest V, cross-entropy", _max_voltage),
    ("mean of V, cross-entropy", _mean_cross_entropy),
    ("integral of V", _sum),
    ("integral of V exp(-t/tau), spiking", _exponential),
    ("mean of V, cross-entropy, spiking", _spiking_mean),
    ("integral of g(t) V, spiking", _weighted),
    ("V at given times", _voltage_target),
    ("function of V at given times, spiking", _spiking_voltages),
    ("distance to a trace, spiking", _trace),
    ("cross-entropy at every instant", _instantaneous),
    ("integral of l(V, t), spiking", _path_integral),
    ("mixture of spike times and voltages", _mixture),
)
