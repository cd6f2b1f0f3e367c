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
from spikeproof_reports.paper.tex_fit import fitted, smaller_letters

_LETTERS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#",
    "_": r"\_\allowbreak{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}\allowbreak{}", "|": r"\textbar{}", '"': r"\char34{}", "[": "{[}", "]": "{]}", "`": "{`}",
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
LONG, LINES = 30, 50  # rows, and lines, from which on a table may break across pages
LETTERS = 110  # of a line of a table across a page
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_BASES = {
    "tau": r"\tau", "lambda": r"\lambda", "xi": r"\xi", "delta": r"\delta", "Vdot": r"\dot V", "Idot": r"\dot I",
    **{letter: letter for letter in "tvViIwlfxpMPL"},
}  # fmt: skip
_WORDS = ("mem", "syn", "th", "reset", "ref", "init", "max", "spike", "post", "sum", "in", "out", "rec")
_SYMBOL = rf"(?<![A-Za-z_\d])(d?)({'|'.join(_BASES)})_([A-Za-z]{{1,2}}|\d|{'|'.join(_WORDS)})(?![A-Za-z_\d])"
_PIECES = re.compile(rf"V\u0307|{_SYMBOL}|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|-+|.", re.DOTALL)


def write_latex(content: Content, path: Path) -> Path:
    """`path`, after all tables were written to it; it needs the packages array, booktabs and longtable."""
    jinja = environment(escape=False)
    jinja.filters["tex"] = latex_text
    jinja.filters |= {"tabular": _tabular, "caption": caption_of, "label": label_of, "is_long": is_long}
    head = commented(content.facts, "% ")
    return write_text(path, jinja.get_template("tables.tex.j2").render(content=content, head=head, PAPER=PAPER))


def latex_text(text: str) -> str:
    """`text` as LaTeX that prints it, in any font encoding; letters beyond Latin-1 that have no sign become U+...."""
    return "".join(_symbol(*found.groups()) if found[2] else _set(found[0]) for found in _PIECES.finditer(str(text)))


def _symbol(differential: str, base: str, below: str) -> str:
    r"""A letter with an index as mathematics: ``tau_mem`` as \tau_\mathrm{mem}, ``dw_ji`` as dw_{ji}."""
    index = rf"\mathrm{{{below}}}" if below in _WORDS else f"{{{below}}}"
    return rf"\ensuremath{{{differential}{_BASES[base]}_{index}}}"


def _set(piece: str) -> str:
    if piece == "V\u0307":
        return r"\ensuremath{\dot V}"
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
    tabular = cells.to_latex(index=False, escape=False, column_format=layout)
    if not is_long(table):
        return fitted(table, tabular)
    caption, label = caption_of(table), label_of(table)
    long = cells.to_latex(index=False, escape=False, column_format=layout, longtable=True, caption=caption, label=label)
    return smaller_letters(table, tabular) + long


def is_long(table: Table) -> bool:
    """Whether `table` may need more than a page, by its rows and by the lines that its texts take."""
    cells, columns = table.text(PAPER), list(table.seen(PAPER).values())
    high = [[_lines(str(text), c) for text, c in zip(row, columns, strict=True)] for row in cells.to_numpy()]
    return len(cells) > LONG or sum(max(row, default=1) for row in high) > LINES


def _lines(text: str, column: Column) -> int:
    """About how many lines `text` takes in a column of its width."""
    return -(-len(text) // max(1, int(LETTERS * column.width))) if column.width else 1


def caption_of(table: Table) -> str:
    """The caption of `table`: its title, its note, and what is left out."""
    return latex_text(f"{table.title}. {table.note} {table.left_out(PAPER)}".strip())


def label_of(table: Table) -> str:
    """The label of `table`."""
    return f"tab:spikeproof-{table.name.replace('_', '-')}"


def _layout(column: Column) -> str:
    if column.width:
        return rf">{{\raggedright\arraybackslash}}p{{{column.width:g}\linewidth}}"
    return "r" if column.is_number else "l"
