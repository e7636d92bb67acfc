"""What failed when it last ran."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from seatrial import events
from seatrial.events import PlannedSuite
from seatrial.history.failed import failed_before
from seatrial.history.store import FILE
from seatrial.model.failed import FailedBefore
from seatrial.model.project import Stage
from seatrial.model.result import (
    Counts,
    Doubt,
    Outcome,
    RunResult,
    SuiteResult,
    TestResult,
    Verdict,
)
from tests.unit.history.runs import record

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


class History:
    """Records runs of one suite, each a day after the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._days = count(1)

    def run(
        self,
        verdict: Verdict = Verdict.FAILED,
        *,
        only: str = "",
        doubt: Doubt = Doubt.NONE,
        suite: str = "unit:a",
        attempts: int = 1,
        **tests: Outcome,
    ) -> str:
        """Record a run in which ``tests`` ended so; return its id."""
        name = f"202601{next(self._days):02}-000000-a"
        plan = PlannedSuite(suite, Stage.UNIT, "a", "pytest", selection=only)
        results = [
            TestResult(f"test_a.py::{test}", outcome, 0.1, file="test_a.py", attempts=attempts)
            for test, outcome in tests.items()
        ]
        bad = sum(outcome is FAILED for outcome in tests.values())
        counts = Counts(passed=len(tests) - bad, failed=bad)
        result = SuiteResult(suite, verdict, 1.0, counts, doubt=doubt)
        log: list[events.Event] = [
            events.RunStarted(0.0, name, "shop", "/repo", "0.1.0", 1.7e9, 2, (plan,)),
            *self._ran(suite, results, verdict),
            events.SuiteFinished(1.0, result),
            events.RunFinished(1.5, RunResult(verdict, 1, 1.5, (result,))),
        ]
        record(self.folder, log)
        return name

    def _ran(
        self, suite: str, results: list[TestResult], verdict: Verdict
    ) -> Iterator[events.Event]:
        if verdict not in (Verdict.NOT_RUN, Verdict.NO_ENVIRONMENT):
            yield events.SuiteStarted(0.1, suite, "pytest")
        yield from (events.TestFinished(0.2, suite, result) for result in results)

    @property
    def failed(self) -> dict[str, list[str]]:
        """Map suites to the tests that failed, none where all of the suite must run."""
        return {
            suite: [test.id.removeprefix("test_a.py::") for test in one.tests]
            for suite, one in (failed_before(self.folder).value or {}).items()
        }


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def test_it_is_the_tests_that_failed_in_the_newest_run(history: History) -> None:
    history.run(a=FAILED, b=FAILED)
    newest = history.run(a=PASSED, b=FAILED, c=FAILED)
    assert history.failed == {"unit:a": ["b", "c"]}
    answer = failed_before(history.folder).value
    assert answer is not None
    assert answer["unit:a"].run == newest


def test_a_suite_that_passed_since_is_not_there(history: History) -> None:
    history.run(a=FAILED)
    history.run(a=FAILED, suite="unit:b")
    history.run(Verdict.PASSED, a=PASSED)
    assert history.failed == {"unit:b": ["a"]}


def test_a_run_of_some_tests_says_nothing_about_the_others(history: History) -> None:
    history.run(a=FAILED, b=FAILED, c=PASSED)
    history.run(Verdict.PASSED, only="-k a", a=PASSED)
    assert history.failed == {"unit:a": ["b"]}
    history.run(only="--last-failed", b=PASSED, d=FAILED)
    assert history.failed == {"unit:a": ["d"]}
    history.run(Verdict.PASSED, only="-- test_a.py::d", d=PASSED)
    assert history.failed == {}


def test_a_test_that_is_gone_from_the_whole_suite_is_forgotten(history: History) -> None:
    history.run(gone=FAILED)
    history.run(Verdict.PASSED, a=PASSED)
    history.run(only="-k b", b=FAILED)
    assert history.failed == {"unit:a": ["b"]}


@pytest.mark.parametrize("verdict", [Verdict.INTERRUPTED, Verdict.CANCELLED])
def test_a_run_that_ended_early_adds_what_it_saw(history: History, verdict: Verdict) -> None:
    history.run(a=FAILED, b=FAILED)
    history.run(verdict, a=PASSED, c=FAILED)
    assert history.failed == {"unit:a": ["c", "b"]}


def test_a_suite_that_did_not_run_is_as_it_was(history: History) -> None:
    history.run(a=FAILED)
    history.run(Verdict.NOT_RUN)
    assert history.failed == {"unit:a": ["a"]}


@pytest.mark.parametrize(
    ("verdict", "doubt"),
    [
        (Verdict.FAILED, Doubt.COLLECTION),
        (Verdict.FAILED, Doubt.WORKER_CRASHED),
        (Verdict.FAILED, Doubt.REPORT_CUT),
        (Verdict.FAILED, Doubt.EXIT_NONZERO),
        (Verdict.DEADLINE, Doubt.NONE),
        (Verdict.NO_ENVIRONMENT, Doubt.NONE),
        (Verdict.NO_TESTS, Doubt.NONE),
    ],
)
def test_what_failed_besides_its_tests_runs_as_a_whole(
    history: History, verdict: Verdict, doubt: Doubt
) -> None:
    name = history.run(verdict, doubt=doubt, a=FAILED)
    assert failed_before(history.folder).value == {"unit:a": FailedBefore(name)}


def test_a_command_that_names_no_test_runs_as_a_whole(history: History) -> None:
    history.run()
    assert history.failed == {"unit:a": []}


def test_none_of_the_tests_asked_for_is_no_failure(history: History) -> None:
    history.run(a=FAILED)
    history.run(Verdict.NO_TESTS, only="-k nothing")
    history.run(only="-- test_a.py::mistyped", doubt=Doubt.USAGE)
    assert history.failed == {"unit:a": ["a"]}


def test_flaky_tests_count_where_they_made_the_run_fail(history: History) -> None:
    history.run(doubt=Doubt.FLAKY, attempts=2, a=PASSED)
    assert history.failed == {"unit:a": ["a"]}
    history.run(Verdict.PASSED, attempts=2, a=PASSED)
    assert history.failed == {}


def test_without_a_run_nothing_is_known(tmp_path: Path) -> None:
    assert failed_before(tmp_path).value is None


def test_a_spoilt_database_is_made_anew(history: History) -> None:
    history.run(a=FAILED)
    (history.folder / FILE).write_bytes(b"no database at all\n" * 500)
    assert history.failed == {"unit:a": ["a"]}
    assert failed_before(history.folder).moved is None
