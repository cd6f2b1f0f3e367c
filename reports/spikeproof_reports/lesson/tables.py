"""The tables of the lesson's report."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spikeproof_reports.lesson.claims.catalogue import judged_claims
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.table import PAGE, Column, Table


def claims_table(record: LessonRecord) -> Table:
    """The claims of the lesson with their tests and verdicts."""
    rows = [(c.claim, c.test, c.found, c.verdict) for c in judged_claims(record)]
    columns = {
        "claim": Column("claim", "what the lesson says, shortened", width=0.24),
        "test": Column("tested by", "what was measured, and from when on the claim holds", width=0.32),
        "found": Column("found", "mean ± standard deviation over the seeds where there are several", width=0.24),
        "verdict": Column("verdict", "a part that lies within two standard errors of its bound is not decided"),
    }
    return Table("lesson_claims", "The claims of the lesson", "", _framed(rows, columns), columns, "No claim.")


def gradient_table(record: LessonRecord) -> Table:
    """Cosine, error and wrong signs of every estimator, at every stage of training."""
    rows = record["gradients"]
    keys = ["task", "stage", "system", "shape", "dt", "slope", "projection"]
    frame = rows.groupby(keys, sort=True)[["cosine", "error", "norm", "wrong_signs", "zeros"]].mean().reset_index()
    spread = rows.groupby(keys, sort=True)["cosine"].std(ddof=1).reset_index(drop=True)
    frame.insert(8, "spread", spread)
    columns = {
        "task": Column("task", "network and data", "name"),
        "stage": Column("epochs", "of training by the exact gradient before the gradients are taken", "count"),
        "system": Column("system", "the way around", "name"),
        "shape": Column("shape", "of the surrogate derivative, or how it is made"),
        "dt": Column("step, ms", "of the time grid; 0 where there is none", "number"),
        "slope": Column("slope", "in 1/V; 0 where there is none", "number"),
        "projection": Column("weights", "projection, or all weights together", "name"),
        "cosine": Column("cosine", "of the angle with the exact gradient, mean over the seeds", "optional"),
        "spread": Column("s.d.", "standard deviation of the cosine over the seeds", "optional"),
        "error": Column("error", "norm of the difference over the norm of the exact gradient", "optional"),
        "norm": Column("norm", "norm over that of the exact gradient", "optional", PAGE),
        "wrong_signs": Column("wrong signs, %", "weights with the other sign than the exact derivative", "percent"),
        "zeros": Column("zeros, %", "weights with derivative 0 where the exact one is not", "percent", PAGE),
    }
    note = "The exact gradient is that of the same loss of the network with exact spike times."
    return Table(
        "lesson_gradients", "Gradients beside the exact one", note, frame[list(columns)], columns, "None was compared."
    )


def _framed(rows: Sequence[tuple[object, ...]], columns: dict[str, Column]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))
