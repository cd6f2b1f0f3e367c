"""The smooth branch of a solution: the order of events that both ends of a difference quotient must share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple, TypeAlias

from spikeproof_reference.mp.losses.evaluation import Mark
from spikeproof_reference.mp.tape import Arrival, Spike, Tape

Name: TypeAlias = tuple[int, int, int]  # projection, presynaptic row, rank of its spike or number of the input spike
Active = Callable[[int, int, int], bool]  # (projection, row, column): does this weight act?


class SequenceChanged(ArithmeticError):
    """Two solutions that do not lie on the same smooth branch; their difference says nothing about a derivative.

    Parameters
    ----------
    sample, neuron : int
        Number of the sample, and of the neuron in the network.
    what : str
        The change, in words.
    """

    def __init__(self, sample: int, neuron: int, what: str) -> None:
        super().__init__(sample, neuron, what)
        self.sample, self.neuron, self.what = sample, neuron, what

    def __str__(self) -> str:
        return f"event sequence changed in sample {self.sample}, neuron {self.neuron}: {self.what}"


class Happening(NamedTuple):
    """An event of one neuron: an arrival, or a spike of its own (then `name` is None)."""

    time: Any
    event: int
    name: Name | None


Branch: TypeAlias = list[list[Happening]]


def branch_of(tape: Tape, active: Active) -> Branch:
    """The events of each neuron in their order; only weights that are `active` count."""
    happened: Branch = [[] for _ in tape.nodes]
    ranks = _ranks(tape)
    for number, event in enumerate(tape.events):
        time = tape.moments[event.moment]
        if isinstance(event, Spike):
            happened[event.neuron].append(Happening(time, number, None))
            continue
        name = _name(tape, event, ranks)
        for j in event.columns:
            if active(event.synapses, event.row, j):
                happened[tape.model.synapses[event.synapses].targets[j]].append(Happening(time, number, name))
    return happened


def require_same_branch(
    clean: Tape, other: Tape, active: Active, marks: Sequence[Mark] = (), other_marks: Sequence[Mark] = ()
) -> None:
    """Raise `SequenceChanged` if the two tapes lie on different smooth branches.

    For each neuron and each of its spikes, the arrivals between the previous spike and this one must be the same;
    their order does not matter: V is a sum over them. The same holds for each mark, where V is observed. What happens
    after the last spike and the last mark of a neuron changes nothing that is observed.
    """
    before, after = branch_of(clean, active), branch_of(other, active)
    for n, (a, b) in enumerate(zip(before, after, strict=True)):
        _require_same_spikes(clean, n, _divided(a), _divided(b))
    for mark, moved in zip_longest(marks, other_marks):
        _require_same_mark(clean, mark, _seen(clean, before, mark), moved, _seen(other, after, moved))


def _require_same_spikes(tape: Tape, n: int, a: list[frozenset[Name]], b: list[frozenset[Name]]) -> None:
    if len(a) != len(b):
        raise SequenceChanged(tape.sample, n, f"{len(a)} spikes, {len(b)} in the perturbed solution")
    for k, (before, after) in enumerate(zip(a, b, strict=True)):
        if before != after:
            raise SequenceChanged(
                tape.sample, n, f"spike {k} and the arrivals {_listed(tape, before ^ after)} change order"
            )


def _require_same_mark(tape: Tape, mark: Mark, a: Any, moved: Mark, b: Any) -> None:
    if mark.label != moved.label:
        raise SequenceChanged(tape.sample, mark.neuron, f"{mark.label}, {moved.label} in the perturbed solution")
    if a != b:
        names = _listed(tape, a[2] ^ b[2])
        raise SequenceChanged(
            tape.sample, mark.neuron, f"{mark.label} and its spikes or the arrivals {names} change order"
        )


def _divided(happened: Iterable[Happening]) -> list[frozenset[Name]]:
    """Arrivals before each spike, since the previous one."""
    spikes: list[frozenset[Name]] = []
    open_: set[Name] = set()
    for happening in happened:
        if happening.name is None:
            spikes.append(frozenset(open_))
            open_ = set()
        else:
            open_.add(happening.name)
    return spikes


def _seen(tape: Tape, branch: Branch, mark: Mark) -> tuple[int, Name | None, frozenset[Name]]:
    """Spikes before a mark, the arrival that it names, and the arrivals since the last spike."""
    happened = [h for h in branch[mark.neuron] if _is_before(h, mark)]
    spikes = [k for k, h in enumerate(happened) if h.name is None]
    open_ = happened[spikes[-1] + 1 :] if spikes else happened
    named = None
    if mark.arrival is not None:
        event = tape.events[mark.arrival[0]]
        assert isinstance(event, Arrival)
        named = _name(tape, event, _ranks(tape))
    return len(spikes), named, frozenset(h.name for h in open_ if h.name is not None)


def _is_before(happening: Happening, mark: Mark) -> bool:
    if mark.event is not None:
        return happening.event < mark.event
    return mark.time is None or bool(happening.time < mark.time)


def _name(tape: Tape, event: Arrival, ranks: list[int]) -> Name:
    from_input = tape.model.synapses[event.synapses].from_input
    return event.synapses, event.row, event.source if from_input else ranks[event.source]


def _listed(tape: Tape, names: Iterable[Name]) -> str:
    synapses = tape.model.synapses
    return f"[{'; '.join(f'{synapses[p].name} row {row}, number {rank}' for p, row, rank in sorted(names))}]"


def _ranks(tape: Tape) -> list[int]:
    """Rank of each spike among those of its neuron."""
    seen = [0] * len(tape.nodes)
    ranks = []
    for spike in tape.spikes:
        ranks.append(seen[spike.neuron])
        seen[spike.neuron] += 1
    return ranks
