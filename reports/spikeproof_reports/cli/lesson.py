"""``spikeproof lesson``: ways to train spiking networks, measured on the same work, and the claims about them."""

from __future__ import annotations

import os
import shlex
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from spikeproof_reports.lesson.plan import LessonPlan
    from spikeproof_reports.lesson.record import LessonRecord

PASSED = 0


@click.command(short_help="Measure ways around the missing derivative of a spike, and write a report.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("spikeproof-lesson"), show_default=True,
    help="Folder of the measurements and the report.",
)  # fmt: skip
@click.option("--deep", is_flag=True, help="More seeds, longer trainings, more samples of noise; hours.")
@click.option("--seeds", type=click.IntRange(2), help="Seeds of weights, order and noise; default: 5, or 10 if deep.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one per processor.")
@click.option(
    "--mnist", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of MNIST files (IDX, plain or .gz): trains on them as well, for hours.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Discard the finished parts of an earlier, stopped run.")
def lesson(
    out: Path, deep: bool, seeds: int | None, workers: int | None, mnist: Path | None, fresh: bool
) -> int:  # fmt: skip
    """Measure the ways around the derivative that a spike does not have, beside the exact gradient, and write a report.

    Gradients are compared with the exact one, every way trains the same networks from the same weights, and each
    claim of the lesson "Spiking is not differentiable" gets a number and a verdict. The report has tables, figures,
    and a page for students, lesson.md.

    A stopped run (Ctrl-C) keeps the parts it has finished; the same command goes on from there.
    """
    from spikeproof_reports.cli.unit_progress import collected
    from spikeproof_reports.lesson.record import LessonRecord, save_lesson
    from spikeproof_reports.lesson.report import write_lesson_report
    from spikeproof_reports.lesson.schedule import number_of_units, run_plan
    from spikeproof_reports.lesson.units import open_parts
    from spikeproof_reports.paper.environment import locked_environment
    from spikeproof_reports.paper.folder import claim
    from spikeproof_reports.paper.provenance import commits, processors, provenance

    started, clock = datetime.now(UTC), time.perf_counter()
    plan = _plan(deep, seeds, mnist)
    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), 0, started)
    claim(out, "lesson")
    parts = open_parts(plan, out, fresh=fresh)
    commits(parts.commits)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of the workers: seconds are those of one processor
    rows = collected(
        number_of_units(plan),
        lambda show: run_plan(plan, parts, workers or processors(), lambda unit: show(unit.name)),
    )
    facts |= {"commit": commits(parts.commits), "duration": f"{time.perf_counter() - clock:.1f} s"}
    record = LessonRecord.of(rows, facts, locked_environment())
    try:
        save_lesson(record, out)
        write_lesson_report(record, out)
        parts.remove()
    except KeyboardInterrupt:
        raise click.Abort("all parts are finished and kept; the same command writes the report") from None
    return _show(record, out)


def _plan(deep: bool, seeds: int | None, mnist: Path | None) -> LessonPlan:
    from dataclasses import replace

    from spikeproof_reports.lesson.plan import DEEP, DEFAULT
    from spikeproof_reports.lesson.tasks import task_of

    plan = DEEP if deep else DEFAULT
    if seeds is not None:
        plan = replace(plan, seeds=seeds)
    if mnist is not None:
        plan = replace(plan, mnist=str(mnist))
        task_of(plan.trained_tasks[-1])  # wrong files raise before anything is written
    return plan


def _show(record: LessonRecord, out: Path) -> int:
    """Print the claims with their verdicts; the exit status."""
    from rich.console import Console

    from spikeproof_reports.lesson.claims.catalogue import judged_claims

    console = Console(highlight=False, markup=False, emoji=False)
    for claim in judged_claims(record):
        console.print(f"{claim.verdict}: {claim.claim}", soft_wrap=True)
    console.print(f"Report: {out / 'report.html'}", soft_wrap=True)
    return PASSED
