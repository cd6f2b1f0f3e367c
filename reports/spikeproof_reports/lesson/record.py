"""A finished run of the lesson, and its files: a Parquet file for each frame, and lesson.json with the provenance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from spikeproof.errors import InvalidInput
from spikeproof_reports.lesson.rows import Rows
from spikeproof_reports.paper.folder import renewed
from spikeproof_reports.paper.frames import FrameFiles

FRAMES: Mapping[str, tuple[str, ...]] = {
    "gradients": (
        "task", "seed", "stage", "kind", "system", "shape", "dt", "slope", "projection", "cosine", "error", "norm",
        "wrong_signs", "zeros", "loss", "exact_loss", "spikes", "exact_spikes", "forward_passes",
    ),
    "search": ("task", "system", "candidate", "setting", "accuracy", "seconds", "note"),
    "history": (
        "task", "system", "seed", "epoch", "seconds", "forward_passes", "test_accuracy", "test_loss", "train_loss",
        "train_accuracy", "spikes",
    ),
    "noise": (
        "system", "hidden", "draws", "seed", "passes", "projection", "variance", "variance_error", "bias", "bias_error",
        "signal", "signal_error",
    ),
    "loops": (
        "task", "seed", "circle", "radius", "kind", "system", "shape", "dt", "slope", "integral", "length", "changes",
        "jumps", "rest",
    ),
    "sizes": ("system", "neurons", "seconds", "memory", "peak", "spikes", "samples"),
    "steps": ("task", "system", "seconds", "memory", "peak", "spikes", "samples"),
    "bursts": ("seed", "fires_once", "accuracy", "blind", "spikes"),
    "reservoirs": ("task", "seed", "size", "accuracy", "spikes", "trained", "weights", "seconds", "setting"),
    "conversions": ("task", "seed", "steps", "accuracy", "spikes", "ann", "trained", "seconds"),
    "stair": ("seed", "kind", "dt", "centre", "x", "y"),
    "statements": ("statement", "holds", "verdict", "numbers"),
    "trained": (
        "task", "system", "seed", "setting", "note", "epochs", "budget", "accuracy_epochs", "accuracy_seconds",
        "seconds_epochs", "forward_passes", "spikes", "accuracy", "best", "weights", "steps", "accuracy_own",
        "accuracy_hard", "accuracy_exact", "spikes_exact",
    ),
}  # fmt: skip
FILES = FrameFiles("lesson", tuple(FRAMES))
TEXTS = (
    "statement",
    "verdict",
    "numbers",
    "task",
    "kind",
    "circle",
    "system",
    "shape",
    "projection",
    "setting",
    "note",
)


@dataclass(frozen=True, eq=False)
class LessonRecord:
    """The results of a run: frames by name, with the columns of `FRAMES`, and where the numbers come from.

    Attributes
    ----------
    frames : mapping from name to DataFrame
    provenance : mapping from text to text
    environment : exact versions of what it was computed with, as a file for pip; "" if they were not noted.
    """

    frames: Mapping[str, pd.DataFrame]
    provenance: Mapping[str, str]
    environment: str = ""

    @classmethod
    def of(cls, parts: Iterable[Rows], provenance: Mapping[str, str], environment: str = "") -> LessonRecord:
        """The record of the rows of all units.

        Raises
        ------
        InvalidInput
            If a row belongs to no frame, or has a column that its frame lacks.
        """
        rows: dict[str, list[dict[str, object]]] = {name: [] for name in FRAMES}
        for part in parts:
            for name, own in part.items():
                if name not in FRAMES:
                    raise InvalidInput("rows", name, f"one of {', '.join(FRAMES)}")
                rows[name] += own
        return cls({name: _frame(name, rows[name]) for name in FRAMES}, provenance, environment)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]


def save_lesson(record: LessonRecord, folder: Path) -> None:
    """Write a run to a folder: the frames as Parquet files, then lesson.json, which completes the run.

    Parameters
    ----------
    record : LessonRecord
    folder : Path
        Made if missing.
    """
    with renewed(folder, "lesson", "run", last=FILES.index) as new:
        FILES.save(record.frames, record.provenance, new, record.environment)


def load_lesson(folder: Path) -> LessonRecord:
    """The run that `save_lesson` stored.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    LessonRecord

    Raises
    ------
    InvalidInput
        If it is not there, or not complete.
    """
    return LessonRecord(*FILES.load(folder))


def _frame(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """A frame with its columns, sorted by them, so that the order of the units does not matter."""
    unknown = {column for row in rows for column in row} - set(FRAMES[name])
    if unknown:
        raise InvalidInput(f"rows of {name}", sorted(unknown), f"columns among {', '.join(FRAMES[name])}")
    frame = pd.DataFrame(rows, columns=list(FRAMES[name]))
    for column in frame:
        given = frame[column]
        texts = given.astype(object).where(given.notna(), "").astype(str) if column in TEXTS else None
        frame[column] = given.astype("float64") if texts is None else texts
    keys = [column for column in frame if column in KEYS]
    return frame.sort_values(keys, kind="stable").reset_index(drop=True) if keys else frame


KEYS = (
    "task", "system", "circle", "size", "hidden", "neurons", "draws", "fires_once", "seed", "stage", "kind", "shape",
    "dt", "slope", "centre", "x", "epoch", "candidate", "steps", "statement",
)  # fmt: skip
