"""The tables of an audit: engines, families, gradients sample by sample, failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from spikeproof_reports.audit.audit import FAILURES, Audited
from spikeproof_reports.audit.samples import COUNT, KINDS
from spikeproof_reports.conformance.summary import failures
from spikeproof_reports.paper.printed import NAME, Printed
from spikeproof_reports.paper.provenance import without_folders
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_verification.conformance.verdict import Verdict, by_family

WORST = Column("worst / bound", "the largest error in multiples of its bound, of all cases", "number")
COUNTS = {
    "cases": Column("cases", "how many there are at this level", "count", PAGE),
    "supported": Column("supported", "of them those that the engine, or its adapter, declares", "count"),
    "passed": Column("passed", "of these those in which all numbers are within their bounds", "count"),
    "failed": Column("failed", "of these those that are not passed: wrong numbers, errors, no answer in time", "count"),
}


def engine_table(found: Sequence[Audited]) -> Table:
    """A row for each engine and level."""
    rows = [row for audited in found for row in _engine_rows(audited)]
    columns = {
        "engine": Column("engine", "its name here, one for each of its settings", "name"),
        "version": Column("version", "of its package, and of the package it computes with", width=0.16),
        "settings": Column("settings", "layer or model, and what is not its default", width=0.24),
        "level": Column("judged as", "exact64 and float32: by the rounding of binary64 and binary32; grid: by order"),
        **COUNTS,
        "worst": WORST,
        "seconds": Column("seconds", "that the run took, compilation included", "number", PAGE),
    }
    return Table(
        "engines", "Engines", "Supported, passed and failed are numbers of cases; unsupported cases are no passes.",
        pd.DataFrame(rows, columns=list(columns)), columns, "No engine was judged.", alarm="failed",
    )  # fmt: skip


def printed_engines(found: Sequence[Audited]) -> Printed:
    """The counts of each engine, passed of supported, as a paper prints them."""
    full = engine_table(found)
    columns = {name: full.columns[name] for name in ("engine", "level", "supported", "passed", "failed", "worst")}
    columns["engine"] = replace(columns["engine"], kind="text", width=0.28)
    table = Table(NAME, full.title, full.note, full.frame[list(columns)], columns, full.empty, alarm="failed")
    return Printed(table, ("engine", "level", "passed", "failed"), width=0.46)


def family_table(found: Sequence[Audited]) -> Table:
    """A row for each engine, level and family that the engine supports."""
    rows = [
        (a.peer.key, level, family, *counts(own), _worst(own))
        for a in found
        for level, verdicts in _levels(a)
        for family, own in by_family(verdicts).items()
        if counts(own)[1]
    ]
    columns = {
        "engine": Column("engine", "as in the table of engines", "name"),
        "level": Column("judged as", "level"),
        "family": Column("family", "what the cases are about"),
        **COUNTS,
        "worst": WORST,
    }
    return Table(
        "families", "Engines, family by family", "Families of which an engine supports nothing are left out.",
        pd.DataFrame(rows, columns=list(columns)), columns, "No engine was judged.", (60, 300), "failed",
    )  # fmt: skip


def gradient_table(found: Sequence[Audited]) -> Table:
    """A row for each engine that has gradients of the Yin-Yang batch."""
    rows = [
        (a.peer.key, KINDS[s.kind], s.batch, s.cosine, s.median, s.worst, 100.0 * s.beyond)
        for a in found
        if (s := a.samples) is not None
    ]
    columns = {
        "engine": Column("engine", "as in the table of engines", "name"),
        "network": Column("network", "which Yin-Yang network: what the engine does not know is changed", width=0.2),
        "batch": Column("batch", "relative error of the gradient of the batch, Euclidean norm", "number"),
        "cosine": Column("cosine", "between the gradient of the batch and the right one", "number"),
        "median": Column("median", "of the relative errors of the samples, each alone", "number"),
        "worst": Column("worst", "the largest of them", "number"),
        "beyond": Column("beyond (%)", "samples in which a number misses its bound; grid has none", "optional"),
    }
    note = (
        f"{COUNT} samples, 5 inputs, 200 hidden and 3 output neurons at initialisation, first-spike cross-entropy. "
        "Errors of the whole batch are dominated by its few samples that nearly graze: hence the median and the share."
    )
    return Table(
        "gradients", "Gradients of a Yin-Yang batch", note, pd.DataFrame(rows, columns=list(columns)), columns,
        "No engine has gradients of it.",
    )  # fmt: skip


def failure_table(found: Sequence[Audited]) -> Table:
    """A row for each case that is no pass, with the file of a small problem where there is one."""
    rows = []
    for a in found:
        files = {path.name for path in a.files}
        for v in failures(a.run) if a.run else ():
            name = f"{v.level}-{v.key}.json"
            place = f"{FAILURES}/{a.peer.key}/{name}" if name in files else ""
            rows.append((a.peer.key, v.level, v.key, v.verdict, without_folders(v.message), place))
    columns = {
        "engine": Column("engine", "as in the table of engines", "name"),
        "level": Column("judged as", "level"),
        "case": Column("case", "name of the case", "name"),
        "verdict": Column("verdict", "fail: wrong numbers; error: no usable answer; timeout"),
        "message": Column("message", "the worst number and what is known of the reason", width=0.42),
        "file": Column("file", "a small problem that shows it, with the right answer", "text", PAGE),
    }
    return Table(
        "failures", "Failures", "", pd.DataFrame(rows, columns=list(columns)), columns, "There is none.", (80, 400),
        commands=tuple(f"spikeproof audit --out again --no-checkers --peer {row[0]}" for row in rows),
    )  # fmt: skip


def left_out_table(found: Sequence[Audited]) -> Table:
    """Engines that could not be run, and why."""
    rows = [(a.peer.key, a.peer.settings, a.note) for a in found if a.run is None]
    columns = {
        "engine": Column("engine", "its name here", "name"),
        "settings": Column("settings", "as it would have been run"),
        "reason": Column("reason", "why it was not", width=0.5),
    }
    return Table(
        "left_out", "Engines that were not run", "", pd.DataFrame(rows, columns=list(columns)), columns,
        "All engines were run.",
    )  # fmt: skip


def counts(verdicts: Sequence[Verdict]) -> tuple[int, int, int, int]:
    """All, supported, passed, failed."""
    words = [v.verdict for v in verdicts]
    supported, passed = len(words) - words.count("unsupported"), words.count("pass")
    return len(words), supported, passed, supported - passed


def _engine_rows(audited: Audited) -> list[tuple[object, ...]]:
    peer, run = audited.peer, audited.run
    if run is None:
        return []
    return [
        (peer.key, run.version, peer.settings, level, *counts(own), _worst(own), sum(v.seconds for v in own))
        for level, own in _levels(audited)
    ]


def _levels(audited: Audited) -> list[tuple[str, list[Verdict]]]:
    run = audited.run
    return [] if run is None else [(x, [v for v in run.verdicts if v.level == x]) for x in run.levels]


def _worst(verdicts: Sequence[Verdict]) -> float:
    return max((v.multiple for v in verdicts if v.multiple is not None), default=float("nan"))
