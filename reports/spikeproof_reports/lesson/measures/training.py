"""Training: every system on the same task, its accuracy after each epoch, and what it took."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import replace

from spikeproof.errors import EventLimitExceeded, GrazingSpike, InvalidInput
from spikeproof.lesson import EstimatorEngine, SurrogateGradient
from spikeproof.training import Adam, Samples, Sets, Settings, Trainer, TrainingWarning, evaluate
from spikeproof_reports.lesson.measures.meter import Meter
from spikeproof_reports.lesson.rows import Row, Rows
from spikeproof_reports.lesson.systems import DT, Setting, System, event_engine, system_of
from spikeproof_reports.lesson.tasks import Task, task_of

DECAY = 0.95  # of the rate from one epoch to the next
AT_MOST = 1000  # epochs, however fast they are
SEARCH_SEED = 1000  # no seed of a training
NO_ANSWER = (InvalidInput, EventLimitExceeded, GrazingSpike)  # errors with which a training ends


def trained(task: str, system: str, seed: int, setting: Setting, epochs: int, seconds: float) -> Rows:
    """The history of one training, and its last row with what the trained network does elsewhere.

    It goes on until `epochs` epochs and `seconds` processor seconds are over, whichever comes later, and ends with an
    epoch. A training that ends with an error keeps the rows so far, and the error as its note.

    Parameters
    ----------
    task, system : names.
    seed : of the weights, the order of the samples, and the noise of the estimates.
    setting : of the system.
    epochs, seconds : least length.

    Returns
    -------
    mapping from frame to rows
        ``history`` and ``trained``.
    """
    work, known = task_of(task), system_of(system)
    head = {"task": task, "system": system, "seed": seed}
    trainer, meter, marks, note = _run(known, work, work.sets, seed, setting, epochs, seconds)
    names = ("epoch", "test_accuracy", "test_loss", "train_loss", "train_accuracy", "spikes")
    history = [
        {**head, **{name: row[name] for name in names}, **mark}
        for row, mark in zip(trainer.state.history, marks, strict=True)
    ]
    last = {**head, "setting": json.dumps(dict(setting)), "note": note, **_summary(history, epochs, seconds)}
    last |= {"weights": len(trainer.state.weights), "steps": meter.steps}
    if not note:
        last |= _elsewhere(known, work, trainer, setting)
    return {"history": history, "trained": [last]}


def searched(task: str, system: str, epochs: int) -> Rows:
    """The validation accuracy of every candidate setting of a system after a few epochs; one of them is chosen.

    Parameters
    ----------
    task, system : names.
    epochs : of each candidate; the same for all systems.

    Returns
    -------
    mapping from frame to rows
        ``search``.
    """
    work, known, rows = task_of(task), system_of(system), list[Row]()
    sets = replace(work.sets, test=_watched(work.sets), validation=None)
    for number, setting in enumerate(known.settings):
        trainer, meter, _, note = _run(known, work, sets, SEARCH_SEED, setting, epochs, 0.0)
        accuracy = math.nan if note else trainer.state.history[-1]["test_accuracy"]
        rows.append(
            {
                "task": task, "system": system, "candidate": number, "setting": json.dumps(dict(setting)),
                "accuracy": accuracy, "seconds": meter.seconds, "note": note,
            }
        )  # fmt: skip
    return {"search": rows}


def chosen(rows: Rows) -> Setting:
    """The setting with the best accuracy of a search; of equal ones, the first.

    Raises
    ------
    InvalidInput
        If no candidate has an accuracy.
    """
    known = [row for row in rows["search"] if not math.isnan(row["accuracy"])]
    if not known:
        raise InvalidInput("search", rows["search"], "at least one setting that trains")
    setting: Setting = json.loads(max(known, key=lambda row: row["accuracy"])["setting"])
    return setting


Found = tuple[Trainer, Meter, list[Row], str]


def _run(
    system: System, task: Task, sets: Sets, seed: int, setting: Setting, epochs: int, seconds: float
) -> Found:  # fmt: skip
    """A training, its meter, what the meter showed at each row of the history, and the error that ended it."""
    settings = Settings(AT_MOST, task.batch, Adam(setting["rate"]), DECAY, seed=seed)
    meter, marks, note = Meter(system.estimator(setting, seed)), list[Row](), ""

    def mark(_: object) -> dict[str, float]:
        marks.append({"seconds": meter.seconds, "forward_passes": meter.forward_passes})
        return {}

    trainer = Trainer(system.classifier(task, seed), sets, settings, meter, mark)

    def stop() -> bool:
        state = trainer.state
        return state.position == 0 and state.epoch >= epochs and meter.seconds >= seconds

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TrainingWarning)  # a smoothed network never spikes
            trainer.run(stop=stop)
    except NO_ANSWER as error:
        note = f"{type(error).__name__}: {error}"
    return trainer, meter, marks[: len(trainer.state.history)], note


def _summary(history: list[Row], epochs: int, seconds: float) -> Row:
    """Accuracy after so many epochs and in so many seconds; NaN where the training ended before."""
    by_epochs = [row for row in history if row["epoch"] == epochs]
    in_time = [row for row in history if row["seconds"] <= seconds]
    after = by_epochs[0] if by_epochs else {}
    return {
        "epochs": epochs,
        "budget": seconds,
        "accuracy_epochs": after.get("test_accuracy", math.nan),
        "accuracy_seconds": in_time[-1]["test_accuracy"] if in_time else math.nan,
        "seconds_epochs": after.get("seconds", math.nan),
        "forward_passes": after.get("forward_passes", math.nan),
        "spikes": after.get("spikes", math.nan),
        "accuracy": history[-1]["test_accuracy"] if history else math.nan,
        "best": max((row["test_accuracy"] for row in history), default=math.nan),
    }


def _elsewhere(system: System, task: Task, trainer: Trainer, setting: Setting) -> Row:
    """The accuracy of the trained weights in the system's own network, with the hard step, and with exact spikes.

    NaN of the last where weights trained on a grid, which has a spike a step at most, run away without it.
    """
    classifier, weights = trainer.classifier, trainer.state.weights
    own = evaluate(classifier, weights, task.sets.test, EstimatorEngine(system.estimator(setting, SEARCH_SEED)))
    hard = math.nan
    if SurrogateGradient(DT).unsupported(classifier.problem(weights, task.judged)) is None:
        hard = evaluate(classifier, weights, task.sets.test, EstimatorEngine(SurrogateGradient(DT))).accuracy
    found = {"accuracy_own": own.accuracy, "accuracy_hard": hard}
    try:
        exact = evaluate(classifier, weights, task.sets.test, event_engine())
    except EventLimitExceeded:
        return {**found, "accuracy_exact": math.nan, "spikes_exact": math.nan}
    return {**found, "accuracy_exact": exact.accuracy, "spikes_exact": exact.spikes}


def _watched(sets: Sets) -> Samples:
    return sets.test if sets.validation is None else sets.validation
