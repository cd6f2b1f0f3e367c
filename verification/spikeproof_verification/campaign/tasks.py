"""The campaign: case files, generated networks, the Yin-Yang network and studies, one case at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from spikeproof import Engine, EventEngine, InvalidInput, Problem, Spikes
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_verification.checks.alone import measure_alone
from spikeproof_verification.checks.case_files import measure_case, measure_reference
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.readout_cases import load_readout, measure_readout
from spikeproof_verification.checks.reference import Agreement, Effort, reference_judgement
from spikeproof_verification.checks.tied_reference import tied_judgement
from spikeproof_verification.checks.tolerances import SPIKE_COUNT
from spikeproof_verification.experiments.studies import chosen, regime, study
from spikeproof_verification.experiments.studies.study import Row
from spikeproof_verification.files import load_case, shipped_cases, shipped_readouts
from spikeproof_verification.files.shipped import PROBLEM
from spikeproof_verification.problems.lattice_networks import lattice_draw, lattice_problem
from spikeproof_verification.problems.loss_networks import loss_label, loss_problem, network_label
from spikeproof_verification.problems.random_networks import draw, random_problem
from spikeproof_verification.problems.sparse_networks import sparse_draw, sparse_problem
from spikeproof_verification.problems.wide_networks import wide_loss, wide_problem, wide_regime

Campaign = Literal["cases", "random", "losses", "sparse", "wide", "lattice", "yin_yang", "studies"]
TEST_SEED = 40  # of the published Yin-Yang test set
WEIGHT_SEEDS = 10  # different initialisations among the Yin-Yang cases

GROUPS = {
    "A": "single neuron",
    "B": "tau_mem = tau_syn",
    "C": "tau_mem = 2 tau_syn",
    "D": "tau_mem < tau_syn",
    "E": "nearly equal",
    "F": "extreme ratio",
    "G": "grazing",
    "H": "cut off by inhibition",
    "I": "coincident inputs",
    "J": "coincident spikes",
    "K": "inhibition",
    "L": "long silence",
    "M": "bursts",
    "N": "feed-forward",
    "P": "recurrent",
    "Q": "refractory time",
    "R": "readouts",
}  # by the first letter of a case file's name


@dataclass(frozen=True)
class Task:
    """One case: a file, the number of a generated problem, or a study.

    `source` is the path of a case file or the name of a study. The key is unique and usable as a file name.
    """

    campaign: Campaign
    number: int
    source: str = ""

    @property
    def key(self) -> str:
        """Campaign and number, and the name of the file or study if there is one."""
        return f"{self.campaign}-{self.number:04d}" + (f"-{Path(self.source).stem}" if self.source else "")


@dataclass(frozen=True)
class CaseRow:
    """What became of a case.

    `regime` is its topology and time constants; `flavour` that of a generated network, "" otherwise; `status` "done",
    "failed" or "refused", where the note says why.
    """

    campaign: str
    case: str
    regime: str
    flavour: str
    status: str
    seconds: float
    n_neurons: int
    n_spikes: int
    min_vdot: float
    note: str = ""


@dataclass(frozen=True)
class CaseResult:
    """Everything that one case adds to a run; `tables` are those of a study, by name."""

    case: CaseRow
    measurements: tuple[Measurement, ...] = ()
    agreement: tuple[Agreement, ...] = ()
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "case": asdict(self.case),
            "measurements": [m.row() for m in self.measurements],
            "agreement": [a.row() for a in self.agreement],
            "tables": {name: [dict(row) for row in rows] for name, rows in self.tables.items()},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CaseResult:
        """Inverse of `to_dict`."""
        return cls(
            CaseRow(**data["case"]),
            tuple(Measurement(**m) for m in data["measurements"]),
            tuple(Agreement(**a) for a in data["agreement"]),
            {name: tuple(rows) for name, rows in data["tables"].items()},
        )


@dataclass(frozen=True)
class Plan:
    """Which cases a run consists of.

    Attributes
    ----------
    n_random, n_losses, n_sparse, n_wide, n_lattice, n_yin_yang : how many generated networks, such networks for every
        loss, networks with sparse projections, networks at the limits of the model, networks on a lattice, and
        Yin-Yang samples.
    seed : number of the first generated network; consecutive numbers walk through all regimes and losses.
    effort : what the reference does per problem.
    cases : case files; those that come with the package if None.
    studies : names of studies; all if None.

    Raises
    ------
    InvalidInput
        If there is no study of a name, or one is named twice.
    """

    n_random: int = 56
    n_losses: int = 24
    n_sparse: int = 22
    n_wide: int = 39
    n_lattice: int = 30
    n_yin_yang: int = 4
    seed: int = 0
    effort: Effort = field(default_factory=Effort)
    cases: tuple[str, ...] | None = None
    studies: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        chosen(self.studies)

    def tasks(self) -> list[Task]:
        """All cases, the slowest kind first so that the workers end together."""
        files = [str(p) for p in (*shipped_cases(), *shipped_readouts())] if self.cases is None else list(self.cases)
        return [
            *(Task("studies", n, name) for n, name in enumerate(chosen(self.studies))),
            *(Task("yin_yang", n) for n in range(self.n_yin_yang)),
            *(Task("losses", n) for n in range(self.seed, self.seed + self.n_losses)),
            *(Task("wide", n) for n in range(self.seed, self.seed + self.n_wide)),
            *(Task("sparse", n) for n in range(self.seed, self.seed + self.n_sparse)),
            *(Task("lattice", n) for n in range(self.seed, self.seed + self.n_lattice)),
            *(Task("random", n) for n in range(self.seed, self.seed + self.n_random)),
            *(Task("cases", n, path) for n, path in enumerate(files)),
        ]


DEEP = Plan(
    n_random=504,
    n_losses=336,
    n_sparse=308,
    n_wide=377,
    n_lattice=240,
    n_yin_yang=50,
    effort=Effort(coordinates=12, directions=2, probes=4),
)


def run_task(task: Task, effort: Effort, engine: Engine | None = None) -> CaseResult:
    """Solve and measure one case; an exception of the engine or the reference becomes a failed case.

    The textbook engine is measured beside `engine`, as a third opinion. Studies choose their engines themselves:
    `engine` means nothing to them.
    """
    engine = EventEngine() if engine is None else engine
    started = time.perf_counter()
    if task.campaign == "studies":
        result = _study(task)
    else:
        of_file = _readout if task.source.endswith(PROBLEM) else _case_file
        result = of_file(task, engine) if task.campaign == "cases" else _generated(task, effort, engine)
    return replace(result, case=replace(result.case, seconds=time.perf_counter() - started))


def _generated(task: Task, effort: Effort, engine: Engine) -> CaseResult:
    problem, regime, flavour = _problem(task)
    row = CaseRow(task.campaign, problem.name, regime, flavour, "done", 0.0, problem.network.n_neurons, 0, np.nan)
    refusal = engine.unsupported(problem)
    if refusal:
        return CaseResult(replace(row, status="refused", note=refusal))
    try:
        judged = tied_judgement if task.campaign == "lattice" else reference_judgement
        judgement = judged(task.campaign, problem, effort, task.number)
    except Exception as error:  # a case without a reference is a failed case, not the end of the campaign
        return CaseResult(replace(row, status="failed", note=f"reference: {type(error).__name__}: {error}"))
    row = _with_spikes(row, judgement.solution.spikes)
    if not judgement.trusted:
        note = "the reference's gradients disagree among themselves, so it judged nobody"
        return CaseResult(replace(row, status="failed", note=note), (), judgement.agreement)

    def measured(who: Engine, subject: Subject) -> list[Measurement]:
        solution = who.solve(problem)
        found = measure(subject, solution, judgement.solution, judgement.conditioning)
        return [*found, *measure_alone(subject, who, solution)]

    return CaseResult(*_opinions(row, engine, "mp", measured), agreement=judgement.agreement)


def _opinions(
    row: CaseRow, engine: Engine, reference: str, measured: Callable[[Engine, Subject], Iterable[Measurement]]
) -> tuple[CaseRow, tuple[Measurement, ...]]:
    """The row and the measurements of a case: those of the engine, and of the textbook engine beside it."""
    found: list[Measurement] = []
    for who in (engine,) if isinstance(engine, TextbookEngine) else (engine, TextbookEngine()):
        subject = Subject(row.campaign, row.case, row.regime, who.name, reference)
        try:
            found += list(measured(who, subject))
        except Exception as error:  # whatever a foreign engine raises is a failure of that engine
            failed, crashed = _crashed(row, subject, error)
            row, found = row if row.status == "failed" else failed, [*found, *crashed]
    return row, tuple(found)


def _study(task: Task) -> CaseResult:
    row = CaseRow("studies", task.source, regime(task.source), "", "done", 0.0, 0, 0, np.nan)
    try:
        found = study(task.source).run()
    except Exception as error:  # a study that breaks off is a failed case, not the end of the campaign
        return CaseResult(replace(row, status="failed", note=f"{type(error).__name__}: {error}"))
    named = (replace(m, campaign=row.campaign, case=row.case, regime=row.regime) for m in found.measurements)
    return CaseResult(row, tuple(named), (), found.tables)


def _case_file(task: Task, engine: Engine) -> CaseResult:
    name = Path(task.source).stem
    row = CaseRow("cases", name, f"case files, {GROUPS.get(name[0], 'other')}", "", "done", 0.0, 0, 0, np.nan)
    try:
        case = load_case(task.source)
    except InvalidInput as error:
        return CaseResult(replace(row, status="refused", note=str(error)))
    regime = row.regime
    vdot = [float(v) for train in case.vdot for v in train]
    row = replace(
        row,
        n_neurons=case.problem.network.n_neurons,
        n_spikes=len(vdot),
        min_vdot=min(vdot, default=np.nan),
    )
    try:
        reference = tuple(measure_reference(case, regime))
    except Exception as error:  # as above
        return CaseResult(replace(row, status="failed", note=f"reference: {type(error).__name__}: {error}"))
    refusal = engine.unsupported(case.problem)
    if refusal:
        return CaseResult(replace(row, status="refused", note=refusal), reference)
    row, found = _opinions(row, engine, "case file", lambda who, _: measure_case(case, who, regime))
    return CaseResult(row, (*found, *reference))


def _readout(task: Task, engine: Engine) -> CaseResult:
    name = Path(task.source).name.removesuffix(PROBLEM)
    row = CaseRow("cases", name, f"case files, {GROUPS.get(name[0], 'other')}", "", "done", 0.0, 0, 0, np.nan)
    try:
        case = load_readout(task.source)
    except InvalidInput as error:
        return CaseResult(replace(row, status="refused", note=str(error)))
    row = replace(row, n_neurons=case.problem.network.n_neurons)
    refusal = engine.unsupported(case.problem)
    if refusal:
        return CaseResult(replace(row, status="refused", note=refusal))
    try:
        return CaseResult(row, tuple(measure_readout(case, engine, row.regime)))
    except Exception as error:
        subject = Subject("cases", case.problem.name, row.regime, engine.name, "case file")
        return CaseResult(*_crashed(row, subject, error))


def _problem(task: Task) -> tuple[Problem, str, str]:
    """The problem of a generated case, its regime and its flavour."""
    if task.campaign == "losses":
        return loss_problem(task.number), loss_label(task.number), network_label(task.number)
    if task.campaign == "sparse":
        what = sparse_draw(task.number)
        return sparse_problem(task.number), f"sparse {what.topology}, {what.regime}", what.flavour
    if task.campaign == "lattice":
        what = lattice_draw(task.number)
        return lattice_problem(task.number), f"lattice {what.topology}, {what.regime}", what.flavour
    if task.campaign == "wide":
        return wide_problem(task.number), wide_regime(task.number), wide_loss(task.number)
    if task.campaign == "random":
        what = draw(task.number)
        return random_problem(task.number), f"{what.topology}, {what.regime}", what.flavour
    samples, labels = yin_yang(task.number + 1, TEST_SEED)
    problem = yin_yang_problem(samples[-1:], labels[-1:], seed=task.number % WEIGHT_SEEDS)
    return replace(problem, name=f"yin_yang-{task.number:04d}"), "Yin-Yang, 5-200-3", ""


def _with_spikes(row: CaseRow, spikes: Spikes) -> CaseRow:
    slowest = min((float(v) for v in spikes.vdot), default=np.nan)
    return replace(row, n_spikes=len(spikes), min_vdot=slowest)


def _crashed(row: CaseRow, subject: Subject, error: Exception) -> tuple[CaseRow, tuple[Measurement, ...]]:
    """An engine that raises has no spikes to count: one failed measurement says so."""
    note = f"{type(error).__name__}: {error}"
    failed = judge(subject, "spike_count", f"engine raised {note}", np.nan, float(row.n_spikes), 1.0, SPIKE_COUNT)
    return replace(row, status="failed", note=note), (failed,)


def verdicts(results: Iterable[CaseResult]) -> tuple[int, int]:
    """Numbers compared, and numbers (or cases) that failed."""
    compared = failed = 0
    for result in results:
        compared += len(result.measurements)
        failed += sum(m.verdict == "fail" for m in result.measurements)
        failed += sum(a.verdict == "fail" for a in result.agreement)
        failed += result.case.status == "failed" and not any(m.verdict == "fail" for m in result.measurements)
    return compared, failed
