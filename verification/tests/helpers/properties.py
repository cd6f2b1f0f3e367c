"""Properties that every engine must have: drawn problems, engines, and how a property becomes a test."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from spikeproof import (
    EventEngine,
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    Input,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
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
from spikeproof.grid import GridEngine
from spikeproof.losses import SMOOTH
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import MP_REPEATED, REPEATED

DT = 1.0 / 32.0  # of the grid engine; input times and delays of the drawn problems lie on its grid
ENGINES = {"event": EventEngine(), "grid": GridEngine(DT), "mp": MpEngine(dps=30)}
SLOWER = {"event": 1, "grid": 1, "mp": 12}  # examples are divided by this
LOSSES = {
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


EVERY = LOSSES | {
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
}  # a loss for everything that can be observed
TAUS = {"tau_mem > tau_syn": (8.0, 4.0), "equal": (6.0, 6.0), "tau_mem < tau_syn": (4.0, 6.0)}
DURATION = 16.0


@dataclass(frozen=True)
class Draw:
    """What hypothesis draws; numbers come from the seed."""

    recurrent: bool
    taus: str
    loss: str
    seed: int

    def rng(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.recurrent, sorted(TAUS).index(self.taus)])


def draws(losses=tuple(LOSSES)):
    return st.builds(Draw, st.booleans(), st.sampled_from(sorted(TAUS)), st.sampled_from(losses), st.integers(0, 40))


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
    tau_mem, tau_syn = TAUS[draw.taus]
    tau_mem, tau_syn = tau_mem * np.array([1.0, 1.25]), tau_syn * np.array([1.0, 1.25])
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


@dataclass(frozen=True)
class Property:
    """A property, the engines that have it, and a fault that breaks it (None where none of those seeded can)."""

    holds: Callable
    engines: tuple[str, ...]
    broken_by: str | None
    losses: tuple[str, ...]


PROPERTIES: list[Property] = []


def holds_for(*engines, broken_by=None, losses=tuple(LOSSES), each=False):
    """Make a test, run with each of the engines on drawn problems, of a function of engine, problem and dice.

    With `each` there is a problem with each of the losses before those that are drawn, for engines that are fast.
    """

    def decorate(holds):
        PROPERTIES.append(Property(holds, engines, broken_by, losses))

        @pytest.mark.parametrize("name", engines)
        def test(name):
            examples = max(2, settings.default.max_examples // SLOWER[name])

            @settings(settings.default, max_examples=examples)
            @given(draw=draws(losses))
            def on_drawn_problems(draw):
                holds(ENGINES[name], drawn_problem(draw), draw.rng())

            for k, loss in enumerate(dict.fromkeys(losses) if each and SLOWER[name] == 1 else ()):
                on_drawn_problems = example(draw=Draw(k % 2 == 1, sorted(TAUS)[k % 3], loss, k))(on_drawn_problems)
            on_drawn_problems()

        test.__name__ = test.__qualname__ = holds.__name__
        test.__doc__ = holds.__doc__
        return test

    return decorate


def suppose(condition):
    """Pass over a problem that a property does not speak of, in and outside of hypothesis."""
    if not condition:
        raise UnsatisfiedAssumption


def tolerance(engine) -> float:
    """How far two solutions of one problem may differ, in units of 1 + the largest number of an array."""
    return MP_REPEATED if engine.name == "mp" else REPEATED


def assert_same(engine, actual, expected, bound=None):
    """Arrays, or structures of arrays, that agree to rounding."""
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys()
        for key, value in expected.items():
            assert_same(engine, actual[key], value, bound)
        return
    a, b = np.asarray(actual), np.asarray(expected)
    assert a.shape == b.shape
    if a.size:
        limit = tolerance(engine) if bound is None else bound
        assert np.max(np.abs(a - b)) <= limit * (1.0 + float(np.max(np.abs(b))))


def assert_same_bits(actual, expected):
    """Arrays, or structures of arrays, that agree in every bit."""
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys()
        for key, value in expected.items():
            assert_same_bits(actual[key], value)
        return
    assert np.array_equal(actual, expected)


def trains(solution, population="hidden"):
    """Spike times by sample and neuron."""
    neurons = solution.problem.network.neurons(population)
    return {
        (s, k): train
        for s in range(solution.spikes.n_samples)
        for k, train in enumerate(np.sort(t) for t in solution.spikes.sample(s).trains(neurons))
    }


def gradients(solution, only=None):
    """All gradients by the kind and the name of what they belong to."""
    g = solution.gradients
    found = {("weights", name): w for name, w in g.weights.items()} | {("input_times", ""): g.input_times}
    found |= {("delays", name): d for name, d in g.delays.items()}
    for name, p in g.neurons.items():
        found |= {(f.name, name): getattr(p, f.name) for f in fields(p) if getattr(p, f.name) is not None}
    return found if only is None else {key: value for key, value in found.items() if key[0] in only}


def with_neurons(problem, change):
    """The problem with `change(name, parameters)` for the parameters of every population."""
    neurons = {name: change(name, p) for name, p in problem.parameters.neurons.items()}
    return replace(problem, parameters=Parameters(problem.parameters.weights, neurons))


def with_weights(problem, change):
    """The problem with `change(name, w)` for the weights of every projection."""
    weights = {name: change(name, w) for name, w in problem.parameters.weights.items()}
    return replace(problem, parameters=Parameters(weights, problem.parameters.neurons))


def with_delays(problem, change):
    """The problem with `change(projection)` for the delay of every projection."""
    network = problem.network
    return replace(
        problem, network=replace(network, projections=[replace(p, delay=change(p)) for p in network.projections])
    )


def with_inputs(problem, change, network=None):
    """The problem with `change(times, channels)` for the input of every sample, in any order of time.

    The weights of another `network` are added afterwards; until then they are 0.
    """
    s = problem.stimulus
    samples = [change(*s.sample(n)) for n in range(s.n_samples)]
    stimulus = Stimulus.of_samples(samples, s.duration)
    if network is None:
        return replace(problem, stimulus=stimulus)
    given = problem.parameters.weights
    weights = {p.name: given.get(p.name, np.zeros(network.shape(p))) for p in network.projections}
    return Problem(network, Parameters(weights, problem.parameters.neurons), stimulus, problem.loss)


def at_rest(problem):
    """The problem without bias and initial state."""
    return with_neurons(problem, lambda _, p: replace(p, bias=0.0, v_init=0.0, i_init=0.0))
