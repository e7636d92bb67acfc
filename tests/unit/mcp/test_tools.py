"""The tools as they are offered: what they promise, what they cost to read, what they refuse."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from seatrial.errors import SeatrialError, UsageError
from seatrial.mcp.calls import Ended
from seatrial.mcp.looking import LintAnswer
from seatrial.mcp.server import TOOLS
from seatrial.mcp.tool import as_data, bounded, document, schema

READS = {"plan", "report", "lint", "slow", "doctor", "ps", "logs"}
DESTROYS = {"fix", "down"}
REACHES_OUT = {"test", "up"}


def test_each_tool_says_truly_what_it_does_to_the_world() -> None:
    hints = {name: tool.hints for name, tool in TOOLS.items()}
    assert {name for name, one in hints.items() if one.read_only_hint} == READS
    assert {name for name, one in hints.items() if one.destructive_hint} == DESTROYS
    assert {name for name, one in hints.items() if one.open_world_hint} == REACHES_OUT
    assert set(TOOLS) == READS | DESTROYS | REACHES_OUT


@pytest.mark.parametrize("name", TOOLS)
def test_schemas_are_valid_and_say_nothing_twice(name: str) -> None:
    tool = TOOLS[name]
    models = [tool.arguments, *([] if tool.answer is None else [tool.answer])]
    for model in models:
        found = schema(model)
        Draft202012Validator.check_schema(found)
        assert found["type"] == "object"
        text = json.dumps(found)
        assert '"title"' not in text
        assert '"null"' not in text
    assert schema(tool.arguments)["additionalProperties"] is False


def test_what_an_agent_reads_before_its_first_call_is_short() -> None:
    read = [
        {"name": t.name, "description": t.description, "schema": schema(t.arguments)}
        for t in TOOLS.values()
    ]
    # Some 1,500 tokens, which every session pays.
    assert len(json.dumps(read, separators=(",", ":"))) < 6_000


def test_all_that_is_optional_may_be_left_out_or_null() -> None:
    for tool in TOOLS.values():
        tool.read({})
    given = TOOLS["test"].read({"base": None, "timeout": None, "runtime": None})
    assert given == TOOLS["test"].read({})


@pytest.mark.parametrize(
    ("tool", "given", "what", "mend"),
    [
        ("test", {"stage": ["unit"]}, "there is no argument 'stage'", "did you mean 'stages'?"),
        ("doctor", {"all": True}, "there is no argument 'all'", "it takes no arguments"),
        ("test", {"timeout": 0}, "timeout: input should be greater than 0", "its arguments: "),
        ("test", {"timeout": float("nan")}, "timeout: input should be a finite", "its arguments: "),
        ("slow", {"run": "--json"}, "run: string should match", "its arguments: run"),
        ("logs", {"services": ["-f"]}, "services.0: string should match", "its arguments: "),
        ("test", {"services": ["a\0b"]}, "no argument can hold a zero byte", "leave it out"),
        ("test", {"keyword": "\ud800"}, "keyword: ", "its arguments: "),
        ("down", {"environment": "prod"}, "environment: input should be 'dev' or 'test'", ""),
    ],
)
def test_mistakes_are_named_with_what_would_be_right(
    tool: str, given: dict[str, object], what: str, mend: str
) -> None:
    with pytest.raises(UsageError) as caught:
        TOOLS[tool].read(given)
    assert caught.value.what.startswith(f"{tool}: ")
    assert what in caught.value.what
    assert mend in caught.value.mend


@given(st.text(), st.integers(20, 200))
def test_a_long_text_keeps_both_ends_and_what_was_cut_is_counted(text: str, most: int) -> None:
    short = bounded(text, most)
    whole = bounded(text, len(text) * 4 + 1)
    if len(whole) <= most:
        assert short == whole
        return
    assert len(short) <= most + 50
    first, _, last = short.partition("\n… ")
    left, _, last = last.partition(" characters left out …\n")
    assert whole.startswith(first)
    assert whole.endswith(last)
    assert int(left) == len(whole) - len(first) - len(last)


def test_a_document_is_cut_to_what_is_of_use() -> None:
    finding = {"file": "a.yml", "line": 3, "code": "SEA1", "severity": "error", "what": "no"}
    given = {"v": 1, "counts": {"errors": 1, "warnings": 0}, "findings": [finding], "more": []}
    found = document(Ended(1, tuple(json.dumps(given, indent=1).splitlines()), ()), LintAnswer)
    assert found is not None
    assert as_data(found) == {
        "v": 1,
        "counts": {"errors": 1, "warnings": 0},
        "findings": [finding],
    }
    assert document(Ended(2, (), ("error: no",)), LintAnswer) is None


def test_a_document_of_another_version_says_to_start_the_server_again() -> None:
    with pytest.raises(SeatrialError) as caught:
        document(Ended(0, ('{"v": "two"}',), ()), LintAnswer)
    assert caught.value.mend.startswith("start the server again")
