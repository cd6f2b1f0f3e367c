"""Running an audit: one engine after the other, each with its documents and the smallest problems that fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spikeproof.errors import InvalidInput
from spikeproof_reports.audit.peers import Peer, interpreter
from spikeproof_reports.audit.samples import (
    SampleErrors,
    batch_problem,
    load_samples,
    sample_cases,
    sample_errors,
    save_samples,
)
from spikeproof_reports.conformance import write_documents
from spikeproof_reports.conformance.documents import KIND
from spikeproof_reports.paper.folder import claim, renewed
from spikeproof_verification.conformance import Run, Session, load_results, shipped
from spikeproof_verification.conformance.case import Case, digest
from spikeproof_verification.conformance.connectors import Serve

RESULTS, SAMPLES, FAILURES, COMPILED = "results.jsonl", "samples.json", "failures", "compiled"


@dataclass(frozen=True)
class Audited:
    """The findings on a peer; `run` is None where it could not be run, and `note` says why.

    `files` are the problems that fail, each small, by level and case.
    """

    peer: Peer
    run: Run | None
    samples: SampleErrors | None = None
    note: str = ""
    files: Sequence[Path] = field(default=())


@dataclass(frozen=True)
class Auditor:
    """How engines are audited.

    Attributes
    ----------
    benchmarks : folder of the adapters, beside the environments.
    out : folder of the results.
    timeout : seconds for one problem.
    shrink : seconds in which the failing problems of an engine are made smaller.
    facts : provenance.
    say : is told how far it is.
    resume : whether results of the same cases and commit that are in `out` are taken.
    """

    benchmarks: Path
    out: Path
    timeout: float
    shrink: float
    facts: Mapping[str, str]
    say: Callable[[str], None]
    resume: bool = False

    def audited(self, peer: Peer) -> Audited:
        """The run of the suite on a peer, with its documents in a folder of its name; an interrupt goes on."""
        python = interpreter(peer, self.benchmarks)
        if python is None:
            return Audited(peer, None, note=f"not installed: `tox run -e peer-{peer.environment}` installs it")
        kept = self._kept(peer)
        if kept is not None:
            return kept
        folder = self.out / peer.key
        claim(folder, KIND)
        try:
            session = Session(lambda: self._connector(peer, python), cases_of(peer), peer.levels)
        except InvalidInput as error:
            return Audited(peer, None, note=str(error))
        run = session.run(1, self.facts, lambda done, total: self.say(f"{peer.key}: {done} of {total} cases"))
        if not run.complete:
            raise KeyboardInterrupt
        smallest = session.smallest(run.verdicts, self.shrink)
        samples = self._samples(peer, session)
        with renewed(folder, KIND, "samples") as new:
            save_samples(samples, new / SAMPLES)
        write_documents(run, folder, None, smallest)
        return Audited(peer, run, samples, files=_failures(folder))

    def _connector(self, peer: Peer, python: Path) -> Serve:
        command = [str(python), str(self.benchmarks / "judged.py"), *peer.adapter]
        own = not peer.environment  # of this package: it finds the package as this process does
        environment = {name: x for name, x in os.environ.items() if own or name != "PYTHONPATH"}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "JAX_PLATFORMS": "cpu"}
        environment |= {"JAX_COMPILATION_CACHE_DIR": str((self.out / COMPILED).resolve())}  # the same for all samples
        return Serve(command, self.timeout, field=peer.key, environment=environment)

    def _kept(self, peer: Peer) -> Audited | None:
        """The results of an earlier run on the same cases and commit, if they are to be taken."""
        folder = self.out / peer.key
        if not self.resume or not (folder / RESULTS).exists() or not (folder / SAMPLES).exists():
            return None
        run = load_results(folder / RESULTS)
        levels = peer.levels or run.levels
        cases = {case.key: case for case in cases_of(peer) if set(levels) & set(case.levels)}
        same = run.digest == digest(tuple(cases.values())) and run.levels == levels
        if not (run.complete and same and run.provenance.get("commit") == self.facts.get("commit")):
            return None
        return Audited(peer, run, load_samples(folder / SAMPLES), files=_failures(folder))

    def _samples(self, peer: Peer, session: Session) -> SampleErrors | None:
        if not peer.network:
            return None
        problem = batch_problem(peer.network)
        self.say(f"{peer.key}: the reference on the samples of {problem.name}")
        cases = sample_cases(problem, self.out / "answers")
        self.say(f"{peer.key}: samples of {problem.name}")
        connector = session.connect()
        try:
            connector.start()
            return sample_errors(connector, session.engine, problem, cases, session.levels[0], peer.network)
        finally:
            connector.close()


def cases_of(peer: Peer) -> list[Case]:
    """The cases of the peer's families, without wrong files: it is the adapter that reads files."""
    cases = [case for case in shipped() if not case.malformed]
    return [case for case in cases if not peer.families or case.family.startswith(peer.families)]


def _failures(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted((folder / FAILURES).glob("*.json")))
