from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from seatrial.composefile.schema import TABLES, known_keys


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """Return compose-spec's schema as check-jsonschema ships it."""
    folder = resources.files("check_jsonschema.builtin_schemas.vendor")
    document: dict[str, Any] = json.loads((folder / "compose-spec.json").read_text())
    return document


def keys_of(schema: dict[str, Any], node: Any) -> set[str]:
    """Return all property names of a schema node, its alternatives and parts included."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return keys_of(schema, (schema.get("$defs") or schema["definitions"])[name])
    found = set(node.get("properties", ()))
    for part in (*node.get("oneOf", ()), *node.get("anyOf", ()), *node.get("allOf", ())):
        found |= keys_of(schema, part)
    return found


@pytest.mark.parametrize(
    ("table", "definition"),
    [
        ("healthcheck", "healthcheck"),
        ("network", "network"),
        ("volume", "volume"),
        ("secret", "secret"),
        ("config", "config"),
        ("service", "service"),
        ("deploy", "deployment"),
    ],
)
def test_a_table_knows_every_key_of_the_published_schema(
    schema: dict[str, Any], table: str, definition: str
) -> None:
    published = keys_of(schema, {"$ref": f"#/definitions/{definition}"})
    assert published <= set(known_keys(table))


def test_the_top_level_is_that_of_the_published_schema(schema: dict[str, Any]) -> None:
    assert set(schema["properties"]) == set(known_keys("top level"))


def test_no_table_lists_a_key_twice() -> None:
    for table in TABLES.values():
        keys = [key for row in table.values() for key in row.split()]
        assert len(keys) == len(set(keys))
