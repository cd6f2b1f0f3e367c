"""A conformance case: a problem, what an engine must answer, and the size of what its errors are held to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeAlias

from spikeproof import Problem
from spikeproof_verification.files import problem_from_dict
from spikeproof_verification.files.json_file import read_json

FORMAT = "spikeproof-conformance-case-1"
SUITE = "2026.11"  # year and month of the last change; within a month the digest tells suites apart
Level: TypeAlias = Literal["exact64", "float32", "grid"]
LEVELS: tuple[Level, ...] = ("exact64", "float32", "grid")
FILES = "files"  # cases with problem files that are wrong: an engine that takes Python objects never sees them


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes
    ----------
    key : its name, usable as a file name.
    family : what it is about.
    levels : at which levels it is judged.
    judged : the quantities that are judged: "spike_times", "loss", "weights", "input_times", "delays" or the name of a
        neuron parameter. Of a problem that must be refused what has no value.
    problem : a problem as in a problem file.
    expected, scale : what is right, as in a solution file, in decimal strings; and for each of its numbers the size
        that errors are relative to: it carries 1/Vdot and the conditioning.
    refuse : why an engine must refuse the problem; "" if it must not.
    steps : steps of time of the level "grid".
    orders : the order of convergence expected there, by quantity.
    """

    key: str
    family: str
    levels: tuple[str, ...]
    judged: tuple[str, ...]
    problem: Mapping[str, Any]
    expected: Mapping[str, Any] = field(default_factory=dict)
    scale: Mapping[str, Any] = field(default_factory=dict)
    refuse: str = ""
    steps: tuple[float, ...] = ()
    orders: Mapping[str, float] = field(default_factory=dict)

    @property
    def malformed(self) -> bool:
        """True if the problem is wrong as a file, so that no `Problem` can be made of it."""
        return bool(self.refuse) and self.family == MALFORMED

    def model(self) -> Problem:
        """The problem as an object; raises `InvalidInput` for one that is wrong on purpose."""
        return problem_from_dict(dict(self.problem))

    @property
    def repeated(self) -> bool:
        """True if a neuron spikes more than once in a sample."""
        return any(len(train) > 1 for sample in self.expected.get("spike_times", ()) for train in sample)

    @property
    def size(self) -> int:
        """Neurons, weights and input spikes: by what cases are called small."""
        network, stimulus = self.problem.get("network", {}), self.problem.get("stimulus", {})
        neurons = sum(int(p.get("size", 0)) for p in network.get("populations", ()) if isinstance(p, dict))
        return neurons + sum(len(s.get("times", ())) for s in stimulus.get("samples", ()) if isinstance(s, dict))

    def to_dict(self) -> dict[str, Any]:
        """The case as it stands in its file."""
        return {"format": FORMAT, **asdict(self)}


MALFORMED = "wrong problem files"


def case_from_dict(tree: Mapping[str, Any]) -> Case:
    """The case of a parsed file."""
    given: dict[str, Any] = {
        name: tuple(x) if isinstance(x, list) else x for name, x in tree.items() if name != "format"
    }
    return Case(**given)


def cases_folder() -> Path:
    """The folder of the files of the cases."""
    return Path(str(resources.files("spikeproof_verification.conformance") / "cases"))


@cache
def shipped() -> tuple[Case, ...]:
    """All cases that come with the package, by family and name.

    Returns
    -------
    tuple of Case

    Raises
    ------
    InvalidInput
        If a file of the package has been changed into no case.
    """
    found = [case_from_dict(read_json(path)) for path in sorted(cases_folder().glob("*.json"))]
    return tuple(sorted(found, key=lambda case: (family_rank(case.family), case.key)))


def family_rank(family: str) -> tuple[int, str]:
    """The place of a family in tables."""
    first = next((n for n, start in enumerate(ORDER) if family.startswith(start)), len(ORDER))
    return first, family


ORDER = (
    "spike times", "loss", "gradient", "silence", "ties", "grazing", "time constants", "long silence",
    "offset of t = 0", "unit of time", "large buffers", "refractory time", "convergence", "no answer", MALFORMED,
)  # fmt: skip


def digest(cases: tuple[Case, ...]) -> str:
    """Digest of all that decides about verdicts in these cases."""
    found = hashlib.blake2b(SUITE.encode(), digest_size=12)
    for case in cases:
        found.update(json.dumps(case.to_dict(), sort_keys=True).encode())
    return found.hexdigest()
