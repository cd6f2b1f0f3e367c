"""The units of a run of the lesson: each is measured in one process and stored when it is finished."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from spikeproof_reports.lesson.plan import LessonPlan
from spikeproof_reports.lesson.rows import Measure, Rows
from spikeproof_verification.campaign.parts import Parts, fingerprint
from spikeproof_verification.campaign.processes import uninterrupted, worker_pool

FORMAT = "spikeproof-lesson-parts-1"


@dataclass(frozen=True)
class Unit:
    """One measurement.

    Attributes
    ----------
    name : its name, by which it is kept.
    measure, options : a function of a module, and the keywords that it is called with, plain data.
    """

    name: str
    measure: Measure
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name of its file: the name with the signs that files may not have replaced."""
        return re.sub(r"[^A-Za-z0-9_.-]+", "_", self.name)

    def rows(self) -> Rows:
        """The rows that it measures."""
        return self.measure(**self.options)


def open_parts(plan: LessonPlan, out: Path, *, fresh: bool = False) -> Parts:
    """The finished parts of a plan in ``out/parts``; those of an earlier, stopped run of the same plan are kept.

    Parameters
    ----------
    plan : LessonPlan
    out : Path
        Folder of the run.
    fresh : bool
        Discard finished parts.

    Returns
    -------
    Parts

    Raises
    ------
    InvalidInput
        If there are finished parts of another plan or of other sources, and `fresh` does not discard them.
    """
    parts = Parts(out / "parts")
    head = {"format": FORMAT, "sources": fingerprint(), "measures": own_sources(), "plan": asdict(plan)}
    parts.open_index("plan.json", head, "parts", fresh=fresh)
    return parts


def own_sources() -> str:
    """Digest of what is measured and how: the sources of the tasks, the systems, and the measures."""
    folder, digest = Path(__file__).parent, hashlib.blake2b(digest_size=8)
    for path in (folder / "systems.py", folder / "tasks.py", *sorted((folder / "measures").glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run_units(
    units: list[Unit], parts: Parts, workers: int, begun: Callable[[Unit], None] = lambda _: None
) -> Iterator[tuple[Unit, Rows]]:
    """The rows of each unit as it finishes; a unit whose rows are in `parts` is not measured again.

    Parameters
    ----------
    units : list of Unit
    parts : Parts
    workers : int
        Processes; with 1 all is measured in this one.
    begun : callable
        Called with each unit that is begun.

    Yields
    ------
    unit : Unit
    rows : mapping from frame to rows
    """
    left = []
    for unit in units:
        rows: Rows | None = parts.read(unit.key)
        if rows is None:
            left.append(unit)
        else:
            yield unit, rows
    found = _here(left, begun) if min(workers, len(left)) <= 1 else _in_processes(left, workers, begun)
    for unit, rows in found:
        parts.write(unit.key, rows)
        yield unit, rows


def _here(units: list[Unit], begun: Callable[[Unit], None]) -> Iterator[tuple[Unit, Rows]]:
    for unit in units:
        begun(unit)
        yield unit, unit.rows()


def _in_processes(units: list[Unit], workers: int, begun: Callable[[Unit], None]) -> Iterator[tuple[Unit, Rows]]:
    """Units in worker processes, one more whenever one is finished."""
    waiting, running = list(units), dict[Future[Rows], Unit]()
    with worker_pool(min(workers, len(units))) as pool:
        while waiting or running:
            while waiting and len(running) < workers:
                unit = waiting.pop(0)
                with uninterrupted():
                    running[pool.submit(unit.rows)] = unit
                begun(unit)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                unit = running.pop(future)
                yield unit, future.result()
