"""The claim about local rules: they do worse."""

from __future__ import annotations

from spikeproof_reports.lesson.claims.accuracies import trained_on, trainings
from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.claims.statistics import below, paired
from spikeproof_reports.lesson.record import LessonRecord

PAIRS = (
    ("yin-yang", "e-prop"),
    ("digits", "e-prop"),
    ("recurrent", "e-prop"),
    ("recurrent", "e-prop symmetric"),
)


def local_rules_do_worse(record: LessonRecord) -> Claim:
    """Whether e-prop trains worse than the surrogate gradient that it approximates."""
    parts, found = list[bool | None](), list[str]()
    for task, system in PAIRS:
        ours, theirs = trainings(record, system, task), trainings(record, "surrogate", task)
        parts.append(below(paired(ours, theirs, "accuracy_epochs"), 0.0))
        feedback = "symmetric" if system.endswith("symmetric") else "random"
        found.append(
            f"{task}, {feedback}: {trained_on(record, system, task).percent}, surrogate "
            f"{trained_on(record, 'surrogate', task).percent}"
        )
    return Claim(
        "local",
        "Local rules do worse.",
        "E-prop with random feedback, and on the recurrent network with symmetric feedback too: accuracy after equal "
        "epochs below that of the surrogate gradient through time, seed by seed. (Without recurrent weights e-prop "
        "with symmetric feedback is that gradient.)",
        "; ".join(found),
        of_parts(*parts),
    )
