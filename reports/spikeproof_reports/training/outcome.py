"""The results of a sweep as frames, and the files that keep them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from spikeproof.training import Settings
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.folder import renewed
from spikeproof_reports.paper.provenance import commented
from spikeproof_reports.training.experiment import Published
from spikeproof_reports.training.plan import Plan
from spikeproof_reports.training.sweep import Training, experiment_of
from spikeproof_reports.verification.storage import save_frame

HISTORY = "history"


@dataclass(frozen=True, eq=False)
class Outcome:
    """All trainings of a plan.

    Attributes
    ----------
    name, title, paragraphs, published, same_samples, has_rules : of the experiment.
    history : one row per training and epoch: rule, seed, and the columns of the trainer's history.
    settings : name and value of each setting.
    epochs : how many were asked for.
    """

    name: str
    title: str
    paragraphs: tuple[str, ...]
    published: Published | None
    same_samples: bool
    has_rules: bool
    history: pd.DataFrame
    settings: pd.DataFrame
    epochs: int

    @property
    def last(self) -> pd.DataFrame:
        """The row of each training after its last epoch."""
        return self.history.groupby(["rule", "seed"], sort=True).tail(1).reset_index(drop=True)

    @property
    def is_finished(self) -> bool:
        """Whether every training has done all epochs."""
        return bool((self.last["epoch"] == self.epochs).all())


def outcome_of(plan: Plan, trainings: Sequence[Training]) -> Outcome:
    """The outcome of these trainings of `plan`."""
    experiment = experiment_of(plan)
    rows = [{"rule": t.task.rule, "seed": t.task.seed, **row} for t in trainings for row in t.history]
    history = pd.DataFrame(rows).sort_values(["rule", "seed", "epoch"], kind="stable").reset_index(drop=True)
    history["epoch"] = history["epoch"].astype("int64")
    history["idle"] = history["idle"].astype("int64")
    return Outcome(
        name=experiment.name,
        title=experiment.title,
        paragraphs=experiment.paragraphs,
        published=experiment.published,
        same_samples=experiment.same_samples,
        has_rules=experiment.has_rules,
        history=history,
        settings=settings_frame(plan.settings, plan.seeds, "drawn from the same seed"),
        epochs=plan.settings.epochs,
    )


def save_outcome(outcome: Outcome, folder: Path, facts: Mapping[str, str]) -> list[Path]:
    """The files written: the history as Parquet and CSV, and provenance.json."""
    text = outcome.history.to_csv(index=False, na_rep="nan", lineterminator="\n")
    with renewed(folder, f"train {outcome.name}", "run") as new:
        written = [
            save_frame(outcome.history, new / f"{HISTORY}.parquet", facts),
            write_text(new / f"{HISTORY}.csv", commented(facts, "# ") + text),
            write_text(new / "provenance.json", json.dumps(dict(facts), indent=1) + "\n"),
        ]
    return [folder / path.relative_to(new) for path in written]


def settings_frame(settings: Settings, seeds: Sequence[int], weights: str) -> pd.DataFrame:
    """Name and value of each setting; `weights` says where the initial ones come from."""
    adam = settings.adam
    values: dict[str, object] = {f.name: getattr(settings, f.name) for f in fields(settings)}
    values |= {f"adam: {f.name}": getattr(adam, f.name) for f in fields(adam)}
    del values["adam"], values["seed"]
    values["seeds"] = ", ".join(map(str, seeds))
    values["initial weights"] = weights
    rows = [(name, f"{value:g}" if isinstance(value, float) else str(value)) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["setting", "value"])
