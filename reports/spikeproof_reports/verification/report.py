"""A report: all documents made from one run."""

from __future__ import annotations

from pathlib import Path

from spikeproof_reports.paper import together
from spikeproof_reports.paper.folder import renewed
from spikeproof_reports.verification import content
from spikeproof_reports.verification.run import RunRecord


def write_report(run: RunRecord, out: Path | str) -> list[Path]:
    """The files written under `out`: the report of `run` in every format.

    Parameters
    ----------
    run : RunRecord
        What the verification found.
    out : path
        Folder of the report; made if missing. An earlier report's files are replaced or, if this one has no such file,
        removed when all are written; no others are touched.

    Returns
    -------
    list of Path
        ``report.html``, ``pages/*.html``, ``report.md``, ``tables.tex``, ``tables/*.csv`` and ``figures/*.png`` and
        ``*.pdf``.
        Each carries the provenance of the run; the same run gives the same bytes.
    """
    out = Path(out)
    with renewed(out, "verify", "report") as new:
        written = together.write_all(content.content_of(run), new)
    return [out / path.relative_to(new) for path in written]
