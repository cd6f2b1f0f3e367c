"""A Python engine as the protocol sees it: trees in, trees out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from spikeproof import EventLimitExceeded, GrazingSpike, InvalidInput, Solution
from spikeproof.engine import check_engine
from spikeproof_verification.files import problem_from_dict, solution_to_dict

REFUSALS = (InvalidInput, GrazingSpike, EventLimitExceeded)


class Served:
    """An engine object, or what makes one: a class or function, which is handed `dt` if it takes it.

    What it supports is its attribute `supports`, if it has one: see ``supports`` in the schema of the protocol.
    """

    def __init__(self, engine: Any) -> None:
        self.supports = getattr(engine, "supports", None)
        is_engine = all(hasattr(engine, name) for name in ("solve", "unsupported")) and not isinstance(engine, type)
        self._made = None if is_engine else engine
        self._engine = check_engine("engine", engine) if is_engine else None

    def started(self) -> dict[str, Any]:
        """The reply to start."""
        name = self.engine(None).name
        return {"engine": name} | ({} if self.supports is None else {"supports": self.supports})

    def answer(self, tree: Mapping[str, Any], gradients: Any, dt: float | None) -> dict[str, Any]:
        """The reply to run, without its number."""
        try:
            problem, engine = problem_from_dict(dict(tree)), self.engine(dt)
            why = engine.unsupported(problem)
            if why:
                return {"unsupported": str(why)}
            solution = engine.solve(problem, gradients)
        except REFUSALS as error:
            return {"refused": str(error)}
        except Exception as error:  # whatever a foreign engine raises is a failure of that engine
            return {"error": f"{type(error).__name__}: {error}"}
        return self._solution(solution)

    def engine(self, dt: float | None) -> Any:
        """The engine, made for steps of `dt` if it takes them."""
        if self._made is None:
            return self._engine
        if not callable(self._made):
            raise InvalidInput("engine", self._made, "an engine, or what makes one")
        steps = "dt" in inspect.signature(self._made).parameters
        if not steps:
            self._engine, self._made = check_engine("engine", self._made()), None
            return self._engine
        return check_engine("engine", self._made(dt=1.0 / 64.0 if dt is None else dt))

    def _solution(self, solution: Any) -> dict[str, Any]:
        if not isinstance(solution, Solution):
            return {"error": f"solve returned {type(solution).__name__}, no Solution"}
        try:
            return {"solution": solution_to_dict(solution)}
        except InvalidInput as error:
            return {"error": f"solution: {error}"}
        except Exception as error:  # arrays of wrong shapes, for example
            return {"error": f"solution: {type(error).__name__}: {error}"}
