"""All properties, tried on an engine: which it has, which it lacks, and on which problem that shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count, islice
from pathlib import Path
from traceback import extract_tb
from typing import Any, Literal

from spikeproof import InvalidInput
from spikeproof.engine import check_engine
from spikeproof.numbers import integer
from spikeproof_verification.properties import adjoint, invariance, sparse, structure, units
from spikeproof_verification.properties.claims import PROPERTIES, Property, Unspoken
from spikeproof_verification.properties.drawn import TAUS, Draw, drawn_problem

MODULES = (adjoint, invariance, sparse, structure, units)  # each enters its properties
KINDS = ("event", "grid", "mp")
TRIES = 12  # draws for each problem that a property speaks of


@dataclass(frozen=True)
class PropertyRow:
    """The outcome of a property.

    Attributes
    ----------
    claim : the property in words.
    verdict : "pass"; "fail"; "error": the engine broke off; "unsupported": it was tried on no problem.
    problems : on how many problems it was tried.
    draw : the first problem on which it does not hold, as the arguments of a `Draw`; "" without one.
    message : how it does not hold, in one line.
    """

    claim: str
    verdict: Literal["pass", "fail", "error", "unsupported"]
    problems: int
    draw: str = ""
    message: str = ""


@dataclass(frozen=True)
class PropertyRecord:
    """The outcome of all properties of an engine, on problems from a seed.

    Attributes
    ----------
    engine : name of the engine.
    kind : ``"event"``, ``"grid"`` or ``"mp"``, which decides about tolerances.
    seed : of the problems.
    rows : one for each property.
    """

    engine: str
    kind: str
    seed: int
    rows: tuple[PropertyRow, ...]

    @property
    def clean(self) -> bool:
        """True if no property failed, and at least one was tried."""
        words = {row.verdict for row in self.rows}
        return "pass" in words and words <= {"pass", "unsupported"}

    def __str__(self) -> str:
        words = [row.verdict for row in self.rows]
        supported = len(words) - words.count("unsupported")
        return f"{self.engine}: {words.count('pass')} passed / {supported} supported / {len(words)} properties"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def verify(
    engine: Any, *, kind: str = "event", seed: int = 0, draws: int = 5,
    seen: Callable[[int, int], None] | None = None,
) -> PropertyRecord:  # fmt: skip
    """The properties of an engine.

    Parameters
    ----------
    engine : as `spikeproof.Engine`.
    kind : "event" for an exact engine in binary64, "grid" for one in time steps whose ``dt`` divides 1/32, "mp" for one
        with 28 digits or more.
    seed : of the first problem, >= 0.
    draws : on how many problems each property is tried, >= 1; more where it speaks of many losses.
    seen : called with how many of how many properties have been tried.

    Returns
    -------
    PropertyRecord
        No answer needs to be known: properties compare solutions of one engine with each other, such as those of a
        problem and of the same problem in other units.

    Raises
    ------
    InvalidInput
        If an argument is another one.
    """
    check_engine("engine", engine)
    if kind not in KINDS:
        raise InvalidInput("kind", kind, f"one of {', '.join(KINDS)}")
    if not __debug__:
        raise InvalidInput("python -O", "assertions are off", "assertions: properties are made of them")
    integer("seed", seed, low=0)
    integer("draws", draws, low=1)
    subject = engine if engine.name in KINDS else _OfKind(engine, kind)
    chosen, rows = [p for p in PROPERTIES if kind in p.engines], list[PropertyRow]()
    for p in chosen:
        rows.append(_tried(p, subject, seed, draws))
        if seen is not None:
            seen(len(rows), len(chosen))
    return PropertyRecord(engine.name, kind, seed, tuple(rows))


class _OfKind:
    """An engine under the name of its kind, by which properties know what is exact."""

    def __init__(self, engine: Any, kind: str) -> None:
        self.name, self.unsupported, self.solve = kind, engine.unsupported, engine.solve


def some_draws(losses: tuple[str, ...], seed: int = 0) -> Iterator[Draw]:
    """Networks of all kinds, recurrent ones first, with the losses in turn."""
    for n in count(seed):
        yield Draw(n % 3 != 2, sorted(TAUS)[n % len(TAUS)], losses[n % len(losses)], n)


def _tried(p: Property, engine: Any, seed: int, draws: int) -> PropertyRow:
    wanted, done = max(draws, len(set(p.losses)) if p.each else 1), 0
    for draw in islice(some_draws(p.losses, seed), TRIES * wanted):
        problem = drawn_problem(draw)
        try:
            if engine.unsupported(problem):
                continue
            p.holds(engine, problem, draw.rng())
        except Unspoken:
            continue
        except AssertionError as error:
            return PropertyRow(p.name, "fail", done + 1, str(draw), _line(error))
        except Exception as error:  # whatever a foreign engine raises is a failure of that engine
            return PropertyRow(
                p.name, "error", done + 1, str(draw), f"{type(error).__name__}: {_line(error)}".removesuffix(": ")
            )
        done += 1
        if done == wanted:
            break
    return PropertyRow(p.name, "pass" if done else "unsupported", done)


def _line(error: BaseException) -> str:
    """The words of an error; of an assertion without words, the assertion itself and its place."""
    words = " ".join(str(error).split()).removeprefix(": ")
    if words or not isinstance(error, AssertionError):
        return words
    place = extract_tb(error.__traceback__)[-1]
    return f"{place.line} ({Path(place.filename).name}, line {place.lineno})"
