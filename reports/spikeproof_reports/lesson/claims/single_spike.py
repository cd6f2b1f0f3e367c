"""The claim about single spikes: they work well, and limit what can be done."""

from __future__ import annotations

from spikeproof_reports.lesson.claims.accuracies import NEARLY, gained, trained_on
from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.claims.statistics import above, below, mean_of
from spikeproof_reports.lesson.record import LessonRecord

TASK, SOLVED, LITTLE = "yin-yang", 0.95, 0.05


def one_spike_works(record: LessonRecord) -> Claim:
    """Whether networks in which each neuron fires once learn Yin-Yang."""
    accuracy, exact = (trained_on(record, system, TASK) for system in ("single-spike", "exact"))
    return Claim(
        "one spike, works",
        "The derivative by the time of a single spike works surprisingly well.",
        f"Yin-Yang after equal epochs: at least {NEARLY:.0%} of what the exact gradient with any number of spikes "
        "gains over chance. (Readouts and losses differ: first spikes, and largest potentials.)",
        f"accuracy {accuracy.percent}, exact {exact.percent}",
        of_parts(above(gained(record, "single-spike", TASK), NEARLY)),
    )


def one_spike_limits(record: LessonRecord) -> Claim:
    """Whether a task that needs two spikes of a neuron is beyond networks of single spikes."""
    rows = record["bursts"]
    once, many = rows[rows["fires_once"] == 1.0], rows[rows["fires_once"] == 0.0]
    accuracy, beyond = mean_of(many["accuracy"]), mean_of(once["accuracy"] - once["blind"])
    return Claim(
        "one spike, limits",
        "One spike for each neuron limits what can be done.",
        "One or two pulses on one channel, five membrane time constants apart; the same network and exact gradient, "
        f"with hidden neurons that fire freely or once. Firing freely: accuracy of at least {SOLVED:.0%}; firing once: "
        f"less than {LITTLE:.0%} above an answer that looks at nothing.",
        f"freely {accuracy.percent}, once {mean_of(once['accuracy']).percent}, looking at nothing "
        f"{mean_of(once['blind']).percent}",
        of_parts(above(accuracy, SOLVED), below(beyond, LITTLE)),
    )
