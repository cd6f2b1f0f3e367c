"""The outcome of a case: a verdict, and the numbers behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from spikeproof import InvalidInput
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.compare import compared, multiple
from spikeproof_verification.conformance.connectors import Outcome
from spikeproof_verification.conformance.explain import explained
from spikeproof_verification.conformance.reply import Answer, answer_of
from spikeproof_verification.conformance.support import Engine

Word: TypeAlias = Literal["pass", "fail", "unsupported", "refused", "error", "crashed", "timeout"]
WORDS: tuple[Word, ...] = ("pass", "fail", "unsupported", "refused", "error", "crashed", "timeout")


@dataclass(frozen=True)
class Verdict:
    """The verdict on one case at one level.

    Attributes
    ----------
    key, family, level : of the case.
    verdict : "pass"; "fail": a number is wrong, or what must be refused was answered; "unsupported"; "refused": a
        problem that has an answer was refused; "error": the engine failed or its reply is none; "crashed": its process
        ended; "timeout".
    message : why it is no pass, in one line.
    compared, failed : how many numbers were compared, how many of them failed.
    multiple : the largest error as a multiple of its bound; None where nothing was compared.
    quantity, component, got, expected : of that error, None where nothing was compared.
    seconds : that the engine took.
    """

    key: str
    family: str
    level: str
    verdict: Word
    message: str = ""
    compared: int = 0
    failed: int = 0
    multiple: float | None = None
    quantity: str | None = None
    component: str | None = None
    got: float | None = None
    expected: float | None = None
    seconds: float = 0.0

    def row(self) -> dict[str, Any]:
        """As one line of results: what is infinite or no number is written as text."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def without_answer(case: Case, level: str, outcome: Outcome) -> Verdict:
    """The verdict on a case to which there is no solution."""
    assert outcome.kind != "solution"
    if case.refuse and outcome.kind == "refused":
        return Verdict(case.key, case.family, level, "pass")
    return Verdict(case.key, case.family, level, outcome.kind, str(outcome.content))


def on_solution(case: Case, level: str, engine: Engine, tree: Any) -> Verdict:
    """The verdict on a solution."""
    if case.refuse:
        return Verdict(case.key, case.family, level, "fail", f"answered, where it must refuse: {case.refuse}")
    try:
        answer = answer_of(tree, case.model(), decimals=engine.decimals)
    except InvalidInput as error:
        return Verdict(case.key, case.family, level, "error", str(error))
    return on_numbers(case, level, compared(case, answer, level, engine.name), answer)


def on_numbers(case: Case, level: str, numbers: list[Measurement], answer: Answer) -> Verdict:
    """The verdict that follows from compared numbers."""
    worst = max(numbers, key=multiple, default=None)
    failed = [m for m in numbers if m.verdict == "fail"]
    found = Verdict(case.key, case.family, level, "fail" if failed else "pass", "", len(numbers), len(failed))
    if worst is None:
        return found
    shown = max(failed, key=multiple) if failed else worst
    message = explained(case, answer, numbers, shown) if failed else ""
    return Verdict(
        case.key, case.family, level, found.verdict, message, len(numbers), len(failed), multiple(shown),
        shown.quantity, shown.component, shown.actual, shown.expected,
    )  # fmt: skip


@dataclass(frozen=True)
class Headline:
    """Numbers of cases: passed of those that are supported, of all.

    Attributes
    ----------
    passed, supported, total : int
    """

    passed: int
    supported: int
    total: int

    @property
    def clean(self) -> bool:
        """True if everything supported has passed, and something is supported."""
        return 0 < self.supported == self.passed

    def __str__(self) -> str:
        return f"{self.passed} passed / {self.supported} supported / {self.total} cases"


def headline(verdicts: Iterable[Verdict]) -> Headline:
    """The headline of these verdicts."""
    words = [v.verdict for v in verdicts]
    return Headline(words.count("pass"), len(words) - words.count("unsupported"), len(words))


def by_family(verdicts: Iterable[Verdict]) -> Mapping[str, list[Verdict]]:
    """The verdicts of each family, in the order in which they come."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.family, []).append(verdict)
    return found
