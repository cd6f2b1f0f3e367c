"""Running an audit: one engine after the other, each with its documents and the smallest problems that fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from spikeproof.errors import InvalidInput
from spikeproof_reports.audit.peers import Peer, interpreter
from spikeproof_reports.audit.samples import KEY, SampleErrors, sample_errors
from spikeproof_reports.audit.table import Audited
from spikeproof_reports.conformance import write_documents
from spikeproof_reports.conformance.documents import KIND
from spikeproof_reports.paper.folder import claim
from spikeproof_verification.conformance import Session, shipped
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.connectors import Serve
from spikeproof_verification.conformance.support import Unsupported, restricted


def audited(
    peer: Peer, folder: Path, out: Path, timeout: float, shrink: float, facts: Mapping[str, str],
    say: Callable[[str], None],
) -> Audited:  # fmt: skip
    """The run of the suite on a peer, with its documents in `out`; an interrupt goes on to the caller."""
    python = interpreter(peer, folder)
    if python is None:
        return Audited(peer, None, note=f"not installed: `tox run -e peer-{peer.environment}` installs it")
    command = [str(python), str(folder / "judged.py"), *peer.adapter]
    environment = {name: x for name, x in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "JAX_PLATFORMS": "cpu"}

    def connect() -> Serve:
        return Serve(command, timeout, field=peer.key, environment=environment)

    claim(out, KIND)
    try:
        session = Session(connect, _cases(peer), peer.levels)
    except InvalidInput as error:
        return Audited(peer, None, note=str(error))
    run = session.run(1, facts, lambda done, total: say(f"{peer.key}: {done} of {total} cases"))
    if not run.complete:
        raise KeyboardInterrupt
    write_documents(run, out, None, session.smallest(run.verdicts, shrink))
    say(f"{peer.key}: samples")
    return Audited(peer, run, _samples(session))


def _cases(peer: Peer) -> list[Case]:
    """The cases of the peer's families, without wrong files: it is the adapter that reads files."""
    cases = [case for case in shipped() if not case.malformed]
    return [case for case in cases if not peer.families or case.family.startswith(peer.families)]


def _samples(session: Session) -> SampleErrors | None:
    case = next(case for case in shipped() if case.key == KEY)
    try:
        left = restricted(session.engine, case)
    except Unsupported:
        return None
    if "weights" not in left.judged:
        return None
    connector = session.connect()
    try:
        connector.start()
        return sample_errors(connector, session.engine, case, session.levels[0])
    finally:
        connector.close()
