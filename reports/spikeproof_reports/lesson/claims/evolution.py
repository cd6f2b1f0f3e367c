"""The claim about evolution: it works, and takes a lot of computing."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from spikeproof_reports.lesson.claims.accuracies import CHANCE, trained_on
from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.claims.statistics import above, mean_of
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import number

TASK, HALFWAY, MUCH = "yin-yang", 0.5, 10.0


def evolution_is_expensive(record: LessonRecord) -> Claim:
    """Whether evolution strategies train, and how much more processor time they take."""
    accuracy = trained_on(record, "evolution", TASK)
    exact = trained_on(record, "exact", TASK)
    target = CHANCE[TASK] + HALFWAY * (exact.mean - CHANCE[TASK])
    ratios, open_ended = _ratios(record, target)
    more = mean_of(np.log10(ratios) if len(ratios) else [])
    bound = " or more" if open_ended else ""
    times = "none" if math.isnan(more.mean) else f"{number(10.0**more.mean)} times{bound}"
    return Claim(
        "evolution",
        "Evolutionary algorithms work, but take a lot of computing.",
        "Yin-Yang, all weights: accuracy above chance after equal epochs; and processor seconds to get halfway from "
        f"chance to the accuracy of the exact gradient: at least {MUCH:g} times its own (geometric mean over the "
        "seeds; a training that does not get there counts with all of its time).",
        f"accuracy {accuracy.percent}, exact {exact.percent}; processor time {times}",
        of_parts(above(accuracy.minus(CHANCE[TASK]), 0.0), above(more, math.log10(MUCH))),
    )


def _ratios(record: LessonRecord, target: float) -> tuple[np.ndarray, bool]:
    """Seconds to the target over those of the exact gradient, seed by seed, and whether some are lower bounds."""
    rows = record["history"][record["history"]["task"] == TASK]
    ours, theirs = (_seconds_to(rows[rows["system"] == s], target) for s in ("evolution", "exact"))
    both = [seed for seed in ours if seed in theirs and theirs[seed][1] and theirs[seed][0] > 0.0]
    ratios = np.array([ours[seed][0] / theirs[seed][0] for seed in both])
    return ratios, not all(ours[seed][1] for seed in both)


def _seconds_to(rows: pd.DataFrame, target: float) -> dict[float, tuple[float, bool]]:
    """Seconds until each seed has reached an accuracy, or all of its seconds and False."""
    found = {}
    for seed, own in rows.groupby("seed"):
        there = own[own["test_accuracy"] >= target]
        seconds = float(there["seconds"].iloc[0]) if len(there) else float(own["seconds"].max())
        found[float(str(seed))] = seconds, bool(len(there))
    return found
