"""The result of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.reference import Agreement
from spikeproof_verification.experiments.studies.study import Row


@dataclass(frozen=True)
class CaseRow:
    """One case in the table of cases.

    Attributes
    ----------
    campaign, case : names.
    regime : topology and time constants, or the group of a case file.
    flavour : of a generated network, "" otherwise.
    status : "done", "failed" or "refused"; `note` gives the reason.
    seconds : wall time of the whole case.
    n_neurons, n_spikes : of the problem, and of the reference's solution.
    min_vdot : smallest dV/dt at a spike, NaN without spikes.
    note : the reason of the status; empty if done.
    """

    campaign: str
    case: str
    regime: str
    flavour: str
    status: str
    seconds: float
    n_neurons: int
    n_spikes: int
    min_vdot: float
    note: str = ""


@dataclass(frozen=True)
class CaseResult:
    """Everything that one case adds to a run.

    Attributes
    ----------
    case : its row in the table of cases.
    measurements : all compared numbers.
    agreement : the reference's gradients compared with each other.
    tables : the tables of a study, by name; empty for other cases.
    """

    case: CaseRow
    measurements: tuple[Measurement, ...] = ()
    agreement: tuple[Agreement, ...] = ()
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, for JSON."""
        return {
            "case": asdict(self.case),
            "measurements": [m.row() for m in self.measurements],
            "agreement": [a.row() for a in self.agreement],
            "tables": {name: [dict(row) for row in rows] for name, rows in self.tables.items()},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CaseResult:
        """Inverse of `to_dict`."""
        return cls(
            CaseRow(**data["case"]),
            tuple(Measurement(**m) for m in data["measurements"]),
            tuple(Agreement(**a) for a in data["agreement"]),
            {name: tuple(rows) for name, rows in data["tables"].items()},
        )


def verdicts(results: Iterable[CaseResult]) -> tuple[int, int]:
    """How much was compared, and how much failed.

    Parameters
    ----------
    results : iterable of CaseResult

    Returns
    -------
    compared : int
        Number of measurements.
    failed : int
        Number of failed measurements and failed agreements, and of cases that failed without a measurement that says
        so.
    """
    compared = failed = 0
    for result in results:
        compared += len(result.measurements)
        failed += sum(m.verdict == "fail" for m in result.measurements)
        failed += sum(a.verdict == "fail" for a in result.agreement)
        failed += result.case.status == "failed" and not any(m.verdict == "fail" for m in result.measurements)
    return compared, failed
