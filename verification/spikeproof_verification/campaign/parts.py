"""Finished parts of a run on disk, one file each, from which a stopped run continues."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from spikeproof import InvalidInput, __version__
from spikeproof.atomic import replacing

PACKAGES = ("spikeproof", "spikeproof_reference", "spikeproof_verification")
DEPENDENCIES = ("numpy", "numba", "mpmath")


@dataclass(frozen=True)
class Parts:
    """A folder of finished parts; `open_index` ties it to one run."""

    folder: Path

    @property
    def commits(self) -> Path:
        """The file that lists the commits on which its parts were computed."""
        return self.folder / "commits.txt"

    def open_index(self, name: str, head: Mapping[str, object], what: str, *, fresh: bool) -> None:
        """Make the folder one for the parts of the run that `head` describes; the file `name` holds `head` then.

        Raises
        ------
        InvalidInput
            If it has parts of another run and `fresh` does not discard them; the message calls them `what`.
        """
        index, head = self.folder / name, json.loads(json.dumps(head))
        if fresh:
            self.remove()
        if index.exists() and _read(index) == head:
            return
        if any(path != index for path in self.folder.glob("*.json")):
            allowed = "parts of the same plan, engine and versions; --fresh discards them, --out names another folder"
            raise InvalidInput("parts", f"finished {what} of another run", allowed)
        self.remove()
        self.folder.mkdir(parents=True)
        _write(index, head)

    def read(self, key: str) -> dict[str, Any] | None:
        """The part called `key`; None if it has not been finished.

        Raises
        ------
        InvalidInput
            If its file is damaged.
        """
        path = self.folder / f"{key}.json"
        return _read(path) if path.exists() else None

    def write(self, key: str, part: object) -> None:
        """Store a finished part, plain data, under `key`."""
        _write(self.folder / f"{key}.json", part)

    def remove(self) -> None:
        """Remove the folder under another name, so that a killed process leaves no half-removed folder of this name."""
        if self.folder.exists():
            self.folder.rename(self.folder.with_name(f".{self.folder.name}-{secrets.token_hex(4)}"))
        for gone in self.folder.parent.glob(f".{self.folder.name}-*"):
            shutil.rmtree(gone)


def fingerprint() -> str:
    """Digest of the sources and of the package versions that results depend on."""
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
