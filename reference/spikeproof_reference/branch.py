"""The smooth branch a solution lies on: what must not change between the two ends of a difference quotient."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from spikeproof_reference.tape import Spike, Tape

Branch: TypeAlias = list[list[frozenset[tuple[int, int, int]]]]
Active = Callable[[int, int, int], bool]  # (projection, row, column): does this weight act?


class SequenceChanged(ArithmeticError):
    """Two solutions do not lie on the same smooth branch, so their difference says nothing about a derivative."""

    def __init__(self, sample: int, neuron: int, what: str) -> None:
        super().__init__(sample, neuron, what)
        self.sample, self.neuron, self.what = sample, neuron, what

    def __str__(self) -> str:
        return f"event sequence changed in sample {self.sample}, neuron {self.neuron}: {self.what}"


def branch_of(tape: Tape, active: Active) -> Branch:
    """For each neuron and each of its spikes, which arrivals came between the previous spike and this one.

    The order of arrivals without a spike of their target in between does not matter: V is a sum over them. An
    arrival is named by projection, presynaptic row, and rank of the spike of that row (or number of the input spike).
    Only weights that are `active` count. Arrivals after the last spike of a neuron change nothing that is observed.
    """
    spikes: Branch = [[] for _ in tape.model.neurons]
    open_: list[set[tuple[int, int, int]]] = [set() for _ in tape.model.neurons]
    ranks = _ranks(tape)
    for event in tape.events:
        if isinstance(event, Spike):
            spikes[event.neuron].append(frozenset(open_[event.neuron]))
            open_[event.neuron] = set()
            continue
        synapses = tape.model.synapses[event.synapses]
        rank = event.source if synapses.from_input else ranks[event.source]
        for j, n in enumerate(synapses.targets):
            if active(event.synapses, event.row, j):
                open_[n].add((event.synapses, event.row, rank))
    return spikes


def require_same_branch(clean: Tape, other: Tape, active: Active) -> None:
    """Raise `SequenceChanged` if the two tapes lie on different smooth branches."""
    for n, (a, b) in enumerate(zip(branch_of(clean, active), branch_of(other, active), strict=True)):
        if len(a) != len(b):
            raise SequenceChanged(clean.sample, n, f"{len(a)} spikes, {len(b)} in the perturbed solution")
        for k, (before, after) in enumerate(zip(a, b, strict=True)):
            if before != after:
                names = [s.name for s in clean.model.synapses]
                moved = [f"{names[p]} row {row}, number {rank}" for p, row, rank in sorted(before ^ after)]
                raise SequenceChanged(clean.sample, n, f"spike {k} and the arrivals [{'; '.join(moved)}] change order")


def _ranks(tape: Tape) -> list[int]:
    """Rank of each spike among those of its neuron."""
    seen = [0] * len(tape.model.neurons)
    ranks = []
    for spike in tape.spikes:
        ranks.append(seen[spike.neuron])
        seen[spike.neuron] += 1
    return ranks
