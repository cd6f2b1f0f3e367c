"""The units of a benchmark run, each measured in one go and kept on disk when it is finished."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from spikeproof_reports.bench.plan import BenchPlan
from spikeproof_reports.bench.process import WorkerFailed
from spikeproof_reports.bench.scripts import scaling, startup
from spikeproof_reports.bench.suite import Suite
from spikeproof_reports.bench.turns import Rows, Say, Turns
from spikeproof_reports.paper.files import write_text
from spikeproof_verification.campaign.store import discard, fingerprint, open_parts

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


def open_folder(plan: BenchPlan, out: Path, *, fresh: bool = False) -> None:
    """Make `out` a folder for the finished parts of a plan; those of an earlier, stopped run of it are kept.

    Raises
    ------
    InvalidInput
        If it holds finished parts of another plan or of other sources, and `fresh` does not discard them.
    """
    head = {"format": FORMAT, "sources": fingerprint(), "plan": asdict(plan)}
    open_parts(out / PARTS / "plan.json", head, "parts", fresh=fresh)


def run_units(units: list[Unit], out: Path, say: Callable[[Unit, str], None]) -> Iterator[tuple[Unit, Rows]]:
    """The rows of each unit as it is finished, kept in `out`; those that are there already come at once.

    A unit that fails as a whole gives a row of the frame failures.
    """
    for unit in units:
        path = out / PARTS / f"{unit.name}.json"
        if path.exists():
            rows: Rows = json.loads(path.read_text(encoding="utf-8"))
        else:
            try:
                rows = unit.measure(lambda text, unit=unit: say(unit, text))  # type: ignore[misc]
            except WorkerFailed as error:
                rows = {"failures": [{"unit": unit.name, "note": str(error)}]}
            write_text(path, json.dumps(rows))
        yield unit, rows


def commits_file(out: Path) -> Path:
    """Where the commits that the parts come from are noted."""
    return out / PARTS / "commits.txt"


def remove_parts(out: Path) -> None:
    """Forget the finished parts: they are in the record."""
    discard(out / PARTS)
