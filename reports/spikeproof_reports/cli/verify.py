"""``spikeproof verify``: the campaign, with a progress bar, and its report."""

from __future__ import annotations

import shlex
import sys
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from spikeproof_reports.verification.run import RunRecord
    from spikeproof_verification import CaseResult, Plan, Store

OUT = Path("spikeproof-report")
EXAMPLE = 21  # the generated network that the figures show: a recurrent layer with a readout, without refractory times


@click.command(short_help="Measure how exact the gradients are, and write a report.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=OUT, show_default=True,
    help="Folder of the measurements and the report.",
)  # fmt: skip
@click.option("--deep", is_flag=True, help="The whole campaign: all networks and samples (hours).")
@click.option("--random", "n_random", type=click.IntRange(0), help="Number of generated networks.")
@click.option("--losses", "n_losses", type=click.IntRange(0), help="Number of networks that walk through every loss.")
@click.option("--sparse", "n_sparse", type=click.IntRange(0), help="Number of networks with sparse projections.")
@click.option("--wide", "n_wide", type=click.IntRange(0), help="Number of networks at the limits of the model.")
@click.option("--lattice", "n_lattice", type=click.IntRange(0), help="Number of networks on a lattice, full of ties.")
@click.option("--yin-yang", "n_yin_yang", type=click.IntRange(0), help="Number of Yin-Yang samples.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Number of the first network.")
@click.option("--studies", "studies", metavar="NAME", multiple=True, help="Run this study only; repeatable.")
@click.option("--no-studies", is_flag=True, help="Run no study.")
@click.option("--no-cases", is_flag=True, help="Leave out the case files.")
@click.option("--engine", "foreign", metavar="MODULE:ATTRIBUTE", help="Try the properties on this engine instead.")
@click.option(
    "--kind",
    type=click.Choice(["event", "grid", "mp"]),
    default="event",
    show_default=True,
    help="Of --engine: exact in binary64, in time steps, or in 28 digits and more.",
)
@click.option(
    "--draws", type=click.IntRange(1), default=5, show_default=True, help="Of --engine: problems for each property."
)
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one per processor.")
@click.option("--fresh", is_flag=True, help="Discard the finished cases of an earlier, stopped run.")
def verify(**options: Any) -> int:
    """Measure how exact the gradients of the event engine are.

    Seven campaigns: case files whose spike times and derivatives come from exact arithmetic; generated networks of
    every topology and ratio of time constants; such networks with bias currents and initial states for every loss;
    networks with sparse projections; networks at the limits of what the model admits, for every loss; networks on a
    lattice, where events coincide; and the Yin-Yang network on real samples of its data set. Gradients are those of
    all parameters. The judge is a reference with 50 digits whose adjoint, forward sensitivities and finite differences
    must agree to 30 digits first. Studies answer one question each; every study has a page of its own.
    Measurements, tables, figures, LaTeX and HTML pages are left in the folder given by --out.

    A stopped run (Ctrl-C) keeps the cases it has finished; the same command goes on from there.

    With --engine another engine is tried on properties that need no known answers: invariances, sums that must vanish,
    networks that are one and the same. They are drawn from --seed; the record is left in spikeproof-properties, or
    where --out says. See `spikeproof conformance` for known answers.
    """
    asked = Asked(**options)
    return _campaign(asked) if asked.foreign is None else _properties(asked, asked.foreign)


@dataclass(frozen=True)
class Asked:
    """The options of the command, by the names that they have there; a count is None where the plan's own is meant."""

    out: Path
    deep: bool
    n_random: int | None
    n_losses: int | None
    n_sparse: int | None
    n_wide: int | None
    n_lattice: int | None
    n_yin_yang: int | None
    seed: int
    studies: tuple[str, ...]
    no_studies: bool
    no_cases: bool
    foreign: str | None
    kind: str
    draws: int
    workers: int | None
    fresh: bool

    def plan(self) -> Plan:
        """The plan of the campaign that is asked for."""
        from spikeproof_verification import DEEP, Plan

        if self.studies and self.no_studies:
            raise click.UsageError("--studies and --no-studies cannot be given together")
        counts = {name: n for name, n in asdict(self).items() if name.startswith("n_") and n is not None}
        studies = () if self.no_studies else self.studies or None
        cases = () if self.no_cases else None
        plan = replace(DEEP if self.deep else Plan(), seed=self.seed, studies=studies, cases=cases, **counts)
        if not plan.tasks():
            raise click.UsageError("there is nothing to verify: every kind of case is left out")
        return plan


def _properties(asked: Asked, engine: str) -> int:
    from spikeproof_reports.cli.properties import try_properties

    out = Path("spikeproof-properties") if asked.out == OUT else asked.out
    return try_properties(engine, asked.kind, asked.seed, asked.draws, out)


def _campaign(asked: Asked) -> int:
    from spikeproof_reports.paper.folder import claim
    from spikeproof_reports.paper.provenance import commits, processors, provenance
    from spikeproof_verification import open_store

    started, clock = datetime.now(UTC), time.perf_counter()
    plan = asked.plan()
    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), plan.seed, started)
    claim(asked.out, "verify")
    store = open_store(asked.out, plan, "event", fresh=asked.fresh)
    commits(store.commits)
    results = _with_progress(plan, store, asked.workers or processors())
    facts |= {"commit": commits(store.commits), "duration": f"{time.perf_counter() - clock:.1f} s"}
    return _report(results, facts, asked.out, store)


def _with_progress(plan: Plan, store: Store, workers: int) -> list[CaseResult]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from spikeproof_verification import run_campaign, verdicts

    tasks = plan.tasks()
    place = {task: n for n, task in enumerate(tasks)}
    finished: dict[int, CaseResult] = {}
    columns = (
        TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TextColumn("cases"), TimeElapsedColumn(),
        TimeRemainingColumn(), TextColumn("{task.description}"),
    )  # fmt: skip
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=len(tasks))
        compared = failed = 0
        try:
            for task, result in run_campaign(plan, store, workers=workers):
                finished[place[task]] = result
                more = verdicts([result])
                compared, failed = compared + more[0], failed + more[1]
                description = f"{compared:,} numbers, {failed} failed"
                progress.update(bar, advance=1, description=description)
        except KeyboardInterrupt:
            kept = f"{len(finished)} of {len(tasks)} cases are finished and kept"
            raise click.Abort(f"{kept}; the same command goes on from there") from None
    return [finished[n] for n in range(len(tasks))]


def _report(results: list[CaseResult], facts: dict[str, str], out: Path, store: Store) -> int:
    from spikeproof_reports import save_run, write_report
    from spikeproof_reports.cli.summary import show_summary

    try:
        run = _record(results, facts)
        save_run(run, out)
        write_report(run, out)
        store.remove()
    except KeyboardInterrupt:
        raise click.Abort("all cases are finished and kept; the same command writes the report") from None
    return show_summary(run, out)


def _record(results: list[CaseResult], facts: dict[str, str]) -> RunRecord:
    from spikeproof_reports.paper.environment import locked_environment
    from spikeproof_reports.verification.run import RunRecord
    from spikeproof_verification import TOLERANCES, random_problem
    from spikeproof_verification.campaign.frames import (
        agreement_frame,
        case_frame,
        measurement_frame,
        study_frames,
        tolerance_frame,
    )
    from spikeproof_verification.problems.refractory_times import with_times
    from spikeproof_verification.problems.traces import example_traces

    return RunRecord(
        measurements=measurement_frame(results),
        cases=case_frame(results),
        agreement=agreement_frame(results),
        example=example_traces(with_times(random_problem(EXAMPLE), {})),
        tolerances=tolerance_frame(TOLERANCES),
        provenance=facts,
        environment=locked_environment(),
        studies=study_frames(results),
    )
