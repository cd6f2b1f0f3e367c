"""The claim about conversion: it works, and takes more spikes than a network that was trained to spike."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.lesson.claims.accuracies import trained_on
from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.claims.statistics import Mean, above, below, mean_of
from spikeproof_reports.lesson.record import LessonRecord

CLOSE = 0.01  # of accuracy, within which a converted network is as good as the ReLU network
MORE = 2.0  # times the spikes of the trained network, from which on spikes are not used efficiently
TASKS = ("yin-yang", "digits")


def conversion_wastes_spikes(record: LessonRecord) -> Claim:
    """Whether converted networks keep the accuracy, and how many spikes that takes."""
    parts, found = list[bool | None](), list[str]()
    for task in TASKS:
        rows = record["conversions"][record["conversions"]["task"] == task]
        lost, spikes, own = _lost(rows), spikes_to_be_close(rows), trained_on(record, "exact", task, "spikes")
        ratio = Mean(spikes.mean / own.mean, spikes.deviation / own.mean, spikes.error / own.mean, spikes.n)
        parts += [below(lost, CLOSE), above(ratio, MORE)]
        found.append(
            f"{task}: {lost.percent} lost, spikes {spikes.text}, of the network that was trained by the exact gradient "
            f"{own.text}"
        )
    return Claim(
        "conversion",
        "Converted networks work reasonably well, but do not use spikes efficiently.",
        f"Accuracy lost against the ReLU network after the most steps: below {CLOSE:.0%}; and spikes per answer with "
        f"the fewest steps from which on no more than that is lost: at least {MORE:g} times those of a network of as "
        "many hidden neurons that was trained by the exact gradient.",
        "; ".join(found),
        of_parts(*parts),
    )


def spikes_to_be_close(rows: pd.DataFrame) -> Mean:
    """Spikes per answer with the fewest steps from which on a conversion is within `CLOSE` of the ReLU network."""
    found = []
    for _, own in rows.sort_values("steps").groupby("seed"):
        far = own["ann"] - own["accuracy"] > CLOSE
        close = own[~far[::-1].cummax()[::-1].astype(bool)]
        found.append(float(close["spikes"].iloc[0]) if len(close) else float("nan"))
    return mean_of(found)


def _lost(rows: pd.DataFrame) -> Mean:
    most = rows[rows["steps"] == rows["steps"].max()]
    return mean_of(most["ann"] - most["accuracy"])
