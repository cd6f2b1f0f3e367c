"""The schedule of a plan: two rounds of units, the second of which trains with the settings that the first found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from spikeproof_reports.lesson.measures.gradients import gradients
from spikeproof_reports.lesson.measures.training import chosen, searched, trained
from spikeproof_reports.lesson.plan import LessonPlan
from spikeproof_reports.lesson.rows import Rows
from spikeproof_reports.lesson.systems import SYSTEMS, System
from spikeproof_reports.lesson.units import Unit, run_units
from spikeproof_verification.campaign.parts import Parts


def number_of_units(plan: LessonPlan) -> int:
    """Number of units of both rounds."""
    return len(first_round(plan)) + len(_trainings(plan))


def run_plan(
    plan: LessonPlan, parts: Parts, workers: int, begun: Callable[[Unit], None]
) -> Iterator[tuple[Unit, Rows]]:
    """All units of a plan with their rows, as they finish.

    Parameters
    ----------
    plan : LessonPlan
    parts : Parts
        Where finished ones are kept.
    workers : int
    begun : callable
        Called with each unit that is begun.

    Yields
    ------
    unit : Unit
    rows : mapping from frame to rows
    """
    found: dict[str, Rows] = {}
    for unit, rows in run_units(first_round(plan), parts, workers, begun):
        found[unit.name] = rows
        yield unit, rows
    yield from run_units(second_round(plan, found), parts, workers, begun)


def first_round(plan: LessonPlan) -> list[Unit]:
    """The units that need no other: searches first, since all trainings wait for them, then the measurements."""
    return [*_searches(plan), *_gradients(plan)]


def second_round(plan: LessonPlan, found: Mapping[str, Rows]) -> list[Unit]:
    """The trainings, with the settings that the searches have found."""
    units = []
    for task, system, seed in _trainings(plan):
        setting = chosen(found[_search_name(task, system)])
        options = {
            "task": task, "system": system, "seed": seed, "setting": dict(setting), "epochs": plan.epochs,
            "seconds": plan.seconds,
        }  # fmt: skip
        units.append(Unit(f"training {task} {system} {seed}", trained, options))
    return units


def systems_in(plan: LessonPlan) -> list[System]:
    """The systems of a plan."""
    return [s for s in SYSTEMS.values() if not plan.systems or s.key in plan.systems]


def _searches(plan: LessonPlan) -> list[Unit]:
    return [
        Unit(_search_name(task, s.key), searched, {"task": task, "system": s.key, "epochs": plan.search_epochs})
        for task in plan.trained_tasks
        for s in systems_in(plan)
    ]


def _search_name(task: str, system: str) -> str:
    return f"search {task} {system}"


def _trainings(plan: LessonPlan) -> list[tuple[str, str, int]]:
    return [(task, s.key, seed) for task in plan.trained_tasks for s in systems_in(plan) for seed in range(plan.seeds)]


def _gradients(plan: LessonPlan) -> list[Unit]:
    options = {"task": "yin-yang", "stages": list(plan.stages), "kinds": ["dt", "slope"]}
    return [Unit(f"gradients yin-yang {seed}", gradients, {**options, "seed": seed}) for seed in range(plan.seeds)]
