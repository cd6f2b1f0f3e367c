"""A report: all documents made from one run."""

from __future__ import annotations

from pathlib import Path

from spikeproof_reports import documents
from spikeproof_reports.run import RunRecord


def write_report(run: RunRecord, out: Path | str) -> list[Path]:
    """The files written under `out`: the report of `run` in every format.

    Parameters
    ----------
    run : RunRecord
        What the verification found.
    out : path
        Folder of the report; made if missing. Files of an earlier report are replaced one by one, atomically.

    Returns
    -------
    list of Path
        ``report.html``, ``pages/*.html``, ``report.md``, ``tables.tex``, ``tables/*.csv`` and ``figures/*.png`` and
        ``*.pdf``.
        Each carries the provenance of the run; the same run gives the same bytes.
    """
    out = Path(out)
    content = documents.content_of(run)
    drawn = [path for picture in content.all_pictures for path in picture.save(out / "figures", run.provenance)]
    return [
        *documents.write_html(content, out, out / "figures"),
        documents.write_markdown(content, out / "report.md"),
        documents.write_latex(content, out / "tables.tex"),
        *documents.write_csv(content, out / "tables"),
        *drawn,
    ]
