"""States that a solution does not know: those at the end of a run that was not followed as far as that."""

from __future__ import annotations

from typing import Any, NoReturn

from spikeproof.errors import InvalidInput


class NotFollowed:
    """Stands in the place of an array; whoever reads numbers from it is refused.

    Parameters
    ----------
    field : str
        The name of the array, for the message.
    until : str
        Until when the run was followed, in words.

    Raises
    ------
    InvalidInput
        From whatever reads it.
    """

    def __init__(self, field: str, until: str) -> None:
        self._field, self._until = field, until

    def __repr__(self) -> str:
        return f"<not followed, {self._until}>"

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        allowed = f"what happens until the loss is determined ({self._until}); EventEngine(until='end') follows it to T"
        raise InvalidInput(self._field, "the state at T", allowed)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._refuse()

    __array__ = __getitem__ = __iter__ = __len__ = __float__ = __abs__ = __neg__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
