"""Gradients of Yin-Yang samples, each alone and all as a batch: a batch's error is that of its few grazing samples."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from spikeproof import InvalidInput, Problem
from spikeproof.numbers import Array
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_verification.conformance.case import Case, case_from_dict
from spikeproof_verification.conformance.compare import compared
from spikeproof_verification.conformance.connectors import Connector
from spikeproof_verification.conformance.making.answers import answered
from spikeproof_verification.conformance.making.draft import Draft, in_single
from spikeproof_verification.conformance.reply import Answer, answer_of
from spikeproof_verification.conformance.smallest import QUICK
from spikeproof_verification.conformance.support import Engine
from spikeproof_verification.files import problem_to_dict
from spikeproof_verification.files.json_file import read_json, write_json

COUNT = 12  # samples of the batch
STEP = 2.0**-6  # ms, of engines in time steps
KINDS = {  # of the network, for engines that do not know the usual one
    "usual": "tau_mem 20 ms, tau_syn 5 ms",
    "half": "tau_syn 10 ms",
    "once": "each neuron spikes once at most",
}


@dataclass(frozen=True)
class SampleErrors:
    """Relative errors of weight gradients in the Euclidean norm, infinite without an answer.

    Attributes
    ----------
    kind : of the network, a key of `KINDS`.
    errors : one for each sample, solved alone.
    batch : that of the mean over the batch, solved at once.
    cosine : between the gradient of the batch and the right one.
    beyond : the part of the samples in which a number misses its bound, NaN at the level "grid", which has none.
    """

    kind: str
    errors: tuple[float, ...]
    batch: float
    cosine: float
    beyond: float

    @property
    def median(self) -> float:
        """The median over samples."""
        return float(np.median(self.errors))

    @property
    def worst(self) -> float:
        """The largest."""
        return max(self.errors)


def batch_problem(kind: str, count: int = COUNT) -> Problem:
    """The Yin-Yang network with 200 hidden neurons, at its initialisation, in numbers that binary32 holds too."""
    samples, labels = yin_yang(count, seed=42)
    problem = yin_yang_problem(samples, labels, seed=0)
    if kind != "usual":
        changes: dict[str, Any] = {"half": {"tau_syn": 10.0}, "once": {"t_ref": np.inf}}[kind]
        neurons = {name: replace(p, **changes) for name, p in problem.parameters.neurons.items()}
        problem = replace(problem, parameters=replace(problem.parameters, neurons=neurons))
    return in_single(problem, f"yin-yang-{kind}")


def sample_cases(problem: Problem, folder: Path) -> list[Case]:
    """A case for each sample, its answer by the reference; answers stay in `folder`, for the next engine."""
    found = []
    for n in range(problem.stimulus.n_samples):
        one = replace(problem.select([n]), name=f"{problem.name}-{n:02d}")
        path = folder / f"{one.name}.json"
        kept = case_from_dict(read_json(path)) if path.exists() else None
        if kept is None or json.dumps(kept.problem) != json.dumps(problem_to_dict(one)):
            kept = answered(Draft(one.name, "Yin-Yang", one, ("loss", "weights")), one, QUICK)
            folder.mkdir(parents=True, exist_ok=True)
            write_json(kept.to_dict(), path)
        found.append(kept)
    return found


def sample_errors(
    connector: Connector, engine: Engine, problem: Problem, cases: Sequence[Case], level: str, kind: str
) -> SampleErrors | None:
    """Errors on the samples of a batch; None if the engine does not support them."""
    errors, beyond, bounds = [], [], "float32" if level == "grid" else level
    for case in cases:
        answer = _answer(connector, engine, case.model(), level)
        if answer is None:
            return None
        errors.append(_error(answer.get("weights"), case.expected["weights"]))
        beyond.append(not answer or any(m.verdict == "fail" for m in compared(case, answer, bounds)))
    right = _mean([case.expected["weights"] for case in cases])
    got = (_answer(connector, engine, problem, level) or {}).get("weights")
    share = float("nan") if level == "grid" else float(np.mean(beyond))
    return SampleErrors(kind, tuple(errors), _error(got, right), _cosine(got, right), share)


def save_samples(found: SampleErrors | None, path: Path) -> None:
    """Write errors to a file."""
    write_json({} if found is None else {k: _plain(v) for k, v in asdict(found).items()}, path)


def load_samples(path: Path) -> SampleErrors | None:
    """The errors that `save_samples` wrote."""
    tree = read_json(path)
    if not tree:
        return None
    numbers = {name: float(tree[name]) for name in ("batch", "cosine", "beyond")}
    return SampleErrors(tree["kind"], tuple(map(float, tree["errors"])), **numbers)


def _plain(value: Any) -> Any:
    """Numbers as text: JSON has no infinity."""
    return [repr(x) for x in value] if isinstance(value, tuple) else value if isinstance(value, str) else repr(value)


def _answer(connector: Connector, engine: Engine, problem: Problem, level: str) -> Answer | None:
    """The answer, empty without one; None if the problem is unsupported."""
    outcome = connector.run(problem_to_dict(problem), "weights", STEP if level == "grid" else None)
    if outcome.kind == "unsupported":
        return None
    try:
        return answer_of(outcome.content, problem, decimals=engine.decimals) if outcome.kind == "solution" else {}
    except InvalidInput:
        return {}


def _mean(trees: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
    return {name: np.mean([np.array(t[name], dtype=float) for t in trees], axis=0) for name in trees[0]}


def _error(got: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> float:
    if got is None:
        return float("inf")
    a, b = _flat(got, wanted), _flat(wanted, wanted)
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def _cosine(got: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> float:
    if got is None:
        return float("nan")
    a, b = _flat(got, wanted), _flat(wanted, wanted)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))) if a.any() else float("nan")


def _flat(tree: Mapping[str, Any], names: Mapping[str, Any]) -> Array:
    return np.concatenate([np.ravel(np.array(tree[name], dtype=float)) for name in names])
