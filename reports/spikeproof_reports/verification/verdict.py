"""The verdict on a run in one sentence, the numbers that stand beside it, and the first failures."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.paper.numerals import count
from spikeproof_reports.paper.verdict import FAIL, PASS, Verdict
from spikeproof_reports.verification.first_failures import first_failures
from spikeproof_reports.verification.headline import Gradients, Headline, Rest, headline_of
from spikeproof_reports.verification.judged import judged_agreement
from spikeproof_reports.verification.run import RunRecord
from spikeproof_reports.verification.verdict_lines import in_eps, size, verdict_lines


def verdict_on(run: RunRecord, measurements: pd.DataFrame) -> Verdict:
    """The verdict on `run`, whose judged measurements are `measurements`.

    Clean means: something was compared, nothing failed, no case broke off, the references agree.
    """
    broken = int((run.cases["status"] == "failed").sum())
    refused = int((run.cases["status"] == "refused").sum())
    agreement = judged_agreement(run.agreement, run.tolerances)
    disagrees = agreement["failed"]
    remarks = []
    if broken:
        remarks.append(f"Cases that broke off with an error and gave no numbers: {_of(broken, len(run.cases))}.")
    if refused:
        remarks.append(f"Cases that were refused for a stated reason: {_of(refused, len(run.cases))}.")
    if disagrees.any():
        remarks.append(
            f"The references disagree among themselves in {_of(int(disagrees.sum()), len(disagrees))} comparisons."
        )
    clean = bool(len(measurements) > 0 and not measurements["failed"].any() and not broken and not disagrees.any())
    found = headline_of(measurements, run.tolerances)
    return Verdict(
        clean,
        _headline(found, len(measurements), clean),
        tuple(remarks),
        PASS if clean else FAIL,
        verdict_lines(found, run.cases, agreement),
        () if clean else first_failures(run, measurements, agreement),
    )


def _headline(found: Headline, total: int, clean: bool) -> str:
    if not total:
        return "Nothing was compared, so nothing is verified."
    if not clean:
        failed = [f"{_of(part.failed, part.compared)} {what}" for what, part in _parts(found) if part.failed]
        return f"{', '.join(failed) or 'No number'} failed{'' if failed else ', but not everything could be judged'}."
    if not found.gradients.compared:
        return f"No nonzero gradient was compared. All {count(total)} other numbers are within their bounds."
    return (
        f"All {count(found.gradients.compared)} nonzero gradients and {count(found.spikes.compared)} spikes agree with "
        f"the reference, the worst gradient to {in_eps(found.gradients.worst)} {size(found.gradients.worst)}."
    )


def _parts(found: Headline) -> tuple[tuple[str, Gradients | Rest], ...]:
    """Every kind of number once, by what failures of it are called."""
    missed, surplus = count(found.spikes.missed), count(found.spikes.surplus)
    return (
        ("nonzero gradients", found.gradients),
        (f"spike counts and times ({missed} spikes missed, {surplus} surplus)", found.spikes.judged),
        ("other numbers", found.rest),
        ("numbers of the reference against case files", found.reference),
        ("numbers that must hold in the studies", found.studies),
    )


def _of(part: int, total: int) -> str:
    return f"{count(part)} of {count(total)}"
