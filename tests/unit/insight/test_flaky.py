"""Which tests are flaky: both outcomes, the same inputs."""

from __future__ import annotations

from seatrial.history.outcomes import PastTest
from seatrial.insight.flaky import flaky_tests
from seatrial.model.result import Outcome


def past(
    run: str,
    outcome: Outcome = Outcome.PASSED,
    *,
    inputs: str = "one",
    test: str = "a",
    runtime: str = "",
    selection: str = "",
    attempts: int = 1,
) -> PastTest:
    return PastTest(
        *("unit:shop", test, run, float(run), inputs, runtime, selection, outcome, attempts)
    )


def test_both_outcomes_with_the_same_inputs_are_flaky() -> None:
    runs = [past("1"), past("2", Outcome.FAILED), past("3", Outcome.ERROR), past("4")]
    (found,) = flaky_tests(runs)
    assert (found.test, found.ran, found.failed, found.retried) == ("a", 4, 2, 0)
    assert (found.runs, found.last) == (("3", "2"), 3.0)


def test_a_test_that_was_broken_and_mended_is_not() -> None:
    runs = [past("1", Outcome.FAILED, inputs="broken"), past("2", inputs="mended")]
    assert flaky_tests(runs) == []


def test_failures_where_it_never_passed_do_not_count() -> None:
    broken = [past(str(run), Outcome.FAILED, inputs="broken") for run in range(1, 9)]
    (found,) = flaky_tests([*broken, past("9"), past("10", Outcome.FAILED)])
    assert (found.ran, found.failed, found.runs) == (2, 1, ("10",))


def test_unknown_inputs_are_never_the_same() -> None:
    assert flaky_tests([past("1", inputs=""), past("2", Outcome.FAILED, inputs="")]) == []


def test_another_runtime_is_another_input() -> None:
    runs = [past("1", runtime="docker"), past("2", Outcome.FAILED, runtime="process")]
    assert flaky_tests(runs) == []


def test_long_options_for_the_runner_are_inputs_and_what_chooses_tests_is_not() -> None:
    apart = [past("1"), past("2", Outcome.FAILED, selection="-- --url=http://elsewhere")]
    assert flaky_tests(apart) == []
    alone = [past("1", selection="-- -v test_a.py::a"), past("2", Outcome.FAILED)]
    assert len(flaky_tests(alone)) == 1
    chosen = [past("1", selection="-k 'a and b'"), past("2", Outcome.FAILED)]
    assert len(flaky_tests(chosen)) == 1


def test_a_test_that_passed_when_it_was_tried_again_is_flaky_whatever_it_ran_on() -> None:
    (found,) = flaky_tests([past("1", inputs=""), past("2", inputs="", attempts=3)])
    assert (found.ran, found.failed, found.retried, found.runs) == (2, 0, 1, ("2",))


def test_skipped_tests_say_nothing() -> None:
    assert flaky_tests([past("1", Outcome.SKIPPED), past("2", Outcome.FAILED)]) == []


def test_what_fails_most_often_comes_first() -> None:
    seldom = [past(str(run), test="seldom") for run in range(1, 9)]
    often = [past("1", test="often"), past("2", Outcome.FAILED, test="often")]
    found = flaky_tests([*seldom, past("9", Outcome.FAILED, test="seldom"), *often])
    assert [one.test for one in found] == ["often", "seldom"]
