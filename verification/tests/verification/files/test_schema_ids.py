"""The names of the JSON schemas: stable, different from each other, and of the version that their files state."""

import json
from importlib import resources

import pytest

from spikeproof_verification.files import load_schema

FILES = {kind: f"urn:spikeproof:{kind}:1" for kind in ("problem", "solution", "case")}
LINES = {"protocol": "urn:spikeproof:conformance:protocol:1", "results": "urn:spikeproof:conformance:results:1"}


@pytest.mark.parametrize("kind", FILES)
def test_the_schema_of_a_file_is_named_with_the_version_of_its_format(kind):
    schema = load_schema(kind)
    assert schema["$id"] == FILES[kind]
    assert schema["properties"]["format"]["const"].rsplit("-", 1)[1] == schema["$id"].rsplit(":", 1)[1]


@pytest.mark.parametrize("kind", LINES)
def test_the_schemas_of_the_protocol_keep_their_names(kind):
    folder = resources.files("spikeproof_verification.conformance.schemas")
    assert json.loads((folder / f"{kind}.schema.json").read_text(encoding="utf-8"))["$id"] == LINES[kind]
