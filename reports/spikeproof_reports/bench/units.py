"""The units of a benchmark run: each is measured without a break and stored when it is finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from spikeproof_reports.bench.plan import BenchPlan
from spikeproof_reports.bench.process import WorkerFailed
from spikeproof_reports.bench.scripts import scaling, startup
from spikeproof_reports.bench.suite import Suite
from spikeproof_reports.bench.turns import Rows, Say, Turns
from spikeproof_verification.campaign.parts import Parts, fingerprint

FORMAT = "spikeproof-bench-parts-1"


@dataclass(frozen=True)
class Unit:
    """A workload with all of its engines, or one of the two scripts.

    Attributes
    ----------
    name, title : short name, and a description.
    measure : measures it and returns its rows.
    """

    name: str
    title: str
    measure: Callable[[Say], Rows]


def units_of(suite: Suite, plan: BenchPlan, pythons: Mapping[str, Path], out: Path) -> list[Unit]:
    """The units of a plan, in its order.

    Parameters
    ----------
    suite : Suite
    plan : BenchPlan
    pythons : mapping from name to Path
        Interpreters of peers, see `interpreters`.
    out : Path
        Folder of the run.

    Returns
    -------
    list of Unit
    """
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


def open_parts(plan: BenchPlan, out: Path, *, fresh: bool = False) -> Parts:
    """The finished parts of a plan in ``out/parts``; those of an earlier, stopped run of the same plan are kept.

    Parameters
    ----------
    plan : BenchPlan
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
    head = {"format": FORMAT, "sources": fingerprint(), "plan": asdict(plan)}
    parts.open_index("plan.json", head, "parts", fresh=fresh)
    return parts


def run_units(units: list[Unit], parts: Parts, say: Callable[[Unit, str], None]) -> Iterator[tuple[Unit, Rows]]:
    """Measure each unit and store its rows in `parts`; a unit that is stored already is not measured again.

    Parameters
    ----------
    units : list of Unit
    parts : Parts
    say : callable
        Called with a unit and a text that says how far it is.

    Yields
    ------
    unit : Unit
    rows : mapping from frame to rows
        A unit that fails as a whole gives a row of the frame failures.
    """
    for unit in units:
        rows: Rows | None = parts.read(unit.name)
        if rows is None:
            try:
                rows = unit.measure(lambda text, unit=unit: say(unit, text))  # type: ignore[misc]
            except WorkerFailed as error:
                rows = {"failures": [{"unit": unit.name, "note": str(error)}]}
            parts.write(unit.name, rows)
        yield unit, rows
