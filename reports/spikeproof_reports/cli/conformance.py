"""``spikeproof conformance``: the suite for engines in any language."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spikeproof_reports.cli.seconds import SECONDS, SECONDS_OR_NONE

if TYPE_CHECKING:
    from spikeproof_verification.conformance.connectors import Connector
    from spikeproof_verification.conformance.record import Run
    from spikeproof_verification.conformance.session import Session


@click.command(short_help="Judge an engine in any language, case by case.")
@click.option("--engine", "python", metavar="MODULE:ATTRIBUTE", help="A Python engine, or what makes one.")
@click.option("--command", metavar="TEXT", help="A program for each problem: 'prog {problem} {solution}'.")
@click.option("--serve", metavar="TEXT", help="A program that stays, and speaks lines of JSON.")
@click.option(
    "--supports", type=click.Path(path_type=Path), help="JSON file: what the engine supports, if it does not say."
)
@click.option(
    "--level",
    "levels",
    type=click.Choice(["exact64", "float32", "grid"]),
    multiple=True,
    help="How it is judged; may be given again. Default: what the engine declares, else exact64.",
)
@click.option(
    "--family", "families", metavar="TEXT", multiple=True, help="Families that begin with this; again for more."
)
@click.option("--case", "keys", metavar="NAME", multiple=True, help="This case only; may be given again.")
@click.option(
    "--expected-failures", "expected", type=click.Path(path_type=Path), help="File of failures that are known."
)
@click.option(
    "--timeout",
    type=SECONDS,
    default=60.0,
    show_default=True,
    help="Seconds for one problem.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes of the engine side by side; default: processors.")
@click.option(
    "--shrink",
    type=SECONDS_OR_NONE,
    default=20.0,
    show_default=True,
    help="Seconds in which failing problems are made smaller.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("spikeproof-conformance"),
              show_default=True, help="Folder of the results.")  # fmt: skip
def conformance(
    python: str | None, command: str | None, serve: str | None, supports: Path | None, levels: tuple[str, ...],
    families: tuple[str, ...], keys: tuple[str, ...], expected: Path | None, timeout: float, workers: int | None,
    shrink: float, out: Path,
) -> int:  # fmt: skip
    """Judge an engine on cases whose answers are known to 25 digits.

    Give one of --engine, --command and --serve. A smoke test comes first: it knows the usual wrong conventions by
    their values. Then every case gets a verdict: pass, fail, unsupported, refused, error, crashed or timeout. The
    headline is passed / supported / total; what is not supported is never counted as passed.

    Exit status 0 if everything supported has passed, or fails as --expected-failures says, and nothing else.
    """
    from spikeproof_reports.conformance.documents import KIND
    from spikeproof_reports.paper.folder import claim
    from spikeproof_reports.paper.provenance import processors, provenance
    from spikeproof_verification.conformance.expected_failures import read_expected
    from spikeproof_verification.conformance.session import Session
    from spikeproof_verification.files.json_file import read_json

    started = datetime.now(UTC)
    declares = None if supports is None else read_json(supports)
    connect, cases = _connector(python, command, serve, timeout), _chosen(families, keys)
    claim(out, KIND)
    session = Session(connect, cases, levels, declares)
    try:
        known = None if expected is None else read_expected(expected, session.tasks)
    except BaseException:
        session.first.close()
        raise
    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), 0, started)
    run = _with_progress(session, workers or processors(), facts)
    return _report(session, run, known, shrink, out)


def _connector(python: str | None, command: str | None, serve: str | None, timeout: float) -> Callable[[], Connector]:
    from spikeproof_verification.conformance.connectors import Command, Serve, python_engine, words_of

    if sum(x is not None for x in (python, command, serve)) != 1:
        raise click.UsageError("one of --engine, --command and --serve says who is judged")
    if python is not None:
        return lambda: python_engine(python, timeout)
    if serve is not None:
        words = words_of("--serve", serve)
        return lambda: Serve(words, timeout)
    assert command is not None
    return lambda: Command(command, timeout)


def _chosen(families: tuple[str, ...], keys: tuple[str, ...]) -> list[Any]:
    from spikeproof import InvalidInput
    from spikeproof_verification.conformance.case import shipped

    cases = shipped()
    for key in keys:
        if key not in {case.key for case in cases}:
            raise InvalidInput("--case", key, "the name of a case, such as ratio-equal")
    chosen = [case for case in cases if not families or any(case.family.startswith(f) for f in families)]
    return [case for case in chosen if not keys or case.key in keys]


def _with_progress(session: Session, workers: int, facts: dict[str, str]) -> Run:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TextColumn("cases"), TimeElapsedColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=len(session.tasks))
        return session.run(workers, facts, lambda done, _: progress.update(bar, completed=done))


def _report(session: Session, run: Run, known: Any, shrink: float, out: Path) -> int:
    from spikeproof_reports.cli.conformance_table import show
    from spikeproof_reports.conformance import write_documents
    from spikeproof_verification.conformance.expected_failures import unexpected

    reproducers = session.smallest(run.verdicts, shrink) if run.complete else []
    lines = None if known is None else list(unexpected(run.verdicts, known))
    write_documents(run, out, lines, reproducers)
    if not run.complete:
        raise click.Abort(f"{len(run.verdicts)} of {len(session.tasks)} verdicts are in {out / 'results.jsonl'}")
    return show(run, lines, out)
