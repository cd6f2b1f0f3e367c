"""Losses of some of the samples of a batch."""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Self, TypeVar

from spikeproof.numbers import IntArray, integers

Kept = TypeVar("Kept")


class PerSample:
    """Base of a loss that can be taken apart by samples: `per_sample` names the attributes with one entry per sample.

    ::

        @dataclass(frozen=True)
        class Mine(PerSample):
            population: str
            targets: Any
            per_sample = ("targets",)

    An empty `per_sample` says that the loss is the same for all samples.
    """

    per_sample: ClassVar[tuple[str, ...]] = ()

    def select(self, samples: IntArray) -> Self:
        """The loss of the samples with these numbers, in this order."""
        return cut(self, samples, *self.per_sample)


def cut(loss: Kept, samples: IntArray, *names: str) -> Kept:
    """A copy of `loss` in which the named attributes have the entries of these samples alone.

    The copy is not validated again: a training step has no time for it.

    Parameters
    ----------
    loss : Loss
        A dataclass.
    samples : int array, shape (n_selected,)
    *names : str
        Attributes with one entry per sample.

    Returns
    -------
    Loss
        Of the same class.
    """
    if not names:
        return loss
    part = copy.copy(loss)
    for name in names:
        entries: Any = getattr(loss, name)
        object.__setattr__(part, name, entries[integers("samples", samples, low=0, high=len(entries))])
    return part


def says_how(loss: object) -> bool:
    """Whether a loss itself, or its very class, says how some samples of a batch are selected.

    A base class that says so is not enough: a derived class may hold more per sample than its base knows.
    """
    said, own = vars(type(loss)), getattr(loss, "__dict__", {})
    return any(name in said or name in own for name in ("select", "per_sample"))
