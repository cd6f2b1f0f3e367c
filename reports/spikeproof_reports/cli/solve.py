"""``spikeproof solve``: one problem file, one solution."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from spikeproof import Engine

DIGITS = 50  # of the mp and ode engines, unless asked for others
ENGINES = ["event", "grid", "mp", "ode", "textbook"]


@click.command(short_help="Solve a problem file and write spikes, loss and gradients.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--engine", type=click.Choice(ENGINES), default="event", show_default=True, help="Engine that solves it.")
@click.option("--dps", type=click.IntRange(15, 1000), help=f"Digits of the mp and ode engines.  [default: {DIGITS}]")
@click.option("--dt", type=float, help="Time step of the grid engine, which has no default.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write; default: standard output."
)
@click.option(
    "--event-limit",
    type=click.IntRange(1, 2**30),
    default=1_000_000,
    show_default=True,
    help="Largest number of events in one sample; more is an error.",
)
def solve(file: Path, engine: str, dps: int | None, dt: float | None, event_limit: int, out: Path | None) -> None:
    """Solve the problem in FILE and write the solution as JSON.

    FILE has the format spikeproof-problem-1 or spike-case-1. In the solution, spike_times[i] lists the times of
    neuron i in the file's order of neurons: all digits as strings for the mp and ode engines, for the others
    the shortest decimals that read back as the same binary64. Loss and gradients are there where the file gives a loss.
    """
    from spikeproof_reports.paper.folder import claim_file
    from spikeproof_reports.paper.provenance import provenance
    from spikeproof_verification.files import load_any, save_solution, solution_to_dict

    if dps is not None and engine not in ("mp", "ode"):
        raise click.UsageError(f"--dps is for --engine mp or ode; {engine} computes in binary64")
    dps = dps or DIGITS
    solver = _engine(engine, dps, dt, event_limit)
    problem = load_any(file)
    refusal = solver.unsupported(problem)
    if refusal:
        raise click.UsageError(f"the {engine} engine does not support this problem: {refusal}")
    if out is not None:
        claim_file(out)
    solution = solver.solve(problem)
    digits = dps if engine in ("mp", "ode") else None
    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), 0, datetime.now(UTC))
    del facts["seed"]  # no random numbers are drawn
    if out is None:
        click.echo(json.dumps(solution_to_dict(solution, digits, facts), indent=1))
    else:
        save_solution(solution, out, digits, facts)


def _engine(name: str, dps: int, dt: float | None, event_limit: int) -> Engine:
    if (dt is None) == (name == "grid"):
        raise click.UsageError("--engine grid needs --dt, and no other engine takes it")
    if dt is not None:
        from spikeproof import GridEngine

        return GridEngine(dt)
    if name == "event":
        from spikeproof import EventEngine

        return EventEngine(event_limit=event_limit)
    if name == "mp":
        from spikeproof_reference import MpEngine

        return MpEngine(dps=dps, event_limit=event_limit)
    if name == "textbook":
        from spikeproof_reference.textbook import TextbookEngine

        return TextbookEngine(event_limit)
    from spikeproof_reference.ode import OdeEngine

    return OdeEngine(dps=dps, event_limit=event_limit)
