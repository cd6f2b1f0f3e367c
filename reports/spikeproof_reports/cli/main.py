"""The ``spikeproof`` command: its commands, and how errors become one line and an exit status."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor

import click

from spikeproof import EventLimitExceeded, GrazingSpike, InvalidInput, __version__
from spikeproof_reports.cli.audit import audit
from spikeproof_reports.cli.bench import bench
from spikeproof_reports.cli.cite import cite
from spikeproof_reports.cli.commands import Commands
from spikeproof_reports.cli.conformance import conformance
from spikeproof_reports.cli.ledger import ledger
from spikeproof_reports.cli.lesson import lesson
from spikeproof_reports.cli.publish import publish
from spikeproof_reports.cli.report import report
from spikeproof_reports.cli.solve import solve
from spikeproof_reports.cli.train import train
from spikeproof_reports.cli.verify import verify
from spikeproof_reports.cli.warm import warm

PASSED, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Exit status:
  0  everything asked for was done, and every check passed
  1  a check failed, or a problem has no answer (runaway network, grazing spike)
  2  bad input; one line names the field, the value and what is allowed
  130  stopped (Ctrl-C); one line says what is kept

\b
Examples:
  spikeproof verify                        # ten minutes: how exact are the gradients?
  spikeproof verify --deep                 # the whole campaign; can be stopped and resumed
  spikeproof report spikeproof-report      # make the documents again, from stored numbers
  spikeproof conformance --serve ./engine  # judge an engine in any language
  spikeproof solve problem.json --engine mp --dps 60 --out solution.json
  spikeproof train yin-yang --seeds 10     # can be stopped and resumed
  spikeproof bench --compare stored        # has an engine become slower?
  spikeproof lesson                        # what is there besides exact gradients, and how good is it?""",
)
@click.version_option(__version__, prog_name="spikeproof")
def cli() -> None:
    """Verification-first numerics for exact gradients of spiking neural networks.

    The fast event-driven engine is compared, number by number, with a high-precision reference that uses other
    algorithms and agrees with itself in three ways. Every number is judged against a named bound.
    """


cli.add_command(verify)
cli.add_command(conformance)
cli.add_command(audit)
cli.add_command(report)
cli.add_command(solve)
cli.add_command(ledger)
cli.add_command(train)
cli.add_command(bench)
cli.add_command(lesson)
cli.add_command(publish)
cli.add_command(cite)
cli.add_command(warm)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on `arguments` (those of the process if None); returns the exit status."""
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
        return FAILED
    except OSError as error:  # some output could not be written
        _silence()
        return _refuse(_reason(error), BAD_INPUT)
    except SystemExit as error:  # how click and rich answer a closed pipe
        return error.code if isinstance(error.code, int) else FAILED
    return status


def _run(arguments: Sequence[str] | None) -> int:
    try:
        status = cli.main(arguments, prog_name="spikeproof", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else str(error))
        return BAD_INPUT
    except click.UsageError as error:
        return _refuse(error.format_message(), BAD_INPUT)
    except InvalidInput as error:
        return _refuse(str(error), BAD_INPUT)
    except OSError as error:
        if error.filename is None:
            raise
        return _refuse(_reason(error), BAD_INPUT)
    except MemoryError:
        return _refuse("the problem needs more memory than there is", BAD_INPUT)
    except (EventLimitExceeded, GrazingSpike) as error:
        return _refuse(str(error), FAILED)
    except BrokenExecutor:
        return _refuse("a worker process was killed, or ran out of memory; the same command goes on from there", FAILED)
    except (click.Abort, KeyboardInterrupt) as error:
        return _refuse("; ".join(["stopped", *map(str, error.args)]), INTERRUPTED)
    return status if isinstance(status, int) else PASSED


def _reason(error: OSError) -> str:
    if error.filename is None:
        return f"input or output: {error.strerror or error}"
    return f"file: got {error.filename!r}; allowed: a path that can be used ({error.strerror})"


def _silence() -> None:
    """Discard output that is still buffered: at its end the interpreter would report the closed pipe."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a stream without a file
        sys.stdout = io.StringIO()


def _refuse(message: str, status: int) -> int:
    sys.stderr.write("spikeproof: " + " ".join(message.split()) + "\n")
    return status
