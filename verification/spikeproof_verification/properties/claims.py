"""Properties: a property is a claim about an engine and a problem, which fails by an `AssertionError` that says how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof_verification.checks.tolerances import MP_REPEATED, REPEATED
from spikeproof_verification.properties.drawn import LOSSES


class Unspoken(Exception):
    """A property does not speak of this problem."""


@dataclass(frozen=True)
class Property:
    """A property.

    Attributes
    ----------
    holds : function of engine, problem and dice; raises `AssertionError` where the engine lacks it.
    engines : which kinds of engines have it: "event" (exact, binary64), "grid" (in time steps), "mp" (decimals).
    broken_by : a seeded fault that breaks it, None where none of those seeded can.
    losses : names of the losses of the problems that it speaks of.
    each : whether there is to be a problem with each of the losses.
    """

    holds: Callable[[Any, Any, Any], None]
    engines: tuple[str, ...]
    broken_by: str | None
    losses: tuple[str, ...]
    each: bool

    @property
    def name(self) -> str:
        """The claim in words."""
        return self.holds.__name__.replace("_", " ")


PROPERTIES: list[Property] = []


def holds_for(
    *engines: str, broken_by: str | None = None, losses: tuple[str, ...] = tuple(LOSSES), each: bool = False
) -> Callable[[Callable[[Any, Any, Any], None]], Callable[[Any, Any, Any], None]]:
    """Enter a function of engine, problem and dice as a property of these kinds of engines."""

    def entered(holds: Callable[[Any, Any, Any], None]) -> Callable[[Any, Any, Any], None]:
        PROPERTIES.append(Property(holds, engines, broken_by, losses, each))
        return holds

    return entered


def suppose(condition: object) -> None:
    """Pass over a problem that a property does not speak of."""
    if not condition:
        raise Unspoken


def tolerance(engine: Any) -> float:
    """The largest difference of two solutions of one problem, in units of 1 + the largest number of an array."""
    return MP_REPEATED if engine.name == "mp" else REPEATED


def assert_same(engine: Any, actual: Any, expected: Any, bound: float | None = None, where: str = "") -> None:
    """Arrays, or structures of arrays, that agree to rounding."""
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys(), f"{where}: {list(actual)} for {list(expected)}"
        for key, value in expected.items():
            assert_same(engine, actual[key], value, bound, f"{where} {_words(key)}".strip())
        return
    a, b = np.asarray(actual), np.asarray(expected)
    assert a.shape == b.shape, f"{where}: shape {a.shape} for {b.shape}"
    if a.size:
        limit = (tolerance(engine) if bound is None else bound) * (1.0 + float(np.max(np.abs(b))))
        apart = np.max(np.abs(a - b))
        assert apart <= limit, f"{where}: {float(apart):.2g} apart, {float(apart / limit):.2g} times the bound"


def assert_same_bits(actual: Any, expected: Any, where: str = "") -> None:
    """Arrays, or structures of arrays, that agree in every bit."""
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys(), f"{where}: {list(actual)} for {list(expected)}"
        for key, value in expected.items():
            assert_same_bits(actual[key], value, f"{where} {_words(key)}".strip())
        return
    a, b = np.asarray(actual), np.asarray(expected)
    assert a.shape == b.shape, f"{where}: shape {a.shape} for {b.shape}"
    assert np.array_equal(a, b), f"{where}: {np.count_nonzero(a != b)} of {a.size} numbers differ in some bit"


def _words(key: Any) -> str:
    return " ".join(str(part) for part in key if part != "") if isinstance(key, tuple) else str(key)
