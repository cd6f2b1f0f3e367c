"""The claims about surrogate gradients: of a different function, good solutions, and no better ones than exact ones."""

from __future__ import annotations

from spikeproof_reports.lesson.claims.accuracies import NEARLY, gained, trained_on, trainings
from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.claims.statistics import above, below, mean_of, paired
from spikeproof_reports.lesson.measures.variants import SLOPE
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.lesson.systems import DT

SAME = 0.9  # cosine from which on two gradients count as the same direction


def surrogates_work(record: LessonRecord) -> Claim:
    """Whether a surrogate gradient points elsewhere than the exact one, and trains as well."""
    rows = record["gradients"]
    own = rows[(rows["system"] == "surrogate") & (rows["kind"] == "slope") & (rows["shape"] == "super_spike")]
    own = own[(own["task"] == "yin-yang") & (own["projection"] == "input->hidden") & (own["stage"] == 0)]
    own = own[(own["slope"] == SLOPE) & (own["dt"] == DT)]
    cosine, gain = mean_of(own["cosine"]), gained(record, "surrogate", "yin-yang")
    return Claim(
        "surrogate",
        "Surrogate gradients are gradients of a different function, and still give good solutions.",
        f"Cosine between surrogate (SuperSpike, slope {SLOPE:g}, 1 ms) and exact gradient of the hidden weights of "
        f"Yin-Yang at initial weights: below {SAME:g}; and accuracy after equal epochs: at least {NEARLY:.0%} of what "
        "the exact gradient gains over chance.",
        f"cosine {cosine.text}; accuracy {trained_on(record, 'surrogate', 'yin-yang').percent}, exact "
        f"{trained_on(record, 'exact', 'yin-yang').percent}",
        of_parts(below(cosine, SAME), above(gain, NEARLY)),
    )


def exact_trains_better(record: LessonRecord) -> Claim:
    """Whether the exact gradient, which cannot see a spike that is about to appear, trains better than a surrogate."""
    parts, found = list[bool | None](), list[str]()
    for task in ("yin-yang", "digits", "recurrent"):
        exact, surrogate = (trainings(record, system, task) for system in ("exact", "surrogate"))
        parts.append(above(paired(exact, surrogate, "accuracy_epochs"), 0.0))
        ours, theirs = (
            f"{mean_of(rows['accuracy_epochs']).percent} ({mean_of(rows['spikes']).text} spikes)"
            for rows in (exact, surrogate)
        )
        found.append(f"{task}: exact {ours}, surrogate {theirs}")
    return Claim(
        "exact",
        "(Beside the lesson.) Where there is an exact gradient, it trains better than a surrogate.",
        "Accuracy after equal epochs by the loss of largest potentials, seed by seed: above that of the surrogate "
        "gradient on all tasks. An exact gradient cannot see a spike that is about to appear; a surrogate can.",
        "; ".join(found),
        of_parts(*parts),
    )
