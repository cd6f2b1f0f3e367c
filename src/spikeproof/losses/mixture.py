"""Weighted sums of losses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, ClassVar

from spikeproof.errors import InvalidInput
from spikeproof.losses.inside import Inside
from spikeproof.losses.protocol import Loss, SpikeLoss, VoltageLoss, is_spike_loss, is_voltage_loss
from spikeproof.losses.samples import says_how
from spikeproof.network import Network
from spikeproof.numbers import IntArray, Scalar, scalar

MAX_DEPTH = 100  # of nested sums: each level takes a nested call


@dataclass(frozen=True)
class LossSum:
    """``sum of factor * loss`` over its terms, which may read different populations.

    Parameters
    ----------
    terms : sequence of (factor, loss) pairs
        Finite factors; any losses, sums included, nested at most `MAX_DEPTH` deep.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    terms: Any

    _depth: ClassVar[int] = 0  # set on an instance

    def __post_init__(self) -> None:
        try:
            pairs = [(factor, loss) for factor, loss in self.terms]
        except (TypeError, ValueError):
            raise InvalidInput("loss.terms", self.terms, "a sequence of (factor, loss) pairs") from None
        if not pairs:
            raise InvalidInput("loss.terms", [], "at least one (factor, loss) pair")
        for n, (_, loss) in enumerate(pairs):
            if not is_loss(loss):
                raise InvalidInput(f"loss.terms[{n}]", loss, "a loss")
        terms = tuple((scalar(f"loss.terms[{n}] factor", factor), loss) for n, (factor, loss) in enumerate(pairs))
        object.__setattr__(self, "terms", terms)
        object.__setattr__(self, "_depth", 1 + max(_depth(loss) for _, loss in terms))
        if _depth(self) > MAX_DEPTH:
            raise InvalidInput("loss.terms", f"sums {_depth(self)} deep in each other", f"at most {MAX_DEPTH} levels")

    @property
    def population(self) -> str:
        """Population of the first term."""
        return str(self.terms[0][1].population)

    @property
    def heuristic(self) -> bool:
        """True if a term is."""
        return any(getattr(loss, "heuristic", False) for _, loss in self.terms)

    def check(self, network: Network, n_samples: int) -> None:
        for number, (_, loss) in enumerate(self.terms):
            with located_term(number):
                loss.check(network, n_samples)

    def select(self, samples: IntArray) -> LossSum:
        return LossSum([(factor, selected(loss, samples)) for factor, loss in self.terms])


def _depth(loss: object) -> int:
    """How many sums are nested in a loss; 0 for a loss that is no sum."""
    return loss._depth if isinstance(loss, LossSum) else 0


@contextmanager
def located_term(number: int) -> Iterator[None]:
    """Context in which an `InvalidInput` about a term of a sum gets the number of the term.

    Parameters
    ----------
    number : int
        Number of the term in ``LossSum.terms``.

    Yields
    ------
    None

    Raises
    ------
    InvalidInput
        The error that was raised within, with the number of the term in its field.
    """
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"loss.terms[{number}].{error.field}", error.value, error.allowed) from None


class Located:
    """Context in which an error is located: the message names the term of the sums in which it was raised.

    `number` is that of the term in `terms_of`. An exception that is no `InvalidInput` gets a note with the kind of the
    loss and, if it is given, the sample.

    Parameters
    ----------
    loss : Loss
        The whole loss.
    number : int
        Number of the term.
    sample : int, or None

    Raises
    ------
    InvalidInput
        The error that was raised within, with the place of the term in its field.
    """

    __slots__ = ("loss", "number", "sample")  # not a generator: it is entered in every step of a training

    def __init__(self, loss: Loss, number: int, sample: int | None = None) -> None:
        self.loss, self.number, self.sample = loss, number, sample

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or (isinstance(error, InvalidInput) and not isinstance(self.loss, LossSum)):
            return
        place = _place(self.loss, self.number)
        if isinstance(error, InvalidInput):
            raise InvalidInput(place + error.field, error.value, error.allowed) from None
        _, term = next(islice(terms_of(self.loss), self.number, None))
        name = f"{place.removesuffix('.') or 'loss'}, a {type(term).__name__}"
        Inside(name, self.sample).__exit__(kind, error, trace)


def _place(loss: Loss, number: int) -> str:
    """The place of term `number` in the sums, such as ``terms[1].``; empty if the loss is no sum."""
    if not isinstance(loss, LossSum):
        return ""
    for n, (_, part) in enumerate(loss.terms):
        count = sum(1 for _ in terms_of(part))
        if number < count:
            return f"loss.terms[{n}].{_place(part, number)}"
        number -= count
    raise IndexError(number)


def is_loss(loss: object) -> bool:
    """Whether an object is a loss, of spike times, of potentials, or of both.

    Parameters
    ----------
    loss : object

    Returns
    -------
    bool
    """
    return is_spike_loss(loss) or is_voltage_loss(loss) or isinstance(loss, LossSum)


def terms_of(loss: Loss, factor: Scalar = 1.0) -> Iterator[tuple[Scalar, SpikeLoss | VoltageLoss]]:
    """The terms of a loss: (factor, loss) pairs, with sums resolved; a loss that is no sum has the factor 1.

    Parameters
    ----------
    loss : Loss
    factor : float or Decimal
        Factor of all terms.

    Yields
    ------
    factor : float or Decimal
        Product of the factors of the sums around the term.
    loss : SpikeLoss or VoltageLoss
    """
    if isinstance(loss, LossSum):
        for part, inner in loss.terms:
            yield from terms_of(inner, part if factor == 1.0 else _product(factor, part))
    elif is_spike_loss(loss) or is_voltage_loss(loss):
        yield factor, loss


def _product(a: Scalar, b: Scalar) -> Scalar:
    """``a * b``; of a Decimal and a float a Decimal."""
    return a * b if isinstance(a, float) and isinstance(b, float) else Decimal(a) * Decimal(b)


def is_separable(loss: Loss) -> bool:
    """Whether every term of a loss can be taken for some samples of a batch alone: see `selected`.

    Parameters
    ----------
    loss : Loss

    Returns
    -------
    bool
    """
    return all(says_how(part) for _, part in terms_of(loss))


def selected(loss: Loss, samples: IntArray) -> Loss:
    """The loss of the samples with these numbers, in this order.

    Parameters
    ----------
    loss : Loss
    samples : int array, shape (n_selected,)

    Returns
    -------
    Loss

    Raises
    ------
    InvalidInput
        If the class of the loss, or of one of its terms, has neither a `select` of its own nor `PerSample` as its base
        and a `per_sample` of its own; or if its `select` returns no loss.
    """
    if not says_how(loss):
        allowed = "a select or a per_sample defined in this class itself, to select some of its samples"
        raise InvalidInput("loss.select", f"none in {type(loss).__name__}", allowed)
    part = loss.select(samples)
    if not is_loss(part):
        raise InvalidInput("loss.select", part, "a loss")
    return part
