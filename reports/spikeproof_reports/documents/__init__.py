"""The documents of a report, one format per module."""

from spikeproof_reports.documents.content import Content, content_of
from spikeproof_reports.documents.html import write_html
from spikeproof_reports.documents.latex import write_latex
from spikeproof_reports.documents.markdown import write_markdown
from spikeproof_reports.documents.spreadsheets import write_csv
from spikeproof_reports.documents.together import write_all

__all__ = ["Content", "content_of", "write_all", "write_csv", "write_html", "write_latex", "write_markdown"]
