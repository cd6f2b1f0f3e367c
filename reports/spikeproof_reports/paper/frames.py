"""Frames of a finished run as Parquet files, and an index with their checksums, which completes the run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from spikeproof.atomic import replacing
from spikeproof.errors import InvalidInput
from spikeproof_reports.paper.files import write_text


@dataclass(frozen=True)
class FrameFiles:
    """The files of one kind of run.

    Attributes
    ----------
    command : the command that writes them.
    names : of its frames; each is a file ``NAME.parquet``.
    version : of their columns.
    """

    command: str
    names: tuple[str, ...]
    version: int = 1

    @property
    def index(self) -> str:
        """Name of the index, the last file that is written."""
        return f"{self.command}.json"

    @property
    def head(self) -> dict[str, object]:
        """The entries of an index by which it is known."""
        return {"format": f"spikeproof-{self.command}", "version": self.version}

    def save(
        self, frames: Mapping[str, pd.DataFrame], provenance: Mapping[str, str], folder: Path, environment: str = ""
    ) -> None:
        """Write all frames and then the index, with the exact versions of the `environment` of the run in it."""
        sums = {}
        for name in self.names:
            path = folder / f"{name}.parquet"
            with replacing(path) as temporary:
                frames[name].to_parquet(temporary, index=False)
            sums[path.name] = _sum(path)
        index = {**self.head, "sha256": sums, "provenance": dict(provenance)}
        index |= {"environment": environment}
        write_text(folder / self.index, json.dumps(index, indent=1) + "\n")

    def load(self, folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, str], str]:
        """All frames, the provenance, and the environment, "" where it was not noted.

        Raises
        ------
        InvalidInput
            If one is not there, or is not the one that was saved.
        """
        try:
            index = json.loads((folder / self.index).read_text(encoding="utf-8"))
            known = {name: index[name] for name in self.head} == self.head
            sums, provenance = index["sha256"], index["provenance"]
            if known and all(_sum(path) == sums[path.name] for path in self._paths(folder)):
                return (
                    {path.stem: pd.read_parquet(path) for path in self._paths(folder)},
                    provenance,
                    index.get("environment", ""),
                )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._refusal(folder) from error
        raise self._refusal(folder)

    def _paths(self, folder: Path) -> Iterable[Path]:
        return (folder / f"{name}.parquet" for name in self.names)

    def _refusal(self, folder: Path) -> InvalidInput:
        return InvalidInput("folder", str(folder), f"a folder that `spikeproof {self.command}` has written")


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
