"""``spikeproof audit``: the engines that people use, through the conformance suite."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from spikeproof_reports.cli.seconds import SECONDS, SECONDS_OR_NONE

PASSED = 0


@click.command(short_help="Judge other engines, each in its own environment.")
@click.option("--peer", "keys", metavar="NAME", multiple=True, help="This engine only; may be given again.")
@click.option(
    "--benchmarks",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("benchmarks"),
    show_default=True,
    help="Folder of the adapters; environments are beside it.",
)
@click.option(
    "--timeout",
    type=SECONDS,
    default=600.0,
    show_default=True,
    help="Seconds for one problem, compilation included.",
)
@click.option(
    "--shrink",
    type=SECONDS_OR_NONE,
    default=20.0,
    show_default=True,
    help="Seconds in which the failing problems of an engine are made smaller.",
)
@click.option("--resume", is_flag=True, help="Take results of the same cases and commit that are in the folder.")
@click.option("--checkers/--no-checkers", "with_checkers", default=True, show_default=True,
              help="Also show seeded faults to generic checkers of gradients.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("spikeproof-audit"),
              show_default=True, help="Folder of the results.")  # fmt: skip
def audit(
    keys: tuple[str, ...], folder: Path, timeout: float, shrink: float, resume: bool, with_checkers: bool, out: Path
) -> int:
    """Judge the engines that people use.

    Each runs in its own environment (`tox run -m peers` makes them), through the adapters of the benchmarks folder.
    What each supports, passes and fails, the errors of its gradients over samples, and what generic checkers see of
    seeded faults, is written to report.html, report.md and tables.tex; the smallest failing problem of each family to
    failures/, each engine's own results to a folder of its name.
    """
    from spikeproof_reports.audit.audit import Auditor
    from spikeproof_reports.audit.checkers.seen import seen_by_checkers
    from spikeproof_reports.audit.peers import chosen
    from spikeproof_reports.audit.report import write_audit
    from spikeproof_reports.paper.folder import claim
    from spikeproof_reports.paper.provenance import provenance

    peers = chosen(keys)
    if not (folder / "judged.py").exists():
        raise click.UsageError(f"{folder} is no folder of adapters: it lacks judged.py")
    claim(out, "audit")
    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), 0, datetime.now(UTC))
    auditor = Auditor(folder, out, timeout, shrink, facts, _say, resume)
    found = []
    for peer in peers:
        found.append(auditor.audited(peer))
        write_audit(found, None, out, facts)
    if with_checkers:
        write_audit(found, seen_by_checkers(folder, _say), out, facts)
    for one in found:
        click.echo(f"{one.peer.key}: {one.run.headline if one.run else one.note}")
    click.echo(f"Audit: {out / 'report.html'}")
    return PASSED


def _say(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{text}   ", nl=False, err=True)
