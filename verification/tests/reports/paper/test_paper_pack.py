"""What a paper takes from a report: bare tables and macros of numbers, in LaTeX that compiles without a complaint."""

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from places import ROOT
from report_runs import synthetic_run

from spikeproof_reports.cli.main import run
from spikeproof_reports.paper.latex import latex_text, write_latex
from spikeproof_reports.paper.methods import methods, write_methods
from spikeproof_reports.paper.table import PAPER, Column, Table
from spikeproof_reports.paper.tex_numbers import macro_letters, numbers_of, write_tex_numbers
from spikeproof_reports.paper.tex_tables import bare_tabular, numeral, table_format, write_tex_tables
from spikeproof_reports.verification.content import content_of

DOCUMENT = r"""\documentclass[%s]{article}
\usepackage[T1]{fontenc}
\usepackage[a4paper,margin=20mm]{geometry}
\usepackage{array,booktabs,longtable,siunitx}
\input{numbers}
\begin{document}
%s
\end{document}
"""
FLOAT = r"\begin{%s}\centering\footnotesize\setlength{\tabcolsep}{2.5pt}\input{tables/%s}\end{%s}\clearpage"


@pytest.fixture(scope="module")
def content():
    return content_of(synthetic_run(failing=True))


def a_table(**columns):
    kinds = {name: Column(name, "", kind) for name, (kind, _) in columns.items()}
    frame = pd.DataFrame({name: values for name, (_, values) in columns.items()})
    return Table("speed", "Speed", "", frame, kinds, "nothing")


@pytest.mark.parametrize(
    ("numerals", "expected"),
    [
        (["1", "25", "0"], "2.0"),
        (["0.31", "-25.4"], "-2.2"),
        (["4.10e-16", "3.68"], "1.2e-2"),
        (["1.5e3"], "1.1e1"),
        (["{--}", "{NaN}"], "1.0"),
    ],
)
def test_the_format_of_a_column_has_room_for_all_its_numbers(numerals, expected):
    assert table_format(numerals) == expected


def test_a_bare_table_has_its_numbers_as_siunitx_reads_them():
    table = a_table(
        engine=("text", ["event", "grid, 1 ms"]),
        steps=("count", [12345, 7]),
        error=("number", [4.1e-16, np.inf]),
        ratio=("optional", [3.68, np.nan]),
    )
    assert bare_tabular(table).splitlines() == [
        r"\begin{tabular}{@{}lS[table-format=5.0]S[table-format=1.2e-2]S[table-format=1.2]@{}}",
        r"\toprule",
        r"engine & {steps} & {error} & {ratio} \\",
        r"\midrule",
        r"event & 12345 & 4.10e-16 & 3.68 \\",
        r"grid, 1 ms & 7 & {\ensuremath{\infty}} & {--} \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("W1: event against spyx", "WOneEventAgainstSpyx"), ("d_in[12]", "DInOneTwo"), ("%", "")],
)
def test_macros_are_named_in_letters(text, expected):
    assert macro_letters(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25\u202f175", "25175"),
        ("\u22120.31", "-0.31"),
        ("4.10\u00d710\u207b\u00b9\u2076", "4.10e-16"),
        ("1.50\u00d710\u00b3", "1.50e3"),
        ("1e-05", "1e-05"),
        ("\u2013", "{--}"),
        ("NaN", "{NaN}"),
        ("\u2212\u221e", r"{\ensuremath{-}\ensuremath{\infty}}"),
    ],
)
def test_numbers_as_they_are_shown_become_those_of_siunitx(text, expected):
    assert numeral(text) == expected


@pytest.mark.skipif(not (ROOT / "reports/published/lesson/numbers.tex").exists(), reason="no published run is here")
def test_the_macro_that_the_documents_name_stands_in_a_published_run():
    page = (ROOT / "docs/how-to/paper.md").read_text(encoding="utf-8")
    (named,) = re.findall(r"\\spikeproof[A-Za-z]+", page)
    assert f"{{{named}}}" in (ROOT / "reports/published/lesson/numbers.tex").read_text(encoding="utf-8")


def test_parameters_are_set_as_mathematics():
    assert latex_text("tau_mem") == r"\ensuremath{\tau_\mathrm{mem}}"
    assert latex_text("(v_th, t_ref)") == r"(\ensuremath{v_\mathrm{th}}, \ensuremath{t_\mathrm{ref}})"
    assert latex_text("my_tau_mems") == r"my\_\allowbreak{}tau\_\allowbreak{}mems"


def test_every_number_of_a_table_has_a_macro_of_its_own(content):
    found = numbers_of(content)
    assert all(re.fullmatch("[A-Za-z]+", name) for name in found)
    table = next(t for t in content.tables if t.name == "summary")
    rows = [n for n in found if n.startswith("spikeproofSummary")]
    assert len(rows) == len(table.frame) * sum(c.is_number for c in table.seen(PAPER).values())
    first = table.frame.iloc[0]
    name = macro_letters(f"summary {first['campaign']} {first['engine']} {first['quantity']} compared")
    assert found[f"spikeproof{name}"] == latex_text(table.text(PAPER)["compared"].iloc[0])


def test_rows_that_no_text_tells_apart_are_counted(content):
    table = a_table(engine=("text", ["event", "event"]), steps=("count", [1, 2]))
    report = type(content)("", content.verdict, (), (), (table,), (), (), content.facts)
    assert {n: t for n, t in numbers_of(report).items() if "Speed" in n} == {
        "spikeproofSpeedRowOneSteps": "1",
        "spikeproofSpeedRowTwoSteps": "2",
    }


def test_the_methods_say_what_ran_with_which_seed_and_what_was_found(content):
    text = methods(content)
    for fact in ("seed", "commit", "command"):
        assert latex_text(content.facts[fact]) in text
    assert latex_text(content.verdict.sentence) in text


def test_cite_prints_the_paragraph_and_its_entries(content, tmp_path, capsys):
    write_methods(content, tmp_path)
    assert run(["cite", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert methods(content) in printed
    assert "@article{wunderlich2021," in printed
    assert run(["cite", str(tmp_path / "nowhere")]) == 2
    assert "it lacks methods.tex" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
@pytest.mark.parametrize(("kind", "environment"), [("10pt", "table"), ("twocolumn", "table*")])
def test_every_file_compiles_without_an_error_and_without_an_overfull_box(kind, environment, content, tmp_path):
    bare = write_tex_tables(content, tmp_path / "tables")
    write_tex_numbers(content, tmp_path / "numbers.tex")
    write_latex(content, tmp_path / "tables.tex")
    write_methods(content, tmp_path)
    body = [FLOAT % (environment, path.stem, environment) for path in bare]
    body += [r"\input{tables}"] if environment == "table" else []  # its long tables are for one column
    body += [rf"\noindent\{name}\par" for name in numbers_of(content)]
    body += [
        r"\input{methods}\begin{thebibliography}{9}\bibitem{spikeproof}x\bibitem{wunderlich2021}y\end{thebibliography}"
    ]
    (tmp_path / "paper.tex").write_text(DOCUMENT % (kind, "\n".join(body)))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in (tmp_path / "paper.log").read_text(errors="replace")
    assert len(bare) == len(content.tables) > 5
