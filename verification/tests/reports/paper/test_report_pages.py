"""The pages that one reads: contents, order, folded tables, values to sort by, commands, links, and the dark."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from report_runs import FACTS, synthetic_run

from spikeproof_reports import write_report
from spikeproof_reports.paper.chapter import Chapter
from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.html_table import html_table
from spikeproof_reports.paper.page import Page
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.table import Column, Table
from spikeproof_reports.paper.together import write_all
from spikeproof_reports.paper.verdict import Verdict

pytestmark = pytest.mark.usefixtures("undrawn")
VALUES = [2.5e-300, np.inf, np.nan, -7.0, 10.0]


def table(name="few", rows=5, **changes):
    frame = pd.DataFrame({"key": [f"<k{n}>" for n in range(rows)], "value": (VALUES * rows)[:rows]})
    columns = {"key": Column("key", "a name", "name"), "value": Column("value", "a number", "number")}
    return replace(Table(name, name.title(), "", frame, columns, "Nothing."), **changes)


def content(**changes):
    picture = Picture("drawn", "A figure", "Its caption.", None)
    page = Page(
        Chapter("part", "A part", ("Text.",), (table("part_few"), table("part_many", 40))), Verdict(True, "Fine.", ())
    )
    given = {
        "title": "Title", "verdict": Verdict(True, "All is well.", ()), "paragraphs": ("Text.",), "quantities": (),
        "summary": (table("many", 16), table("few")), "pictures": (picture,), "details": (table("last", 40),),
        "facts": FACTS, "pages": (page,),
    }  # fmt: skip
    return Content(**{**given, **changes})


class Found(HTMLParser):
    """Ids, links and open elements of a page, in their order."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.tags = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def pages(folder):
    write_all(content(), folder)
    return {name: (folder / name).read_text(encoding="utf-8") for name in ("report.html", "pages/part.html")}


def test_every_link_leads_to_a_part_of_the_page_or_to_a_file_that_is_there(pages, folder):
    for name, text in pages.items():
        page = Found(text)
        assert len(set(page.ids)) == len(page.ids)
        inner = [link[1:] for link in page.links if link.startswith("#")]
        assert inner
        assert set(inner) <= set(page.ids)
        for link in page.links:
            assert link.startswith("#") or ((folder / name).parent / link).is_file(), link


def test_contents_name_all_tables_figures_and_chapters_and_fold(pages):
    contents = pages["report.html"].partition('<nav class="contents"')[2].partition("</nav>")[0]
    assert "<details open>" in contents
    targets = Found(contents).links
    assert targets == [
        "#top", "#subject", "#chapters", "pages/part.html", "#summary", "#table-few", "#figures", "#figure-drawn",
        "#details", "#table-many", "#table-last", "#provenance",
    ]  # fmt: skip


def test_figures_stand_before_long_tables_and_after_short_ones(pages):
    places = [pages["report.html"].index(f'id="{name}"') for name in ("table-few", "figure-drawn", "table-many")]
    assert places == sorted(places)


@pytest.mark.parametrize(("rows", "folded"), [(15, False), (16, True)])
def test_a_table_of_more_than_fifteen_rows_is_folded_and_says_how_many_they_are(rows, folded, tmp_path):
    write_all(content(summary=(table("mine", rows),), details=(), pages=()), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert ('<details class="fold">' in text) is folded
    assert (f"<summary>{rows} rows</summary>" in text) is folded


def test_every_table_links_to_its_csv_file(pages):
    for name, base in (("report.html", ""), ("pages/part.html", "../")):
        links = Found(pages[name]).links
        for table_name in re.findall(r'<table id="T_(\w+)"', pages[name]):
            assert f"{base}tables/{table_name}.csv" in links


def test_numbers_carry_their_values_and_texts_none():
    cells = [given for tag, given in Found(html_table(table())).tags if tag == "td"]
    assert [cell["data-value"] for cell in cells] == ["2.5e-300", "Infinity", "", "-7.0", "10.0"]
    heads = [given for tag, given in Found(html_table(table())).tags if tag == "th" and given.get("scope") == "row"]
    assert len(heads) == 5
    assert not any("data-value" in head for head in heads)


def test_cells_headings_and_commands_are_escaped():
    odd = {"key": Column("<i>", "", "name"), "value": Column("value", "", "number")}
    text = html_table(table(columns=odd, commands=("a && b <c>",) * 5))
    assert "<k0>" not in text
    assert "&lt;k0&gt;" in text
    assert "&lt;i&gt;" in text
    assert "<code>a &amp;&amp; b &lt;c&gt;</code>" in text


def test_rows_with_a_command_show_it_and_the_csv_file_does_not(tmp_path):
    mine = table(commands=("first --again", "", "third", "", ""))
    write_all(content(summary=(mine,), details=(), pages=()), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.findall("<code>(.*?)</code>", text) == ["first --again", "third"]
    assert text.count('<td class="again">') == 5
    for name in ("tables/few.csv", "tables/few.tex", "tables.tex"):
        assert "--again" not in (tmp_path / name).read_text(encoding="utf-8")


def test_worst_failed_and_slow_cases_have_the_command_that_solves_them_alone(tmp_path):
    rows = synthetic_run(failing=True)
    one = rows.measurements.assign(campaign="random", case="mixed-0017")
    run = replace(rows, measurements=one, cases=rows.cases.assign(campaign="random", case="mixed-0017"))
    write_report(run, tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for name in ("failures", "worst", "slowest", "without_numbers"):
        own = text.partition(f'<table id="T_{name}">')[2].partition("</table>")[0]
        commands = re.findall("<code>(.*?)</code>", own)
        assert len(commands) == own.count('<th scope="row"')
        assert all(c.startswith("spikeproof verify ") and c.endswith(" --seed 17") for c in commands)


def test_pages_need_nothing_else_and_keep_the_raised_digits_out_of_attributes(pages):
    for text in pages.values():
        assert not re.search(r"https?://|@import|url\(|src=\"(?!data:)", text)
        assert text.count("<script>") == text.count("<script") == 1
        assert not re.search(r'"[^"<>]*<sup>[^"]*"', text.partition("<body")[2])


def test_an_alternative_text_keeps_its_raised_digits(tmp_path):
    drawn = Picture("drawn", "A figure", "Errors of 10⁻¹⁵.", Figure(), "Errors of 10⁻¹⁵ are seen.")
    write_all(content(pictures=(drawn,), pages=()), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert ("img", "Errors of 10⁻¹⁵ are seen.") in [(t, given.get("alt")) for t, given in Found(text).tags]
    assert "Errors of 10<sup>\N{MINUS SIGN}15</sup>." in text
    assert '<a href="figures/drawn.pdf">PDF</a>' in text


def test_the_style_knows_the_dark_and_leaves_figures_on_white(pages):
    style = pages["report.html"].partition("<style>")[2].partition("</style>")[0]
    light = re.search(r"^:root \{(.*?)^\}", style, re.DOTALL | re.MULTILINE)[1]
    dark = re.search(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", style, re.DOTALL)[1]
    names = {which: set(re.findall(r"--(\w+):", text)) for which, text in (("light", light), ("dark", dark))}
    assert names["dark"] == names["light"]
    assert set(re.findall(r"var\(--(\w+)\)", style)) <= names["light"]
    assert re.search(r"figure img \{[^}]*background: #fff", style)
    for wanted in ("position: sticky; top: 0", "position: sticky; left: 0"):
        assert wanted in style


def test_a_page_without_numbers_to_judge_is_brief_about_what_was_found():
    page = Page(Chapter("part", "A part", ()), Verdict(True, "It was found.", ()))
    assert (page.brief, page.tables, page.command) == ("It was found.", (), "")
