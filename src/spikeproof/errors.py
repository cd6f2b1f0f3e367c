"""The errors that spikeproof raises on purpose."""

from __future__ import annotations

from decimal import Decimal


class InvalidInput(ValueError):
    """Wrong input, said in one line: the field, the value and what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(field, value, allowed)
        self.field = field
        self.value = value
        self.allowed = allowed

    def __str__(self) -> str:
        return f"{_one_line(self.field)}: got {_shown(self.value)}; allowed: {_one_line(self.allowed)}"


class EventLimitExceeded(RuntimeError):
    """A network produced more events than the stated limit: it runs away, or the limit is too low."""

    def __init__(self, sample: int, limit: int) -> None:
        super().__init__(sample, limit)
        self.sample = sample
        self.limit = limit

    def __str__(self) -> str:
        return (
            f"sample {self.sample}: more than {self.limit} events (spikes and arrivals); "
            "the network runs away, or event_limit is too low"
        )


class GrazingSpike(ArithmeticError):
    """A spike with Vdot = 0: its time is not differentiable, so no gradient is returned."""

    def __init__(self, sample: int, neuron: int, time: object) -> None:
        super().__init__(sample, neuron, time)
        self.sample = sample
        self.neuron = neuron
        self.time = time

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
