"""A session with an engine: it is started, says what it supports, and is run through the smoke test and the cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from spikeproof import InvalidInput
from spikeproof_verification.conformance.case import Case, digest, shipped
from spikeproof_verification.conformance.connectors import Connector, InProcess
from spikeproof_verification.conformance.record import Run, ordered
from spikeproof_verification.conformance.run import run, tasks_of
from spikeproof_verification.conformance.smallest import shrunk, smallest_of_each_family
from spikeproof_verification.conformance.smoke import Finding, smoke
from spikeproof_verification.conformance.support import declared
from spikeproof_verification.conformance.verdict import Verdict

Connect = Callable[[], Connector]
Seen = Callable[[int, int], None]  # how many of how many cases are judged


class Session:
    """An engine that has been started, and what it will be asked.

    Parameters
    ----------
    connect : makes a connector to one more process of the engine.
    cases : which; all that come with the package if None.
    levels : how it is judged; what it declares if empty.
    supports : what it supports, in place of what it says; None leaves that to the engine.

    Raises
    ------
    InvalidInput
        If the engine does not start, or no case is left.
    """

    def __init__(
        self, connect: Connect, cases: Sequence[Case] | None = None, levels: Sequence[str] = (),
        supports: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.connect, self.first = connect, connect()
        engine = self.first.start()
        try:
            self.engine = engine if supports is None else replace(engine, supports=declared("", supports).supports)
            chosen = shipped() if cases is None else tuple(cases)
            self.levels = tuple(levels or self.engine.levels)
            self.tasks = tasks_of(chosen, self.levels, reads_files=self.first.reads_files)
            if not self.tasks:
                raise InvalidInput("cases", "none", f"cases for the levels {', '.join(self.levels)}")
        except BaseException:
            self.first.close()
            raise

    def run(self, workers: int = 1, provenance: Mapping[str, str] | None = None, seen: Seen | None = None) -> Run:
        """All verdicts; those found until then if an interrupt comes, in a run that is not complete."""
        begin, complete = time.perf_counter(), True
        found: dict[int, Verdict] = {}
        findings: list[Finding] = []
        try:
            findings += smoke(self.first, self.engine, self.levels[0])
            for place, verdict in run(self.connect, self.engine, self.first, self.tasks, workers):
                found[place] = verdict
                if seen is not None:
                    seen(len(found), len(self.tasks))
        except KeyboardInterrupt:
            complete = False
        finally:
            self.first.close()
        cases = {case.key: case for case, _ in self.tasks}
        return Run(
            self.engine.name, self.engine.version, self.engine.supports, self.levels, digest(tuple(cases.values())),
            tuple(findings), tuple(ordered(found)), complete, time.perf_counter() - begin, provenance or {},
        )  # fmt: skip

    def smallest(self, verdicts: Sequence[Verdict], seconds: float) -> list[tuple[Case, Verdict]]:
        """The smallest failing problem of each family, made smaller as long as there is time."""
        chosen = smallest_of_each_family(self.tasks, verdicts)
        if not chosen:
            return []
        connector = self.connect()
        try:
            connector.start()
            return [shrunk(connector, self.engine, task, verdict, seconds / len(chosen)) for task, verdict in chosen]
        finally:
            connector.close()


def judge_engine(
    engine: Any, *, cases: Sequence[Case] | None = None, levels: Sequence[str] = (), supports: Any = None
) -> Run:
    """A run of the suite on a Python engine, or on what makes one, in this process: without time limits.

    Parameters
    ----------
    engine : as `spikeproof.Engine`, or a class or function that makes one, from ``dt`` if it takes that.
    cases, levels, supports : as of a `Session`.

    Returns
    -------
    Run
        A verdict for each case; an exception of the engine is one too.

    Raises
    ------
    InvalidInput
        If this is no engine, or a level or what is declared as supported is not known.
    """
    return Session(lambda: InProcess(engine), cases, levels, supports).run()
