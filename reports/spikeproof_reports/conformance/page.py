"""A run of the conformance suite as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from spikeproof_reports.conformance.summary import HEAD, facts, failures, family_rows, first_lines
from spikeproof_reports.paper.template import environment
from spikeproof_verification.conformance.record import Run


def page(run: Run, unexpected: Sequence[str] | None = None) -> str:
    """The page; `unexpected` as in the Markdown form."""
    template = environment(escape=True).get_template("conformance.html.j2")
    return template.render(
        run=run, lines=list(first_lines(run)), facts=facts(run), head=HEAD, rows=family_rows(run),
        failures=failures(run), unexpected=unexpected,
    )  # fmt: skip
