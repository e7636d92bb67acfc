from __future__ import annotations

import importlib.resources
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from seatrial.config import document, parse
from seatrial.config.spec import ROOT, Entry, Key
from seatrial.errors import ConfigError

REPOSITORY = Path(__file__).parents[3]
VALIDATOR = Draft202012Validator(document.schema())


def parser_accepts(text: str) -> bool:
    try:
        parse(text, Path("seatrial.toml"))
    except ConfigError:
        return False
    return True


def keys(entry: Entry, path: str = "") -> Iterator[tuple[str, Key]]:
    if isinstance(entry, Key):
        name = "image" if entry.name == "IMAGE" else entry.name
        yield path + name, entry
        return
    inner = (entry.free,) if entry.free else entry.entries
    for each in inner:
        yield from keys(each, f"{path}{entry.name}." if entry.name else "")


def test_the_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(document.schema())


@pytest.mark.parametrize(
    "name", ["docs/reference/seatrial.schema.json", "src/seatrial/config/seatrial.schema.json"]
)
def test_the_published_schema_is_what_the_table_of_keys_says(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert text == document.schema_json(), "run scripts/reference"


def test_the_package_ships_the_schema() -> None:
    shipped = importlib.resources.files("seatrial.config") / "seatrial.schema.json"
    assert shipped.read_text(encoding="utf-8") == document.schema_json()


def test_the_reference_is_what_the_table_of_keys_says() -> None:
    page = REPOSITORY / "docs/reference/configuration.md"
    assert page.read_text(encoding="utf-8") == document.reference(), "run scripts/reference"


@pytest.mark.parametrize(("path", "key"), list(keys(ROOT)))
def test_the_example_of_each_key_is_good(path: str, key: Key) -> None:
    text = f"{path} = {json.dumps(key.kind.example)}"
    assert parser_accepts(text)
    VALIDATOR.validate(tomllib.loads(text))


def test_the_example_in_the_reference_is_good() -> None:
    found = re.search(r"```toml\n(.*?)```", document.reference(), re.DOTALL)
    assert found
    assert parser_accepts(found[1])
    VALIDATOR.validate(tomllib.loads(found[1]))


VALUES = [
    *("true", "false", "1", "0", "-1", "1.0", "1.5", "-0.5", "inf", "-inf", "1e300", "[]", "{}"),
    *('""', '" "', '"x"', '"a b"', '"a/b"', '"/a"', '"../a"', '"a\\n"', '"1s"', '"0s"', '"1x"'),
    *('"1m30s"', '"999999s"', '"pytest"', '"docker"', '"a && b"', "'a \"$b\"'", '"$x"', '"A=1 b"'),
    *('["a"]', '[""]', '["a", ""]', '["a", 1]', '[["a"], "b c"]', "[[]]", '["a | b"]', "[1]"),
    *('"{db.port}"', '"{db}"', '"{"', '"a\\nb"', "\"''\"", "\"'' a\"", "1979-05-27", '{ A = "b" }'),
    *('{ "1" = "b" }', '{ A = "{x.y}" }', "{ A = 1 }", "{ unit = 1 }", "{ unit = {} }"),
]


@pytest.mark.parametrize("value", VALUES)
def test_schema_and_parser_give_the_same_verdict_on_every_key(value: str) -> None:
    names = [path for path, _ in keys(ROOT)]
    tables = ["run", "services", "services.x", "integration.env", "integration.exports", "other"]
    judged = {
        path: (VALIDATOR.is_valid(tomllib.loads(text)), parser_accepts(text))
        for path in [*names, *tables]
        for text in [f"{path} = {value}"]
    }
    assert {path: verdicts for path, verdicts in judged.items() if len(set(verdicts)) > 1} == {}


def verdicts(document: dict[str, Any], text: str) -> tuple[bool, bool]:
    return VALIDATOR.is_valid(document), parser_accepts(text)


@given(st.text(alphabet="ab=_ '\"\\|&;$`(){}\n.1", max_size=12))
@example("'a' \"b|c\"")
@example("''")
def test_schema_and_parser_agree_on_any_command(command: str) -> None:
    text = f"[integration]\ncommand = {json.dumps(command)}"
    by_schema, by_parser = verdicts({"integration": {"command": command}}, text)
    assert by_schema == by_parser


@given(st.text(alphabet="0123.smh ", max_size=8))
def test_schema_and_parser_agree_on_any_duration(duration: str) -> None:
    text = f'[run]\ntimeout = "{duration}"'
    by_schema, by_parser = verdicts({"run": {"timeout": duration}}, text)
    assert by_schema == by_parser
