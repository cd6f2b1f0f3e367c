"""Finished cases of a campaign on disk, so that a long run can be stopped and taken up again."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from spikeproof import InvalidInput, __version__
from spikeproof.atomic import replacing
from spikeproof_verification.campaign.plan import Plan, Task
from spikeproof_verification.campaign.results import CaseResult

FORMAT = "spikeproof-parts-1"
PACKAGES = ("spikeproof", "spikeproof_reference", "spikeproof_verification")
DEPENDENCIES = ("numpy", "numba", "mpmath")


@dataclass(frozen=True)
class Store:
    """A folder with one file per finished case; made by `open_store`."""

    folder: Path

    @property
    def commits(self) -> Path:
        """Where the commits that its cases come from may be noted."""
        return self.folder / "commits.txt"

    def load(self, task: Task) -> CaseResult | None:
        """The result of a finished case; None if it has not been finished.

        Raises
        ------
        InvalidInput
            If its file is damaged.
        """
        path = self._path(task)
        if not path.exists():
            return None
        try:
            return CaseResult.from_dict(_read(path))
        except (KeyError, TypeError) as error:
            raise InvalidInput(f"parts/{path.name}", str(error), "a part as it was written") from None

    def save(self, task: Task, result: CaseResult) -> None:
        """Keep a finished case."""
        _write(self._path(task), result.to_dict())

    def remove(self) -> None:
        """Remove all parts."""
        discard(self.folder)

    def _path(self, task: Task) -> Path:
        return self.folder / f"{task.key}.json"


def open_store(folder: Path, plan: Plan, engine: str, *, fresh: bool = False) -> Store:
    """The store in ``folder/parts``: finished cases of the same run are kept, unless `fresh` is asked for.

    Raises
    ------
    InvalidInput
        If the folder holds finished cases of another run: another plan, engine, source or version of a dependency.
    """
    head = {"format": FORMAT, "engine": engine, "sources": fingerprint(), "plan": asdict(plan)}
    parts = folder / "parts"
    open_parts(parts / "run.json", head, "cases", fresh=fresh)
    return Store(parts)


def open_parts(index: Path, head: Mapping[str, object], what: str, *, fresh: bool) -> None:
    """Make the folder of `index` one for the parts of the run that `head` describes; the index holds `head` then.

    Raises
    ------
    InvalidInput
        If it has parts of another run, which are called `what`, and `fresh` does not discard them.
    """
    folder, head = index.parent, json.loads(json.dumps(head))
    if fresh:
        discard(folder)
    if index.exists() and _read(index) == head:
        return
    if any(path != index for path in folder.glob("*.json")):
        allowed = "parts of the same plan, engine and versions; --fresh discards them, --out names another folder"
        raise InvalidInput("parts", f"finished {what} of another run", allowed)
    discard(folder)
    folder.mkdir(parents=True)
    _write(index, head)


def discard(folder: Path) -> None:
    """Remove a folder that may be there; one that is removed half, by a process that was killed, has another name."""
    if folder.exists():
        gone = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
        folder.rename(gone)
    for gone in folder.parent.glob(f".{folder.name}-*"):
        shutil.rmtree(gone)


def fingerprint() -> str:
    """Digest of the sources that decide about results, and of the versions that they run on."""
    digest = hashlib.blake2b(__version__.encode(), digest_size=8)
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        assert spec is not None
        for folder in spec.submodule_search_locations or ():
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.read_bytes())
    for name in DEPENDENCIES:
        digest.update(metadata.version(name).encode())
    return digest.hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(f"parts/{path.name}", str(error), "a part as it was written, or --fresh") from None
    return data


def _write(path: Path, data: object) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(data), encoding="utf-8")
