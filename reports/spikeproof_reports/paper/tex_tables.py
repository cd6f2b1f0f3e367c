r"""Each table as a bare tabular of LaTeX, its numbers in columns of siunitx, for a paper that has its own captions."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.latex import latex_text
from spikeproof_reports.paper.provenance import commented
from spikeproof_reports.paper.table import PAPER, Column, Table

_NUMERAL = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:e(-?)(\d+))?")


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
    rows, columns = table.frame.head(table.limits[PAPER]), table.seen(PAPER)
    shown = table.text(PAPER)
    cells, layout = [], []
    for key, column in columns.items():
        texts = [_numeral(v, column.kind) for v in rows[key]] if column.is_number else None
        if texts is None:
            cells.append([latex_text(text) for text in shown[column.heading]])
            layout.append(_of_text(column))
        else:
            cells.append(texts)
            layout.append(f"S[table-format={table_format(texts)}]")
    heads = [f"{{{latex_text(c.heading)}}}" if c.is_number else latex_text(c.heading) for c in columns.values()]
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
        raised = f"e{'-' if any(m[4] for m in exponents) else ''}{max(len(m[5]) for m in exponents)}"
    return f"{sign}{whole}.{decimals}{raised}"


def _numeral(value: Any, kind: str) -> str:
    """A number as siunitx reads it, to three significant digits where the other documents show so many."""
    if kind == "count" and math.isfinite(value) and value == int(value):
        return str(int(value))
    if math.isnan(value):
        return "{--}" if kind in ("optional", "percent") else "{NaN}"
    if math.isinf(value):
        return r"{\ensuremath{\infty}}" if value > 0 else r"{\ensuremath{-\infty}}"
    if kind == "percent":
        return f"{100.0 * value:.2f}"
    if kind == "exact":
        return repr(float(value)).removesuffix(".0").replace("e+", "e").replace("e-0", "e-")
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 9999.5:
        return (f"{value:#.3g}" if abs(value) < 999.5 else f"{value:.0f}").rstrip(".")
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _of_text(column: Column) -> str:
    return rf">{{\raggedright\arraybackslash}}p{{{column.width:g}\linewidth}}" if column.width else "l"
