"""The table of keys is whole, true to the schema, and what the reference shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.errors import Refused, Where
from seatrial.runtimes.process.keys import (
    SERVICE_KEYS,
    TOP_LEVEL_KEYS,
    Verdict,
    ignored,
    markdown,
    refuse,
)

WHERE = Where(Path("compose.yml"), 7)
REFERENCE = Path(__file__).parents[4] / "docs/reference/compose-keys.md"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    document: dict[str, Any] = json.loads(text.read_text())
    return document


def _properties(schema: dict[str, Any], node: dict[str, Any]) -> Iterator[str]:
    yield from node.get("properties", {})
    for part in node.get("allOf", []):
        reference = part.get("$ref", "").rpartition("/")[2]
        yield from _properties(schema, schema["$defs"][reference] if reference else part)


def service(**keys: Any) -> ComposeService:
    made = ComposeService("api", WHERE, dict.fromkeys(keys, WHERE), image="x")
    known = {name: value for name, value in keys.items() if hasattr(made, name)}
    return replace(made, **known)


def test_every_service_key_of_the_specification_has_a_verdict(schema: dict[str, Any]) -> None:
    assert set(SERVICE_KEYS) == set(_properties(schema, schema["$defs"]["service"]))


def test_every_top_level_key_of_the_specification_has_a_verdict(schema: dict[str, Any]) -> None:
    assert set(TOP_LEVEL_KEYS) == {*schema["properties"]}


def test_the_reference_is_what_the_code_says() -> None:
    assert REFERENCE.read_text() == markdown()


@pytest.mark.parametrize(
    "key", [key for key, says in SERVICE_KEYS.items() if says.verdict is Verdict.REFUSED]
)
def test_a_refused_key_is_refused_with_its_place_and_a_way_out(key: str) -> None:
    value = {"privileged": True, "extra_hosts": {"a": "1.2.3.4"}}.get(key)
    with pytest.raises(Refused, match=f"service api: {key}:") as caught:
        refuse(service(**({key: value} if value else {key: None})))
    assert caught.value.where == WHERE
    assert "--runtime docker" in caught.value.mend
    assert "[process.providers]" in caught.value.mend


def test_a_harmless_value_of_a_refused_key_is_let_through() -> None:
    refuse(service(privileged=False, extra_hosts={}))


@pytest.mark.parametrize("mode", ["host", "service:db", "container:x"])
def test_a_network_of_somebody_else_is_refused(mode: str) -> None:
    with pytest.raises(Refused, match="network_mode"):
        refuse(service(network_mode=mode))


def test_a_bridge_network_is_no_trouble() -> None:
    refuse(service(network_mode="bridge"))


def test_an_ignored_key_is_said_once_for_all_its_services() -> None:
    one, two = service(mem_limit="1g", labels={}), replace(service(mem_limit="2g"), name="db")
    project = ComposeProject((), Path(), {"api": one, "db": two})
    assert ignored(project) == (("mem_limit (api, db)", SERVICE_KEYS["mem_limit"].why),)
