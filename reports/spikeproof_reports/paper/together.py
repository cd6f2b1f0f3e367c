"""The report in every format."""

from __future__ import annotations

from pathlib import Path

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.crate import write_crate
from spikeproof_reports.paper.environment import ENVIRONMENT
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.html import write_html
from spikeproof_reports.paper.latex import write_latex
from spikeproof_reports.paper.markdown import write_markdown
from spikeproof_reports.paper.methods import write_methods
from spikeproof_reports.paper.spreadsheets import write_csv
from spikeproof_reports.paper.tex_numbers import write_tex_numbers
from spikeproof_reports.paper.tex_tables import write_tex_tables


def write_all(content: Content, folder: Path) -> list[Path]:
    """The files written to `folder`: pages, Markdown, LaTeX, CSV files, figures, and metadata of all that lie there."""
    figures = folder / "figures"
    drawn = [path for picture in content.all_pictures for path in picture.save(figures, content.facts)]
    written = [
        *write_html(content, folder, figures),
        write_markdown(content, folder / "report.md"),
        write_latex(content, folder / "tables.tex"),
        *write_csv(content, folder / "tables"),
        *write_tex_tables(content, folder / "tables"),
        write_tex_numbers(content, folder / "numbers.tex"),
        *write_methods(content, folder),
        *drawn,
    ]
    if content.environment:
        written.append(write_text(folder / ENVIRONMENT, content.environment))
    return [*written, *write_crate(content, folder)]
