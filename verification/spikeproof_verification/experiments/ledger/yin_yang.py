"""The first-spike loss of the Yin-Yang experiment: section 5.1, notes 25-31."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.equation import Check, Equation
from spikeproof_verification.experiments.ledger.precision import Number, derivative, mp, residual


@dataclass(frozen=True)
class Batch:
    """First-spike times of three output neurons, as [sample][neuron], and the labels."""

    times: tuple[tuple[Number, ...], ...]
    labels: tuple[int, ...]
    tau_0: Number
    tau_1: Number
    alpha: Number

    @property
    def size(self) -> int:
        """N_batch."""
        return len(self.labels)

    def weight(self, i: int, k: int) -> Number:
        """The factors ``exp(-t_ik / tau_0)``."""
        return mp.exp(-self.times[i][k] / self.tau_0)

    def total(self, i: int) -> Number:
        """The sum of the factors over the neurons."""
        return mp.fsum(self.weight(i, k) for k in range(len(self.times[i])))

    def late(self, i: int) -> Number:
        """The factor ``exp(t / tau_1)`` of the label's neuron."""
        return mp.exp(self.times[i][self.labels[i]] / self.tau_1)

    def loss(self, i: int, numerator: Number, times: Sequence[Number], late: Number) -> Number:
        """The term of sample i in notes 25, in which each of the label's three times can be moved alone."""
        total = mp.fsum(mp.exp(-t / self.tau_0) for t in times)
        softmax = mp.log(mp.exp(-numerator / self.tau_0) / total)
        return -(softmax - self.alpha * (mp.exp(late / self.tau_1) - 1)) / self.size

    def slope(self, i: int, j: int, *, numerator: bool = True, rest: bool = True) -> Number:
        """The derivative dL/dt_ij by differences, of the label's time in the numerator, in the rest, or in both."""
        times, label = self.times[i], self.labels[i]

        def loss(t: Number) -> Number:
            moved = [*times[:j], t, *times[j + 1 :]]
            return self.loss(
                i, moved[label] if numerator else times[label], moved if rest else times,
                moved[label] if rest else times[label],
            )  # fmt: skip

        return derivative(loss, times[j])


def batches() -> Sequence[Batch]:
    """Three random samples, each with another label."""
    rng = random.Random(7)
    times = tuple(tuple(mp.mpf(rng.randint(100, 3000)) / 1000 for _ in range(3)) for _ in range(3))
    return (Batch(times, (0, 1, 2), mp.mpf("0.5"), mp.mpf("6.4"), mp.mpf("0.3")),)


def _label_slopes(b: Batch, right: Callable[[int], Number], **places: bool) -> float:
    samples = range(b.size)
    return residual([b.slope(i, b.labels[i], **places) for i in samples], [right(i) for i in samples])


def _numerator_term(b: Batch, i: int) -> Number:
    own, total = b.weight(i, b.labels[i]), b.total(i)
    return -(total / own * (-own / (b.tau_0 * total))) / b.size


def _other_terms(b: Batch, i: int) -> Number:
    own, total = b.weight(i, b.labels[i]), b.total(i)
    inner = total / own * (-own / total**2 * (-own / b.tau_0))
    return -(inner - b.alpha / b.tau_1 * b.late(i)) / b.size


def notes_26(b: Batch) -> float:
    """The first line, from the numerator."""
    return _label_slopes(b, lambda i: _numerator_term(b, i), rest=False)


def notes_27(b: Batch) -> float:
    """The sum of both lines: the second comes from the denominator and the second term of the loss."""
    whole = _label_slopes(b, lambda i: _numerator_term(b, i) + _other_terms(b, i))
    return max(whole, _label_slopes(b, lambda i: _other_terms(b, i), numerator=False))


def notes_28(b: Batch) -> float:
    """Simplified."""

    def right(i: int) -> Number:
        share = b.weight(i, b.labels[i]) / b.total(i)
        return -(-1 / b.tau_0 + share / b.tau_0 - b.alpha / b.tau_1 * b.late(i)) / b.size

    return _label_slopes(b, right)


def notes_29(b: Batch) -> float:
    """The derivative with the sign taken in."""

    def right(i: int) -> Number:
        share = b.weight(i, b.labels[i]) / b.total(i)
        return ((1 - share) / b.tau_0 + b.alpha / b.tau_1 * b.late(i)) / b.size

    return _label_slopes(b, right)


def _other_slopes(b: Batch, right: Callable[[int, int], Number]) -> float:
    places = [(i, j) for i in range(b.size) for j in range(3) if j != b.labels[i]]
    return residual([b.slope(*place) for place in places], [right(*place) for place in places])


def notes_30(b: Batch) -> float:
    """The derivative for the neurons that are not the label's."""

    def right(i: int, j: int) -> Number:
        own, total = b.weight(i, b.labels[i]), b.total(i)
        return -(total / own * (-own / total**2) * (-b.weight(i, j) / b.tau_0)) / b.size

    return _other_slopes(b, right)


def notes_31(b: Batch) -> float:
    """Simplified."""
    return _other_slopes(b, lambda i, j: -b.weight(i, j) / (b.total(i) * b.tau_0) / b.size)


def _holds(how: str, printed: Callable[[Batch], float]) -> tuple[Check, ...]:
    return (Check("holds", how, batches, printed),)


BY_DIFFERENCES = "differences of notes 25 in the times, for a batch of three samples"
EQUATIONS = (
    Equation(
        "notes 25", "5.1",
        "L = -1/N sum over samples of log softmax(-t_il / tau_0) - alpha (exp(t_il / tau_1) - 1)", "definition",
        note="Defines the loss; the sum has to extend over both terms, which share its index.",
    ),
    Equation(
        "notes 26", "5.1", "dL/dt_il, first line: what the numerator of the softmax contributes", "derived",
        _holds(f"{BY_DIFFERENCES}, only where they stand in the numerator", notes_26),
    ),
    Equation(
        "notes 27", "5.1", "dL/dt_il, second line: the denominator and the term in alpha", "derived",
        _holds(f"{BY_DIFFERENCES}: outside the numerator, and both lines together", notes_27),
    ),
    Equation("notes 28", "5.1", "dL/dt_il = -1/N [-1/tau_0 + P_il / tau_0 - alpha/tau_1 exp(t_il / tau_1)]", "derived",
             _holds(BY_DIFFERENCES, notes_28)),
    Equation("notes 29", "5.1", "dL/dt_il = 1/N [(1 - P_il) / tau_0 + alpha/tau_1 exp(t_il / tau_1)]", "derived",
             _holds(BY_DIFFERENCES, notes_29)),
    Equation("notes 30", "5.1", "dL/dt_ij for j other than the label, by the chain rule", "derived",
             _holds(BY_DIFFERENCES, notes_30)),
    Equation("notes 31", "5.1", "dL/dt_ij = -1/N P_ij / tau_0", "derived", _holds(BY_DIFFERENCES, notes_31)),
)  # fmt: skip
