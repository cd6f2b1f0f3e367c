"""The claim about reservoirs: surprisingly good, but not all parameters are used."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.lesson.claims.accuracies import best_epochs, largest_reservoirs, share_of_gain
from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.claims.statistics import above, mean_of, paired
from spikeproof_reports.lesson.record import LessonRecord

WELL = 0.8  # share of the gain of the exact gradient from which on a reservoir works well
TASKS = ("yin-yang", "digits")


def reservoirs_work(record: LessonRecord) -> Claim:
    """Whether reservoirs work well, and whether training all weights of as many neurons is better."""
    parts, found = list[bool | None](), list[str]()
    for task in TASKS:
        rows, exact = largest_reservoirs(record, task), _all_weights(record, task)
        parts += [above(share_of_gain(rows, exact, task), WELL), above(paired(exact, rows, "accuracy"), 0.0)]
        found.append(
            f"{task}: {mean_of(rows['accuracy']).percent}, all weights trained {mean_of(exact['accuracy']).percent}"
        )
    return Claim(
        "reservoir",
        "Reservoirs work surprisingly well, but not all available parameters are used.",
        f"Test accuracy of the largest reservoir on each task: at least {WELL:.0%} of the gain over "
        "chance of the better one of exact and surrogate gradient in its best epoch, with as many hidden neurons; and "
        "below it.",
        "; ".join(found),
        of_parts(*parts),
    )


def _all_weights(record: LessonRecord, task: str) -> pd.DataFrame:
    """The better one of the exact and the surrogate gradient, each in its best epoch."""
    both = [best_epochs(record, system, task) for system in ("exact", "surrogate")]
    return max(both, key=lambda rows: float(rows["accuracy"].mean()) if len(rows) else 0.0)
