"""The finding of a benchmark run: the fastest peer on each workload, the lead of the event engine, and both errors."""

# ruff: noqa: RUF001 -- the times sign is typographic on purpose

from __future__ import annotations

from dataclasses import dataclass

from spikeproof_reports.bench.ratios import Ratio, speedup
from spikeproof_reports.bench.record import BenchRecord
from spikeproof_reports.bench.speeds import WRONG, gradient_error, rates, timed_workloads
from spikeproof_reports.bench.targets import EVENT, OWN
from spikeproof_reports.paper.line import Line
from spikeproof_reports.paper.numerals import number


@dataclass(frozen=True)
class Finding:
    """The event engine beside the fastest peer on one workload.

    Attributes
    ----------
    workload, peer : names.
    ratio : how many times as fast the event engine is, round by round.
    own_error, peer_error : relative errors of the gradients; NaN where a workload has none.
    right, right_ratio : the fastest peer whose gradient is off by less than `WRONG`, "" without one, and its ratio.
    """

    workload: str
    peer: str
    ratio: Ratio
    own_error: float
    peer_error: float
    right: str
    right_ratio: float

    @property
    def trains(self) -> bool:
        """Whether gradients were judged."""
        return self.own_error == self.own_error


def findings(record: BenchRecord) -> tuple[Finding, ...]:
    """A finding for each workload on which the event engine and a peer were timed."""
    found = []
    for name in timed_workloads(record):
        speeds = rates(record, name)
        peers = speeds[[engine not in OWN for engine in speeds.index]].sort_values(ascending=False, kind="stable")
        if EVENT not in speeds or peers.empty:
            continue
        fastest = str(peers.index[0])
        right = next((str(p) for p in peers.index if gradient_error(record, name, str(p)) < WRONG), "")
        found.append(
            Finding(
                name, fastest, speedup(record.times, name, EVENT, fastest), gradient_error(record, name, EVENT),
                gradient_error(record, name, fastest), right, speedup(record.times, name, EVENT, right).mean,
            )
        )  # fmt: skip
    return tuple(found)


def finding_sentence(found: tuple[Finding, ...]) -> str:
    """The finding in a sentence; on workloads with gradients, if there are any."""
    shown = [f for f in found if f.trains] or list(found)
    if not shown:
        return "No other engine was measured beside the event engine."
    parts = [
        f"{number(f.ratio.mean)} times as fast as {f.peer} on {f.workload.upper()}{interval(f.ratio)}" for f in shown
    ]
    each = "the fastest of the others" if len(shown) == 1 else "each the fastest of the others"
    text = f"The event engine is {'; '.join(parts)}: {each}."
    if not shown[0].trains:
        return text
    own, peers = max(f.own_error for f in shown), [f.peer_error for f in shown if f.peer_error == f.peer_error]
    said = f"Its gradients are off by {number(own)} at most"
    return f"{text} {said}, theirs by {number(min(peers))} and more." if peers else f"{text} {said}."


def interval(ratio: Ratio) -> str:
    """The confidence interval in brackets; empty without one."""
    return f" (95 % from {number(ratio.lower)} to {number(ratio.upper)})" if ratio.lower == ratio.lower else ""


def finding_lines(found: tuple[Finding, ...]) -> tuple[Line, ...]:
    """A line of the first screen for each workload."""
    return tuple(Line(f.workload.upper(), f"×{number(f.ratio.mean)}", _note(f), _right(f)) for f in found)


def _note(found: Finding) -> str:
    ratio = found.ratio
    texts = [f"as fast as {found.peer}{interval(ratio)}; median of the rounds {number(ratio.median)}."]
    if ratio.lower <= 1.0 <= ratio.upper:
        texts.append("No difference of the two is shown.")
    if found.trains:
        peer = number(found.peer_error) if found.peer_error == found.peer_error else "unknown"
        texts.append(f"Error of the gradient {number(found.own_error)}, of the other {peer}.")
    return " ".join(texts)


def _right(found: Finding) -> str:
    if not found.trains or found.right == found.peer:
        return ""
    if not found.right:
        return "No other engine has a gradient that is right to a tenth."
    return f"The fastest other with a gradient right to a tenth: {found.right}, ×{number(found.right_ratio)}."
