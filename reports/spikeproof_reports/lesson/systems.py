"""The systems that are gradient estimators, with the settings that a search chooses from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from spikeproof import EventEngine
from spikeproof.errors import InvalidInput
from spikeproof.lesson import (
    EProp,
    EvolutionStrategy,
    ExactGradient,
    GradientEstimator,
    ScoreFunction,
    SingleSpike,
    SmoothedStep,
    SurrogateGradient,
)
from spikeproof.training import Classifier
from spikeproof_reports.lesson.tasks import Task, single_spike_classifier

Setting: TypeAlias = Mapping[str, float]

DT = 1.0  # ms, the step of all networks in steps unless another is named
PAIRS = 8  # of weights of the evolution strategy, at each step of a training
DRAWS = 2  # of the score function, at each step of a training
N_CANDIDATES = 6  # settings that are tried for each system: the equal budget of the search


@dataclass(frozen=True)
class System:
    """A way to train, as a gradient estimator.

    Attributes
    ----------
    key, title : short name, and its name in tables.
    solution : the heading under which the lesson has it.
    differs : how its network or its loss differs from those of the exact gradient; empty if they do not.
    estimator : the estimator of a setting and a seed.
    settings : `N_CANDIDATES` settings, each with the rate of Adam.
    classifier : the classifier of a task and a seed.
    """

    key: str
    title: str
    solution: str
    differs: str
    estimator: Callable[[Setting, int], GradientEstimator]
    settings: tuple[Setting, ...]
    classifier: Callable[[Task, int], Classifier] = lambda task, seed: task.classifier(seed)


def event_engine() -> EventEngine:
    """The event engine on one thread: seconds of all systems are those of one processor."""
    return EventEngine(threads=1)


def system_of(key: str) -> System:
    """The system of that name.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    if key not in SYSTEMS:
        raise InvalidInput("system", key, f"one of {', '.join(SYSTEMS)}")
    return SYSTEMS[key]


def grid(**values: tuple[float, ...]) -> tuple[Setting, ...]:
    """All combinations of the values, in order."""
    settings: list[dict[str, Any]] = [{}]
    for name, choices in values.items():
        settings = [{**setting, name: value} for setting in settings for value in choices]
    return tuple(settings)


STEPPED = f"network in steps of {DT:g} ms"
RATES, RATES_3 = (2e-3, 5e-3, 1e-2, 2e-2, 4e-2, 8e-2), (5e-3, 1e-2, 2e-2)

SYSTEMS: Mapping[str, System] = {
    s.key: s
    for s in (
        System(
            "exact", "exact gradient", "(beside the lesson)", "",
            lambda _, __: ExactGradient(event_engine()), grid(rate=RATES),
        ),
        System(
            "evolution", "evolution strategy", "1. Don't use gradients",
            f"loss averaged over random weights, {PAIRS} antithetic pairs per step",
            lambda s, seed: EvolutionStrategy(s["sigma"], PAIRS, seed, engine=event_engine()),
            grid(rate=(1e-2, 2e-2, 4e-2), sigma=(0.01, 0.1)),
        ),
        System(
            "single-spike", "one spike", "2. Restrict to a single spike",
            "each neuron fires once; readout of spiking neurons, first-spike loss; tau_mem = 2 tau_syn",
            lambda _, __: SingleSpike(), grid(rate=RATES), single_spike_classifier,
        ),
        System(
            "smoothed", "smoothed step", "3. Smooth out the spikes", f"{STEPPED}, sigmoid in the place of spikes",
            lambda s, _: SmoothedStep(DT, s["beta"]), grid(rate=RATES_3, beta=(10.0, 25.0)),
        ),
        System(
            "score", "probabilistic, score function", "3. Smooth out the spikes",
            f"{STEPPED}, spikes at random; expected loss, {DRAWS} draws per sample",
            lambda s, seed: ScoreFunction(DT, s["beta"], DRAWS, seed), grid(rate=RATES_3, beta=(5.0, 10.0)),
        ),
        System(
            "surrogate", "surrogate gradient", "4. Surrogate gradients", STEPPED,
            lambda s, _: SurrogateGradient(DT, "super_spike", s["slope"]), grid(rate=RATES_3, slope=(5.0, 25.0)),
        ),
        System(
            "e-prop", "local: e-prop, random feedback", "5. Approximate gradients", STEPPED,
            lambda s, seed: EProp(DT, "super_spike", s["slope"], feedback="random", seed=seed),
            grid(rate=RATES_3, slope=(5.0, 25.0)),
        ),
        System(
            "e-prop symmetric", "e-prop, symmetric feedback", "5. Approximate gradients", STEPPED,
            lambda s, _: EProp(DT, "super_spike", s["slope"]), grid(rate=RATES_3, slope=(5.0, 25.0)),
        ),
    )
}  # fmt: skip
