"""report.md is short, whatever the report: the verdict and the figures, and where the rest is."""

import re

import pytest
from report_contents import KINDS

from spikeproof_reports.paper.markdown import ROWS, markdown_text, shown_tables, write_markdown
from spikeproof_reports.paper.together import write_all

LINES = 150


@pytest.fixture(params=KINDS)
def content(request):
    return KINDS[request.param]()


def test_a_report_in_markdown_has_at_most_150_lines_and_says_where_everything_is(content, tmp_path):
    text = write_markdown(content, tmp_path / "report.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    assert f"**{content.verdict.sentence}" in text.replace("\\", "").replace(f"**{content.verdict.word}: ", "**")
    for line in content.verdict.lines:
        assert markdown_text(line.note) in text
    for picture in (*content.front, *content.pictures):
        assert markdown_text(picture.caption) in text
    for page in content.pages:
        assert f"]({page.file}): {markdown_text(page.brief)}" in text
    shown = shown_tables(content)
    for table in content.tables[bool(content.verdict.lines) :]:
        assert table in shown or f"](tables/{table.name}.csv)" in text
    assert all(f"| {key} | {value} |" in text for key, value in content.facts.items() if key.startswith("fact"))


def test_tables_are_shown_whole_or_not_at_all(content, tmp_path):
    text = write_markdown(content, tmp_path / "report.md").read_text(encoding="utf-8")
    shown = shown_tables(content)
    assert sum(len(table.frame) for table in shown) <= ROWS
    for table in shown:
        own = text.partition(f"### {markdown_text(table.title)}\n")[2].partition("\n#")[0]
        rows = [line for line in own.splitlines() if line.startswith("| ") and not line.startswith("| :")]
        assert len(rows) == (len(table.frame) + 1 if len(table.frame) else 0)


def test_links_of_a_report_in_markdown_lead_to_files_of_the_report(content, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matplotlib.figure.Figure.savefig", lambda _, path, **__: path.write_bytes(b""))
        write_all(content, tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    targets = re.findall(r"(?<!\\)\]\(([^)]+)\)", text)
    assert "report.html" in targets
    assert all((tmp_path / target).is_file() for target in targets)
