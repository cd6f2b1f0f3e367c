"""``spikeproof bench``: engines side by side on the same work, speed and accuracy, and the report."""

from __future__ import annotations

import shlex
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from spikeproof_reports.bench import BenchRecord, Comparison

PASSED, FAILED = 0, 1
GREEN, RED = "bold green", "bold red"


@click.command(short_help="Measure engines side by side, speed and accuracy, and write a report.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("spikeproof-bench"), show_default=True,
    help="Folder of the measurements and the report.",
)  # fmt: skip
@click.option(
    "--benchmarks", type=click.Path(path_type=Path), default=Path("benchmarks"), show_default=True,
    help="The folder of workloads and adapters.",
)  # fmt: skip
@click.option("--workloads", multiple=True, metavar="NAME", help="w1 to w3, f1 to f5, scaling or startup; repeatable.")
@click.option("--engines", multiple=True, metavar="NAME", help="File name of an adapter, without .py; repeatable.")
@click.option("--python", "pairs", multiple=True, metavar="NAME=PATH", help="Interpreter of a peer; repeatable.")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Number of turns of each engine.")
@click.option("--seconds", type=float, default=0.5, show_default=True, help="Length of a turn.")
@click.option("--cores", metavar="N,N", help="Processors: the first, and one more for two threads. Default: first two.")
@click.option("--compare", type=click.Path(path_type=Path), metavar="FOLDER", help="Stored run to compare with.")
@click.option("--factor", type=float, default=1.3, show_default=True, help="Growth that fails.")
@click.option("--fresh", is_flag=True, help="Discard the finished parts of an earlier, stopped run.")
def bench(
    out: Path,
    benchmarks: Path,
    workloads: tuple[str, ...],
    engines: tuple[str, ...],
    pairs: tuple[str, ...],
    rounds: int,
    seconds: float,
    cores: str | None,
    compare: Path | None,
    factor: float,
    fresh: bool,
) -> int:
    """Measure this package's engines and others' side by side, and write a report.

    Each engine runs in a process of its own, pinned to one processor; all take turns, so that ratios are of times
    measured together. Peers are those that have a tox environment (tox run -m peers) or an interpreter given by
    --python; others are skipped, with the reason. Spikes, losses and gradients are judged against the reference on a
    few samples.

    With --compare, the exit status is 1 if an engine has become slower than in a stored run by more than --factor,
    as a multiple of the time of a fixed piece of numpy work that both runs measured. It is also 1 if an engine of
    this package fails.

    A stopped run (Ctrl-C) keeps the workloads it has finished; the same command goes on from there.
    """
    from spikeproof_reports.bench import (
        BenchPlan,
        BenchRecord,
        check_comparable,
        compared,
        load_bench,
        open_parts,
        open_suite,
        run_units,
        save_bench,
    )
    from spikeproof_reports.bench.interpreters import interpreters
    from spikeproof_reports.bench.plan import chosen
    from spikeproof_reports.bench.units import units_of
    from spikeproof_reports.cli.unit_progress import collected
    from spikeproof_reports.paper.environment import locked_environment
    from spikeproof_reports.paper.folder import claim
    from spikeproof_reports.paper.provenance import commits, provenance

    if factor <= 1.0:
        raise click.UsageError(f"--factor: got {factor}; allowed: a number above 1")
    started, clock = datetime.now(UTC), time.perf_counter()
    stored = None if compare is None else load_bench(compare)
    suite = open_suite(benchmarks)
    names, keys = chosen(suite, workloads, engines)
    plan = BenchPlan(names, keys, rounds, seconds, cores=_cores(cores))
    if stored is not None:
        check_comparable(stored, names, [e.name for e in suite.engines if e.key in keys])
    units = units_of(suite, plan, interpreters(pairs, suite), out)
    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), 0, started)
    claim(out, "bench")
    parts = open_parts(plan, out, fresh=fresh)
    commits(parts.commits)
    rows = collected(len(units), lambda show: run_units(units, parts, lambda u, text: show(f"{u.name}: {text}")))
    facts |= {"commit": commits(parts.commits), "duration": f"{time.perf_counter() - clock:.1f} s"}
    record = BenchRecord.of(rows, facts, locked_environment())
    comparison = None if stored is None else compared(record, stored, factor)
    try:
        save_bench(record, out)
        _write(record, comparison, out)
        parts.remove()
    except KeyboardInterrupt:
        raise click.Abort("all parts are finished and kept; the same command writes the report") from None
    return _show(record, comparison, out, [e.name for e in suite.engines if not e.environment])


def _cores(given: str | None) -> tuple[int, ...]:
    """Processor numbers as given, else the first two that this process may use."""
    from spikeproof_reports.bench.plan import allowed_cores

    allowed = allowed_cores()
    if given is None:
        return allowed[:2]
    try:
        numbers = tuple(int(part) for part in given.split(","))
    except ValueError:
        numbers = ()
    if not numbers or not set(numbers) <= set(allowed):
        raise click.UsageError(f"--cores: got {given!r}; allowed: numbers among {','.join(map(str, allowed))}")
    return numbers


def _write(record: BenchRecord, comparison: Comparison | None, out: Path) -> None:
    from spikeproof_reports.bench import bench_content
    from spikeproof_reports.paper.folder import renewed
    from spikeproof_reports.paper.together import write_all

    with renewed(out, "bench", "report") as new:
        write_all(bench_content(record, comparison), new)


def _show(record: BenchRecord, comparison: Comparison | None, out: Path, own: list[str]) -> int:
    """Print the targets and what failed; the exit status."""
    from rich.console import Console
    from rich.table import Table

    from spikeproof_reports.bench.content import verdict_on_bench
    from spikeproof_reports.bench.targets import targets_met
    from spikeproof_reports.paper.numerals import number, optional

    console = Console(highlight=False, markup=False, emoji=False)
    table = Table("target", "needed", "aim", "reached", "", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    styles = {"missed": RED, "not measured": "dim"}
    for row in targets_met(record).to_dict("records"):
        limits = (f"{'<' if row['bound'] == 'below' else '>='} {number(row['needed'])}", number(row["aim"]))
        reached = f"{optional(row['reached'])} {row['unit']}"
        table.add_row(row["target"], *limits, reached, row["verdict"], style=styles.get(row["verdict"]))
    console.print(table)
    out_of = record.engines[record.engines["status"] != "measured"]
    for row in out_of.drop_duplicates(["engine", "status", "note"]).to_dict("records"):
        style = RED if row["status"] == "failed" else None
        console.print(f"{row['status']}: {row['engine']}: {row['note']}", style=style, soft_wrap=True)
    verdict = verdict_on_bench(record, comparison)
    lines = [f"{line.name}: {line.value} {line.note}" for line in verdict.lines]
    for text in (verdict.sentence, *lines, *verdict.remarks):
        console.print(text, style=GREEN if verdict.clean else None, soft_wrap=True)
    console.print(f"Report: {out / 'report.html'}", soft_wrap=True)
    failed = out_of.loc[(out_of["status"] == "failed"), "engine"].isin(own).any() or len(record.failures)
    slower = comparison is not None and len(comparison.slower)
    return FAILED if failed or slower else PASSED
