"""Notes on exceptions of the user's own code: the place is added, the type stays."""

from __future__ import annotations

from spikeproof.errors import InvalidInput


class Inside:
    """Context in which an exception gets a note with the field and, if it is given, the sample.

    An `InvalidInput` gets no note, since it names its field.
    """

    __slots__ = ("field", "sample")  # not a generator: it is entered in every step of a training

    def __init__(self, field: str, sample: int | None = None) -> None:
        self.field, self.sample = field, sample

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, InvalidInput):
            where = "" if self.sample is None else f", sample {self.sample}"
            error.add_note(f"raised inside {self.field}{where}")
