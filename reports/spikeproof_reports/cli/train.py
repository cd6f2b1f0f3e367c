"""``spikeproof train``: experiments that train networks, with a progress bar, and their report."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spikeproof_reports.cli.commands import Commands

if TYPE_CHECKING:
    from spikeproof.training import Settings
    from spikeproof_reports.training.plan import Plan

PASSED, FAILED = 0, 1


@click.group(cls=Commands, short_help="Train networks by exact gradients, and write a report.")
def train() -> None:
    """Train a network by exact gradients, with Adam, and write a report.

    Every training leaves a checkpoint in the folder given by --out. A stopped run (Ctrl-C) keeps them, and the same
    command goes on from there, to the same bits as if it had not been stopped. Learning curves, tables of the seeds,
    and what was published beside them are left in report.html, report.md and tables.tex; the history of all epochs in
    history.parquet and history.csv.
    """


@dataclass(frozen=True)
class Choices:
    """The options of the command line that all experiments share."""

    out: Path | None
    seeds: int
    seed: int
    epochs: int | None
    batch: int | None
    rate: float | None
    decay: float | None
    dropout: float | None
    workers: int | None
    threads: int
    fresh: bool
    rule: str = "complete"

    def settings(self, default: Settings) -> Settings:
        """The experiment's settings, changed by the options that were given; a wrong value raises `InvalidInput`."""
        given = {name: getattr(self, name) for name in ("epochs", "batch", "decay", "dropout")}
        settings = replace(default, **{name: value for name, value in given.items() if value is not None})
        return settings if self.rate is None else replace(settings, adam=replace(settings.adam, rate=self.rate))


_COMMON = (
    click.option(
        "--out", type=click.Path(path_type=Path, file_okay=False),
        help="Folder of checkpoints and report; default: spikeproof-EXPERIMENT.",
    ),
    click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="Number of trainings."),
    click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The first of the seeds."),
    click.option("--epochs", type=click.IntRange(1), help="Passes over the training samples."),
    click.option("--batch", type=click.IntRange(1), help="Samples per step."),
    click.option("--rate", type=float, help="Step size of Adam in the first epoch."),
    click.option("--decay", type=float, help="Factor of the step size from one epoch to the next."),
    click.option("--dropout", type=float, help="Probability that an input spike is left out."),
    click.option("--workers", type=click.IntRange(1), help="Processes; default: one per processor."),
    click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="Threads of each process."),
    click.option("--fresh", is_flag=True, help="Discard the checkpoints of an earlier run."),
)  # fmt: skip
_RULE = click.option(
    "--rule", type=click.Choice(["complete", "published", "both"]), default="complete", show_default=True,
    help="Rule for maxima of V at kinks; with both, every seed is trained twice.",
)  # fmt: skip


def _common(command: Callable[..., int]) -> Callable[..., int]:
    for option in reversed(_COMMON):
        command = option(command)
    return command


@train.command("yin-yang")
@_common
@click.option(
    "--silent", type=click.Choice(["absent", "duration"]), default="absent", show_default=True,
    help="How the loss treats a silent output neuron: absent, or a spike at T.",
)  # fmt: skip
def yin_yang(silent: str, **choices: Any) -> int:
    """The Yin-Yang data set, as in the paper.

    5-200-3 LIF neurons, first-spike loss, as in Wunderlich and Pehle (2021): Adam 5e-3 times 0.95 per epoch, batches of
    32, 100 epochs. Published over 10 seeds: 98.10 +- 0.18 %.
    """
    from spikeproof_reports.training.yin_yang import SETTINGS

    return _run("yin-yang", SETTINGS, Choices(**choices), {"silent": silent})


@train.command("digits")
@_common
@_RULE
def digits(**choices: Any) -> int:
    """Small images of digits.

    The 8 x 8 digits that scikit-learn ships, in a latency code: 64-200 LIF-10 LI, max-voltage loss.
    """
    from spikeproof_reports.training.digits import SETTINGS

    return _run("digits", SETTINGS, Choices(**choices), {})


@train.command("mnist")
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True,
    help="Folder with the IDX files train-images-idx3-ubyte, ..., t10k-labels-idx1-ubyte, plain or .gz.",
)  # fmt: skip
@click.option("--train", "n_train", type=click.IntRange(1), help="Images to train on; default: all but --validation.")
@click.option("--validation", "n_validation", type=click.IntRange(0), help="Images to validate; default: 5000.")
@click.option("--test", "n_test", type=click.IntRange(1), help="Images to test; default: all of t10k.")
@_common
@_RULE
def mnist(data: Path, n_train: int | None, n_validation: int | None, n_test: int | None, **choices: Any) -> int:
    """MNIST, or images in its format.

    784-350 LIF-10 LI, max-voltage loss, as in Wunderlich and Pehle (2021): Adam 5e-3 times 0.95 per epoch, batches of
    5, input dropout 0.2, 100 epochs; 55 000 images to train on where there are 60 000. With the 10 000 test images
    alone, --train 8000 --test 2000 divides them.
    """
    from spikeproof_reports.training.mnist import SETTINGS, Split

    options = {"data": data, "split": Split(n_train, n_validation, n_test)}
    return _run("mnist", SETTINGS, Choices(**choices), options)


@train.command("shd")
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True,
    help="HDF5 file with spikes/times (in s), spikes/units and labels.",
)  # fmt: skip
@click.option(
    "--test-data", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The same for testing; default: a fifth of --data.",
)  # fmt: skip
@_common
@_RULE
def shd(data: Path, test_data: Path | None, **choices: Any) -> int:
    """Spike trains in an HDF5 file.

    The format is that of the Spiking Heidelberg data sets: 700-256 LIF-LI, max-voltage loss.
    """
    from spikeproof_reports.training.shd import SETTINGS

    return _run("shd", SETTINGS, Choices(**choices), {"data": data, "test_data": test_data})


def _run(name: str, default: Settings, choices: Choices, options: Mapping[str, Any]) -> int:
    from rich.console import Console

    from spikeproof_reports.cli.training_progress import watched_sweep
    from spikeproof_reports.paper.folder import claim
    from spikeproof_reports.paper.provenance import commits, processors, provenance
    from spikeproof_reports.training.outcome import outcome_of, save_outcome
    from spikeproof_reports.training.report import write_training_report
    from spikeproof_reports.training.sweep import CHECKPOINTS, experiment_of
    from spikeproof_verification.campaign.parts import Parts

    started = datetime.now(UTC)
    plan, out = _plan(name, default, choices, options), choices.out or Path(f"spikeproof-{name}")
    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), choices.seed, started)
    experiment_of(plan)  # wrong samples raise before anything is written
    claim(out, f"train {name}")
    checkpoints = Parts(out / CHECKPOINTS)
    if choices.fresh:
        checkpoints.remove()
    commits(checkpoints.commits)
    trainings = watched_sweep(plan, out, choices.workers or processors())
    facts["commit"] = commits(checkpoints.commits)
    facts["duration"] = f"{sum(t.history[-1]['seconds'] for t in trainings):.1f} s, of all trainings together"
    outcome = outcome_of(plan, trainings)
    save_outcome(outcome, out, facts)
    verdict = write_training_report(outcome, out, facts)
    console = Console(highlight=False, markup=False, emoji=False)
    for text in (verdict.sentence, *verdict.remarks):
        console.print(text, style="bold green" if verdict.clean else "bold red")
    console.print(f"Report: {out / 'report.html'}", soft_wrap=True)
    return PASSED if verdict.clean else FAILED


def _plan(name: str, default: Settings, choices: Choices, options: Mapping[str, Any]) -> Plan:
    from spikeproof_reports.training.experiment import RULES
    from spikeproof_reports.training.plan import Plan

    rules = RULES if choices.rule == "both" else tuple(rule for rule in RULES if rule == choices.rule)
    seeds = tuple(range(choices.seed, choices.seed + choices.seeds))
    return Plan(name, choices.settings(default), seeds, rules, options, choices.threads)
