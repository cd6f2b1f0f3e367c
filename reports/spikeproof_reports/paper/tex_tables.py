r"""Each table as a LaTeX file of its own, bare and with a caption, its numbers in columns of siunitx."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.latex import caption_of, is_long, label_of, latex_text
from spikeproof_reports.paper.numerals import THIN
from spikeproof_reports.paper.provenance import commented
from spikeproof_reports.paper.table import PAPER, Column, Table
from spikeproof_reports.paper.tex_fit import fitted, smaller_letters

CAPTIONED = "captioned"  # folder of the tables with captions
_SMALL = r"\centering\footnotesize\setlength{\tabcolsep}{2.5pt}"
_LONG = r"""\makeatletter\if@twocolumn\onecolumn\def\spikeproofback{\twocolumn}\else\let\spikeproofback\relax\fi
\makeatother
\begingroup\footnotesize\setlength{\tabcolsep}{2.5pt}\setlength{\LTcapwidth}{\linewidth}
TABLE\endgroup\spikeproofback
"""
_NUMERAL = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:e([-+]?)(\d+))?")
_LOWERED = str.maketrans("\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "-0123456789")


def write_tex_tables(content: Content, folder: Path) -> list[Path]:
    r"""The files written, two per table: bare ones to ``\input`` inside a ``table``, and ones with a caption.

    They need the packages array, booktabs, longtable and siunitx (version 3). Rows and columns are those of
    `tables.tex`; the CSV file beside each has all. The table of `content.printed` is among them, once more for the
    column of a journal. Those in the folder `CAPTIONED` float, across both columns where there are two.
    """
    head = "% Needs \\usepackage{array,booktabs,longtable,siunitx}.\n" + commented(content.facts, "% ")
    printed = content.printed
    every = [*content.tables, *((printed.table,) if printed else ())]
    bare = {folder / f"{table.name}.tex": bare_tabular(table) for table in every}
    bare |= {folder / CAPTIONED / f"{table.name}.tex": captioned(table) for table in every}
    if printed:
        bare[folder / f"{printed.column.name}.tex"] = bare_tabular(printed.column)
        bare[folder / CAPTIONED / f"{printed.column.name}.tex"] = captioned(printed.column, across="")
    return [write_text(path, head + text) for path, text in bare.items()]


def captioned(table: Table, across: str = "*") -> str:
    r"""`table` with its caption and label; a long one breaks across pages and is set in one column.

    It floats across both columns of a paper in two, or in one of them if `across` is empty.
    """
    caption = rf"\caption{{{caption_of(table)}}}\label{{{label_of(table)}}}"
    if is_long(table) and not table.frame.empty:
        small = smaller_letters(table, _tabular(table, "tabular"))
        return _LONG.replace("TABLE", small + _tabular(table, "longtable", caption))
    inner = bare_tabular(table) if not table.frame.empty else rf"\par\medskip {latex_text(table.empty)}" + "\n"
    return "\n".join(
        [rf"\begin{{table{across}}}[tp]", _SMALL, caption, inner.rstrip("\n"), rf"\end{{table{across}}}", ""]
    )


def bare_tabular(table: Table) -> str:
    """A ``tabular`` of `table` without caption, or its sentence if it has no rows; numbers as siunitx reads them."""
    return latex_text(table.empty) + "\n" if table.frame.empty else fitted(table, _tabular(table, "tabular"))


def _tabular(table: Table, environment: str, caption: str = "") -> str:
    columns, shown, cells, layout = table.seen(PAPER).values(), table.text(PAPER), [], []
    for place, column in enumerate(columns):
        texts = [(numeral if column.is_number else latex_text)(text) for text in shown.iloc[:, place]]
        cells.append(texts)
        layout.append(_of_numbers(texts) if column.is_number else _of_text(column))
    heads = [f"{{{latex_text(c.heading)}}}" if c.is_number else latex_text(c.heading) for c in columns]
    lines = [" & ".join(row) + r" \\" for row in zip(*cells, strict=True)]
    return "\n".join(
        [
            rf"\begin{{{environment}}}{{@{{}}{''.join(layout)}@{{}}}}",
            *((caption + r" \\",) if caption else ()),
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *((r"\endhead",) if caption else ()),
            *lines,
            r"\bottomrule",
            rf"\end{{{environment}}}",
            "",
        ]
    )


def table_format(numerals: Sequence[str]) -> str:
    """The ``table-format`` of siunitx that all of `numerals` fit in; those in braces take no part in it."""
    found = [m for text in numerals if (m := _NUMERAL.fullmatch(text))]
    if not found:
        return "1.0"
    sign = "-" if any(m[1] for m in found) else ""
    whole, decimals = max(len(m[2]) for m in found), max(len(m[3] or "") for m in found)
    exponents = [m for m in found if m[5]]
    raised = ""
    if exponents:
        raised = f"e{'-' if any(m[4] == '-' for m in exponents) else ''}{max(len(m[5]) for m in exponents)}"
    return f"{sign}{whole}.{decimals}{raised}"


def numeral(text: str) -> str:
    """A number as the documents show it, as siunitx reads it; signs that are no numbers are put in braces."""
    plain = text.replace(THIN, "").replace("\u2212", "-")
    mantissa, times, raised = plain.partition("\u00d710")
    plain = f"{mantissa}e{raised.translate(_LOWERED)}" if times else plain
    return plain if _NUMERAL.fullmatch(plain) else f"{{{latex_text(text)}}}"


def _of_numbers(texts: Sequence[str]) -> str:
    """A column aligned at the decimal points, or to the right where some have many decimals and some an exponent."""
    form = table_format(texts)
    if re.search(r"\.[3-9]\d*e", form):
        return "S[table-alignment-mode=none,table-number-alignment=right,table-text-alignment=right]"
    return f"S[table-format={form}]"


def _of_text(column: Column) -> str:
    return rf">{{\raggedright\arraybackslash}}p{{{column.width:g}\linewidth}}" if column.width else "l"
