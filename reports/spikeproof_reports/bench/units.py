"""The units of a benchmark run, each measured in one go and kept on disk when it is finished."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from spikeproof.errors import InvalidInput
from spikeproof_reports.bench.plan import BenchPlan
from spikeproof_reports.bench.process import WorkerFailed
from spikeproof_reports.bench.scripts import scaling, startup
from spikeproof_reports.bench.suite import Suite
from spikeproof_reports.bench.turns import Rows, Say, Turns
from spikeproof_reports.files import write_text
from spikeproof_verification.store import fingerprint

FORMAT = "spikeproof-bench-parts-1"
PARTS = "parts"


@dataclass(frozen=True)
class Unit:
    """A workload with all of its engines, or one of the two scripts."""

    name: str
    title: str
    measure: Callable[[Say], Rows]


def units_of(suite: Suite, plan: BenchPlan, pythons: Mapping[str, Path], out: Path) -> list[Unit]:
    """The units of a plan, in its order."""
    extras = {
        "scaling": ("scaling curves", lambda say: scaling(suite, plan, say)),
        "startup": ("start-up", lambda say: startup(suite, plan, say)),
    }
    units = []
    for name in plan.workloads:
        if name in extras:
            units.append(Unit(name, *extras[name]))
        else:
            turns = Turns(suite, plan, name, pythons, out)
            units.append(Unit(name, suite.workloads[name].title, turns.measured))
    return units


def run_units(
    units: list[Unit], plan: BenchPlan, out: Path, say: Callable[[Unit, str], None], *, fresh: bool = False
) -> Iterator[tuple[Unit, Rows]]:
    """The rows of each unit as it is finished; those of an earlier, stopped run of the same plan come at once.

    A unit that fails as a whole gives a row of the frame failures.

    Raises
    ------
    InvalidInput
        If `out` holds finished parts of another plan or of other sources, and `fresh` is not asked for.
    """
    folder = _opened(out / PARTS, plan, fresh)
    for unit in units:
        path = folder / f"{unit.name}.json"
        if path.exists():
            rows: Rows = json.loads(path.read_text(encoding="utf-8"))
        else:
            try:
                rows = unit.measure(lambda text, unit=unit: say(unit, text))  # type: ignore[misc]
            except WorkerFailed as error:
                rows = {"failures": [{"unit": unit.name, "note": str(error)}]}
            write_text(path, json.dumps(rows))
        yield unit, rows


def remove_parts(out: Path) -> None:
    """Forget the finished parts: they are in the record."""
    shutil.rmtree(out / PARTS)


def _opened(folder: Path, plan: BenchPlan, fresh: bool) -> Path:
    head = json.loads(json.dumps({"format": FORMAT, "sources": fingerprint(), "plan": asdict(plan)}))
    if fresh and folder.exists():
        shutil.rmtree(folder)
    index = folder / "plan.json"
    if index.exists() and json.loads(index.read_text(encoding="utf-8")) != head:
        allowed = "parts of the same plan and versions; --fresh discards them, --out names another folder"
        raise InvalidInput(PARTS, "finished parts of another run", allowed)
    write_text(index, json.dumps(head))
    return folder
