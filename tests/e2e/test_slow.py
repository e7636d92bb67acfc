"""Slow tests as a user meets them: run, recorded, and told with their causes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import Repository, copy_of

FILE = "services/web/tests/unit/test_slow.py"
TESTS = """\
import queue
import time

import pytest


@pytest.fixture
def server():
    time.sleep(0.31)


def test_sleeps():
    time.sleep(0.3)


def test_waits_out():
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=0.3)


def test_waits_for_its_fixture(server):
    pass


def test_is_quick():
    pass
"""


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Repository]:
    repository = copy_of("pair", tmp_path)
    yield repository
    repository.seatrial("gc")


def test_a_run_tells_which_tests_were_slow_and_why(pair: Repository) -> None:
    pair.write(FILE, TESTS)
    with (pair.root / "seatrial.toml").open("a") as file:
        file.write('\n[slow]\nunit = "300ms"\n')
    ran = pair.seatrial("test", "--stage", "unit", "--output", "plain")
    assert ran.code == 0, ran.all
    said = pair.seatrial("slow", "--json")
    assert said.code == 0, said.all
    found = json.loads(said.out)
    causes = {
        test["test"].partition("::")[2]: [
            (c["kind"], c["line"], c["saved"]) for c in test["causes"]
        ]
        for test in found["slow"]
    }
    assert causes["test_sleeps"] == [("sleep", 13, 0.3)]
    assert causes["test_waits_out"] == [("timeout", 18, 0.3)]
    assert causes["test_waits_for_its_fixture"] == [("sleep", 9, 0.31)]
    assert "test_is_quick" not in causes
    assert {"collect", "set-up", "call", "teardown"} <= {one["phase"] for one in found["phases"]}
    plain = pair.seatrial("slow")
    assert plain.code == 0
    assert f"{FILE}:13  sleeps 0.3s" in plain.out
