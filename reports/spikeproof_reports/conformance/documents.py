"""All files of a run of the conformance suite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from spikeproof_reports.conformance.badge import badge
from spikeproof_reports.conformance.markdown import markdown
from spikeproof_reports.conformance.page import page
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.folder import renewed
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.expected_failures import as_file
from spikeproof_verification.conformance.record import Run, save_results
from spikeproof_verification.conformance.verdict import Verdict
from spikeproof_verification.files.json_file import write_json

KIND = "conformance"


def write_documents(
    run: Run, folder: Path, unexpected: Sequence[str] | None = None, smallest: Iterable[tuple[Case, Verdict]] = ()
) -> None:
    """Write ``results.jsonl``, ``summary.md``, ``badge.json``, ``report.html`` and ``expected-failures.txt``.

    Parameters
    ----------
    run : what was found.
    folder : where the files of an earlier run are replaced.
    unexpected : what a file of expected failures does not explain; None without such a file.
    smallest : small problems that fail, with their verdicts: each goes to a file ``failures/LEVEL-CASE.json``, with
        the problem, what is right, and what was found.
    """
    with renewed(folder, KIND, "documents", last="results.jsonl") as new:
        write_text(new / "summary.md", markdown(run, unexpected))
        write_text(new / "badge.json", badge(run))
        write_text(new / "report.html", page(run, unexpected))
        write_text(new / "expected-failures.txt", as_file(run.verdicts))
        for case, verdict in smallest:
            place = new / "failures" / f"{verdict.level}-{case.key}.json"
            place.parent.mkdir(exist_ok=True)
            write_json({**case.to_dict(), "found": verdict.row()}, place)
        save_results(run, new / "results.jsonl")
