"""What becomes of a suite whose failed tests are tried again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.model.result import Counts, Doubt, Outcome, TestResult, Verdict
from seatrial.pipeline.retries import WHOLE, Tried
from seatrial.runners.base import Ending


def bad(name: str, message: str = "wrong", outcome: Outcome = Outcome.FAILED) -> TestResult:
    return TestResult(name, outcome, 0.5, message, f"E {message}", "test_a.py", 3, 1.7e9)


def good(name: str, attempts: int = 1) -> TestResult:
    return TestResult(name, Outcome.PASSED, 0.1, attempts=attempts)


def failed(*tests: TestResult, passed: int = 0, doubt: Doubt = Doubt.NONE) -> Ending:
    errors = sum(test.outcome is Outcome.ERROR for test in tests)
    counts = Counts(passed=passed, failed=len(tests) - errors, error=errors)
    return Ending(Verdict.FAILED, counts, tests, doubt, ("the last line",))


def tried_once(ending: Ending, **others: Outcome) -> Tried:
    """Return a suite after its first attempt; ``others`` are tests besides those that failed."""
    return Tried(ending, {**{test.id: test.outcome for test in ending.failures}, **others})


def again(tried: Tried, *results: TestResult, ending: Ending | None = None) -> None:
    """Try once more, with these results."""
    tried.begin()
    for result in results:
        tried.take(result)
    bads = tuple(one for one in results if one.outcome in (Outcome.FAILED, Outcome.ERROR))
    usual = failed(*bads) if bads else Ending(Verdict.PASSED, Counts(passed=len(results)))
    tried.end(ending or usual, 0.1)


def test_a_test_that_passes_then_is_flaky_and_keeps_its_failure() -> None:
    tried = tried_once(failed(bad("a", "first time"), passed=4))
    again(tried, good("a"))
    ending = tried.ending
    assert (ending.verdict, ending.failures) == (Verdict.PASSED, ())
    assert ending.counts == Counts(passed=5)
    (flaky,) = ending.flaky
    assert flaky.is_flaky
    assert (flaky.id, flaky.attempts) == ("a", 2)
    assert [(one.message, one.line) for one in flaky.earlier] == [("first time", 3)]
    assert not tried.may_pass


def test_a_test_that_fails_again_stays_failed_with_all_its_failures() -> None:
    tried = tried_once(failed(bad("a", "one"), bad("b", "b", Outcome.ERROR)))
    again(tried, bad("a", "two"), good("b"))
    assert tried.may_pass
    again(tried, bad("a", "three", Outcome.ERROR))
    ending = tried.ending
    assert (ending.verdict, ending.counts) == (Verdict.FAILED, Counts(passed=1, error=1))
    assert [test.id for test in ending.flaky] == ["b"]
    (test,) = ending.failures
    assert (test.message, test.attempts) == ("three", 3)
    assert [one.message for one in test.earlier] == ["one", "two"]


def test_attempts_that_the_runner_made_itself_count_as_well() -> None:
    first = replace(bad("a"), attempts=3)
    tried = tried_once(failed(first))
    again(tried, good("a", attempts=2))
    assert tried.ending.flaky[0].attempts == 5


def test_only_what_passed_makes_a_failure_undone() -> None:
    tried = tried_once(failed(bad("a")))
    again(tried, TestResult("a", Outcome.SKIPPED))
    assert [test.id for test in tried.ending.failures] == ["a"]
    again(tried, ending=Ending(Verdict.NO_TESTS, Counts()))
    assert (tried.ending.verdict, tried.ending.counts) == (Verdict.FAILED, Counts(failed=1))


def test_a_test_that_ran_along_and_failed_now_counts() -> None:
    tried = tried_once(failed(bad("a"), passed=1), other=Outcome.PASSED)
    again(tried, good("a"), bad("other"))
    assert [test.id for test in tried.ending.failures] == ["other"]
    assert tried.ending.counts == Counts(passed=1, failed=1)
    again(tried, good("other"))
    assert tried.ending.verdict is Verdict.PASSED
    assert {test.id for test in tried.ending.flaky} == {"a", "other"}


def test_a_test_that_passed_and_then_broke_in_its_teardown_keeps_its_past() -> None:
    tried = tried_once(failed(bad("a", "one")))
    again(tried, good("a"), bad("a", "two", Outcome.ERROR))
    ending = tried.ending
    assert (ending.flaky, ending.counts) == ((), Counts(error=1))
    (test,) = ending.failures
    assert (test.attempts, [one.message for one in test.earlier]) == (2, ["one"])


def test_a_test_that_was_skipped_or_not_there_before_is_counted_once() -> None:
    skipped = replace(failed(bad("a")), counts=Counts(failed=1, skipped=1))
    tried = tried_once(skipped, was_skipped=Outcome.SKIPPED)
    again(tried, good("a"), bad("was_skipped"), bad("new"))
    assert tried.ending.counts == Counts(passed=1, failed=2)


def test_what_ran_along_and_passed_again_tells_nothing() -> None:
    tried = tried_once(failed(bad("a"), passed=1))
    tried.begin()
    assert tried.take(good("other")) is None


def test_an_attempt_that_ends_badly_besides_its_tests_undoes_nothing() -> None:
    tried = tried_once(failed(bad("a")))
    again(tried, good("a"), ending=failed(doubt=Doubt.EXIT_NONZERO))
    ending = tried.ending
    assert (ending.verdict, ending.doubt) == (Verdict.FAILED, Doubt.EXIT_NONZERO)
    assert not tried.may_pass


def test_a_failure_that_has_no_name_is_not_undone_by_the_others() -> None:
    tried = tried_once(replace(failed(bad("a")), counts=Counts(failed=2)))
    again(tried, good("a"))
    assert (tried.ending.verdict, tried.ending.counts) == (
        Verdict.FAILED,
        Counts(passed=1, failed=1),
    )


@pytest.mark.parametrize(
    "ending",
    [
        Ending(Verdict.PASSED, Counts(passed=1)),
        Ending(Verdict.NO_TESTS, Counts()),
        failed(bad("a"), doubt=Doubt.WORKER_CRASHED),
        failed(bad("a"), doubt=Doubt.COLLECTION),
        failed(bad("a"), doubt=Doubt.REPORT_CUT),
        failed(doubt=Doubt.EXIT_NONZERO),
        replace(failed(bad("a")), complete=False),
    ],
)
def test_nothing_is_tried_again_where_that_could_not_help(ending: Ending) -> None:
    tried = tried_once(ending)
    assert not tried.may_pass
    assert tried.ending == ending


def test_a_suite_without_names_of_tests_is_tried_as_a_whole() -> None:
    tried = tried_once(failed())
    assert (tried.may_pass, tried.only) == (True, ())
    tried.begin()
    assert tried.end(failed(), 0.1) is None
    tried.begin()
    whole = tried.end(Ending(Verdict.PASSED, Counts()), 0.2)
    assert whole is not None
    assert (whole.id, whole.attempts, whole.seconds) == (WHOLE, 3, 0.2)
    assert whole.earlier[0].message == "the last line"
    assert (tried.ending.verdict, tried.ending.flaky) == (Verdict.PASSED, (whole,))
