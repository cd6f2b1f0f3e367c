"""Faults put into the reference while a `with` block lasts; the agreement of its three gradients must notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from spikeproof import InvalidInput
from spikeproof_reference.analysis import differences
from spikeproof_reference.mp import adjoint, crossing, sensitivity
from spikeproof_reference.mp.losses import evaluate
from spikeproof_verification.experiments.faults.fault import Fault

BY_SENSITIVITY = frozenset({"adjoint/sensitivity"})
BY_DIFFERENCES = frozenset({"adjoint/differences", "adjoint/directions"})
LATE = 10**20  # a crossing is taken 1 / LATE too late
COARSE = 8  # differences with a step of 1 / COARSE


@dataclass(frozen=True)
class Injection:
    """A fault of the reference: the attribute that is replaced, and a function from the original to the replacement."""

    fault: Fault
    owner: Any
    attribute: str
    change: Callable[[Any], Any]


def _without_reset(spike: Any) -> Any:
    def changed(self: Any, event: Any) -> None:
        neurons = self.model.neurons
        kept = neurons[event.neuron]
        neurons[event.neuron] = replace(kept, v_reset=kept.v_th)
        try:
            spike(self, event)
        finally:
            neurons[event.neuron] = kept

    return changed


def _not_collected(arrival: Any) -> Any:
    def changed(self: Any, event: Any) -> None:
        kept = list(self.d_spike)
        arrival(self, event)
        self.d_spike = kept

    return changed


def _without_d_weight(arrival: Any) -> Any:
    def changed(self: Any, event: Any) -> None:
        arrival(self, event)
        for j in event.columns:
            number = self.numbering.weight(event.synapses, event.row, j)
            self.d_i[self.model.synapses[event.synapses].targets[j]].pop(number, None)

    return changed


def _kept_over_reset(spike: Any) -> Any:
    def changed(self: Any, event: Any) -> None:
        self.advance(event.neuron, event.moment)
        kept = dict(self.d_v[event.neuron])
        spike(self, event)
        self.d_v[event.neuron] = kept

    return changed


def _late(refined: Any) -> Any:
    def changed(self: Any, *args: Any) -> Any:
        bound = refined(self, *args)
        found = bound is not None and bound.found
        return replace(bound, dt=bound.dt * (1 + bound.dt**0 / LATE)) if found else bound

    return changed


def _one_sided(quotient: Any) -> Any:  # noqa: ARG001, the original is what is replaced
    def changed(self: Any, step: Any) -> Any:
        return (self._loss(step, self.h) - self._loss(step, 0 * self.h)) / self.h

    return changed


def _coarse(start: Any) -> Any:
    def changed(self: Any, *args: Any) -> None:
        start(self, *args)
        self.h = self.ctx.one / COARSE

    return changed


def _negated(evaluated: Any) -> Any:
    def changed(loss: Any, sample: Any) -> Any:
        value, slopes = evaluated(loss, sample)
        return value, [[-x for x in train] for train in slopes]

    return changed


def _published(maxima: Any) -> Any:
    return lambda subject, _rule: maxima(subject, "published")


def _nothing(_original: Any) -> Any:
    return lambda *_args, **_named: None


def _injection(
    name: str, wrong: str, pairs: frozenset[str], owner: Any, attribute: str, change: Callable[[Any], Any]
) -> Injection:
    return Injection(Fault(f"reference: {name}", "reference", wrong, pairs), owner, attribute, change)


_Adjoint, _Sensitivity, _Quotient = adjoint._Replay, sensitivity._Replay, differences._Quotient
BOTH = BY_SENSITIVITY | BY_DIFFERENCES
INTEGRALS = BOTH - {"adjoint/differences"}  # the few coordinates that are moved on their own have no integral
INJECTIONS = (
    _injection("no reset term", "the adjoint drops (v_th - v_reset) lambda_v", BOTH, _Adjoint, "spike", _without_reset),
    _injection(
        "nothing collected",
        "the adjoint collects no arrivals at spikes",
        BOTH,
        _Adjoint,
        "arrival",
        _not_collected,
    ),
    _injection(
        "no integrals",
        "the adjoint leaves out integrals between events",
        INTEGRALS,
        _Adjoint,
        "_integrals",
        _nothing,
    ),
    _injection(
        "dw dropped", "the sensitivities leave out dI += dw", BY_SENSITIVITY, _Sensitivity, "arrival", _without_d_weight
    ),
    _injection(
        "dV kept over a reset", "dV^+ = dV^- at spikes", BY_SENSITIVITY, _Sensitivity, "spike", _kept_over_reset
    ),
    _injection("crossings late", "a spike is a part in 1e20 late", BY_DIFFERENCES, crossing.Search, "refined", _late),
    _injection("one-sided differences", "(L(p + h) - L(p)) / h", BY_DIFFERENCES, _Quotient, "_quotient", _one_sided),
    _injection("sign of dl/dt", "spike losses have the other sign", BY_DIFFERENCES, evaluate, "evaluated", _negated),
    _injection(
        "published rule at kinks", "the rule for smooth maxima at kinks", BY_DIFFERENCES, evaluate, "Maxima", _published
    ),
)
UNGUARDED = Fault(
    "reference: differences over a changed sequence",
    "reference",
    "a step of 1/8, whatever happens to the order of events",
    BY_DIFFERENCES,
)
REFERENCE_FAULTS = (*(i.fault for i in INJECTIONS), UNGUARDED)


@contextmanager
def injected(fault: str) -> Iterator[None]:
    """Context in which the reference has one fault.

    Parameters
    ----------
    fault : str
        Name of the fault.

    Yields
    ------
    None

    Raises
    ------
    InvalidInput
        If there is no such fault.
    """
    found = {i.fault.name: (i,) for i in INJECTIONS} | {UNGUARDED.name: _unguarded()}
    if fault not in found:
        raise InvalidInput("fault", fault, f"one of {list(found)}")
    with ExitStack() as stack:
        for i in found[fault]:
            stack.enter_context(patch.object(i.owner, i.attribute, i.change(getattr(i.owner, i.attribute))))
        yield


def _unguarded() -> tuple[Injection, ...]:
    return (
        Injection(UNGUARDED, _Quotient, "__init__", _coarse),
        Injection(UNGUARDED, differences, "require_same_branch", _nothing),
    )
