"""Losses of some of the samples of a batch."""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Self, TypeVar

from spikeproof.numbers import IntArray, integers

Kept = TypeVar("Kept")


class PerSample:
    """Base of a loss that lacks nothing for `Loss.select`: `per_sample` names what has one entry per sample.

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
    """A copy of `loss` of which the attributes of these names have the entries of these samples alone.

    What is valid is not checked again: a training step has no time for it.
    """
    if not names:
        return loss
    part = copy.copy(loss)
    for name in names:
        entries: Any = getattr(loss, name)
        object.__setattr__(part, name, entries[integers("samples", samples, low=0, high=len(entries))])
    return part


def says_how(loss: object) -> bool:
    """True if the class of a loss, or the loss itself, says how a part of a batch is taken.

    A base that says it is not enough: a class that is derived from a loss may know more of each sample than its base.
    """
    said, own = vars(type(loss)), getattr(loss, "__dict__", {})
    return any(name in said or name in own for name in ("select", "per_sample"))
