"""Strict JSON files: UTF-8, no duplicate keys, finite numbers, and atomic writing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

from spikeproof import InvalidInput
from spikeproof.arguments import path as as_path
from spikeproof.atomic import replacing

MAX_DEPTH = 16  # of nested lists and objects; no file of this project needs more than 8


def read_json(path: str | PathLike[str]) -> dict[str, Any]:
    """The object in a JSON file.

    Parameters
    ----------
    path : path
        A UTF-8 file, with or without a byte order mark.

    Returns
    -------
    dict
        Numbers as int or float; a whole number of 20 or more digits, and minus zero, as float.

    Raises
    ------
    InvalidInput
        With field ``"file"`` if the file cannot be read, is not JSON, repeats a key or is no object; with the
        dotted path of the value if a number is not finite in binary64.
    """
    text = _text(as_path("file", path, "a file that can be read"))
    try:
        tree = json.loads(text, parse_int=_whole, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise InvalidInput("file", place, "JSON text") from None
    except RecursionError:
        raise InvalidInput("file", "lists in lists without end", f"at most {MAX_DEPTH} levels") from None
    if not isinstance(tree, dict):
        raise InvalidInput("file", tree, "a JSON object, {...}, at the top")
    refuse_nonfinite(tree)
    return tree


def write_json(tree: dict[str, Any], path: str | PathLike[str]) -> None:
    """Write `tree` to `path`, which holds either its old content or all of the new at any moment.

    Raises
    ------
    InvalidInput
        If a number is not finite, or the path cannot be written.
    """
    refuse_nonfinite(tree)
    text = json.dumps(tree, indent=1, allow_nan=False) + "\n"
    path = as_path("file", path, "a path that can be written")
    try:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput("file", str(path), f"a path that can be written ({error.strerror})") from None


def dotted(path: list[str | int]) -> str:
    """The path of a value in a tree, as the model's errors write it: ``network.inputs[0].size``."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).removeprefix(".")


def refuse_nonfinite(tree: object) -> None:
    """Raise `InvalidInput` at the first number that is infinite or NaN, and at nesting beyond `MAX_DEPTH`."""
    for path, value in _leaves(tree):
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidInput(dotted(path), value, "a finite number, below 1.8e308 in size")


def _leaves(tree: object) -> Iterator[tuple[list[str | int], object]]:
    todo: list[tuple[list[str | int], Any]] = [([], tree)]
    while todo:
        path, node = todo.pop()
        if len(path) > MAX_DEPTH:
            raise InvalidInput(dotted(path[:3]), "lists in lists without end", f"at most {MAX_DEPTH} levels")
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, (dict, list)):
                todo.append(([*path, key], value))
            else:
                yield [*path, key], value


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput("file", str(path), f"a file that can be read ({reason})") from None
    if not raw.strip():
        raise InvalidInput("file", "an empty file", "JSON text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("file", f"byte {error.start} is not UTF-8", "JSON text in UTF-8") from None


def _whole(text: str) -> int | float:
    return float(text) if text == "-0" or len(text) > 19 else int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise InvalidInput("file", f"key {key!r} twice in one object", "every key once")
        result[key] = value
    return result
