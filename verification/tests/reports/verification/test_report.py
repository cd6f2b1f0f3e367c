"""The documents of a report, made from synthetic runs with and without failures."""

import csv
import io
import re
import warnings
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from report_runs import EPS, FACTS, agreement, cases, measurements, synthetic_run, tolerances

from spikeproof_reports import write_report
from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.latex import latex_text, write_latex
from spikeproof_reports.paper.spreadsheets import write_csv
from spikeproof_reports.verification.content import content_of

FILES = {
    "report.html", "report.md", "tables.tex", "numbers.tex", "methods.tex", "spikeproof.bib", "ro-crate-metadata.json",
    *(f"figures/{name}{kind}" for name in ("errors", "errors_by_quantity", "spike_times", "raster", "trace")
      for kind in (".png", ".pdf", ".svg", "_column.pdf", "_column.svg")),
    *(f"tables/{place}headline_numbers{width}.tex" for place in ("", "captioned/") for width in ("", "_column")),
    *(f"tables/{name}" for name in ("headline", "summary", "failures", "regimes", "flavours", "spike_counts",
                                           "worst", "agreement", "tolerances", "slowest", "without_numbers")
      for name in (f"{name}.csv", f"{name}.tex", f"captioned/{name}.tex")),
}  # fmt: skip


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    return written(synthetic_run(failing=True), tmp_path_factory.mktemp("failing"))


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return written(synthetic_run(), tmp_path_factory.mktemp("clean"))


def written(run, folder):
    paths = write_report(run, folder)
    return run, folder, {path.relative_to(folder).as_posix() for path in paths}


def table(folder, name):
    lines = (folder / "tables" / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("# "))
    return pd.read_csv(io.StringIO(text))


class Page(HTMLParser):
    """Open elements, attributes and text of a page; complains about unbalanced tags."""

    VOID = frozenset({"meta", "img", "br", "hr", "link", "input"})

    def __init__(self, text):
        super().__init__()
        self.open, self.attributes, self.text = [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_every_file_is_written_and_nothing_else(failing):
    _, folder, names = failing
    assert names == FILES
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {*FILES, "manifest.json"}


def test_every_file_carries_the_provenance(failing):
    _, folder, names = failing
    for name in names:
        content = (folder / name).read_bytes()
        for value in (FACTS["seed"], FACTS["commit"]):
            kept = value.encode() in content or "".join(rf"\{ord(c):03o}" for c in value).encode() in content
            assert kept, f"{name} does not say {value}"


def test_same_run_gives_the_same_bytes(clean, tmp_path):
    run, folder, names = clean
    write_report(run, tmp_path)
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_counts_of_the_tables_are_the_counts_of_the_data(failing):
    run, folder, _ = failing
    rows = run.measurements
    bad = ~(rows["error"] <= rows["bound"])
    for name in ("summary", "regimes"):
        assert table(folder, name)["compared"].sum() == len(rows)
        assert table(folder, name)["failed"].sum() == bad.sum()
    summary = table(folder, "summary").set_index(["campaign", "quantity"])
    for key, group in rows.groupby(["campaign", "quantity"]):
        assert summary.loc[key, "compared"] == len(group)
        assert summary.loc[key, "failed"] == bad[group.index].sum()
    assert sorted(table(folder, "failures")["component"]) == sorted(rows.loc[bad, "component"])


def test_worst_error_is_that_of_the_named_component(clean):
    run, folder, _ = clean
    rows = run.measurements.set_index("component")
    for _, row in table(folder, "summary").iterrows():
        group = rows[(rows["campaign"] == row["campaign"]) & (rows["quantity"] == row["quantity"])]
        assert group["error"].max() == rows.loc[row["component"], "error"]
        assert row["error"] == pytest.approx(
            group["error"].max(), rel=2.0**-50, abs=0.0
        )  # older pandas read CSV to 1 ulp


def test_clean_run_says_so_in_its_first_sentence(clean):
    run, folder, _ = clean
    gradients = run.measurements["quantity"].eq("weight_gradient").sum()
    start = f"All {gradients} nonzero gradients and "
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert text.split("\n\n")[1].startswith(f"**PASS: {start}")
    page = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert f"PASS {start}" in page.text
    assert "There are no failures." in page.text


def test_failures_are_shown_with_infinities_and_nan(failing):
    run, folder, _ = failing
    page = Page((folder / "report.html").read_text(encoding="utf-8"))
    failed = run.measurements["verdict"].eq("fail")
    found = [int(part) for part in re.findall(r"(\d+) of \d+ [a-z ]+", page.text.partition("failed.")[0])]
    assert "FAIL " in page.text
    assert sum(found) == failed.sum()
    for component in run.measurements.loc[failed, "component"]:
        assert component in page.text
        assert latex_text(component) in (folder / "tables.tex").read_text(encoding="utf-8")
    errors = table(folder, "failures")["error"]
    assert np.isinf(errors).sum() == 2
    assert errors.isna().sum() == 1


def test_verdict_that_contradicts_its_numbers_is_not_believed(tmp_path):
    rows = measurements(failing=True).assign(verdict="pass")
    write_csv(content_of(synthetic_run(measurements=rows)), tmp_path / "tables")
    assert table(tmp_path, "summary")["failed"].sum() == 5


def test_missed_and_surplus_spikes_are_counted_and_a_count_that_is_not_finite_misses_all(tmp_path):
    rows = measurements(4).assign(
        quantity="spike_count", campaign="cases", expected=[3.0, 5.0, 2.0, 4.0], actual=[1.0, 5.0, 6.0, np.nan]
    )
    write_csv(content_of(synthetic_run(measurements=rows)), tmp_path / "tables")
    row = table(tmp_path, "spike_counts").iloc[0]
    assert (row["spikes"], row["missed"], row["surplus"]) == (14, 2 + 4, 4)


def test_html_is_balanced_and_has_no_external_resource(failing):
    _, folder, _ = failing
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    sources = [value for _, name, value in page.attributes if name in ("src", "srcset", "action", "data")]
    assert len(sources) == 5
    assert all(value.startswith("data:image/png;base64,") for value in sources)
    assert text.count("<script>") == text.count("<script") == 1
    assert not re.search(r"url\(|@import|https?://", text)


def test_html_escapes_what_comes_from_outside(failing):
    _, folder, _ = failing
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "<b>|$" not in text
    assert "&lt;b&gt;|$" in text


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("50%", r"50\%"),
        ("a&b", r"a\&b"),
        ("n_1", r"n\_\allowbreak{}1"),
        ("#{}$", r"\#\{\}\$"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("\\", r"\textbackslash{}"),
        ("a->b[0]", r"a-\textgreater{}\allowbreak{}b{[}0{]}"),
        ("--out", r"{-}{-}out"),
        ("4.1\N{MULTIPLICATION SIGN}10⁻¹⁶", r"4.1\ensuremath{\times}10\ensuremath{^{-16}}"),
        ("雪", r"\texttt{U+96EA}"),
    ],
)
def test_latex_special_characters_are_escaped(text, latex):
    assert latex_text(text) == latex


def test_latex_has_no_bare_special_character_and_balanced_groups(failing):
    _, folder, _ = failing
    text = (folder / "tables.tex").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert text.isascii()
    assert not re.search(r"(?<!\\)([#~]|%(?!$))", body, re.MULTILINE)  # at the end of a line % is a comment
    outside = re.sub(r"(?<!\\)\$[^$]*(?<!\\)\$", "", body)
    assert not re.search(r"(?<!\\)\$", outside)
    bare = re.sub(r"\\[{}]", "", body)
    assert bare.count("{") == bare.count("}")
    assert body.count(r"\begin{") == body.count(r"\end{")


def test_csv_rows_have_one_field_per_column(failing):
    _, folder, names = failing
    for name in (name for name in names if name.endswith(".csv")):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        rows = list(csv.reader(line for line in lines if not line.startswith("# ")))
        assert {len(row) for row in rows} == {len(rows[0])}


def test_empty_run_is_not_a_pass(tmp_path):
    run = synthetic_run(measurements=measurements().head(0), agreement=agreement().head(0), example={})
    names = written(run, tmp_path)[2]
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Nothing was compared, so nothing is verified." in text
    assert 'class="verdict alarm"' in text
    assert "This figure is left out: the run recorded no example network." in text
    assert not any(name.startswith("figures/") for name in names)


def test_case_that_broke_off_spoils_the_verdict_and_is_listed(failing):
    _, folder, _ = failing
    assert "Cases that broke off with an error and gave no numbers: 1 of 20." in (folder / "report.md").read_text(
        "utf-8"
    )
    assert list(table(folder, "without_numbers")["status"]) == ["failed", "refused"]


def test_disagreeing_references_spoil_the_verdict(tmp_path):
    pair = pd.concat([agreement(), agreement().assign(worst=np.nan, digits=np.nan)])
    verdict = content_of(synthetic_run(agreement=pair)).verdict
    assert not verdict.clean
    assert verdict.remarks == ("The references disagree among themselves in 1 of 2 comparisons.",)


def test_categories_and_odd_rows_give_the_same_report_as_plain_ones(clean, tmp_path):
    run, folder, _ = clean
    rows = run.measurements.astype({"campaign": "category", "quantity": "category", "tolerance": "category"})
    rows["quantity"] = rows["quantity"].cat.add_categories("never_seen")
    rows.index = rows.index[::-1]
    content = content_of(synthetic_run(measurements=rows))
    write_csv(content, tmp_path / "tables")
    write_latex(content, tmp_path / "tables.tex")
    for name in ("tables.tex", *(name for name in FILES if name.endswith(".csv"))):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_extreme_errors_and_missing_slopes_are_drawn_without_a_warning(tmp_path):
    rows = measurements(8).assign(quantity="spike_time", tolerance="SPIKE_TIME", bound=8.0, expected=1.0, actual=1.0)
    rows["error"] = [0.0, 5e-324, 1e300, np.inf, np.nan, 1.0, 1.0, 1.0]
    rows["deviation"] = rows["error"] * EPS
    rows["vdot"] = [1.0, np.nan, 0.0, 1e-300, np.inf, -1.0, 1e8, 1.0]
    sizes = [5e-324, 1e308, 0.0, -1.0, np.nan, np.inf, -0.0, 1e-300]
    rows = pd.concat([rows, rows.assign(quantity="weight_gradient", expected=sizes)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        names = written(synthetic_run(measurements=rows.assign(verdict="fail")), tmp_path)[2]
    assert names == FILES


def test_agreement_that_contradicts_its_tolerance_is_not_believed():
    stated = tolerances().iloc[[0]].assign(name="REFERENCE_AGREEMENT", multiple=1.0, unit=1e-30)
    for worst, clean in ((1e-30, True), (2e-30, False)):
        content = content_of(synthetic_run(agreement=agreement().assign(worst=worst), tolerances=stated))
        assert content.verdict.clean is clean


def test_tolerance_of_the_references_is_charged_with_their_agreement(tmp_path):
    rows = pd.concat([agreement(), agreement().assign(worst=5e-31)])
    stated = tolerances().iloc[[0]].assign(name="REFERENCE_AGREEMENT", multiple=1.0, unit=1e-30)
    write_csv(content_of(synthetic_run(agreement=rows, tolerances=stated)), tmp_path / "tables")
    used = table(tmp_path, "tolerances").set_index("name").loc["REFERENCE_AGREEMENT"]
    assert (used["compared"], used["ratio"]) == (24, pytest.approx(0.5, rel=4 * EPS, abs=0.0))


def test_numbers_expected_to_be_zero_are_told_apart(tmp_path):
    rows = measurements(6).assign(quantity="weight_gradient", campaign="cases", regime="feed-forward")
    rows["expected"] = [0.0, -0.0, 1.0, 5e-324, np.nan, 0.0]
    write_csv(content_of(synthetic_run(measurements=rows)), tmp_path / "tables")
    for name in ("summary", "regimes"):
        assert list(table(tmp_path, name)[["compared", "nonzero"]].iloc[0]) == [6, 3]


def test_flavours_count_the_generated_networks_only(tmp_path):
    rows = measurements(4).assign(campaign="random", case=["a", "a", "b", "c"])
    rows.loc[3, "campaign"] = "cases"
    rows.loc[1, ["error", "verdict"]] = [np.inf, "fail"]
    named = (
        cases()
        .head(4)
        .assign(
            campaign=["random", "random", "random", "cases"],
            case=["a", "b", "d", "c"],
            flavour=["mixed", "bursts", "mixed", ""],
            status=["done", "done", "refused", "done"],
        )
    )
    write_csv(content_of(synthetic_run(measurements=rows, cases=named)), tmp_path / "tables")
    found = table(tmp_path, "flavours").set_index("flavour")[["cases", "missing", "compared", "failed"]]
    assert found.to_dict("index") == {
        "bursts": {"cases": 1, "missing": 0, "compared": 1, "failed": 0},
        "mixed": {"cases": 2, "missing": 1, "compared": 2, "failed": 1},
    }


def test_measured_engines_are_described_each_by_its_own_precision():
    both = measurements()
    both.loc[::2, "engine"] = "mp"
    for rows, described in ((measurements(), [True, False]), (both, [True, True])):
        text = " ".join(content_of(synthetic_run(measurements=rows)).paragraphs)
        assert ["“event” is the fast engine" in text, "“mp” is the reference" in text] == described
    alone = content_of(synthetic_run(measurements=measurements().assign(engine="mine"))).paragraphs
    assert not any("binary64" in text for text in alone)


def test_every_known_quantity_has_its_words():
    assert quantities.LABELS.keys() == quantities.MEANINGS.keys()
    assert quantities.label("end_state") == "end states"
    assert quantities.ordered(["loss", "end_state", "spike_time"]) == ["spike_time", "end_state", "loss"]
