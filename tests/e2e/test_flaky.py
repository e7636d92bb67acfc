"""Flaky tests and `--last-failed` on a real repository, with real runners."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.support.history import Checkout
from tests.support.program import Repository, Said, copy_of

PACKAGE = '[project]\nname = "{0}"\nversion = "1"\n[tool.pytest.ini_options]\n'
# The folder of marks is outside of the checkout: what is in it is no input.
ODD = """\
import pathlib

import pytest

MARK = pathlib.Path({mark!r})


def test_good():
    pass


def test_odd():
    if not MARK.exists():
        MARK.touch()
        raise AssertionError("the first time")


@pytest.mark.parametrize("number", [1, 2])
def test_numbers(number):
    assert number < {limit}
"""
UNITS = ("--stage", "unit", "--runtime", "process")
WEB = "services/web/tests/unit/test_web.py"
API = "services/api/tests/unit/test_api.py"


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return two services with unit tests, one of them with a test that fails the first time."""
    repository = copy_of("pair", tmp_path)
    for name in ("web", "api"):
        repository.write(f"services/{name}/pyproject.toml", PACKAGE.format(name))
    (repository.root / "services/web/tests/unit/test_greeting.py").unlink()
    repository.write(WEB, ODD.format(mark=str(mark(repository)), limit=3))
    repository.write(API, "def test_api():\n    pass\n")
    Checkout(repository.root).commit()
    return repository


def mark(work: Repository) -> Path:
    return work.home / "mark"


def ids(said: Said) -> list[str]:
    """Return the tests that a run with JSON for its output had, in their order."""
    return [event["result"]["id"].rpartition("/")[2] for event in said.events("TestFinished")]


def test_a_retry_that_passes_is_green_and_marked_everywhere(work: Repository) -> None:
    report = work.home / "junit.xml"
    words = ("--retries", "2", "--junit", str(report), "--output", "plain")
    said = work.seatrial("test", *UNITS, *words)
    assert said.code == 0, said.all
    assert "≈ unit:web  4 passed (1 flaky)" in said.out
    assert "test_odd  failed, passed in attempt 2" in said.out
    assert "AssertionError: the first time" in said.out
    root = Xml.parse(report).getroot()
    (case,) = [one for one in root.iter("testcase") if one.find("flakyFailure") is not None]
    assert case.get("name") == "test_odd"
    assert "the first time" in case.findtext("flakyFailure/stackTrace", "")
    listed = work.seatrial("report", "--flaky").out
    assert "failed in 1 of 1 run, until it was tried again" in listed
    assert "again: seatrial test web --stage unit" in listed
    again = work.seatrial("report", "last", "--output", "agent").out
    assert "test_odd  failed, passed in attempt 2" in again


def test_only_the_failed_tests_run_again_and_what_stays_bad_is_bad(work: Repository) -> None:
    work.write(WEB, ODD.format(mark=str(mark(work)), limit=2))
    said = work.seatrial("test", "web", *UNITS, "--retries", "1", "--output", "json")
    assert said.code == 1
    assert ids(said) == [
        *("test_web.py::test_good", "test_web.py::test_odd"),
        *("test_web.py::test_numbers[1]", "test_web.py::test_numbers[2]"),
        *("test_web.py::test_odd", "test_web.py::test_numbers[2]"),
    ]
    (suite,) = [event["result"] for event in said.events("SuiteFinished")]
    assert suite["counts"]["passed"] == 3
    assert [test["attempts"] for test in suite["failures"]] == [2]
    assert [test["id"].rpartition("::")[2] for test in suite["flaky"]] == ["test_odd"]


def test_the_settings_may_ask_for_retries_and_let_flaky_tests_fail(work: Repository) -> None:
    work.write("seatrial.toml", '[run]\nretries = 1\nflaky = "fail"\n')
    said = work.seatrial("test", *UNITS, "--output", "plain")
    assert said.code == 1
    assert "tests that passed only when they were tried again count as failed" in said.out
    mark(work).unlink()
    assert "passed in attempt" not in work.seatrial("test", *UNITS, "--retries", "0").all


def test_words_that_stop_the_runner_and_retries_exclude_each_other(work: Repository) -> None:
    said = work.seatrial("test", "--retries", "1", "--", "--maxfail=1")
    assert said.code == 2
    assert "--maxfail=1 leaves tests out" in said.err
    work.write("seatrial.toml", "[run]\nretries = 1\n")
    assert work.seatrial("test", "web", *UNITS, "--", "-x").code == 1


def test_both_outcomes_with_the_same_files_are_flaky_and_with_others_not(work: Repository) -> None:
    assert work.seatrial("test", *UNITS).code == 1
    assert work.seatrial("test", *UNITS).code == 0
    work.write(WEB, ODD.format(mark=str(mark(work)), limit=2))
    assert work.seatrial("test", *UNITS).code == 1
    found = json.loads(work.seatrial("report", "--flaky", "--json").out)["flaky"]
    assert [(one["test"], one["ran"], one["failed"], one["retried"]) for one in found] == [
        ("tests/unit/test_web.py::test_odd", 3, 1, 0)
    ]
    assert "the first time" in found[0]["failure"]["message"]


def test_what_failed_last_runs_again_until_nothing_does(work: Repository) -> None:
    mark(work).touch()
    work.write(WEB, ODD.format(mark=str(mark(work)), limit=2))
    work.write(API, "import nothing_of_this_name\n")
    assert work.seatrial("test", *UNITS).code == 1

    said = work.seatrial("test", *UNITS, "--last-failed", "--why", "--output", "plain")
    assert said.code == 1
    assert "unit:web  because 1 test failed when it last ran" in said.out
    assert "unit:api  because it failed as a whole" in said.out
    planned = work.seatrial("test", *UNITS, "--last-failed", "--dry-run").out
    assert "and      1 test failed when it last ran" in planned

    work.write(API, "def test_api():\n    pass\n\n\ndef test_more():\n    pass\n")
    said = work.seatrial("test", *UNITS, "--last-failed", "--output", "json")
    assert sorted(ids(said)) == [
        *("test_api.py::test_api", "test_api.py::test_more", "test_web.py::test_numbers[2]"),
    ]

    work.write(WEB, ODD.format(mark=str(mark(work)), limit=3))
    said = work.seatrial("test", *UNITS, "--last-failed", "--output", "json")
    assert (said.code, ids(said)) == (0, ["test_web.py::test_numbers[2]"])

    said = work.seatrial("test", *UNITS, "--last-failed", "--output", "plain")
    assert said.code == 0
    assert said.out.startswith("no test of --stage unit failed when it last ran; all suites run")
    assert "✓ passed · 6 tests in 2 suites" in said.out


def test_what_failed_last_goes_with_other_choices(work: Repository) -> None:
    mark(work).touch()
    work.write(WEB, ODD.format(mark=str(mark(work)), limit=1))
    work.write(API, "def test_api():\n    assert False\n")
    assert work.seatrial("test", *UNITS).code == 1
    words = (*UNITS, "--last-failed", "--output", "json")
    assert ids(work.seatrial("test", "api", *words)) == ["test_api.py::test_api"]
    by_keyword = work.seatrial("test", *words, "-k", "numbers and 2")
    assert ids(by_keyword) == ["test_web.py::test_numbers[2]"]
    by_id = work.seatrial("test", "web", *words, "--", "tests/unit/test_web.py::test_numbers")
    assert ids(by_id) == ["test_web.py::test_numbers[1]", "test_web.py::test_numbers[2]"]
    stopped = work.seatrial("test", "web", *words, "-x")
    assert ids(stopped) == ["test_web.py::test_numbers[1]"]
    both = [work.seatrial("test", *words, "--shard", f"{number}/2") for number in (1, 2)]
    assert sorted(len(ids(said)) for said in both) == [1, 2]


@pytest.mark.parametrize("how", ["renamed", "deleted"])
def test_a_test_that_is_gone_does_not_break_the_run(work: Repository, how: str) -> None:
    mark(work).touch()
    work.write(WEB, ODD.format(mark=str(mark(work)), limit=2))
    assert work.seatrial("test", *UNITS).code == 1
    mended = ODD.format(mark=str(mark(work)), limit=3)
    if how == "deleted":
        (work.root / WEB).rename(work.root / WEB.replace("test_web", "test_else"))
    work.write(
        WEB if how == "renamed" else WEB.replace("test_web", "test_else"),
        mended.replace("test_numbers", "test_figures"),
    )
    said = work.seatrial("test", *UNITS, "--last-failed", "--output", "json")
    assert said.code == 0
    assert len(ids(said)) == 4


VITEST = """\
import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const mark = %s;
test('good', () => {});
test('odd (once)', () => {
  const there = existsSync(mark);
  writeFileSync(mark, '');
  expect(there).toBe(true);
});
"""


@pytest.mark.node
def test_vitest_tries_again_and_runs_what_failed_last(work: Repository) -> None:
    package = {
        "name": "ui",
        "private": True,
        "type": "module",
        # Without more ado it would stop at the first failure.
        "scripts": {"test": "vitest run --bail 1"},
        "devDependencies": {"vitest": "3"},
    }
    work.write("services/ui/package.json", json.dumps(package))
    work.write("services/ui/tests/odd.test.js", VITEST % json.dumps(str(mark(work))))
    said = work.seatrial("test", "ui", *UNITS, "--output", "json")
    assert said.code == 1, said.all
    mark(work).unlink()
    words = ("--last-failed", "--retries", "1", "--output", "json")
    said = work.seatrial("test", "ui", *UNITS, *words)
    assert said.code == 0, said.all
    assert ids(said) == ["odd.test.js > odd (once)"] * 2
    (suite,) = [event["result"] for event in said.events("SuiteFinished")]
    assert [test["attempts"] for test in suite["flaky"]] == [2]
    assert suite["flaky"][0]["earlier"][0]["message"]
