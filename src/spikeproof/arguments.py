"""Checks of arguments that are no numbers: each returns the argument, or raises `InvalidInput` in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from spikeproof.errors import InvalidInput

Kind = TypeVar("Kind")


def instance(field: str, value: object, kind: type[Kind]) -> Kind:
    """`value`, which must be an instance of `kind`."""
    if not isinstance(value, kind):
        raise InvalidInput(field, value, f"a {kind.__name__}")
    return value


def choice(field: str, value: object, *options: str) -> str:
    """`value`, which must be one of these strings."""
    if isinstance(value, str) and value in options:  # an array compares itself entry by entry
        return value
    quoted = [repr(option) for option in options]
    raise InvalidInput(field, value, " or ".join([", ".join(quoted[:-1]), quoted[-1]]))


def members(field: str, value: object, allowed: str) -> list[Any]:
    """The members of a sequence, or of any other iterable but a string."""
    try:
        if not isinstance(value, str | bytes) and isinstance(value, Iterable):
            return list(value)
    except TypeError:  # an array without dimensions
        pass
    raise InvalidInput(field, value, allowed)


def path(field: str, value: object, allowed: str = "a path") -> Path:
    """`value` as a path."""
    text = value.__fspath__() if isinstance(value, PathLike) and not isinstance(value, type) else value
    if isinstance(text, str) and text and "\0" not in text:
        return Path(text)
    raise InvalidInput(field, value, allowed)


def function(field: str, value: object) -> Callable[..., Any]:
    """`value`, which must be callable."""
    if not callable(value):
        raise InvalidInput(field, value, "a function")
    return value
