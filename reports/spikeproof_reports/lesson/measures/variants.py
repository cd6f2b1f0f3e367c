"""Estimators with their settings: what gradients are compared over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spikeproof.lesson import ExactGradient, GradientEstimator, SurrogateGradient
from spikeproof.lesson.shapes import SHAPES
from spikeproof_reports.lesson.rows import Row
from spikeproof_reports.lesson.systems import DT, event_engine

STEPS = (1.0, 0.5, 0.25, 0.125)  # ms
SLOPES = (1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0)  # 1/V
SLOPE = 10.0


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


def _surrogates(kind: str, steps: Sequence[float], slopes: Sequence[float]) -> list[Variant]:
    return [
        Variant(kind, "surrogate", shape, dt, slope, SurrogateGradient(dt, shape, slope))
        for shape in SHAPES
        for dt in steps
        for slope in slopes
    ]


def _by_dt(kind: str, seed: int) -> list[Variant]:  # noqa: ARG001
    return _surrogates(kind, STEPS, (SLOPE,))


def _by_slope(kind: str, seed: int) -> list[Variant]:  # noqa: ARG001
    return _surrogates(kind, (DT,), SLOPES)


def _on_loops(kind: str, seed: int) -> list[Variant]:  # noqa: ARG001
    exact = Variant(kind, "exact", "", 0.0, 0.0, ExactGradient(event_engine()))
    return [exact, *_surrogates(kind, (DT,), (SLOPE,))]


KINDS: Mapping[str, Callable[[str, int], list[Variant]]] = {
    "dt": _by_dt,
    "slope": _by_slope,
    "loop": _on_loops,
}
