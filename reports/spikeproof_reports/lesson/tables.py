"""The other tables of the lesson's report."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spikeproof_reports.lesson.claims.catalogue import judged_claims
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.lesson.systems_table import in_words
from spikeproof_reports.paper.table import PAGE, Column, Table

_COMPARED = ["task", "stage", "system", "shape", "dt", "slope", "projection"]


def claims_table(record: LessonRecord) -> Table:
    """The claims of the lesson with their tests and verdicts."""
    rows = [(c.claim, c.test, c.found, c.verdict) for c in judged_claims(record)]
    columns = {
        "claim": Column("claim", "as in the lesson, shortened", width=0.22),
        "test": Column("tested by", "the measurement, and from when on the claim holds", width=0.32),
        "found": Column("found", "mean ± standard deviation over the seeds where there are several", width=0.26),
        "verdict": Column(
            "verdict", "a part within two standard errors of its bound is not decided; of several parts all must hold, "
            "or it holds in part", width=0.1,
        ),
    }  # fmt: skip
    return Table("lesson_claims", "The claims of the lesson", "", _framed(rows, columns), columns, "No claim.")


def gradient_table(record: LessonRecord) -> Table:
    """Every system's gradient on every task, all weights and hidden weights, at all stages."""
    rows = record["gradients"]
    own = rows[rows["kind"].isin(("each", "depth"))]
    note = (
        "The exact gradient is that of the same loss of the network with exact spike times, of 200 samples; mean "
        "over the seeds. The score function and the evolution strategy are single estimates, with the draws of one "
        "training step."
    )
    return _gradients(own, "lesson_gradients", "Gradients beside the exact one", note)


def sweep_table(record: LessonRecord) -> Table:
    """Gradients against step and slope, for hidden weights."""
    rows = record["gradients"]
    own = rows[rows["kind"].isin(("dt", "slope")) & (rows["projection"] == "input->hidden")]
    return _gradients(own, "lesson_sweeps", "Hidden gradients against step and slope", "Mean over the seeds.")


def _gradients(rows: pd.DataFrame, name: str, title: str, note: str) -> Table:
    measured = ["cosine", "error", "norm", "wrong_signs", "zeros"]
    groups = rows.drop_duplicates(["seed", *_COMPARED]).groupby(_COMPARED, sort=True)
    frame = groups[measured].mean()
    frame["spread"] = groups["cosine"].std(ddof=1)
    columns = {
        "task": Column("task", "network and data", "name"),
        "stage": Column("epochs", "of training by the exact gradient before the gradients are taken", "count"),
        "system": Column("system", "the way around", "name"),
        "shape": Column("shape", "of the surrogate derivative, or how the estimate is made", width=0.11),
        "dt": Column("step, ms", "of the time grid; 0 where there is none", "number"),
        "slope": Column("slope", "in 1/V; 0 where there is none", "number"),
        "projection": Column("weights", "projection, or all weights together", "name", width=0.085),
        "cosine": Column("cosine", "of the angle with the exact gradient, mean over the seeds", "optional"),
        "spread": Column("s.d.", "standard deviation of the cosine over the seeds", "optional"),
        "error": Column("error", "norm of the difference over the norm of the exact gradient", "optional"),
        "norm": Column("norm", "norm over that of the exact gradient", "optional", PAGE),
        "wrong_signs": Column("wrong, %", "weights with the other sign than the exact derivative", "percent"),
        "zeros": Column("zeros, %", "weights with derivative 0 where the exact one is not", "percent", PAGE),
    }
    frame = frame.reset_index()[list(columns)]
    return Table(name, title, note, frame, columns, "None was compared.", (60, 400))


def loop_table(record: LessonRecord) -> Table:
    """Closed line integrals of gradients."""
    rows = record["loops"].assign(ratio=(record["loops"]["integral"] / record["loops"]["length"]).abs())
    rows = rows.assign(rest=(rows["rest"] / rows["length"]).abs())
    groups = rows.groupby(["circle", "system", "shape"], sort=True)
    frame = pd.DataFrame(
        {
            "worst": groups["ratio"].max(), "median": groups["ratio"].median(), "changes": groups["changes"].mean(),
            "rest": groups["rest"].max(), "radius": groups["radius"].mean(),
        }
    ).reset_index()  # fmt: skip
    columns = {
        "circle": Column("circle", "quiet: the same spikes in the same order at all points; wide: not so", "name"),
        "system": Column("system", "of the gradient", "name"),
        "shape": Column("shape", "of its derivative of a spike"),
        "median": Column("integral", "magnitude over the integral of magnitudes, median over the seeds", "number"),
        "worst": Column("worst", "the largest of all seeds", "number"),
        "changes": Column("changes", "pieces of the circle in which spikes change, mean", "number"),
        "rest": Column("rest", "of the integral in all other pieces, beyond changes of the loss; largest", "number"),
        "radius": Column("radius", "norm of the change of all weights, mean", "number", PAGE),
    }
    note = (
        "The integral of a gradient along a circle around the initial weights of Yin-Yang is 0 where there is a smooth "
        "function that it is the gradient of. Where the loss jumps, since a spike appears or vanishes, the integral is "
        "minus the sum of the jumps: in pieces without such a change it still equals the change of the loss."
    )
    frame = frame[list(columns)]
    return Table("lesson_loops", "Closed line integrals", note, frame, columns, "No circle was measured.")


def noise_table(record: LessonRecord) -> Table:
    """Bias and variance of the estimates that draw numbers."""
    keys = ["system", "hidden", "draws", "projection"]
    groups = record["noise"].groupby(keys, sort=True)
    names = ["passes", "variance", "variance_error", "bias", "bias_error", "signal", "signal_error"]
    frame = groups[names].mean().reset_index()
    error = "standard error by the jackknife over replicates, mean over the seeds"
    columns = {
        "system": Column("system", "the estimate", "name"),
        "hidden": Column("neurons", "in the hidden layer", "count"),
        "draws": Column("draws", "of spikes for each sample, or pairs of weights", "count"),
        "passes": Column("passes", "forward passes of an estimate", "count", PAGE),
        "projection": Column("weights", "projection, or all together", "name"),
        "variance": Column("variance", "over the squared norm of the exact gradient", "number"),
        "variance_error": Column("s.e. of variance", error, "number"),
        "bias": Column("bias²", "squared distance of the mean from the exact gradient; may be below 0", "number"),
        "bias_error": Column("s.e. of bias²", error, "number"),
        "signal": Column("mean²", "squared norm of the mean; may be below 0", "number", PAGE),
        "signal_error": Column("s.e. of mean²", error, "number", PAGE),
    }
    note = (
        "The mean of an estimate is the gradient of an expected loss, not of the exact network's: its distance from "
        "the exact gradient is a bias that more draws do not take away."
    )
    frame = frame[list(columns)]
    return Table("lesson_noise", "Bias and variance", note, frame, columns, "Nothing was drawn.", (60, 200))


def size_table(record: LessonRecord) -> Table:
    """Time and memory against the number of recurrent neurons."""
    frame = record["sizes"].copy()
    frame["memory"] /= 1e6
    frame["peak"] /= 1e6
    columns = {
        "system": Column("system", "surrogate gradient in steps of 1 ms, or exact gradient, event by event", "name"),
        "neurons": Column("neurons", "all connected with each other", "count"),
        "seconds": Column("seconds", "of one processor for one gradient, the least of three", "number"),
        "memory": Column("memory, MB", "by which the peak grows in the gradient", "number"),
        "peak": Column("peak, MB", "of the whole process", "number"),
        "spikes": Column("spikes", "of a sample", "number"),
    }
    note = "Four samples of 100 ms, 100 inputs, 10 leaky integrators; recurrent weights of variance 1/n."
    frame = frame[list(columns)]
    return Table("lesson_sizes", "Recurrent networks of growing size", note, frame, columns, "No size was measured.")


def pool_table(record: LessonRecord) -> Table:
    """Reservoirs of several sizes."""
    groups = record["reservoirs"].groupby(["task", "size"], sort=True)
    frame = groups[["trained", "weights", "accuracy", "spikes", "seconds"]].mean()
    frame["deviation"] = groups["accuracy"].std(ddof=1)
    columns = {
        "task": Column("task", "data", "name"),
        "size": Column("neurons", "of the reservoir", "count"),
        "weights": Column("weights", "all, fixed and trained", "count"),
        "trained": Column("trained", "of the readout: filtered spikes at three times", "count"),
        "accuracy": Column("accuracy, %", "test set, mean over the seeds", "percent"),
        "deviation": Column("s.d., %", "standard deviation over the seeds", "percent"),
        "spikes": Column("spikes", "of a sample", "number"),
        "seconds": Column("seconds", "of one processor for all of the training", "number"),
    }
    frame = frame.reset_index()[list(columns)]
    return Table("lesson_reservoirs", "Reservoirs", "", frame, columns, "There was no reservoir.")


def search_table(record: LessonRecord) -> Table:
    """All settings that the searches have tried."""
    columns = {
        "task": Column("task", "data", "name"),
        "system": Column("system", "the way to train", "name"),
        "setting": Column("setting", "that was tried"),
        "accuracy": Column("accuracy, %", "on the validation set, one seed that no training has", "percent"),
        "seconds": Column("seconds", "of one processor", "number"),
        "note": Column("ended", "the error that ended it"),
    }
    note = "Six settings for each system and task, each trained for equally many epochs; the best one is chosen."
    frame = record["search"][list(columns)]
    frame = frame.assign(setting=frame["setting"].map(in_words))
    return Table("lesson_search", "The search for settings", note, frame, columns, "No setting was tried.", (60, 300))


def _framed(rows: Sequence[tuple[object, ...]], columns: dict[str, Column]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))
