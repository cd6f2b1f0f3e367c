"""What a paper takes from a report: bare tables and macros of numbers, in LaTeX that compiles without a complaint."""

import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from places import ROOT
from report_runs import synthetic_run

from spikeproof.errors import InvalidInput
from spikeproof_reports.audit.content import audit_content
from spikeproof_reports.bench import BenchRecord, bench_content
from spikeproof_reports.cli.main import run
from spikeproof_reports.lesson.content import lesson_content
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.latex import latex_text, write_latex
from spikeproof_reports.paper.methods import methods, write_methods
from spikeproof_reports.paper.printed import Printed
from spikeproof_reports.paper.table import PAPER, Column, Table
from spikeproof_reports.paper.tex_numbers import macro_letters, numbers_of, write_tex_numbers
from spikeproof_reports.paper.tex_tables import bare_tabular, captioned, numeral, table_format, write_tex_tables
from spikeproof_reports.verification.content import content_of

DOCUMENT = r"""\documentclass[%s]{article}
\usepackage[T1]{fontenc}
\usepackage[a4paper,margin=19mm]{geometry}
\usepackage{array,booktabs,longtable,siunitx}
\input{numbers}
\begin{document}
%s
\end{document}
"""
IN_A_COLUMN = (
    r"\begin{table}\centering\footnotesize\setlength{\tabcolsep}{2.5pt}\parbox{\columnwidth}{\input{tables/%s}}"
    r"\end{table}\clearpage"
)
PUBLISHED = ROOT / "reports" / "published"
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
    assert latex_text("-dw_ji/lambda_V") == r"-\ensuremath{dw_{ji}}/\allowbreak{}\ensuremath{\lambda_{V}}"
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


@pytest.mark.skipif(not PUBLISHED.exists(), reason="no published run is here")
@pytest.mark.parametrize("part", [".", "bench", "lesson", "audit", "training/mnist"])
def test_symbols_of_published_tables_are_mathematics(part):
    symbol = r"(?<![A-Za-z}])d?(tau|lambda|[vViIt])\\_\\allowbreak\{\}(mem|syn|th|ref|reset|[vViI])(?![A-Za-z\\])"
    left = re.compile(symbol)
    for path in (PUBLISHED / part / "tables").glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in {line for line in lines if not line.startswith("#")}:
            assert not left.search(latex_text(line)), (path.name, line)


def test_a_table_that_a_paper_prints_has_at_most_six_columns(content):
    assert [len(c.printed.table.seen(PAPER)) <= 6 for c in (content, *of_all_kinds())] == [True] * 4
    table = a_table(**{f"c{n}": ("count", [n]) for n in range(7)})
    with pytest.raises(InvalidInput, match="headline_numbers with 7"):
        Printed(replace(table, name="headline_numbers"), ("c0",))
    with pytest.raises(InvalidInput, match="columns among c0"):
        Printed(replace(a_table(c0=("count", [1])), name="headline_numbers"), ("c1",))


def test_the_printed_table_of_a_verification_counts_what_was_compared(content):
    frame, rows = content.printed.table.frame.set_index("quantity"), synthetic_run(failing=True).measurements
    times = rows[rows["quantity"] == "spike_time"]
    assert frame.loc["spike_time", "compared"] == len(times)
    assert frame.loc["spike_time", "bound"] == "8.00"
    assert frame.loc["spike_time", "failed"] == (~(times["error"] <= times["bound"])).sum()
    assert frame.loc["weight_gradient", "median"] <= frame.loc["weight_gradient", "ratio"]


def test_a_caption_says_what_the_table_is_and_a_long_one_leaves_two_columns_for_its_pages():
    short = captioned(a_table(steps=("count", [1])))
    assert short.startswith(r"\begin{table*}[tp]")
    assert r"\caption{Speed.}\label{tab:spikeproof-speed}" in short
    long = captioned(a_table(steps=("count", list(range(40)))))
    assert r"\begin{longtable}" in long
    assert r"\onecolumn" in long
    assert r"\par\medskip nothing" in captioned(a_table(steps=("count", [])))


def of_all_kinds():
    """Reports of the other kinds; where a run is published with the rows of its tables."""
    facts = {"commit": "c0ffee", "seed": "0", "command": "spikeproof"}
    contents = {
        "lesson": lesson_content(LessonRecord.of([], facts)),
        "audit": audit_content([], None, facts),
        "bench": bench_content(BenchRecord.of([], facts)),
    }
    return [_as_published(content, PUBLISHED / part / "tables") for part, content in contents.items()]


def _as_published(content, folder):
    def filled(table):
        stored = folder / f"{ROWS.get(table.title, table.name)}.csv"
        frame = pd.read_csv(stored, comment="#") if stored.exists() else table.frame
        return replace(table, frame=frame) if set(table.columns) <= set(frame) else table

    printed = Printed(filled(content.printed.table), content.printed.narrow, content.printed.width)
    return replace(content, summary=tuple(map(filled, content.summary)), details=tuple(map(filled, content.details)),
                   printed=printed)  # fmt: skip


ROWS = {"Engines": "engines"}  # file of rows by the title of the table that a paper prints


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
@pytest.mark.parametrize("document", ["10pt", "twocolumn"])
@pytest.mark.parametrize("kind", ["verification", "lesson", "audit", "bench"])
def test_every_file_compiles_without_an_error_and_without_an_overfull_box(kind, document, content, tmp_path):
    report = content if kind == "verification" else of_all_kinds()[["lesson", "audit", "bench"].index(kind)]
    environment = "table" if document == "10pt" else "table*"
    written = write_tex_tables(report, tmp_path / "tables")
    write_tex_numbers(report, tmp_path / "numbers.tex")
    write_latex(report, tmp_path / "tables.tex")
    write_methods(report, tmp_path)
    places = [path.relative_to(tmp_path / "tables").with_suffix("").as_posix() for path in written]
    wide = [place for place in places if "/" not in place and not place.endswith("_column")]
    body = [FLOAT % (environment, place, environment) for place in wide]
    body += [IN_A_COLUMN % place for place in places if "/" not in place and place.endswith("_column")]
    body += [rf"\input{{tables/{place}}}\clearpage" for place in places if "/" in place]
    body += [r"\input{tables}"] if document == "10pt" else []  # its long tables are for one column
    body += [rf"\noindent\{name}\par" for name in numbers_of(report)]
    body += [
        r"\input{methods}\begin{thebibliography}{9}\bibitem{spikeproof}x\bibitem{wunderlich2021}y\end{thebibliography}"
    ]
    log = compiled(DOCUMENT % (document, "\n".join(body)), tmp_path)
    assert "Overfull" not in log
    every = [*report.tables, report.printed.table, report.printed.column]
    names = [table.name for table in every]
    assert sorted(places) == sorted([*names, *(f"captioned/{name}" for name in names)])


def compiled(text, folder):
    """The log of a document that compiles."""
    (folder / "paper.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return (folder / "paper.log").read_text(errors="replace")
