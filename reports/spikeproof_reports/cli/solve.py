"""``spikeproof solve``: one problem file, one solution."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command(short_help="Solve a problem file and write spikes, loss and gradients.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--engine", type=click.Choice(["event", "mp"]), default="event", show_default=True, help="Who solves it.")
@click.option(
    "--dps", type=click.IntRange(15, 1000), default=50, show_default=True, help="Decimal digits of the mp engine."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write; default: standard output."
)
@click.option(
    "--event-limit",
    type=click.IntRange(1, 2**30),
    default=1_000_000,
    show_default=True,
    help="Most events of one sample; more is an error.",
)
def solve(file: Path, engine: str, dps: int, event_limit: int, out: Path | None) -> None:
    """Solve the problem in FILE and write the solution as JSON.

    FILE has the format spikeproof-problem-1 or spike-case-1. In the solution, spike_times[i] lists the times of
    neuron i in the file's order of neurons: shortest decimals that read back as the same binary64 for the event
    engine, all digits as strings for the mp engine. Loss and gradients are there where the file gives a loss.
    """
    from spikeproof_reports.provenance import provenance
    from spikeproof_verification.files import load_any, save_solution, solution_to_dict

    problem = load_any(file)
    if engine == "mp":
        from spikeproof_reference import MpEngine

        solution = MpEngine(dps=dps, event_limit=event_limit).solve(problem)
    else:
        from spikeproof import EventEngine

        solution = EventEngine(event_limit=event_limit).solve(problem)
    digits = dps if engine == "mp" else None
    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), 0, datetime.now(UTC))
    del facts["seed"]  # nothing is drawn
    if out is None:
        click.echo(json.dumps(solution_to_dict(solution, digits, facts), indent=1))
    else:
        save_solution(solution, out, digits, facts)
