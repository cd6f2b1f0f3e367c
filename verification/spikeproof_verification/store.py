"""Finished cases of a campaign on disk, so that a long run can be stopped and resumed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from spikeproof import InvalidInput, __version__
from spikeproof_verification.campaign import CaseResult, Plan, Task

FORMAT = "spikeproof-parts-1"


class Store:
    """A folder with one file per finished case.

    Parameters
    ----------
    folder
        Created if it does not exist.
    plan, engine
        What the parts belong to; parts of another plan, engine or version are refused.
    resume
        Keep the parts that are there; otherwise they are removed.

    Raises
    ------
    InvalidInput
        If `resume` is asked for and the folder holds parts of another run.
    """

    def __init__(self, folder: Path, plan: Plan, engine: str, *, resume: bool) -> None:
        self.folder = folder / "parts"
        self.folder.mkdir(parents=True, exist_ok=True)
        head = {
            "format": FORMAT,
            "version": __version__,
            "engine": engine,
            "plan": json.loads(json.dumps(asdict(plan))),
        }
        path = self.folder / "run.json"
        if resume and path.exists():
            found = json.loads(path.read_text())
            if found != head:
                raise InvalidInput("resume", str(folder), "the folder of a run with the same plan, engine and version")
        else:
            self.clear()
            _write(path, head)

    def load(self, task: Task) -> CaseResult | None:
        """The result of a finished case; None if it has not been finished."""
        path = self._path(task)
        return CaseResult.from_dict(json.loads(path.read_text())) if path.exists() else None

    def save(self, task: Task, result: CaseResult) -> None:
        """Keep a finished case."""
        _write(self._path(task), result.to_dict())

    def clear(self) -> None:
        """Remove all parts."""
        for path in self.folder.glob("*.json"):
            path.unlink()

    def remove(self) -> None:
        """Remove all parts and their folder."""
        self.clear()
        self.folder.rmdir()

    def _path(self, task: Task) -> Path:
        return self.folder / f"{task.campaign}--{task.key}.json"


def _write(path: Path, data: object) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(data))
    os.replace(temporary, path)
