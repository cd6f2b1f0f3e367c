r"""The tables as LaTeX, to be read by \\input."""

# ruff: noqa: RUF001 -- typographic signs are what this file is about

from __future__ import annotations

import re
from pathlib import Path

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.provenance import commented
from spikeproof_reports.paper.table import PAPER, Column, Table
from spikeproof_reports.paper.template import environment

_LETTERS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#",
    "_": r"\_\allowbreak{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\char34{}", "[": "{[}", "]": "{]}", "`": "{`}",
    "/": r"/\allowbreak{}", "\n": " ", "\r": " ", "\t": " ",
    "\u202f": r"\,", "\u00a0": "~", "–": "--",
    "−": r"\ensuremath{-}", "×": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}",
    "∞": r"\ensuremath{\infty}", "≤": r"\ensuremath{\le}", "≥": r"\ensuremath{\ge}", "≈": r"\ensuremath{\approx}",
    "ε": r"\ensuremath{\varepsilon}",
    "λ": r"\ensuremath{\lambda}", "τ": r"\ensuremath{\tau}",
    "ϑ": r"\ensuremath{\vartheta}",
    "→": r"\ensuremath{\rightarrow}", "“": "``", "”": "''", "’": "'", "…": r"\ldots{}", "₁": r"\textsubscript{1}",
    "₀": r"\textsubscript{0}", "µ": r"\ensuremath{\mu}", "±": r"\ensuremath{\pm}", "√": r"\ensuremath{\surd}",
    "∂": r"\ensuremath{\partial}", "Δ": r"\ensuremath{\Delta}",
}  # fmt: skip
LONG = 25  # rows from which on a table may break across pages
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SYMBOLS = {
    "tau_mem": r"\tau_\mathrm{mem}", "tau_syn": r"\tau_\mathrm{syn}", "t_ref": r"t_\mathrm{ref}",
    "v_th": r"v_\mathrm{th}", "v_reset": r"v_\mathrm{reset}", "v_init": r"v_\mathrm{init}",
    "i_init": r"i_\mathrm{init}",
}  # fmt: skip
_PIECES = re.compile(rf"V\u0307|(?<![A-Za-z_])(?:{'|'.join(_SYMBOLS)})(?![A-Za-z_])|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|-+|.", re.DOTALL)


def write_latex(content: Content, path: Path) -> Path:
    """`path`, after all tables were written to it; it needs the packages array, booktabs and longtable."""
    jinja = environment(escape=False)
    jinja.filters["tex"] = latex_text
    jinja.filters |= {"tabular": _tabular, "caption": _caption, "label": _label, "is_long": is_long}
    head = commented(content.facts, "% ")
    return write_text(path, jinja.get_template("tables.tex.j2").render(content=content, head=head, PAPER=PAPER))


def latex_text(text: str) -> str:
    """`text` as LaTeX that prints it, in any font encoding; letters beyond Latin-1 that have no sign become U+...."""
    return "".join(_set(piece) for piece in _PIECES.findall(str(text)))


def _set(piece: str) -> str:
    if piece == "V\u0307":
        return r"\ensuremath{\dot V}"
    if piece in _SYMBOLS:
        return rf"\ensuremath{{{_SYMBOLS[piece]}}}"
    if piece[0] in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹":
        return rf"\ensuremath{{^{{{piece.translate(_RAISED)}}}}}"
    if piece[0] == "-":
        return "{-}" * len(piece) if len(piece) > 1 else "-"  # no dashes made of hyphens
    if piece in _LETTERS:
        return _LETTERS[piece]
    return piece if piece.isprintable() and ord(piece) < 0x180 else rf"\texttt{{U+{ord(piece):04X}}}"


def _tabular(table: Table) -> str:
    cells = table.text(PAPER)
    cells = cells.map(latex_text).rename(columns=latex_text)
    layout = "".join(_layout(column) for column in table.seen(PAPER).values())
    layout = f"@{{}}{layout}@{{}}"
    if not is_long(table):
        return cells.to_latex(index=False, escape=False, column_format=layout)
    caption, label = _caption(table), _label(table)
    return cells.to_latex(index=False, escape=False, column_format=layout, longtable=True, caption=caption, label=label)


def is_long(table: Table) -> bool:
    """Whether `table` may need more than a page."""
    return len(table.text(PAPER)) > LONG


def _caption(table: Table) -> str:
    return latex_text(f"{table.title}. {table.note} {table.left_out(PAPER)}".strip())


def _label(table: Table) -> str:
    return f"tab:spikeproof-{table.name.replace('_', '-')}"


def _layout(column: Column) -> str:
    if column.width:
        return rf">{{\raggedright\arraybackslash}}p{{{column.width:g}\linewidth}}"
    return "r" if column.is_number else "l"
