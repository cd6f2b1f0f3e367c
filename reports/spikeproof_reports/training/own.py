"""The report of trainings that a user has made in Python, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from os import PathLike
from pathlib import Path

from spikeproof import InvalidInput
from spikeproof.arguments import instance
from spikeproof.arguments import path as as_path
from spikeproof.training import Trainer
from spikeproof.training.readout import has_classes
from spikeproof_reports.dataframes import history_frame
from spikeproof_reports.paper.provenance import provenance
from spikeproof_reports.training.outcome import Outcome, save_outcome, settings_frame
from spikeproof_reports.training.report import write_training_report

NAMES = "small letters, digits and hyphens, such as my-task"


def report_of(
    trainings: Trainer | Mapping[int, Trainer], folder: str | PathLike[str], *, name: str, title: str, text: str = ""
) -> Path:
    """The page of a report on one training, or on several seeds of it: curves, tables, LaTeX, CSV and Parquet.

    Parameters
    ----------
    trainings : Trainer, or mapping from seed to Trainer
        Of classes, with the same settings but for the seed, each as far as it has come.
    folder : path
        A new folder, or one of an earlier report of that name, which is replaced.
    name : str
        Small letters, digits and hyphens; begins the names of files.
    title : str
        Heading of the report.
    text : str
        A paragraph on what was trained.

    Returns
    -------
    Path
        ``report.html`` in that folder; beside it are report.md, tables.tex, and the folders tables and figures.

    Raises
    ------
    InvalidInput
        If there is no training with a history, one is a regression, the name has other characters, or the folder holds
        something else.
    """
    target = as_path("folder", folder)
    for field, given in (("name", name), ("title", title), ("text", text)):
        instance(field, given, str)
    if not name.replace("-", "_").isidentifier() or name != name.lower():
        raise InvalidInput("name", name, NAMES)
    every = _checked(trainings)
    settings = next(iter(every.values())).settings
    history = history_frame(every).rename(columns={"training": "seed"})
    history.insert(0, "rule", "complete")
    outcome = Outcome(
        name=name,
        title=title,
        paragraphs=(text,) if text else (),
        published=None,
        same_samples=False,
        has_rules=False,
        history=history,
        settings=settings_frame(settings, tuple(every), "as they were given"),
        epochs=settings.epochs,
    )
    seconds = float(history.groupby("seed")["seconds"].max().sum())
    started = datetime.now(UTC) - timedelta(seconds=seconds)
    facts = provenance(f"report_of, {name}", next(iter(every)), started, duration=seconds)
    save_outcome(outcome, target, facts)
    write_training_report(outcome, target, facts)
    return target / "report.html"


def _checked(trainings: Trainer | Mapping[int, Trainer]) -> dict[int, Trainer]:
    """The trainings by seed."""
    one = isinstance(trainings, Trainer)
    every = {trainings.settings.seed: trainings} if isinstance(trainings, Trainer) else trainings
    if not isinstance(every, Mapping) or not every:
        raise InvalidInput("trainings", trainings, "a Trainer, or a mapping from seeds to them")
    for seed, trainer in every.items():
        field = "trainings" if one else f"trainings[{seed!r}]"
        if not has_classes(instance(field, trainer, Trainer).classifier.readout):
            raise InvalidInput(field, "a regression", "the training of a classifier: others have no accuracy")
        if not trainer.state.history:
            raise InvalidInput(field, "no history", "a training that has begun")
    return dict(every)
