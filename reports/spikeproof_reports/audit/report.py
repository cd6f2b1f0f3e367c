"""The documents of an audit, and the problems that fail, each with the engine that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from spikeproof_reports.audit.audit import FAILURES, Audited
from spikeproof_reports.audit.checkers.seen import Seen
from spikeproof_reports.audit.content import audit_content
from spikeproof_reports.paper.environment import locked_environment
from spikeproof_reports.paper.folder import renewed
from spikeproof_reports.paper.together import write_all
from spikeproof_verification.files.json_file import read_json, write_json

KIND = "audit"


def write_audit(found: Sequence[Audited], seen: Seen | None, folder: Path, facts: Mapping[str, str]) -> None:
    """Write all documents of an audit to its folder; those of an earlier one are replaced.

    Parameters
    ----------
    found : findings on engines.
    seen : what generic checkers see of seeded faults; None if they were not run.
    folder : a folder of an audit.
    facts : provenance.
    """
    with renewed(folder, KIND, "documents") as new:
        for audited in found:
            for path in audited.files:
                place = new / FAILURES / audited.peer.key / path.name
                place.parent.mkdir(parents=True, exist_ok=True)
                write_json({"engine": _engine(audited, facts), **read_json(path)}, place)
        write_all(audit_content(found, seen, facts, locked_environment()), new)  # last: it lists all files


def _engine(audited: Audited, facts: Mapping[str, str]) -> dict[str, str]:
    version = audited.run.version if audited.run else ""
    return {
        "name": audited.peer.key, "version": version, "settings": audited.peer.settings,
        "judged by": f"spikeproof {facts.get('spikeproof', '')}, commit {facts.get('commit', '')}",
    }  # fmt: skip
