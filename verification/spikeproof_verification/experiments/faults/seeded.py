"""The textbook engine with a fault in it: each fault replaces one rule, by a subclass that overrides a method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from spikeproof_reference.textbook.adjoint import Adjoint
from spikeproof_reference.textbook.engine import TextbookEngine
from spikeproof_reference.textbook.forward import Forward
from spikeproof_reference.textbook.observed import Observed

Rule = TypeVar("Rule", bound=type)
SEEDED: dict[str, type[TextbookEngine]] = {}


def seeded(fault: str) -> Callable[[Rule], Rule]:
    """Register a subclass of a class of the textbook engine, or of the engine, for the version with this fault."""

    def seed(rule: Rule) -> Rule:
        engine = SEEDED.get(fault, TextbookEngine)
        SEEDED[fault] = rule if issubclass(rule, TextbookEngine) else type("Seeded", (engine,), _part(engine, rule))
        return rule

    return seed


def _part(engine: type[TextbookEngine], rule: type) -> dict[str, Any]:
    """The attribute of the engine that a rule replaces."""
    if issubclass(rule, Observed):
        observers = {kind: rule if issubclass(rule, own) else own for kind, own in engine.losses.observers.items()}
        return {"losses": type("Seeded", (engine.losses,), {"observers": observers})}
    if issubclass(rule, Forward):
        return {"forward": rule}
    return {"adjoint" if issubclass(rule, Adjoint) else "losses": rule}
