"""Problems on which properties are tried: small networks with every loss, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from spikeproof import (
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    Input,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    Loss,
    LossSum,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof.losses import SMOOTH

DT = 1.0 / 32.0  # of the grid engine; input times and delays of the drawn problems lie on its grid
LOSSES: dict[str, Callable[[], Loss]] = {
    "spike times": lambda: SpikeTimeSum("hidden", [1.0, -0.5]),
    "largest V": lambda: MaxVoltageCrossEntropy("out", [1, 0]),
    "integral": lambda: IntegralCrossEntropy("out", [0, 1], ExponentialWeight(6.0)),
    "trace": lambda: TargetTrace("hidden", [0.5, 0.25]),
    "V at times": lambda: VoltageTarget("out", [4.01, 9.51], [[0.5, 0.0], [0.25, -0.5]]),
}


def gaps_squared(trains):
    """Half the squares of the gaps between the spikes of each neuron: a function that a shift of time leaves alone."""
    value, slopes = 0, []
    for train in trains:
        gaps = [b - a for a, b in pairwise(train)]
        value += sum(g * g for g in gaps) / 2
        slopes.append([a - b for a, b in zip([0, *gaps], [*gaps, 0], strict=True)][: len(train)])
    return value, slopes


def cubes(v, t, sample):
    """A user's own integrand."""
    return (v**3).sum(axis=1), 3 * v**2


def product(v):
    """A user's own function of V at two times."""
    return (v[:, 0] * v[:, 1]).sum(), v[:, ::-1]


EVERY: dict[str, Callable[[], Loss]] = LOSSES | {
    "targets": lambda: SpikeTimeTarget("hidden", [[3.0, 8.0], [5.0, 6.0]], missing="absent"),
    "first spikes": lambda: FirstSpikeCrossEntropy("hidden", [0, 1], 2.0, 8.0, 0.0, silent="absent"),
    "gaps": lambda: SpikeTimeFunction("hidden", gaps_squared),
    "integral of V": lambda: VoltageIntegral("hidden", [1.0, -0.5]),
    "decaying integral of V": lambda: VoltageIntegral("hidden", [1.0, -0.5], ExponentialWeight(6.0)),
    "mean of V": lambda: IntegralCrossEntropy("out", [0, 1], "mean"),
    "integral of g V": lambda: VoltageIntegral("hidden", [1.0, -0.5], lambda t: 1 / (1 + (t / 8) ** 2), t_width=SMOOTH),
    "cross-entropy all along": lambda: InstantaneousCrossEntropy("out", [1, 0]),
    "integral of V cubed": lambda: VoltagePathIntegral("hidden", cubes, v_width=SMOOTH, t_width=SMOOTH),
    "function of V": lambda: VoltageFunction("hidden", [5.01, 7.51], product),
    "mixture": lambda: LossSum([(2.0, LOSSES["spike times"]()), (-0.5, LOSSES["largest V"]())]),
    "two of the largest V": lambda: LossSum([(2.0, LOSSES["largest V"]()), (0.75, LOSSES["largest V"]())]),
}  # a loss for everything that can be observed
TAUS = {"tau_mem > tau_syn": (8.0, 4.0), "equal": (6.0, 6.0), "tau_mem < tau_syn": (4.0, 6.0)}
DURATION = 16.0


@dataclass(frozen=True)
class Draw:
    """The kind of problem that is drawn; its numbers come from the seed."""

    recurrent: bool
    taus: str
    loss: str
    seed: int

    def rng(self) -> np.random.Generator:
        """Dice of this draw."""
        return np.random.default_rng([self.seed, self.recurrent, sorted(TAUS).index(self.taus)])


def drawn_problem(draw: Draw) -> Problem:
    """Two channels, two neurons that spike, two leaky integrators; two samples."""
    rng = draw.rng()
    projections = (Projection("in", "hidden", 0.5), Projection("hidden", "out", 1.0), Projection("in", "out"))
    network = Network(
        (Input("in", 2),),
        (Population("hidden", 2), Population("out", 2, "li")),
        (*projections, *((Projection("hidden", "hidden"),) if draw.recurrent else ())),
    )
    weights = {"in->hidden": rng.normal(3.0, 1.0, (2, 2)), "hidden->out": rng.normal(0.0, 1.0, (2, 2))}
    weights["in->out"] = rng.normal(0.5, 1.0, (2, 2))
    if draw.recurrent:
        weights["hidden->hidden"] = rng.normal(-0.2, 0.5, (2, 2))
    tau_mem, tau_syn = (tau * np.array([1.0, 1.25]) for tau in TAUS[draw.taus])
    state = {"bias": rng.uniform(-0.1, 0.2, 2), "v_init": rng.uniform(-0.3, 0.3, 2), "i_init": rng.uniform(0.0, 0.3, 2)}
    held = DT * rng.integers(1, 32, 2) if draw.seed % 2 else np.zeros(2)
    hidden = NeuronParameters(tau_mem, tau_syn, [1.0, 1.25], [-0.25, 0.125], **state, t_ref=held)
    neurons = {"hidden": hidden, "out": NeuronParameters(tau_mem, tau_syn, **state)}
    samples = [(on_grid(rng, 5), rng.integers(0, 2, 5)) for _ in range(2)]
    stimulus = Stimulus.of_samples(samples, DURATION)
    return Problem(network, Parameters(weights, neurons), stimulus, EVERY[draw.loss]())


def on_grid(rng: np.random.Generator, count: int) -> np.ndarray:
    """Different times before 12 on the grid of the grid engine, and not on that of 1."""
    return np.sort(rng.choice(np.arange(1, 384), count, replace=False)) * DT
