"""Entries of ``.env.example`` and of the Makefile's list of services."""

from __future__ import annotations

import pytest

from seatrial.errors import ConfigError
from seatrial.scaffold.wiring import makefile, variables


def added(text: str, fragment: str) -> str:
    return variables.wire(text, fragment, ".env.example").text


def test_a_variable_goes_to_the_end_with_its_comment() -> None:
    assert added("# Copy.\nA=1\n", "# Where it listens.\n# For you alone.\nB=2\nC=3\n") == (
        "# Copy.\nA=1\n\n# Where it listens.\n# For you alone.\nB=2\nC=3\n"
    )


@pytest.mark.parametrize("line", ["A=9", "# A=9", "#A=", "export A=9", "  A = 9"])
def test_a_variable_that_is_there_stays_whatever_it_says(line: str) -> None:
    done = variables.wire(f"{line}\n", "# Ours.\nA=1\n", ".env.example")
    assert done.text == f"{line}\n"
    assert done.there == ("A",)
    assert done.added == ()


def test_a_variable_that_is_commented_out_can_be_added() -> None:
    assert added("A=1\n", "# B=2\n") == "A=1\n# B=2\n"


def test_line_ends_stay_and_a_missing_one_is_made_up() -> None:
    assert added("A=1\r\nB=1", "C=1\n") == "A=1\r\nB=1\r\nC=1\r\n"
    assert added("", "C=1\n") == "C=1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SERVICES :=\n", "SERVICES := api\n"),
        ("SERVICES := a b\n", "SERVICES := a b api\n"),
        ("SERVICES = a   # all\n", "SERVICES = a api   # all\n"),
        ("SERVICES := # none\n", "SERVICES := api # none\n"),
        ("SERVICES ?= a", "SERVICES ?= a api"),
        ("SERVICES:=a \\\n    b\n\nall:\n", "SERVICES:=a \\\n    b api\n\nall:\n"),
        ("SERVICES := a \\\r\n  b\r\nX = 1\r\n", "SERVICES := a \\\r\n  b api\r\nX = 1\r\n"),
        ("SERVICES := a\nSERVICES += b\nX := 1\n", "SERVICES := a\nSERVICES += b api\nX := 1\n"),
    ],
)
def test_a_name_goes_behind_the_last_one(before: str, after: str) -> None:
    assert makefile.wire(before, "api", "Makefile").text == after


def test_a_name_that_is_there_changes_nothing() -> None:
    text = "SERVICES := a \\\n  api\n"
    done = makefile.wire(text, "api", "Makefile")
    assert done.text == text
    assert done.there == ("api",)


@pytest.mark.parametrize("text", ["", "all:\n", "# SERVICES := a\n", "MY_SERVICES := a\n"])
def test_a_makefile_without_the_line_says_what_to_add(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        makefile.wire(text, "api", "Makefile")
    assert "`SERVICES := api`" in caught.value.mend
