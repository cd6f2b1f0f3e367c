"""Losses of some of the samples of a batch."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, IntArray, finite, integers, rectangular

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


class WithTargets(PerSample):
    """Base of a loss with a `function` of the user and, if they are given, `targets` with one entry per sample.

    A derived class says ``per_sample = ("targets",)`` itself, see `says_how`.
    """

    targets: Any

    def function_of(self, sample: int) -> Callable[[Any], Any]:
        """The user's function of what is read of a sample: with the target of that sample, if there are targets."""
        function: Callable[..., Any] = self.function  # type: ignore[attr-defined] # of the derived class
        if self.targets is None:
            return function
        return lambda read: function(read, self.targets[sample])

    def check_targets(self, n_samples: int) -> None:
        """Raise `InvalidInput` unless there is a target for each sample, or none at all."""
        if self.targets is not None and len(self.targets) != n_samples:
            raise InvalidInput("loss.targets", f"{len(self.targets)} entries", f"one per sample: {n_samples}")

    def select(self, samples: IntArray) -> Self:
        """The loss of the samples with these numbers, in this order."""
        return self if self.targets is None else cut(self, samples, "targets")


def checked_targets(targets: Any) -> Array | None:
    """Targets of a loss with a function of the user, as an array that cannot be written; None if there are none."""
    if targets is None:
        return None
    given = rectangular("loss.targets", targets)
    if given.ndim == 0 or given.dtype.kind not in "biuf":
        raise InvalidInput("loss.targets", targets, "an array of finite real numbers, with an entry for each sample")
    kept = (finite("loss.targets", given) if given.dtype.kind == "f" else given).copy()
    kept.setflags(write=False)
    return kept


def says_how(loss: object) -> bool:
    """Whether a loss itself, or its very class, says how some samples of a batch are selected.

    A base class that says so is not enough: a derived class may hold more per sample than its base knows.
    """
    said, own = vars(type(loss)), getattr(loss, "__dict__", {})
    return any(name in said or name in own for name in ("select", "per_sample"))
