"""One case of a campaign: a case file, a generated network, the Yin-Yang network or a study, solved and measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from spikeproof import Engine, EventEngine, InvalidInput, Problem, Spikes
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_verification.campaign.plan import Task
from spikeproof_verification.campaign.results import CaseResult, CaseRow
from spikeproof_verification.checks.alone import measure_alone
from spikeproof_verification.checks.case_files import measure_case, measure_reference
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.readout_cases import load_readout, measure_readout
from spikeproof_verification.checks.reference import Effort, reference_judgement
from spikeproof_verification.checks.tied_reference import tied_judgement
from spikeproof_verification.checks.tolerances import SPIKE_COUNT
from spikeproof_verification.experiments.studies import regime, study
from spikeproof_verification.files import load_case
from spikeproof_verification.files.shipped import PROBLEM
from spikeproof_verification.problems.lattice_networks import lattice_draw, lattice_problem
from spikeproof_verification.problems.loss_networks import loss_label, loss_problem, network_label
from spikeproof_verification.problems.random_networks import draw, random_problem
from spikeproof_verification.problems.sparse_networks import sparse_draw, sparse_problem
from spikeproof_verification.problems.wide_networks import wide_loss, wide_problem, wide_regime

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


def run_task(task: Task, effort: Effort, engine: Engine | None = None) -> CaseResult:
    """Solve and measure one case; an exception of the engine or the reference becomes a failed case.

    The textbook engine is measured beside `engine`, as a third opinion.

    Parameters
    ----------
    task : Task
    effort : Effort
        Work of the reference.
    engine : Engine, or None
        The measured engine; `EventEngine()` if None. A study chooses its engines itself and ignores it.

    Returns
    -------
    CaseResult
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
        note = "the reference's gradients disagree among themselves, so no engine was judged"
        return CaseResult(replace(row, status="failed", note=note), (), judgement.agreement)

    def measured(who: Engine, subject: Subject) -> list[Measurement]:
        solution = who.solve(problem)
        found = measure(subject, solution, judgement.solution, judgement.conditioning)
        return [*found, *measure_alone(subject, who, solution)]

    return CaseResult(*_opinions(row, engine, "mp", measured), agreement=judgement.agreement)


def _opinions(
    row: CaseRow, engine: Engine, reference: str, measured: Callable[[Engine, Subject], Iterable[Measurement]]
) -> tuple[CaseRow, tuple[Measurement, ...]]:
    """The row of a case, and the measurements of the engine and of the textbook engine."""
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
    except Exception as error:  # a case without a reference is a failed case, as above
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
    """The row and the one failed measurement of an engine that raised."""
    note = f"{type(error).__name__}: {error}"
    failed = judge(subject, "spike_count", f"engine raised {note}", np.nan, float(row.n_spikes), 1.0, SPIKE_COUNT)
    return replace(row, status="failed", note=note), (failed,)
