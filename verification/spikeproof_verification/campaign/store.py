"""Finished cases of a campaign on disk."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from spikeproof import InvalidInput
from spikeproof_verification.campaign.parts import Parts, fingerprint
from spikeproof_verification.campaign.plan import Plan, Task
from spikeproof_verification.campaign.results import CaseResult

FORMAT = "spikeproof-parts-1"


@dataclass(frozen=True)
class Store(Parts):
    """A folder with one file per finished case; made by `open_store`.

    Parameters
    ----------
    folder : Path
        Holds the files.
    """

    def load(self, task: Task) -> CaseResult | None:
        """The result of a finished case; None if it has not been finished.

        Raises
        ------
        InvalidInput
            If its file is damaged.
        """
        part = self.read(task.key)
        try:
            return None if part is None else CaseResult.from_dict(part)
        except (KeyError, TypeError) as error:
            raise InvalidInput(f"parts/{task.key}.json", str(error), "a part as it was written") from None

    def save(self, task: Task, result: CaseResult) -> None:
        """Keep a finished case."""
        self.write(task.key, result.to_dict())


def open_store(folder: Path, plan: Plan, engine: str, *, fresh: bool = False) -> Store:
    """The store in ``folder/parts``; finished cases of the same run are kept.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    plan : Plan
    engine : str
        Name of the measured engine.
    fresh : bool
        Discard finished cases.

    Returns
    -------
    Store

    Raises
    ------
    InvalidInput
        If the folder holds finished cases of another run: another plan, engine, source or version of a dependency.
    """
    store = Store(folder / "parts")
    head = {"format": FORMAT, "engine": engine, "sources": fingerprint(), "plan": asdict(plan)}
    store.open_index("run.json", head, "cases", fresh=fresh)
    return store
