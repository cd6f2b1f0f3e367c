"""The equation ledger as documents of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.verdict import Verdict
from spikeproof_reports.studies.ledger import chapter as ledger
from spikeproof_verification.experiments.ledger import Entry, check_rows, equation_rows, verdict_rows


def ledger_content(entries: Sequence[Entry], facts: Mapping[str, str]) -> Content:
    """The tables and texts of examined equations, and where they come from."""
    chapter = ledger(
        {
            "verdicts": pd.DataFrame(verdict_rows(entries)),
            "equations": pd.DataFrame(equation_rows(entries)),
            "checks": pd.DataFrame(check_rows(entries), columns=_CHECK_COLUMNS),
        }
    )
    return Content(
        title=chapter.title,
        verdict=_verdict(entries),
        paragraphs=chapter.paragraphs,
        quantities=(),
        summary=chapter.tables,
        pictures=chapter.pictures,
        details=(),
        facts=facts,
    )


_CHECK_COLUMNS = ["id", "condition", "how", "printed", "corrected", "outcome", "claim", "contradicted"]


def _verdict(entries: Sequence[Entry]) -> Verdict:
    wrong = [entry.equation.id for entry in entries if not entry.confirmed]
    if wrong:
        return Verdict(False, f"Residuals contradict what is claimed of {', '.join(wrong)}.", ())
    checks = sum(len(entry.findings) for entry in entries)
    return Verdict(True, f"All {checks} checks of {len(entries)} equations found what is claimed.", ())
