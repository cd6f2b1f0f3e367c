"""The report of a training experiment."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.environment import locked_environment
from spikeproof_reports.paper.folder import renewed
from spikeproof_reports.paper.numerals import percent
from spikeproof_reports.paper.table import Table
from spikeproof_reports.paper.together import write_all
from spikeproof_reports.paper.verdict import Verdict
from spikeproof_reports.training.chapter import printed_accuracy, statistics, training
from spikeproof_reports.training.outcome import Outcome

ALLOWED = 2.0  # standard errors of the difference that the mean over the seeds may lie below the published one


def write_training_report(outcome: Outcome, folder: Path, facts: Mapping[str, str]) -> Verdict:
    """The verdict, after the documents, tables and figures were written to `folder`."""
    content = training_content(outcome, facts, locked_environment())
    with renewed(folder, f"train {outcome.name}", "report") as new:
        write_all(content, new)
    return content.verdict


def training_content(outcome: Outcome, facts: Mapping[str, str], environment: str = "") -> Content:
    """The report without a format."""
    chapter = training(outcome)
    return Content(
        title=chapter.title,
        verdict=verdict_on_training(outcome),
        paragraphs=chapter.paragraphs,
        quantities=(),
        summary=tuple(_with_commands(table, facts.get("command", "")) for table in chapter.tables[:-1]),
        pictures=chapter.pictures,
        details=chapter.tables[-1:],
        facts=facts,
        kind="training report",
        subject="What was trained",
        printed=printed_accuracy(outcome),
        environment=environment,
    )


def seed_command(command: str, seed: int) -> str:
    """The command that repeats one training of those that `command` made; "" if another program made them."""
    words = shlex.split(command)
    if words[:2] != ["spikeproof", "train"]:
        return ""
    kept = [
        w for w, before in zip(words, ["", *words], strict=False) if not {w, before} & {"--seeds", "--seed", "--out"}
    ]
    return shlex.join([*(word for word in kept if word != "--fresh"), "--seed", str(seed), "--out", "again"])


def _with_commands(table: Table, command: str) -> Table:
    """`table` with the command that repeats each row's training, if its rows are single trainings."""
    if "seed" not in table.frame or not seed_command(command, 0):
        return table
    return replace(table, commands=tuple(seed_command(command, int(seed)) for seed in table.frame["seed"]))


def verdict_on_training(outcome: Outcome) -> Verdict:
    """The verdict on a training; it fails if a repetition of a published experiment falls short of the published mean.

    A repetition has the published samples and number of epochs and at least two seeds; it falls short if the mean
    over the seeds lies more than `ALLOWED` standard errors of the difference of the two means below the published one.
    """
    rows, published = statistics(outcome), outcome.published
    columns = zip(rows["who"], rows["mean"], rows["std"], rows["seeds"], strict=True)
    texts = [f"{who}: {_accuracy(mean, std)} ({_seeds(seeds)})" for who, mean, std, seeds in columns]
    sentence = f"Test accuracy of {'; '.join(texts)}."
    if published is None:
        return Verdict(True, sentence, ())
    said = f"{published.source} published {_accuracy(published.mean, published.std)} ({_seeds(published.seeds)})."
    if not (outcome.is_finished and outcome.same_samples and outcome.epochs == published.epochs):
        return Verdict(True, sentence, (said, "This run is no repetition of it: other samples or other epochs."))
    judged = rows[rows["seeds"] > 1]
    if judged.empty:
        return Verdict(True, sentence, (said, "One seed alone is not judged."))
    error = np.sqrt(judged["std"] ** 2 / judged["seeds"] + published.std**2 / published.seeds)
    behind = (published.mean - judged["mean"]) / error
    text = f"In standard errors of the difference it lies behind by {', '.join(f'{b:.2f}' for b in behind)}"
    return Verdict(bool((behind <= ALLOWED).all()), sentence, (said, f"{text}; {ALLOWED:g} are allowed."))


def _accuracy(mean: float, std: float) -> str:
    return f"{percent(mean)} %" if math.isnan(std) else f"{percent(mean)} ± {percent(std)} %"


def _seeds(number: int) -> str:
    return "1 seed" if number == 1 else f"{number} seeds"
