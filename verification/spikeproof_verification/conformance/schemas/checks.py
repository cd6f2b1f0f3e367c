"""Checks against the schemas of this folder, with errors in the model's own words."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from jsonschema.protocols import Validator

from spikeproof_verification.files.schema import refuse_misfit, validator_of


@cache
def load(name: str) -> dict[str, Any]:
    """The schema called "protocol" or "result"."""
    text = (resources.files(__package__) / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def check_definition(kind: str, tree: object, schema: str = "protocol") -> None:
    """Raise `InvalidInput` for the first value of `tree` that the definition `kind` of a schema does not allow."""
    refuse_misfit(tree, _validator(kind, schema), load(schema)["$defs"])


@cache
def _validator(kind: str, schema: str) -> Validator:
    whole = load(schema)
    return validator_of({**whole["$defs"][kind], "$defs": whole["$defs"]})
