"""A finished run and its file: one line of JSON for the run, then one for each case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from spikeproof import InvalidInput
from spikeproof.atomic import replacing
from spikeproof_verification.conformance.case import SUITE
from spikeproof_verification.conformance.schemas import check_definition
from spikeproof_verification.conformance.smoke import Finding
from spikeproof_verification.conformance.verdict import Headline, Verdict, headline

FORMAT = "spikeproof-conformance-results-1"


@dataclass(frozen=True)
class Run:
    """A run of the suite.

    Attributes
    ----------
    engine, version, supports : as the engine declares them.
    levels : at which it was judged.
    digest : of the cases.
    smoke : what the smoke test found.
    verdicts : one for each case and level.
    complete : False if the run was stopped.
    seconds : that it took.
    provenance : where its numbers come from.
    suite : the version of the cases.
    """

    engine: str
    version: str
    supports: Mapping[str, Any]
    levels: tuple[str, ...]
    digest: str
    smoke: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    complete: bool = True
    seconds: float = 0.0
    provenance: Mapping[str, str] = field(default_factory=dict)
    suite: str = SUITE

    @property
    def headline(self) -> Headline:
        """Passed, supported and total."""
        return headline(self.verdicts)

    def head(self) -> dict[str, Any]:
        """The first line of its file."""
        return {
            "format": FORMAT, "suite": self.suite, "digest": self.digest, "engine": self.engine,
            "version": self.version, "supports": dict(self.supports), "levels": list(self.levels),
            "headline": asdict(self.headline), "complete": self.complete, "seconds": self.seconds,
            "smoke": [asdict(finding) for finding in self.smoke], "provenance": dict(self.provenance),
        }  # fmt: skip


def save_results(run: Run, path: Path) -> None:
    """Write a run to `path` in one step.

    Parameters
    ----------
    run : Run
    path
        A file of JSON lines: one for the run, then one for each verdict. It is replaced.

    Raises
    ------
    InvalidInput
        If the run is not what the schema of results says.
    """
    rows = [run.head(), *(verdict.row() for verdict in run.verdicts)]
    for n, row in enumerate(rows):
        check_definition("verdict" if n else "run", row, "results")
    with replacing(path) as temporary:
        temporary.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def load_results(path: Path) -> Run:
    """The run in a file.

    Parameters
    ----------
    path
        A file that `save_results` has written.

    Returns
    -------
    Run

    Raises
    ------
    InvalidInput
        If it cannot be read, or is not what the schema says.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise InvalidInput("results", str(path), f"a file of results ({error})") from None
    if not rows:
        raise InvalidInput("results", str(path), "a line for the run, and one for each case")
    for n, row in enumerate(rows):
        check_definition("verdict" if n else "run", row, "results")
    head, verdicts = rows[0], [_verdict(row) for row in rows[1:]]
    return Run(
        head["engine"], head["version"], head["supports"], tuple(head["levels"]), head["digest"],
        tuple(Finding(**f) for f in head["smoke"]), tuple(verdicts), head["complete"], head["seconds"],
        head["provenance"], head["suite"],
    )  # fmt: skip


def _verdict(row: Mapping[str, Any]) -> Verdict:
    numbers = ("multiple", "got", "expected")
    given: dict[str, Any] = {k: float(v) if k in numbers and isinstance(v, str) else v for k, v in row.items()}
    return Verdict(**given)


def ordered(found: Mapping[int, Verdict]) -> Sequence[Verdict]:
    """Verdicts in the order of their places."""
    return tuple(found[place] for place in sorted(found))
