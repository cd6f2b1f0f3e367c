"""Observations of V by a loss: values at given times, weighted integrals, maxima, an integral along the path.

Each kind of observation is a class with the numbers it observed and a method that pulls their derivatives back to
segments of the path, to spikes, and to arrivals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from spikeproof_reference.mp.losses.evaluation import Evaluation, Mark
from spikeproof_reference.mp.path import Paths, Segment
from spikeproof_reference.mp.pull import Pull


@dataclass(frozen=True)
class Subject:
    """The neurons that are observed, in one sample."""

    paths: Paths
    neurons: range

    @property
    def ctx(self) -> Any:
        """The numbers of the sample."""
        return self.paths.tape.model.ctx

    def rounded(self, x: Any) -> Any:
        """`x`, rounded as the arithmetic in use does."""
        return self.paths.tape.model.rounded(x)

    def time(self, moment: int) -> Any:
        """Time of a moment."""
        return self.paths.tape.moments[moment]


class Observation(Protocol):
    """Numbers observed of one sample."""

    @property
    def observed(self) -> Any:
        """One number, a list with one per neuron, or lists of these."""
        ...

    def marks(self) -> list[Mark]:
        """The places at which V is observed, for comparing branches."""
        ...

    def pull_back(self, slopes: Any, result: Evaluation) -> None:
        """Add what derivatives for the observed numbers put on the adjoint."""
        ...


def voltage(s: Segment, pull: Pull) -> Any:
    """A functional of V along a segment."""
    one, e_mem, k = pull.state()
    return s.neuron.bias * one + s.u * e_mem + s.i * k


def end_marks(neurons: range) -> list[Mark]:
    """Marks of an observation that goes on until the end."""
    return [Mark(n, "V until the end") for n in neurons]
