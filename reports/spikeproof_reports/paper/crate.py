"""The metadata of a report as an RO-Crate: what its files are, and which run of which software made them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias
from urllib.parse import quote

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.environment import ENVIRONMENT
from spikeproof_reports.paper.files import write_text

CRATE = "ro-crate-metadata.json"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_LICENSE = "https://spdx.org/licenses/MIT"
_RUN, _SOFTWARE = "#run", "#spikeproof"
_FORMATS = {
    ".bib": "application/x-bibtex", ".csv": "text/csv", ".html": "text/html", ".json": "application/json",
    ".md": "text/markdown", ".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml",
    ".tex": "application/x-tex", ".txt": "text/plain",
}  # fmt: skip
_WHAT = {
    "report.html": "the report as a page", "report.md": "the report as Markdown", "lesson.md": "the page for students",
    "tables.tex": "all tables with captions, for LaTeX", "numbers.tex": "a macro for every number, for LaTeX",
    "methods.tex": "a methods paragraph, for LaTeX", "spikeproof.bib": "what the methods paragraph cites",
    ENVIRONMENT: "exact versions of everything that the run was computed with",
}  # fmt: skip
Entity: TypeAlias = dict[str, Any]


def write_crate(content: Content, folder: Path) -> list[Path]:
    """The file of metadata in `folder`, which holds the documents of a report and no others, once all are written.

    None is written if the facts do not say when the run started: a crate must have a date.
    """
    if "started" not in content.facts:
        return []
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = [_file(content, path.relative_to(folder).as_posix()) for path in paths]
    graph = [_descriptor(), _root(content, files), *files, *_contextual(content.facts)]
    crate = {"@context": f"{_SPECIFICATION}/context", "@graph": graph}
    return [write_text(folder / CRATE, json.dumps(crate, indent=1, ensure_ascii=False) + "\n")]


def _descriptor() -> Entity:
    return {
        "@id": CRATE, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": _SPECIFICATION},
    }  # fmt: skip


def _root(content: Content, files: list[Entity]) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": content.title,
        "description": f"A spikeproof {content.kind}. {content.verdict.sentence}",
        "datePublished": content.facts["started"],
        "license": {"@id": _LICENSE},
        "hasPart": [{"@id": file["@id"]} for file in files],
        "mentions": {"@id": _RUN},
    }


def _file(content: Content, name: str) -> Entity:
    path = PurePosixPath(name)
    kind = {"encodingFormat": _FORMATS[path.suffix]} if path.suffix in _FORMATS else {}
    return {"@id": quote(name), "@type": "File", "name": name, "description": _described(content, path), **kind}


def _described(content: Content, path: PurePosixPath) -> str:
    """The content of a file: the title of its table, figure or chapter where it has one."""
    tables = (*content.tables, *((content.printed.table,) if content.printed else ()))
    titles = {table.name: f"Table: {table.title}" for table in tables}
    titles |= {picture.name: f"Figure: {picture.title}" for picture in content.all_pictures}
    titles |= {page.chapter.slug: f"Chapter: {page.chapter.title}" for page in content.pages}
    of_width = path.stem.removesuffix("_column")
    return _WHAT.get(str(path)) or titles.get(path.stem) or titles.get(of_width) or "a document of the report"


def _contextual(facts: Mapping[str, str]) -> Iterator[Entity]:
    yield {"@id": _LICENSE, "@type": "CreativeWork", "name": "MIT License"}
    software = {"@id": _SOFTWARE, "@type": "SoftwareApplication", "name": "spikeproof"}
    version = f"{facts.get('spikeproof', 'unknown')}, commit {facts.get('commit', 'unknown')}"
    yield {**software, "version": version}
    made = {"instrument": {"@id": _SOFTWARE}, "result": {"@id": "./"}, "startTime": facts["started"]}
    stated = "; ".join(f"{name} {text}" for name, text in facts.items())
    run = {"@id": _RUN, "@type": "CreateAction", "name": facts.get("command", "spikeproof"), "description": stated}
    yield {**run, **made, **_end(facts)}


def _end(facts: Mapping[str, str]) -> dict[str, str]:
    """When the run ended, if its duration is known and is that of one process."""
    seconds, unit, rest = facts.get("duration", "").partition(" s")
    if not unit or rest:
        return {}
    return {"endTime": (datetime.fromisoformat(facts["started"]) + timedelta(seconds=float(seconds))).isoformat()}
