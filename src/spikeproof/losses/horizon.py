"""The horizon of a loss: what happens beyond it changes neither its value nor its derivatives.

A loss whose class has a `horizon` of its own says so: `Ranks`, `Until`, or None, where it sees all of [0, T]. A base
class that says so is not enough: a derived class may look further.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from spikeproof.errors import InvalidInput
from spikeproof.numbers import integer, nonnegative


@dataclass(frozen=True)
class Ranks:
    """The first spikes of each neuron of the loss's population; of a neuron that has fewer, all of [0, T].

    Parameters
    ----------
    n : int
        How many spikes of each neuron, >= 1.

    Raises
    ------
    InvalidInput
        If `n` is outside its range.
    """

    n: int = 1

    def __post_init__(self) -> None:
        integer("horizon.n", self.n, low=1)


@dataclass(frozen=True)
class Until:
    """Spikes up to a time, and V up to its left limit there.

    Parameters
    ----------
    time
        >= 0.

    Raises
    ------
    InvalidInput
        If `time` is outside its range.
    """

    time: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", nonnegative("horizon.time", self.time))


Horizon: TypeAlias = Ranks | Until


def horizon_of(loss: object) -> Horizon | None:
    """The horizon of a loss that is no sum; None where it does not say, and sees all of [0, T].

    Parameters
    ----------
    loss : Loss

    Returns
    -------
    Ranks, Until or None

    Raises
    ------
    InvalidInput
        If its `horizon` is anything else.
    """
    if "horizon" not in vars(type(loss)) and "horizon" not in getattr(loss, "__dict__", {}):
        return None
    horizon: Any = loss.horizon  # type: ignore[attr-defined] # it is there
    if horizon is not None and not isinstance(horizon, Ranks | Until):
        raise InvalidInput("loss.horizon", horizon, "Ranks(n), Until(time) or None")
    checked: Horizon | None = horizon
    return checked
