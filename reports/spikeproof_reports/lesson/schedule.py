"""The schedule of a plan: two rounds of units, the second of which trains with the settings that the first found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from spikeproof_reports.lesson.measures import reservoirs as pools
from spikeproof_reports.lesson.measures.bursts import bursts
from spikeproof_reports.lesson.measures.conversions import conversions
from spikeproof_reports.lesson.measures.gradients import gradients
from spikeproof_reports.lesson.measures.loops import loops
from spikeproof_reports.lesson.measures.memory import steps
from spikeproof_reports.lesson.measures.noise import STOCHASTIC, noise
from spikeproof_reports.lesson.measures.sizes import SIZES, sizes
from spikeproof_reports.lesson.measures.stair import stair
from spikeproof_reports.lesson.measures.statements import STATEMENTS, statement
from spikeproof_reports.lesson.measures.training import chosen, searched, trained
from spikeproof_reports.lesson.plan import GROUPS, LessonPlan
from spikeproof_reports.lesson.rows import Rows
from spikeproof_reports.lesson.systems import SYSTEMS
from spikeproof_reports.lesson.units import Unit, run_units
from spikeproof_verification.campaign.parts import Parts

Begun = Callable[[Unit], None]

ONLY_RECURRENT = "e-prop symmetric"  # is the surrogate gradient itself where a layer is not recurrent
ON_RECURRENT = ("exact", "surrogate", "e-prop", ONLY_RECURRENT)
NOISE_SEEDS = 3  # of the weights at which variances are measured
SIZED = ("surrogate", "exact")


def number_of_units(plan: LessonPlan) -> int:
    """Number of units of both rounds."""
    return len(first_round(plan)) + len(_trainings(plan)) + len(_reservoirs(plan))


def run_plan(plan: LessonPlan, parts: Parts, workers: int, begun: Begun) -> Iterator[tuple[Unit, Rows]]:
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
    """The units that need no other."""
    return [unit for group in GROUPS if group in plan.groups for unit in MAKERS[group](plan)]


def second_round(plan: LessonPlan, found: Mapping[str, Rows]) -> list[Unit]:
    """The trainings, with the settings that the searches have found."""
    units = []
    for task, system, seed in _trainings(plan):
        options = {
            "task": task, "system": system, "seed": seed, "setting": chosen(found[_search(task, system)]),
            "epochs": plan.epochs, "seconds": plan.seconds,
        }  # fmt: skip
        units.append(Unit(f"training {task} {system} {seed}", trained, options))
    for task, size, seed in _reservoirs(plan):
        setting = chosen(found[_search(task, "reservoir")])
        options = {"task": task, "size": size, "seed": seed, "setting": setting}
        units.append(Unit(f"reservoir {task} {size} {seed}", pools.reservoirs, options))
    return units


def trained_pairs(plan: LessonPlan) -> list[tuple[str, str]]:
    """Each task with each system that is trained on it."""
    known = [key for key in SYSTEMS if not plan.systems or key in plan.systems]
    pairs = [(task, key) for task in plan.trained_tasks for key in known if key != ONLY_RECURRENT]
    return [*pairs, *(("recurrent", key) for key in known if plan.recurrent and key in ON_RECURRENT)]


def _searches(plan: LessonPlan) -> list[Unit]:
    return [
        Unit(_search(task, key), searched, {"task": task, "system": key, "epochs": plan.search_epochs})
        for task, key in trained_pairs(plan)
    ]


def _pool_searches(plan: LessonPlan) -> list[Unit]:
    size = max(plan.pools)
    return [Unit(_search(t, "reservoir"), pools.searched, {"task": t, "size": size}) for t in plan.trained_tasks]


def _search(task: str, system: str) -> str:
    return f"search {task} {system}"


def _trainings(plan: LessonPlan) -> list[tuple[str, str, int]]:
    if "trainings" not in plan.groups:
        return []
    return [(task, key, seed) for task, key in trained_pairs(plan) for seed in range(plan.seeds)]


def _reservoirs(plan: LessonPlan) -> list[tuple[str, int, int]]:
    if "reservoirs" not in plan.groups:
        return []
    return [(t, n, seed) for t in plan.trained_tasks for n in plan.pools for seed in range(plan.seeds)]


def _alone(plan: LessonPlan) -> list[Unit]:
    """Units whose time and memory are measured in processes of their own."""
    known = [key for key in SYSTEMS if (not plan.systems or key in plan.systems) and key != ONLY_RECURRENT]
    return [
        *(Unit(f"step {key}", steps, {"task": plan.tasks[0], "system": key}) for key in known),
        *(
            Unit(f"size {key} {n}", sizes, {"system": key, "neurons": n})
            for n in SIZES
            for key in SIZED
            if n <= plan.largest
        ),
    ]


def _gradients(plan: LessonPlan) -> list[Unit]:
    asked = [
        ("yin-yang", plan.stages, ("each",), ("dt", "slope")),
        *((f"depth {n}", (0,), ("depth",), ()) for n in range(2, plan.depth + 1)),
        ("recurrent", plan.stages[:2], ("each",), ()),
        ("digits", plan.stages[:2], ("each",), ()),
    ]
    return [
        Unit(
            f"gradients {task} {seed}", gradients,
            {"task": task, "stages": stages, "kinds": kinds, "ends": ends, "seed": seed},
        )
        for task, stages, kinds, ends in asked
        for seed in range(plan.seeds)
    ]  # fmt: skip


def _noise(plan: LessonPlan) -> list[Unit]:
    by_draws = [(key, 200, draws) for key in STOCHASTIC for draws in plan.draws]
    by_neurons = [(key, hidden, plan.draws[1]) for key in STOCHASTIC for hidden in plan.hidden if hidden != 200]
    return [
        Unit(
            f"noise {key} {hidden} {draws} {seed}", noise,
            {"system": key, "hidden": hidden, "draws": draws, "replicates": plan.replicates, "seed": seed},
        )
        for key, hidden, draws in (*by_draws, *by_neurons)
        for seed in range(NOISE_SEEDS)
    ]  # fmt: skip


def _loops(plan: LessonPlan) -> list[Unit]:
    options = {"task": "yin-yang", "points": plan.loop_points}
    return [Unit(f"loops {seed}", loops, {**options, "seed": seed}) for seed in range(plan.seeds)]


def _statements(plan: LessonPlan) -> list[Unit]:  # noqa: ARG001
    return [Unit(f"statement {name}", statement, {"name": name}) for name in STATEMENTS]


def _stair(plan: LessonPlan) -> list[Unit]:  # noqa: ARG001
    return [Unit("stair", stair, {"seed": 0})]


def _bursts(plan: LessonPlan) -> list[Unit]:
    return [
        Unit(f"bursts {'once' if once else 'freely'} {seed}", bursts, {"seed": seed, "fires_once": once})
        for once in (False, True)
        for seed in range(plan.seeds)
    ]


def _conversions(plan: LessonPlan) -> list[Unit]:
    return [
        Unit(f"conversion {task} {seed}", conversions, {"task": task, "seed": seed})
        for task in plan.trained_tasks
        for seed in range(plan.seeds)
    ]


MAKERS: Mapping[str, Callable[[LessonPlan], list[Unit]]] = {
    "alone": _alone,
    "trainings": _searches,
    "gradients": _gradients,
    "noise": _noise,
    "loops": _loops,
    "statements": _statements,
    "stair": _stair,
    "bursts": _bursts,
    "conversions": _conversions,
    "reservoirs": _pool_searches,
}
