"""The table of an audit, and each engine's failures, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spikeproof_reports.audit.peers import Peer
from spikeproof_reports.audit.samples import COUNT, SampleErrors
from spikeproof_reports.conformance.summary import failures
from spikeproof_verification.conformance.record import Run

HEAD = (
    "engine", "version", "settings", "judged as", "passed", "supported", "cases", "median error", "worst error",
    "samples beyond", "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Audited:
    """The findings on a peer; `run` is None where it could not be run, and `note` says why."""

    peer: Peer
    run: Run | None
    samples: SampleErrors | None = None
    note: str = ""


def markdown(found: Sequence[Audited], facts: Mapping[str, str]) -> str:
    """The whole document."""
    lines = ["# Audit", "", *_preface(), _row(HEAD), _row(["---"] * len(HEAD)), *(_row(_cells(a)) for a in found)]
    for audited in found:
        lines += ["", *_section(audited)]
    lines += ["", "## Where this comes from", "", *(f"- {name}: {value}" for name, value in facts.items())]
    return "\n".join(lines) + "\n"


def _preface() -> list[str]:
    return [
        "Each engine runs in its own environment, through an adapter of the benchmarks folder, and is judged on the",
        "cases that the adapter can say: networks input -> hidden -> output with one value of each parameter in a",
        "layer. Wrong problem files are left out: it is the adapter that reads them. Errors are those of the weight",
        f"gradient, relative in the Euclidean norm, of {COUNT} samples one by one: the median, the largest, and the",
        "part of the samples in which a number misses its bound. Levels: exact64 and float32 hold numbers to what",
        "rounding costs, grid asks for the order of convergence.",
        "",
    ]


def _cells(audited: Audited) -> list[str]:
    run, peer, samples = audited.run, audited.peer, audited.samples
    if run is None:
        return [peer.key, "", peer.settings, audited.note, *[""] * (len(HEAD) - 4)]
    head, errors = run.headline, ["", "", ""]
    if samples is not None:
        share = "" if math.isnan(samples.beyond) else f"{100.0 * samples.beyond:.0f} %"
        errors = [f"{samples.median:.2g}", f"{samples.worst:.2g}", share]
    numbers = [str(head.passed), str(head.supported), str(head.total)]
    return [peer.key, run.version, peer.settings, ", ".join(run.levels), *numbers, *errors, f"{run.seconds:.0f}"]


def _section(audited: Audited) -> list[str]:
    """The failures of one engine: each message as it is, with the file of a problem where there is one."""
    lines = [f"## {audited.peer.key}: {audited.peer.settings}", ""]
    if audited.run is None:
        return [*lines, audited.note]
    lines += [f"- smoke test: {_plain(str(f))}" for f in audited.run.smoke if not f.fits]
    passed = [v.key for v in audited.run.verdicts if v.verdict == "pass"]
    lines += [f"- pass: {', '.join(passed)}"] if passed else []
    return lines + [f"- {v.level} {v.key}: {v.verdict}: {_plain(v.message)}" for v in failures(audited.run)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    for sign in "\\|<>*_`":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
