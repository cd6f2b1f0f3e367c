r"""A tabular of LaTeX that is set in smaller letters, 6 points at least, where it would be wider than the line."""

from __future__ import annotations

from spikeproof_reports.paper.table import PAPER, Table

_WIDE = 80  # letters of a row from which on it is measured; a line has about 110
_SMALLER = r"""\def\spikeprooftable{%
TABLE}%
\sbox0{\spikeprooftable}%
\ifdim\wd0>\linewidth\scriptsize\setlength{\tabcolsep}{2pt}\sbox0{\spikeprooftable}%
\ifdim\wd0>\linewidth\fontsize{6}{7.2}\selectfont\setlength{\tabcolsep}{1pt}\fi\fi
"""


def fitted(table: Table, tabular: str) -> str:
    """`tabular`, the LaTeX of `table`, which measures itself where it may be too wide."""
    if not _may_be_wide(table):
        return tabular
    return "\\begingroup\n" + _SMALLER.replace("TABLE", tabular.rstrip("\n")) + "\\spikeprooftable\\endgroup\n"


def smaller_letters(table: Table, tabular: str) -> str:
    """The command for letters so small that `tabular`, a long table after it, fits the line; "" if it does so."""
    return _SMALLER.replace("TABLE", tabular.rstrip("\n")) if _may_be_wide(table) else ""


def _may_be_wide(table: Table) -> bool:
    cells, columns = table.text(PAPER), table.seen(PAPER).values()
    lengths = [
        110 * column.width or max([len(column.heading), *(len(str(text)) for text in cells.iloc[:, place])])
        for place, column in enumerate(columns)
    ]
    return sum(lengths) + len(lengths) > _WIDE
