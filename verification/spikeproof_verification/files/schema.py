"""Checks of a file's tree against a JSON Schema, with errors in the model's own words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from spikeproof import InvalidInput
from spikeproof_verification.files.json_file import dotted

TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object {...}",
    "string": "a string",
}
NUMBERS = ("#/$defs/number", "#/$defs/entry")
BOUNDS = {
    "minimum": ">= {}",
    "exclusiveMinimum": "> {}",
    "maximum": "<= {}",
    "minItems": "with {} or more entries",
    "maxItems": "with {} or fewer entries",
    "maxLength": "of {} or fewer characters",
}


def check(tree: dict[str, Any], name: str) -> None:
    """Raise `InvalidInput` for the first value of `tree` that does not fit the schema called `name`.

    Parameters
    ----------
    tree : dict
        A parsed JSON object.
    name : str
        "problem", "case" or "solution".

    Raises
    ------
    InvalidInput
        With the value's dotted path, the value, and what the schema allows there.
    """
    if not isinstance(tree, dict):
        raise InvalidInput("file", tree, "a JSON object, {...}")
    form = load_schema(name)["properties"]["format"]["const"]
    if tree.get("format", "missing") != form:
        raise InvalidInput("format", tree.get("format", "missing"), repr(form))
    refuse_misfit(tree, _validator(name), load_schema(name)["$defs"])


def refuse_misfit(tree: Any, validator: Validator, definitions: dict[str, Any]) -> None:
    """Raise `InvalidInput` for the first value of `tree` that the schema of a validator does not allow."""
    errors = list(islice(validator.iter_errors(tree), 100))  # a wrong matrix may hold a million
    if errors:
        raise _invalid_input(min(errors, key=_rank), definitions)


def validator_of(schema: dict[str, Any]) -> Validator:
    """A validator of a schema that passes over long lists of plain numbers quickly."""
    fast: type[Validator] = extend(Draft202012Validator, {"items": _items})  # type: ignore[no-untyped-call]
    return fast(schema)


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a kind of file.

    Parameters
    ----------
    name : str
        "problem", "case" or "solution".

    Returns
    -------
    dict
        The parsed schema.
    """
    text = (resources.files("spikeproof_verification.files") / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator(name: str) -> Validator:
    return validator_of(load_schema(name))


def _items(validator: Any, items: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """The keyword "items", with a short cut for the long lists of plain numbers that fill these files."""
    kind = items.get("$ref") if isinstance(instance, list) else None
    if kind in NUMBERS and all(type(x) is float or type(x) is int for x in instance):
        return
    if kind == "#/$defs/count" and all(type(x) is int and 0 <= x < 2**62 for x in instance):
        return
    yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, schema)


def _rank(error: ValidationError) -> tuple[int, list[str]]:
    return len(error.absolute_path), [str(p) for p in error.absolute_path]


def _invalid_input(error: ValidationError, definitions: dict[str, Any]) -> InvalidInput:
    error = _inner(error)
    path = list(error.absolute_path)
    value: Any = error.instance
    node: Any = error.schema
    rule: Any = error.validator_value
    if error.validator == "required":
        key = next(k for k in rule if k not in value)
        return InvalidInput(dotted([*path, key]), "missing", _in_words(node["properties"][key], definitions))
    if error.validator == "additionalProperties":
        key = next(k for k in value if k not in node["properties"])
        return InvalidInput(dotted([*path, key]), value[key], f"no such field, only {', '.join(node['properties'])}")
    return InvalidInput(dotted(path) or "file", value, _in_words(node, definitions))


def _inner(error: ValidationError) -> ValidationError:
    """The error about something inside the value that an "anyOf" error contains, else the error itself."""
    deeper = [e for e in error.context or () if e.path]
    return _inner(min(deeper, key=_rank)) if deeper else error


def _in_words(node: dict[str, Any], definitions: dict[str, Any]) -> str:
    """The values that a schema node allows, in words."""
    if "$ref" in node:
        definition = definitions[node["$ref"].removeprefix("#/$defs/")]
        return _in_words(definition | {k: v for k, v in node.items() if k != "$ref"}, definitions)
    if "enum" in node:
        return " or ".join(repr(value) for value in node["enum"])
    if "const" in node:
        return repr(node["const"])
    types = node.get("type", [])
    words = node.get("title") or " or ".join(TYPES[t] for t in ([types] if isinstance(types, str) else types))
    head, comma, tail = (words or "a value").partition(",")
    bounds = " and ".join(BOUNDS[key].format(limit) for key, limit in node.items() if key in BOUNDS)
    return f"{head} {bounds}".rstrip() + comma + tail
