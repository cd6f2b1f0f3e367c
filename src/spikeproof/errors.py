"""The errors that spikeproof raises on purpose."""

from __future__ import annotations

from decimal import Decimal


class InvalidInput(ValueError):
    """Wrong input; the message is one line with the field, the value and what is allowed.

    Parameters
    ----------
    field : str
        Dotted path of the wrong argument, such as ``"network.inputs[0].size"``.
    value : object
        What was given.
    allowed : str
        What is allowed, in words.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(field, value, allowed)
        self.field = field
        self.value = value
        self.allowed = allowed

    def __str__(self) -> str:
        return f"{_one_line(self.field)}: got {_shown(self.value)}; allowed: {_one_line(self.allowed)}"


class EventLimitExceeded(RuntimeError):
    """A sample with more events than the limit: the network runs away, or the limit is too low.

    Parameters
    ----------
    sample : int
        Number of the sample.
    limit : int
        The largest number of events, spikes and arrivals together, that was allowed.
    """

    def __init__(self, sample: int, limit: int) -> None:
        super().__init__(sample, limit)
        self.sample = sample
        self.limit = limit

    def __str__(self) -> str:
        return (
            f"sample {self.sample}: more than {self.limit} events (spikes and arrivals); "
            "the network runs away, or event_limit is too low"
        )


class NoDerivative(ArithmeticError):
    """An event at which no gradient exists; each subclass says why.

    Parameters
    ----------
    sample, neuron : int
        Number of the sample, and of the neuron in the network.
    time : object
        The time of the event, in the numbers of the engine.
    """

    def __init__(self, sample: int, neuron: int, time: object) -> None:
        super().__init__(sample, neuron, time)
        self.sample = sample
        self.neuron = neuron
        self.time = time


class GrazingSpike(NoDerivative):
    """A spike with Vdot = 0 to rounding, at which no gradient exists: see docs/theory.md (grazing).

    Parameters
    ----------
    sample, neuron : int
        Number of the sample, and of the neuron in the network.
    time : object
        The time of the spike, in the numbers of the engine.
    """

    def __str__(self) -> str:
        return (
            f"sample {self.sample}: neuron {self.neuron} grazes its threshold at t = {self.time} "
            "(Vdot = 0 to rounding); its spike time has no derivative there"
        )


def _shown(value: object, width: int = 60) -> str:
    try:
        text = str(value) if isinstance(value, Decimal) else " ".join(repr(value).split())
    except ValueError:  # Python refuses to print whole numbers of thousands of digits
        text = f"a {type(value).__name__} too long to print"
    return text if len(text) <= width else text[: width - 3] + "..."


def _one_line(text: str) -> str:
    """`text` with line breaks and other unprintable characters escaped: names in it come from the user."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
