"""The support that an engine declares, and the support that a case needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from spikeproof import InvalidInput, LossSum, Problem
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.schemas import check_definition
from spikeproof_verification.files import problem_to_dict

REST = {"bias": ("bias",), "initial state": ("v_init", "i_init"), "reset": ("v_reset",), "refractory time": ("t_ref",)}


class Unsupported(Exception):
    """An engine does not declare what a case needs; the message says what."""


@dataclass(frozen=True)
class Engine:
    """An engine as it names itself, and what it supports (as in the protocol, empty: everything)."""

    name: str
    version: str = ""
    supports: Mapping[str, Any] = field(default_factory=dict)

    @property
    def levels(self) -> tuple[str, ...]:
        """At which levels it wants to be judged."""
        return tuple(self.supports.get("levels", ("exact64",)))

    @property
    def decimals(self) -> bool:
        """Whether its replies may hold decimal strings."""
        return bool(self.supports.get("numbers") == "decimal")


def engine_of(reply: Mapping[str, Any]) -> Engine:
    """The engine that has answered to start; raises `InvalidInput` if the reply is not one to that message."""
    check_definition("started", dict(reply))
    return Engine(reply["engine"], reply.get("version", ""), reply.get("supports", {}))


def declared(name: str, tree: Any) -> Engine:
    """An engine called `name` that declares `tree`."""
    if not isinstance(tree, dict):
        raise InvalidInput("supports", tree, "an object {...}")
    check_definition("supports", tree)
    return Engine(name, "", tree)


def restricted(engine: Engine, case: Case) -> Case:
    """The case with those of its quantities that an engine declares; without its loss if none of them needs one.

    Raises
    ------
    Unsupported
        If none is left, or the engine does not declare a loss or a feature that the problem has.
    """
    if case.malformed:
        return case
    declared = engine.supports.get("quantities")
    judged = case.judged if declared is None else tuple(q for q in case.judged if q in declared)
    if case.judged and not judged:
        raise Unsupported(f"quantities not declared: {', '.join(case.judged)}")
    left = replace(case, judged=judged, orders={q: order for q, order in case.orders.items() if q in judged})
    if judged == ("spike_times",) and "loss" in case.problem:
        left = replace(left, problem={name: x for name, x in case.problem.items() if name != "loss"})
    problem = left.model()
    more = ["repeated spikes"] if case.repeated else []
    for kind, needed in {"losses": _losses(problem), "features": [*features(problem), *more]}.items():
        missing = lacking(engine, kind, needed)
        if missing:
            raise Unsupported(f"{kind} not declared: {', '.join(missing)}")
    return left


def lacking(engine: Engine, kind: str, needed: Iterable[str]) -> list[str]:
    """Needs of a kind, such as "losses", that an engine does not declare."""
    declared = engine.supports.get(kind)
    return [] if declared is None else [name for name in needed if name not in declared]


def _losses(problem: Problem) -> list[str]:
    if problem.loss is None:
        return []
    kind = problem_to_dict(problem)["loss"]
    terms = [t["loss"]["kind"] for t in kind["terms"]] if isinstance(problem.loss, LossSum) else []
    return [kind["kind"], *terms]


def features(problem: Problem) -> list[str]:
    """The features of networks, neurons and samples that a problem has."""
    network, given = problem.network, problem.parameters.neurons
    edges = [(p.pre, p.post) for p in network.projections if not network.from_input(p)]
    found = {
        "recurrence": any(_reaches(post, pre, edges) for pre, post in edges),
        "several layers": any(pre != post for pre, post in edges),
        "skip": any(
            network.from_input(p) and any(post == p.post and pre != post for pre, post in edges)
            for p in network.projections
        ),
        "delays": any(p.delay != 0 for p in network.projections),
        "sparse": any(p.synapses is not None for p in network.projections),
        "readout": any(p.kind == "li" for p in network.populations),
        "batch": problem.stimulus.n_samples > 1,
        "unlike neurons": any(_unlike(x) for p in given.values() for x in vars(p).values()),
    }  # fmt: skip
    for name, columns in REST.items():
        found[name] = any(np.any(x) for p in given.values() for c in columns if (x := getattr(p, c, None)) is not None)
    ratios = {r for p in given.values() for r in np.ravel(np.divide(p.tau_mem, p.tau_syn)).tolist()}
    found |= {"ratio 1": 1.0 in ratios, "ratio 2": 2.0 in ratios, "other ratios": bool(ratios - {1.0, 2.0})}
    return [name for name, has in found.items() if has]


def _unlike(values: Any) -> bool:
    """Whether a parameter has several values in a population."""
    return values is not None and np.ndim(values) > 0 and bool(np.any(values != values[0]))


def _reaches(start: str, end: str, edges: list[tuple[str, str]]) -> bool:
    """Whether the projections lead from one population to another, or are the same."""
    seen, todo = {start}, [start]
    while todo:
        at = todo.pop()
        for pre, post in edges:
            if pre == at and post not in seen:
                seen.add(post)
                todo.append(post)
    return end in seen
