"""The report of the lesson, before any format."""

from __future__ import annotations

from collections import Counter

from spikeproof_reports.lesson import tables
from spikeproof_reports.lesson.claims.catalogue import judged_claims
from spikeproof_reports.lesson.claims.claim import FAILS, HOLDS, IN_PART, OPEN
from spikeproof_reports.lesson.figures.cosines import cosine_picture
from spikeproof_reports.lesson.figures.curves import curve_picture
from spikeproof_reports.lesson.figures.spikes import spike_picture
from spikeproof_reports.lesson.figures.stair import stair_picture
from spikeproof_reports.lesson.figures.variances import variance_picture
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.lesson.systems_table import printed_accuracies, systems_table
from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.verdict import Verdict

TITLE = "“Spiking is not differentiable”, measured"
_PARAGRAPHS = (
    "The lesson “Spiking is not differentiable” (D. Goodman, Neuroscience for machine learners, week 5) shows a "
    "neuron in time steps whose spikes have the derivative zero almost everywhere, and names the ways around that. "
    "Here each of them stands beside the exact gradient: on the same networks, from the same weights, with the same "
    "batches.",
    "The tasks: Yin-Yang (5 inputs, 200 LIF neurons, 3 leaky integrators, 60 ms), the 8 × 8 digits of scikit-learn "  # noqa: RUF001
    "(64-200-10, 40 ms), and the digits with 128 recurrent neurons. The class is the leaky integrator whose V grows "
    "largest; the loss is the cross-entropy of these maxima. All systems but one see this loss: the closed forms of "
    "single spikes are for tau_mem = 2 tau_syn and a readout that spikes. Networks in time steps have steps of 1 ms; "
    "their loss is that of the exact network up to the order of the step.",
    "Settings (the rate of Adam, the slope or width) come from a search with six candidates for each system and task, "
    "by a validation set. Seconds are those of one processor, without evaluations. A claim holds, or does not, if what "
    "was measured lies at least two standard errors beyond a bound that is stated beside it; else it is not decided.",
)


def lesson_content(record: LessonRecord) -> Content:
    """Tables and figures of a run.

    Parameters
    ----------
    record : LessonRecord

    Returns
    -------
    Content
    """
    tasks = list(dict.fromkeys(record["trained"]["task"]))
    return Content(
        title=TITLE,
        verdict=verdict_on_lesson(record),
        paragraphs=_PARAGRAPHS,
        quantities=(),
        summary=(tables.claims_table(record), *(systems_table(record, task) for task in tasks)),
        pictures=(
            stair_picture(record), cosine_picture(record), variance_picture(record), curve_picture(record),
            spike_picture(record),
        ),
        details=(
            tables.gradient_table(record), tables.sweep_table(record), tables.loop_table(record),
            tables.noise_table(record), tables.size_table(record), tables.pool_table(record),
            tables.search_table(record),
        ),
        facts=record.provenance,
        kind="report on the lesson",
        subject="What was measured",
        printed=printed_accuracies(record, tasks),
        environment=record.environment,
    )  # fmt: skip


def verdict_on_lesson(record: LessonRecord) -> Verdict:
    """How many claims hold."""
    counts = Counter(claim.verdict for claim in judged_claims(record))
    words = {HOLDS: "hold", IN_PART: "hold in part", FAILS: "do not hold", OPEN: "are not decided"}
    parts = [f"{counts[verdict]} {word}" for verdict, word in words.items()]
    return Verdict(True, f"Of {sum(counts.values())} claims, {', '.join(parts)}.", ())
