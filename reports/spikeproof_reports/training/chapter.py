"""The chapter on training: seeds, learning curves, what was published, and what the complete kink rule changes."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from spikeproof_reports.paper.chapter import Chapter
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.printed import NAME, Printed
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_reports.training.figures import kink_curves, learning_curves, silence_curves
from spikeproof_reports.training.outcome import Outcome


def training(outcome: Outcome) -> Chapter:
    """The chapter on the trainings of one experiment."""
    slug, last = outcome.name.replace("-", "_"), outcome.last
    tables = [_accuracy(slug, outcome), _seeds(slug, outcome, last)]
    published = None if outcome.published is None else outcome.published.mean
    pictures: list[Picture] = [
        learning_curves(slug, outcome.history, published, has_rules=outcome.has_rules),
        silence_curves(slug, outcome.history),
    ]
    paragraphs = [*outcome.paragraphs, _METHOD]
    if outcome.has_rules:
        tables.append(_rules(slug, outcome.name, outcome.history, last))
        pictures.append(kink_curves(slug, outcome.history))
        paragraphs.append(_RULES)
    tables.append(_settings(slug, outcome.name, outcome.settings))
    return Chapter(slug, outcome.title, tuple(paragraphs), tuple(tables), tuple(pictures))


_METHOD = (
    "Weights are trained by Adam on mini-batches, in an order drawn from the seed, by the exact gradient of the event "
    "engine. No epoch is selected: the accuracy is that after the last one. An idle neuron is one outside the readout "
    "that no sample of the watched set makes spike (the validation set, or the test set if there is none). A sample "
    "counts as wrong where it has no answer, since no readout neuron spikes or no potential rises above where it "
    "starts, and where it is tied: several classes have the same first spike time, or the same largest potential."
)
_RULES = (
    "Where a spike arrives that cuts a rising V, the maximum of V sits at the arrival and moves with it: a kink. The "
    "complete rule takes that into account and is exact; the published one does not. Both rules are compared on the "
    "same samples after every epoch, whichever of them trains."
)


def statistics(outcome: Outcome) -> pd.DataFrame:
    """Mean and standard deviation (n in the denominator) of the test accuracy over the seeds, for each rule."""
    groups = outcome.last.groupby("rule", sort=True)
    return pd.DataFrame(
        {
            "who": [f"spikeproof, {rule} rule" if outcome.has_rules else "spikeproof" for rule, _ in groups],
            "seeds": [len(rows) for _, rows in groups],
            "epochs": [int(rows["epoch"].min()) for _, rows in groups],
            "mean": [float(rows["test_accuracy"].mean()) for _, rows in groups],
            "std": [float(rows["test_accuracy"].std(ddof=0)) if len(rows) > 1 else math.nan for _, rows in groups],
            "lenient": [float((rows["test_accuracy"] + rows["test_unanswered"]).mean()) for _, rows in groups],
            "unanswered": [float(rows["test_unanswered"].mean()) for _, rows in groups],
            "tied": [float(rows["test_tied"].mean()) for _, rows in groups],
            "worst": [float(rows["test_accuracy"].min()) for _, rows in groups],
            "best": [float(rows["test_accuracy"].max()) for _, rows in groups],
            "minutes": [float(rows["seconds"].mean()) / 60.0 for _, rows in groups],
        }
    )


def _accuracy(slug: str, outcome: Outcome) -> Table:
    frame = statistics(outcome)
    if (p := outcome.published) is not None:
        row = {"who": p.source, "seeds": p.seeds, "epochs": p.epochs, "mean": p.mean, "std": p.std}
        frame = pd.concat([frame, pd.DataFrame([row])], ignore_index=True)
    columns = {
        "who": Column("who", "this run, and what was published"),
        "seeds": Column("seeds", "trainings that the mean is over", "count"),
        "epochs": Column("epochs", "passes over the training samples", "count"),
        "mean": Column("mean, %", "test accuracy after the last epoch, mean over the seeds", "percent"),
        "std": Column("s.d., %", "standard deviation over the seeds, with their number as the divisor", "percent"),
        "unanswered": Column("unanswered, %", "test samples without an answer, mean over the seeds", "percent"),
        "tied": Column("tied, %", "test samples in which several classes share the first place, mean", "percent"),
        "lenient": Column(
            "unanswered as right, %", "the same mean if samples that make no readout neuron spike counted as right, as "
            "they do in the published code", "percent",
        ),
        "worst": Column("worst, %", "smallest of all seeds", "percent", PAGE),
        "best": Column("best, %", "largest of all seeds", "percent", PAGE),
        "minutes": Column("minutes", "wall time of one training, evaluations included", "optional"),
    }  # fmt: skip
    if outcome.has_rules:  # in published code the lowest class is the answer where no leaky integrator rises
        del columns["lenient"]
    frame = frame[list(columns)]
    note = "" if outcome.is_finished else "Not all trainings have done all epochs."
    return Table(f"{slug}_accuracy", f"Test accuracy, {outcome.name}", note, frame, columns, "Nothing was trained.")


def printed_accuracy(outcome: Outcome) -> Printed:
    """Test accuracy beside what was published, as a paper prints it."""
    full = _accuracy("", outcome)
    columns = {name: full.columns[name] for name in ("who", "seeds", "epochs", "mean", "std", "minutes")}
    columns["who"] = replace(columns["who"], width=0.34)
    table = Table(NAME, full.title, full.note, full.frame[list(columns)], columns, full.empty)
    return Printed(table, ("who", "seeds", "mean", "std"), width=0.44)


def _seeds(slug: str, outcome: Outcome, last: pd.DataFrame) -> Table:
    first = outcome.history.groupby(["rule", "seed"], sort=True).head(1).set_index(["rule", "seed"])
    key = pd.MultiIndex.from_frame(last[["rule", "seed"]])
    frame = last.assign(minutes=last["seconds"] / 60.0, idle_first=first.loc[key, "idle"].to_numpy())
    columns = {
        "rule": Column("rule", "for kinks, that the gradient was computed by", "text"),
        "seed": Column("seed", "of weights, order of samples and dropout", "count"),
        "epoch": Column("epochs", "finished", "count"),
        "train_accuracy": Column("training, %", "accuracy on the training samples during the last epoch", "percent"),
        "validation_accuracy": Column("validation, %", "accuracy after the last epoch", "percent"),
        "test_accuracy": Column("test, %", "accuracy after the last epoch", "percent"),
        "test_loss": Column("test loss", "after the last epoch", "number"),
        "idle_first": Column("idle at first", "hidden neurons that never spike, before training", "count", PAGE),
        "idle": Column("idle", "the same after the last epoch", "count"),
        "silent": Column("silent, %", "pairs of a sample and a readout neuron without a spike", "percent"),
        "test_unanswered": Column("unanswered, %", "test samples without an answer, which count as wrong", "percent"),
        "test_tied": Column(
            "tied, %", "test samples in which several classes share the first place, which count as wrong", "percent"
        ),
        "spikes": Column("spikes", "per sample, of all neurons", "number", PAGE),
        "minutes": Column("minutes", "wall time", "number"),
    }
    unused = ("silent",) if outcome.has_rules else ("rule",)
    empty = () if last["validation_accuracy"].notna().any() else ("validation_accuracy",)
    kept = {name: column for name, column in columns.items() if name not in (*unused, *empty)}
    return Table(f"{slug}_seeds", f"Seeds, {outcome.name}", "", frame[list(kept)], kept, "Nothing was trained.")


def _rules(slug: str, name: str, history: pd.DataFrame, last: pd.DataFrame) -> Table:
    groups = history.groupby(["rule", "seed"], sort=True)
    frame = pd.DataFrame(
        {
            "rule": [rule for (rule, _), _ in groups],
            "seed": [seed for (_, seed), _ in groups],
            "accuracy": last["test_accuracy"],
            "kinks_first": [float(rows["kinks"].iloc[0]) for _, rows in groups],
            "kinks_last": [float(rows["kinks"].iloc[-1]) for _, rows in groups],
            "error_first": [float(rows["rule_error"].iloc[0]) for _, rows in groups],
            "error_mean": [float(rows["rule_error"].mean()) for _, rows in groups],
            "error_last": [float(rows["rule_error"].iloc[-1]) for _, rows in groups],
            "cosine": [float(rows["rule_cosine"].min()) for _, rows in groups],
        }
    )
    columns = {
        "rule": Column("trained by", "the rule for kinks"),
        "seed": Column("seed", "both rules start from the same weights and see the same batches", "count"),
        "accuracy": Column("test, %", "accuracy after the last epoch", "percent"),
        "kinks_first": Column("kinks before, %", "maxima that are kinks, before training", "percent"),
        "kinks_last": Column("kinks after, %", "the same after the last epoch", "percent"),
        "error_first": Column(
            "error before, %", "of the published rule: norm of the difference of the gradients of all weights, "
            "relative to the exact one, before training", "percent",
        ),
        "error_mean": Column("mean error, %", "mean of that error over the epochs", "percent"),
        "error_last": Column("error after, %", "that error after the last epoch", "percent", PAGE),
        "cosine": Column("least cosine", "of the angle between the two gradients, over the epochs", "optional", PAGE),
    }  # fmt: skip
    return Table(f"{slug}_rules", f"The two rules for kinks, {name}", "", frame, columns, "Nothing was trained.")


def _settings(slug: str, name: str, frame: pd.DataFrame) -> Table:
    columns = {"setting": Column("setting", "name"), "value": Column("value", "as used")}
    return Table(f"{slug}_settings", f"Settings, {name}", "", frame, columns, "There are none.")
