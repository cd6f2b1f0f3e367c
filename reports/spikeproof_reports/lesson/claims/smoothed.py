"""The claim about smoothed steps: they can be trained, and are not spiking networks."""

from __future__ import annotations

from spikeproof_reports.lesson.claims.accuracies import NEARLY, gained, trained_on, trainings
from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.claims.statistics import above, mean_of
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.lesson.systems import DT

TASKS, LOSS = ("yin-yang", "digits"), 0.02


def smoothed_is_not_spiking(record: LessonRecord) -> Claim:
    """Whether a smoothed network trains, and loses accuracy when its step is made hard."""
    parts, found = list[bool | None](), list[str]()
    for task in TASKS:
        rows = trainings(record, "smoothed", task)
        lost = mean_of(rows["accuracy_own"] - rows["accuracy_hard"])
        parts += [above(gained(record, "smoothed", task), NEARLY), above(lost, LOSS)]
        found.append(
            f"{task}: accuracy {trained_on(record, 'smoothed', task).percent}, exact "
            f"{trained_on(record, 'exact', task).percent}; with the hard step "
            f"{mean_of(rows['accuracy_hard']).percent}, {lost.percent} lost"
        )
    return Claim(
        "smoothed",
        "A smoothed step works at least in some cases, but such a network does not spike.",
        f"Accuracy after equal epochs: at least {NEARLY:.0%} of what the exact gradient gains over chance; and "
        f"accuracy that the trained network loses with the hard step, in the same steps of {DT:g} ms: more than "
        f"{LOSS:.0%}.",
        "; ".join(found),
        of_parts(*parts),
    )
