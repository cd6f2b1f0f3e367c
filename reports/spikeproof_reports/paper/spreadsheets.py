"""The tables as CSV files, all rows and columns with all digits."""

from __future__ import annotations

from pathlib import Path

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.provenance import commented


def write_csv(content: Content, folder: Path) -> list[Path]:
    """The files written, one per table; comment lines at their heads carry the provenance.

    Read them with ``pandas.read_csv(path, comment="#")`` as long as no name contains "#", else skip the first lines.
    """
    head = commented(content.facts, "# ")
    paths = []
    for table in content.tables:
        rows = table.frame[list(table.columns)].to_csv(index=False, na_rep="nan", lineterminator="\n")
        paths.append(write_text(folder / f"{table.name}.csv", head + rows))
    return paths
