"""The claim about probabilistic networks: they do not scale."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from spikeproof_reports.lesson.claims.accuracies import NEARLY, gained, trained_on
from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.claims.statistics import Mean, above, below, mean_of
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import count, number

TASK, GROWING = "yin-yang", 0.5
HIDDEN = "input->hidden"


def probabilistic_does_not_scale(record: LessonRecord) -> Claim:
    """Whether the variance of the score function grows with the number of neurons, and what that does to training."""
    rows = by_neurons(record["noise"])
    power, (first, last) = _power(rows), (float(rows["hidden"].min()), float(rows["hidden"].max()))
    least, most = (mean_of(rows[rows["hidden"] == n]["variance"]) for n in (first, last))
    accuracy, exact = (trained_on(record, system, TASK) for system in ("score", "exact"))
    return Claim(
        "probabilistic",
        "Probabilistic models are nice in theory, but do not scale.",
        "Variance of the score function's estimate of the hidden gradient (with baseline), relative to the squared "
        f"exact gradient, against the number of hidden neurons: a power of at least {GROWING:g}; and accuracy on "
        f"Yin-Yang after equal epochs: less than {NEARLY:.0%} of what the exact gradient gains over chance.",
        f"power {power.text}: variance {number(least.mean)} for {count(first)} neurons, {number(most.mean)} for "
        f"{count(last)}; accuracy {accuracy.percent}, exact {exact.percent}",
        of_parts(above(power, GROWING), below(gained(record, "score", TASK), NEARLY)),
    )


def by_neurons(rows: pd.DataFrame, system: str = "score") -> pd.DataFrame:
    """The rows of an estimate of the hidden gradient with one number of draws: the one with the most sizes."""
    own = rows[(rows["system"] == system) & (rows["projection"] == HIDDEN)]
    sizes = own.groupby("draws")["hidden"].nunique()
    most: pd.DataFrame = own[own["draws"] == (sizes.idxmax() if len(sizes) else 0.0)]
    return most


def _power(rows: pd.DataFrame) -> Mean:
    """The power of the number of neurons with which the variance grows: a fit for each seed."""
    found = []
    for _, own in rows.groupby("seed"):
        usable = len(own) > 1 and bool((own["variance"] > 0.0).all())
        x, y = np.log(own["hidden"]), np.log(own["variance"].where(own["variance"] > 0.0))
        found.append(float(np.polyfit(x, y, 1)[0]) if usable else math.nan)
    return mean_of(found)
