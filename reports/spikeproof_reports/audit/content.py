"""The report of an audit, before any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spikeproof_reports.audit.audit import Audited
from spikeproof_reports.audit.checkers.content import checker_pictures, checker_tables
from spikeproof_reports.audit.checkers.seen import Seen
from spikeproof_reports.audit.figures import family_picture, sample_picture
from spikeproof_reports.audit.tables import (
    engine_table,
    failure_table,
    family_table,
    gradient_table,
    left_out_table,
    printed_engines,
)
from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.verdict import Verdict

TITLE = "Engines of spiking networks, judged"
_PARAGRAPHS = (
    "Each engine runs in its own environment and is handed, through an adapter, the cases of the conformance suite "
    "that it declares and the adapter can say: layers of neurons with one value of each parameter, one input, the "
    "losses that it differentiates. What an adapter cannot say is unsupported, and counts neither for the engine nor "
    "against it.",
    "Every engine is judged with its default settings and, where others make it more exact, with those too, in a row "
    "of their own. "
    "At exact64 and float32 an error is held to what rounding in that precision must be expected to cost on this "
    "problem. At grid the order at which the error falls with the step is held to 1. The event engine of this package "
    "goes through the same adapter and the same judge: it shows that both can be passed.",
    "Gradients of a batch are compared as a whole and sample by sample. Where two engines of one package differ by "
    "their settings alone, their names begin alike. For each engine and family of cases that it fails, a problem as "
    "small as was found in some seconds is a file in the folder failures, with the right answer and what was found.",
)


def audit_content(
    found: Sequence[Audited], seen: Seen | None, facts: Mapping[str, str], environment: str = ""
) -> Content:
    """Tables and figures of an audit.

    Parameters
    ----------
    found : findings on engines.
    seen : what generic checkers see of seeded faults; None if they were not run.
    facts : provenance.
    environment : exact versions of what this package ran with; those of the engines are in their table.

    Returns
    -------
    Content
    """
    return Content(
        title=TITLE,
        verdict=audit_verdict(found),
        paragraphs=_PARAGRAPHS,
        quantities=(),
        summary=(engine_table(found), gradient_table(found), left_out_table(found)),
        pictures=(family_picture(found), sample_picture(found), *checker_pictures(seen)),
        details=(*checker_tables(seen), family_table(found), failure_table(found)),
        facts=facts,
        kind="audit of engines",
        subject="What was judged, and how",
        printed=printed_engines(found),
        environment=environment,
    )


def audit_verdict(found: Sequence[Audited]) -> Verdict:
    """How many engines were run, and which of them pass all that they support."""
    ran = [a for a in found if a.run is not None]
    whole = [a.peer.key for a in ran if a.run and a.run.headline.clean]
    sentence = f"{len(ran)} of {len(found)} engines and settings were run; {len(whole)} pass all that they support."
    return Verdict(True, sentence, (f"These are: {', '.join(whole)}.",) if whole else ())
