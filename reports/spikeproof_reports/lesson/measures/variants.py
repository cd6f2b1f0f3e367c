"""Estimators with their settings: what gradients are compared over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spikeproof.lesson import (
    EProp,
    EvolutionStrategy,
    ExactGradient,
    GradientEstimator,
    ScoreFunction,
    SmoothedStep,
    SurrogateGradient,
)
from spikeproof.lesson.shapes import SHAPES, Shape
from spikeproof_reports.lesson.rows import Row
from spikeproof_reports.lesson.systems import DRAWS, DT, PAIRS, event_engine

STEPS = (2.0, 1.0, 0.5, 0.25)  # ms
SLOPES = (1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0)  # 1/V
SLOPE = 10.0
BY_DT: tuple[Shape, ...] = ("super_spike", "sigmoid")  # shapes of which the step is varied
SIGMA = 0.01  # of the evolution strategy


@dataclass(frozen=True)
class Variant:
    """One estimator, with what tells it apart from others.

    Attributes
    ----------
    kind : what is varied: a name in `KINDS`.
    system : name of the system.
    shape : of the surrogate derivative, or another word for how it is made; may be empty.
    dt, slope : step and slope; 0 where there is none.
    estimator : GradientEstimator
    """

    kind: str
    system: str
    shape: str
    dt: float
    slope: float
    estimator: GradientEstimator

    @property
    def head(self) -> Row:
        """The beginning of its rows."""
        return {"kind": self.kind, "system": self.system, "shape": self.shape, "dt": self.dt, "slope": self.slope}


def variants_of(kinds: Sequence[str], seed: int) -> list[Variant]:
    """All variants of these kinds; `seed` is that of noise."""
    return [variant for kind in kinds for variant in KINDS[kind](kind, seed)]


def _surrogates(
    kind: str, steps: Sequence[float], slopes: Sequence[float], shapes: Sequence[Shape] = SHAPES
) -> list[Variant]:
    return [
        Variant(kind, "surrogate", shape, dt, slope, SurrogateGradient(dt, shape, slope))
        for shape in shapes
        for dt in steps
        for slope in slopes
    ]


def _others(kind: str, steps: Sequence[float], slopes: Sequence[float], seed: int) -> list[Variant]:
    """The smoothed step, e-prop and the score function."""
    found = []
    for dt in steps:
        for slope in slopes:
            local = EProp(dt, "super_spike", slope, feedback="random", seed=seed)
            found += [
                Variant(kind, "smoothed", "sigmoid", dt, slope, SmoothedStep(dt, slope)),
                Variant(kind, "e-prop", "random feedback", dt, slope, local),
            ]
    return found


def _by_dt(kind: str, seed: int) -> list[Variant]:
    return [*_surrogates(kind, STEPS, (SLOPE,), BY_DT), *_others(kind, STEPS, (SLOPE,), seed)]


def _by_slope(kind: str, seed: int) -> list[Variant]:
    return [*_surrogates(kind, (DT,), SLOPES), *_others(kind, (DT,), SLOPES, seed)]


def _one_of_each(kind: str, seed: int) -> list[Variant]:
    """One variant of each system that has the task's own network and loss."""
    return [
        *(Variant(kind, "surrogate", s, DT, SLOPE, SurrogateGradient(DT, s, SLOPE)) for s in SHAPES),
        Variant(
            kind, "surrogate", "super_spike, reset not differentiated", DT, SLOPE,
            SurrogateGradient(DT, "super_spike", SLOPE, reset_gradient=False),
        ),
        *_others(kind, (DT,), (SLOPE,), seed),
        Variant(
            kind, "score", f"{DRAWS} draws", DT, SLOPE, ScoreFunction(DT, SLOPE, DRAWS, seed),
        ),
        Variant(
            kind, "evolution", f"{PAIRS} pairs", 0.0, 0.0,
            EvolutionStrategy(SIGMA, PAIRS, seed, engine=event_engine()),
        ),
    ]  # fmt: skip


def _through_layers(kind: str, seed: int) -> list[Variant]:
    return [*_surrogates(kind, (DT,), (SLOPE,)), *_others(kind, (DT,), (SLOPE,), seed)]


def _on_loops(kind: str, seed: int) -> list[Variant]:  # noqa: ARG001
    exact = Variant(kind, "exact", "", 0.0, 0.0, ExactGradient(event_engine()))
    smoothed = Variant(kind, "smoothed", "sigmoid", DT, SLOPE, SmoothedStep(DT, SLOPE))
    return [exact, *_surrogates(kind, (DT,), (SLOPE,)), smoothed]


KINDS: Mapping[str, Callable[[str, int], list[Variant]]] = {
    "dt": _by_dt,
    "slope": _by_slope,
    "each": _one_of_each,
    "depth": _through_layers,
    "loop": _on_loops,
}
