"""Publishing runs: their documents side by side in one folder, of one commit without changes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from spikeproof.errors import InvalidInput
from spikeproof_reports.paper.crate import CRATE
from spikeproof_reports.paper.environment import ENVIRONMENT
from spikeproof_reports.paper.folder import claim, kind_of, parts_of, renewed
from spikeproof_reports.paper.published_index import write_index

KIND = "published"
INDEX = "index"  # the part of the target that is the page over all runs
PLACES = {
    "verify": "",
    "bench": "bench",
    "train": "training",
    "lesson": "lesson",
    "audit": "audit",
}  # of the documents of each command, in the target
BY_THEMSELVES = ("lesson", "audit")  # they measure other systems than the fast engine, and take long: own commits
DOCUMENTS = (".bib", ".csv", ".html", ".md", ".pdf", ".png", ".svg", ".tex")
NAMED = (CRATE, ENVIRONMENT)  # other documents
PROBLEMS = "failures/"  # folder of an audit with problems that show a failure, to be sent to whoever looks for it
STATED = (".csv", ".tex")  # documents that say where they come from in comment lines at their heads
CLEAN = re.compile("[0-9a-f]{40}")
_COMMIT = re.compile("^[#%] commit: (.*)$", re.MULTILINE)
_HEAD = 4096  # characters that hold the comment lines


def publish(folders: Sequence[Path], target: Path) -> list[Path]:
    """The files in `target`, after the documents of the runs in `folders` were copied there.

    A verification goes to `target` itself, a benchmark run to its ``bench/``, the lesson to its ``lesson/``, an audit
    to its ``audit/``, a training to its ``training/NAME/``. What a run of the same kind has published before is
    replaced, and removed where the new one has no such document. ``index.html`` and ``index.md`` are made anew, over
    all runs that are in the target then.

    Raises
    ------
    InvalidInput
        If a folder holds no finished run, one that is not published, or a second one of its kind; if not all documents
        of verification, benchmark and training, those that stay in `target` among them, are of one commit without
        changes, or not all of the lesson, or of the audit; if `target` holds what was not published so.
    """
    runs = _runs(folders)
    stay = runs_in(target)
    documents = [(kind, folder, _documents(kind, folder)) for kind, folder in runs.items()]
    documents += [(kind, target, names) for kind, names in stay.items() if kind not in runs]
    for group in {group_of(kind) for kind, _, _ in documents}:
        found = [commits_in(folder, names) for kind, folder, names in documents if group_of(kind) == group]
        check_commits({path: text for part in found for path, text in part})
    claim(target, KIND, field="--to")
    for kind, folder in runs.items():
        with renewed(target, KIND, kind) as fresh:
            for name in _documents(kind, folder):
                copy = fresh / place_of(kind) / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / name, copy)
    renew_index(target)
    return [target / name for names in parts_of(target, KIND).values() for name in names]


def runs_in(target: Path) -> dict[str, list[str]]:
    """The files of each kind of run that is published in `target`."""
    return {kind: names for kind, names in parts_of(target, KIND, field="--to").items() if kind != INDEX}


def renew_index(target: Path) -> None:
    """Make the page over all runs in `target` anew."""
    with renewed(target, KIND, INDEX) as fresh:
        write_index(target, runs_in(target), fresh)


def place_of(kind: str) -> PurePosixPath:
    """Folder in which the documents of a kind of run are published, relative to the folder of all."""
    command, _, name = kind.partition(" ")
    return PurePosixPath(PLACES[command], name.replace("-", "_"))


def group_of(kind: str) -> str:
    """The runs that a run is published with, all of one commit: its command if it stands by itself, else ""."""
    command = kind.partition(" ")[0]
    return command if command in BY_THEMSELVES else ""


def check_commits(stated: Mapping[Path, str]) -> None:
    """Check that all documents are of one commit without changes.

    Raises
    ------
    InvalidInput
        If one is not, or if there is none; the message names a document.
    """
    if not stated:
        raise InvalidInput("commit", "no document that names one", "documents of a finished run")
    (first, commit), *_ = stated.items()
    for path, text in stated.items():
        if not CLEAN.fullmatch(text):
            raise InvalidInput("commit", f"{text or 'none'} in {path}", "one commit of a checkout without changes")
        if text != commit:
            allowed = f"{commit}, that of {first}: all runs of one commit are published together"
            raise InvalidInput("commit", f"{text} in {path}", allowed)


def commits_in(folder: Path, names: Sequence[str]) -> list[tuple[Path, str]]:
    """The commit that each document with an ending in `STATED` names, "" if it names none."""
    found = []
    for path in (folder / name for name in names if PurePosixPath(name).suffix in STATED):
        with path.open(encoding="utf-8") as file:
            match = _COMMIT.search(file.read(_HEAD))
        found.append((path, match[1] if match else ""))
    return found


def _runs(folders: Sequence[Path]) -> dict[str, Path]:
    """The folders by the kinds of their runs."""
    runs: dict[str, Path] = {}
    for folder in folders:
        kind = kind_of(folder)
        if kind.partition(" ")[0] not in PLACES or not _documents(kind, folder):
            raise InvalidInput("folder", str(folder), "a finished run of verify, bench, train, lesson or audit")
        if kind in runs:
            raise InvalidInput("folder", str(folder), f"one {kind} run; {runs[kind]} is another")
        runs[kind] = folder
    return runs


def _documents(kind: str, folder: Path) -> list[str]:
    names = [name for part in parts_of(folder, kind).values() for name in part]
    problems = PROBLEMS if kind == "audit" else "/"  # no name begins so
    return [name for name in names if _is_document(name) or name.startswith(problems)]


def _is_document(name: str) -> bool:
    return PurePosixPath(name).suffix in DOCUMENTS or name in NAMED
