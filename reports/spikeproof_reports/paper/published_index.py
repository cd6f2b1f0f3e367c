"""The page over everything that is published: what each run found, of which commit, when, and its documents."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.markdown import markdown_text
from spikeproof_reports.paper.template import environment

TITLE = "What was measured, and what was found"
FRONT, TEXT = "report.html", "report.md"  # of each run
_ESCAPED = re.compile(r"\\(.)")
_FACT = re.compile(r"^\| (commit|started|command) \| (.*) \|$", re.MULTILINE)
_NAMED = re.compile("<title>(.*?)</title>")
_HEAD = 4096  # characters of a page that hold its title
_WORDS = {
    "verify": "Verification", "bench": "Benchmark", "train": "Training", "lesson": "Lesson", "audit": "Audit",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One published run, as its report says.

    Attributes
    ----------
    kind, title : what kind of run it is, in words, and the heading of its report.
    found : the verdict, or what was found.
    commit, date, command : where the numbers come from; "unknown" where the report does not say.
    documents, chapters : (name, path relative to the folder of all).
    tables : how many tables it has as CSV files.
    """

    kind: str
    title: str
    found: str
    commit: str
    date: str
    command: str
    documents: tuple[tuple[str, str], ...]
    chapters: tuple[tuple[str, str], ...]
    tables: int


def write_index(folder: Path, parts: Mapping[str, Sequence[str]], out: Path) -> list[Path]:
    """``index.html`` and ``index.md``, written to `out`.

    Parameters
    ----------
    folder : of all that is published.
    parts : the files of each kind of run, relative to it; a run without a report is left out.
    out : where the two are written.
    """
    reports = {kind: place for kind, names in parts.items() if (place := _place(names)) is not None}
    entries = [entry_of(folder, kind, place, parts[kind]) for kind, place in reports.items()]
    entries.sort(key=lambda entry: list(_WORDS.values()).index(entry.kind.split(",")[0]))
    written = []
    for name, escape in (("index.html", True), ("index.md", False)):
        jinja = environment(escape=escape)
        jinja.filters["md"] = markdown_text
        text = jinja.get_template(f"published_{name}.j2").render(title=TITLE, entries=entries, facts={})
        written.append(write_text(out / name, text))
    return written


def entry_of(folder: Path, kind: str, place: PurePosixPath, names: Sequence[str]) -> Entry:
    """The entry of a run, of a `kind` and with the files `names`, as its report in `place` of `folder` says."""
    text = (folder / place / TEXT).read_text(encoding="utf-8")
    lines = text.splitlines()
    facts = {key: plain(value) for key, value in _FACT.findall(text)}
    found = next((line.strip("*") for line in lines if line.startswith("**")), "")
    command, _, name = kind.partition(" ")
    mine = [PurePosixPath(n) for n in names]
    pages = sorted(path for path in mine if path.parent == place / "pages")
    texts = sorted(path for path in mine if path.parent == place and path.suffix == ".md" and path.name != TEXT)
    documents = [("report", str(place / FRONT)), ("in Markdown", str(place / TEXT))]
    return Entry(
        kind=_WORDS[command] + (f", {name}" if name else ""),
        title=plain(lines[0].removeprefix("# ")),
        found=plain(found),
        commit=facts.get("commit", "unknown"),
        date=facts.get("started", "unknown").partition("T")[0],
        command=facts.get("command", "unknown"),
        documents=(*documents, *((path.stem, str(path)) for path in texts)),
        chapters=tuple((_title(folder / path), str(path)) for path in pages),
        tables=sum(path.parent == place / "tables" and path.suffix == ".csv" for path in mine),
    )


def plain(text: str) -> str:
    """A text of Markdown without its escapes."""
    return _ESCAPED.sub(r"\1", text)


def _place(names: Sequence[str]) -> PurePosixPath | None:
    """The folder of the report among the files of a run."""
    found = [PurePosixPath(name).parent for name in names if PurePosixPath(name).name == TEXT]
    return found[0] if found else None


def _title(page: Path) -> str:
    with page.open(encoding="utf-8") as file:
        match = _NAMED.search(file.read(_HEAD))
    return html.unescape(match[1]) if match else page.stem
