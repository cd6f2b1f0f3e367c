"""The smooth branch of a solution: the order of events that both ends of a difference quotient must share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any, Literal, NamedTuple, TypeAlias

from spikeproof_reference.mp.losses.evaluation import Mark
from spikeproof_reference.mp.tape import Arrival, Release, Tape

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
    """An event of one neuron: an arrival, which has a name, a spike of its own, or the release from it."""

    time: Any
    event: int
    kind: Literal["arrival", "spike", "release"]
    name: Name | None = None


class Interval(NamedTuple):
    """The arrivals at a neuron since its last spike, while it was held and while it was free."""

    held: frozenset[Name]
    free: frozenset[Name]


Branch: TypeAlias = list[list[Happening]]


def branch_of(tape: Tape, active: Active) -> Branch:
    """The events of each neuron in their order; only weights that are `active` count.

    A neuron with a refractory time of 0 is released as it spikes.
    """
    happened: Branch = [[] for _ in tape.nodes]
    ranks = _ranks(tape)
    for number, event in enumerate(tape.events):
        time = tape.moments[event.moment]
        if isinstance(event, Arrival):
            arrival = Happening(time, number, "arrival", _name(tape, event, ranks))
            for j in event.columns:
                if active(event.synapses, event.row, j):
                    happened[tape.model.synapses[event.synapses].targets[j]].append(arrival)
        elif isinstance(event, Release):
            happened[event.neuron].append(Happening(time, number, "release"))
        else:
            happened[event.neuron].append(Happening(time, number, "spike"))
            if not tape.model.neurons[event.neuron].t_ref:
                happened[event.neuron].append(Happening(time, number, "release"))
    return happened


def require_same_branch(
    clean: Tape, other: Tape, active: Active, marks: Sequence[Mark] = (), other_marks: Sequence[Mark] = ()
) -> None:
    """Raise `SequenceChanged` if the two tapes lie on different smooth branches.

    For each neuron and each of its spikes, the arrivals between the previous spike and this one must be the same, and
    those among them that came before its release; their order does not matter: V is a sum over them. The same holds
    for each mark, where V is observed; where a neuron is held, V does not see what has arrived since the spike.
    What happens after the last spike and the last mark of a neuron changes nothing that is observed.
    """
    before, after = branch_of(clean, active), branch_of(other, active)
    for n, (a, b) in enumerate(zip(before, after, strict=True)):
        _require_same_spikes(clean, n, _divided(a), _divided(b))
    for mark, moved in zip_longest(marks, other_marks):
        _require_same_mark(clean, mark, _seen(clean, before, mark), moved, _seen(other, after, moved))


def _require_same_spikes(tape: Tape, n: int, a: list[Interval], b: list[Interval]) -> None:
    if len(a) != len(b):
        raise SequenceChanged(tape.sample, n, f"{len(a)} spikes, {len(b)} in the perturbed solution")
    for k, (before, after) in enumerate(zip(a, b, strict=True)):
        if before != after:
            first = f"spike {k}" if before.held == after.held else f"the release before spike {k}"
            raise SequenceChanged(
                tape.sample, n, f"{first} and the arrivals {_listed(tape, _moved(before, after))} change order"
            )


def _require_same_mark(tape: Tape, mark: Mark, a: Any, moved: Mark, b: Any) -> None:
    if mark.label != moved.label:
        raise SequenceChanged(tape.sample, mark.neuron, f"{mark.label}, {moved.label} in the perturbed solution")
    if a != b:
        names = _listed(tape, _moved(a[3], b[3]))
        raise SequenceChanged(
            tape.sample, mark.neuron, f"{mark.label} and its spikes, releases or the arrivals {names} change order"
        )


def _divided(happened: Iterable[Happening]) -> list[Interval]:
    """Arrivals before each spike, since the previous one."""
    spikes: list[Interval] = []
    since: list[Happening] = []
    for happening in happened:
        if happening.kind == "spike":
            spikes.append(_interval(since))
            since = []
        since.append(happening)
    return spikes


def _interval(since: list[Happening]) -> Interval:
    """Arrivals since a spike, which is the first of `since`, or since the start."""
    releases = [k for k, h in enumerate(since) if h.kind == "release"]
    border = releases[0] if releases else len(since) if since and since[0].kind == "spike" else 0
    held, free = (frozenset(h.name for h in part if h.name is not None) for part in (since[:border], since[border:]))
    return Interval(held, free)


def _moved(a: Interval, b: Interval) -> frozenset[Name]:
    """Arrivals that are not in the same place in both."""
    return (a.held ^ b.held) | (a.free ^ b.free)


def _seen(tape: Tape, branch: Branch, mark: Mark) -> tuple[int, bool, Name | None, Interval]:
    """Spikes before a mark, if the neuron is free there, the arrival that it names, and the arrivals that count."""
    happened = [h for h in branch[mark.neuron] if _is_before(h, mark)]
    spikes = [k for k, h in enumerate(happened) if h.kind == "spike"]
    since = happened[spikes[-1] :] if spikes else happened
    free = not spikes or any(h.kind == "release" for h in since)
    named = None
    if mark.arrival is not None:
        event = tape.events[mark.arrival[0]]
        assert isinstance(event, Arrival)
        named = _name(tape, event, _ranks(tape))
    return len(spikes), free, named, _interval(since if free else [])


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
