r"""Each table as a bare tabular of LaTeX, its numbers in columns of siunitx, for a paper that has its own captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.latex import latex_text
from spikeproof_reports.paper.numerals import THIN
from spikeproof_reports.paper.provenance import commented
from spikeproof_reports.paper.table import PAPER, Column, Table

_NUMERAL = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:e([-+]?)(\d+))?")
_LOWERED = str.maketrans("\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "-0123456789")


def write_tex_tables(content: Content, folder: Path) -> list[Path]:
    r"""The files written, one per table: ``\input`` them inside a ``table`` of the paper.

    They need the packages array, booktabs and siunitx (version 3). Rows and columns are those of `tables.tex`; the
    CSV file beside each has all.
    """
    head = "% Needs \\usepackage{array,booktabs,siunitx}.\n" + commented(content.facts, "% ")
    return [write_text(folder / f"{table.name}.tex", head + bare_tabular(table)) for table in content.tables]


def bare_tabular(table: Table) -> str:
    """A ``tabular`` of `table` without caption, or its sentence if it has no rows; numbers as siunitx reads them."""
    if table.frame.empty:
        return latex_text(table.empty) + "\n"
    columns, shown, cells, layout = table.seen(PAPER).values(), table.text(PAPER), [], []
    for place, column in enumerate(columns):
        texts = [(numeral if column.is_number else latex_text)(text) for text in shown.iloc[:, place]]
        cells.append(texts)
        layout.append(f"S[table-format={table_format(texts)}]" if column.is_number else _of_text(column))
    heads = [f"{{{latex_text(c.heading)}}}" if c.is_number else latex_text(c.heading) for c in columns]
    lines = [" & ".join(row) + r" \\" for row in zip(*cells, strict=True)]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{@{{}}{''.join(layout)}@{{}}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
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


def _of_text(column: Column) -> str:
    return rf">{{\raggedright\arraybackslash}}p{{{column.width:g}\linewidth}}" if column.width else "l"
