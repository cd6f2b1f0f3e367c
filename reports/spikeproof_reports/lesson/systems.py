"""The systems: the exact gradient and the ways around it, with the settings that a search chooses from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from spikeproof import EventEngine
from spikeproof.errors import InvalidInput
from spikeproof.lesson import ExactGradient, GradientEstimator, SurrogateGradient
from spikeproof.training import Classifier
from spikeproof_reports.lesson.tasks import Task

Setting: TypeAlias = Mapping[str, float]

DT = 1.0  # ms, the step of all networks in steps unless another is named
N_CANDIDATES = 6  # settings that are tried for each system: the equal budget of the search


@dataclass(frozen=True)
class System:
    """A way to train, as a gradient estimator.

    Attributes
    ----------
    key, title : short name, and its name in tables.
    solution : the heading under which the lesson has it.
    differs : how its network or its loss differs from those of the exact gradient; empty if they do not.
    estimator : the estimator of a setting.
    settings : `N_CANDIDATES` settings, each with the rate of Adam.
    classifier : the classifier of a task and a seed.
    """

    key: str
    title: str
    solution: str
    differs: str
    estimator: Callable[[Setting], GradientEstimator]
    settings: tuple[Setting, ...]
    classifier: Callable[[Task, int], Classifier] = lambda task, seed: task.classifier(seed)


def seeded(estimator: GradientEstimator, seed: int) -> GradientEstimator:
    """`estimator` with this seed, or itself if it has none: each step of a training draws numbers of its own."""
    return replace(estimator, seed=seed) if hasattr(estimator, "seed") else estimator  # type: ignore[type-var]


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


def _grid(**values: tuple[float, ...]) -> tuple[Setting, ...]:
    """All combinations of the values, in order."""
    settings: list[dict[str, Any]] = [{}]
    for name, choices in values.items():
        settings = [{**setting, name: value} for setting in settings for value in choices]
    return tuple(settings)


SYSTEMS: Mapping[str, System] = {
    s.key: s
    for s in (
        System(
            "exact", "exact gradient", "beside the lesson", "",
            lambda _: ExactGradient(event_engine()), _grid(rate=(1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 4e-2)),
        ),
        System(
            "surrogate", "surrogate gradient", "4. Surrogate gradients", "time steps of 1 ms",
            lambda s: SurrogateGradient(DT, "super_spike", s["slope"]),
            _grid(rate=(2e-3, 5e-3, 1e-2), slope=(5.0, 25.0)),
        ),
    )
}  # fmt: skip
