"""The interface of an engine: one way to solve a problem, the same for fast engines, references and other packages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, Protocol, TypeAlias

from spikeproof.errors import InvalidInput
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, Solution

Wanted: TypeAlias = Literal["all", "weights"] | None


class Engine(Protocol):
    """Anything that solves problems: a fast engine, a reference, or an engine of another package.

    A class needs no base to be an engine, only these three members.
    """

    @property
    def name(self) -> str:
        """Short name, used in tables."""
        ...

    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot solve `problem`; None if it can."""
        ...

    def solve(self, problem: Problem, gradients: Wanted = "all") -> Solution:
        """Spikes of `problem`, and, if it has a loss, its value, what it observed, and its gradients.

        Parameters
        ----------
        problem
            What is solved.
        gradients
            ``"all"``: of all parameters; ``"weights"``: of weights and input spike times alone; None: the loss
            without its gradients. An engine that always computes all leaves out what is not asked for.
        """
        ...


def check_wanted(gradients: object) -> None:
    """Raise `InvalidInput` unless this is one of the three answers to which gradients are wanted."""
    if gradients is not None and not (isinstance(gradients, str) and gradients in ("all", "weights")):
        raise InvalidInput("gradients", gradients, "'all', 'weights' or None")


def only(found: Gradients, gradients: Wanted) -> Gradients:
    """The gradients that are wanted, taken from `found`, which an engine that computes all has returned."""
    return found if gradients == "all" else replace(found, delays=None, neurons=None)


def check_engine(field: str, engine: Any) -> Engine:
    """`engine`, which must have what an `Engine` has."""
    known = isinstance(getattr(engine, "name", None), str) and not isinstance(engine, type)
    if known and all(callable(getattr(engine, name, None)) for name in ("unsupported", "solve")):
        checked: Engine = engine
        return checked
    more = "; an object, not its class" if isinstance(engine, type) else ""
    raise InvalidInput(field, engine, f"an engine, with name, unsupported and solve{more}")
