"""A file of failures that are known: nothing else may fail, and what it names must fail, in that way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from spikeproof import InvalidInput
from spikeproof_verification.conformance.run import Task
from spikeproof_verification.conformance.verdict import WORDS, Verdict

Known: TypeAlias = Mapping[tuple[str, str], str]  # verdict by level and case
FORM = "LEVEL CASE VERDICT, blank or # and a reason"
FAILURES = tuple(word for word in WORDS if word not in ("pass", "unsupported"))


def read_expected(path: Path, tasks: Sequence[Task]) -> Known:
    """The expected failures in a file, one a line.

    Raises
    ------
    InvalidInput
        If a line has another form, names no case of the run, or one that was named before.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise InvalidInput("--expected-failures", str(path), f"a text file ({error})") from None
    cases, found = {(level, case.key) for case, level in tasks}, dict[tuple[str, str], str]()
    for number, line in enumerate(lines, 1):
        words, field = line.split("#")[0].split(), f"{path.name}, line {number}"
        if not words:
            continue
        if len(words) != 3 or words[2] not in FAILURES:
            raise InvalidInput(field, line, f"{FORM}; VERDICT one of {', '.join(FAILURES)}")
        level, key, verdict = words
        if (level, key) not in cases or (level, key) in found:
            raise InvalidInput(field, line, "a case of this run, once")
        found[level, key] = verdict
    return found


def unexpected(verdicts: Sequence[Verdict], known: Known) -> Iterator[str]:
    """Everything that is not as the file says, in both directions, a line each."""
    for v in verdicts:
        wanted = known.get((v.level, v.key))
        if wanted is None and v.verdict in FAILURES:
            yield f"{v.level} {v.key}: {v.verdict}, which is not in the file: {v.message}"
        elif wanted is not None and v.verdict != wanted:
            yield f"{v.level} {v.key}: {v.verdict}, where the file says {wanted}: remove or change the line"


def as_file(verdicts: Sequence[Verdict]) -> str:
    """The file by which all failures of a run are expected."""
    rows = [f"{v.level} {v.key} {v.verdict}" for v in verdicts if v.verdict in FAILURES]
    return "".join(f"{row}\n" for row in rows)
