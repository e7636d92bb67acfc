"""What is read out of printed output where no reporter speaks."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.model.result import Counts, Doubt, Outcome, Verdict
from seatrial.runners.base import Collected, Finished
from seatrial.runners.reading import ReportReader
from seatrial.runners.text import AnyText, JestText, PytestText, TextParser, VitestText, plain


def counts_of(parser: TextParser, *lines: str) -> Counts | None:
    for line in lines:
        list(parser.line(plain(line)))
    return parser.counts


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("===== 2 failed, 3 passed in 0.12s =====", Counts(passed=3, failed=2)),
        ("===== 3 passed, 2 failed in 0.12s =====", Counts(passed=3, failed=2)),
        ("3 passed in 0.01s", Counts(passed=3)),
        ("1 passed, 2 warnings, 1 error in 61.00s (0:01:01)", Counts(passed=1, error=1)),
        ("2 failed, 1 passed, 1 rerun, 4 subtests passed in 1s", Counts(passed=1, failed=2)),
        (
            "\x1b[31m== \x1b[1m1 failed\x1b[0m, \x1b[32m2 passed\x1b[0m\x1b[31m in 0.1s ==\x1b[0m",
            Counts(passed=2, failed=1),
        ),
        ("1 skipped, 1 xfailed, 1 xpassed in 0.1s", Counts(skipped=1, xfailed=1, xpassed=1)),
        ("no tests ran in 0.01s", Counts()),
        ("it took 3 passed attempts in 5s to log in", None),
    ],
)
def test_pytest_summaries(line: str, counts: Counts | None) -> None:
    assert counts_of(PytestText(), line) == counts


@given(st.permutations(["1 failed", "2 passed", "3 skipped", "4 errors", "5 warnings"]))
def test_the_order_of_a_summary_does_not_matter(parts: list[str]) -> None:
    counts = counts_of(PytestText(), f"= {', '.join(parts)} in 1.00s =")
    assert counts == Counts(passed=2, failed=1, skipped=3, error=4)


@pytest.mark.parametrize(
    ("line", "test", "outcome"),
    [
        ("tests/a.py::test_b PASSED                [ 45%]", "tests/a.py::test_b", Outcome.PASSED),
        ("tests/a.py::test_b[x y] FAILED [100%]", "tests/a.py::test_b[x y]", Outcome.FAILED),
        ("[gw1] [ 45%] SKIPPED tests/a.py::test_b ", "tests/a.py::test_b", Outcome.SKIPPED),
        ("FAILED a.py::test_b - assert 1 == 2", "a.py::test_b", Outcome.FAILED),
    ],
)
def test_pytest_lines_name_tests(line: str, test: str, outcome: Outcome) -> None:
    (fact,) = PytestText().line(line)
    assert isinstance(fact, Finished)
    assert (fact.result.id, fact.result.outcome) == (test, outcome)


@pytest.mark.parametrize("line", ["collected 12 items", "4 workers [12 items]"])
def test_pytest_says_how_many_it_collected(line: str) -> None:
    assert list(PytestText().line(line)) == [Collected(12)]


def test_vitest_summaries_and_unhandled_errors() -> None:
    lines = (
        " Test Files  1 failed | 1 passed (2)",
        "      Tests  1 failed | 3 passed | 2 skipped | 1 todo (7)",
        "Vitest caught 2 unhandled errors during the test run.",
    )
    assert counts_of(VitestText(), *lines) == Counts(passed=3, failed=1, skipped=3, error=2)


def test_jest_summaries() -> None:
    line = "Tests:       1 failed, 1 skipped, 2 passed, 4 total"
    assert counts_of(JestText(), line) == Counts(passed=2, failed=1, skipped=1)


def test_a_command_that_runs_two_runners_has_the_sum_of_both() -> None:
    lines = ("1 passed in 0.1s", "      Tests  2 passed (2)", "# pass 3", "# fail 0")
    assert counts_of(AnyText(), *lines) == Counts(passed=6)


def test_cargo_adds_up_its_binaries() -> None:
    line = "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out"
    assert counts_of(AnyText(), line, line) == Counts(passed=4, skipped=2)


def test_a_summary_with_failures_outweighs_a_good_exit_code() -> None:
    reader = ReportReader(PytestText())
    reader.output_line("1 failed, 2 passed in 0.1s")
    ending = reader.finish(0)
    assert (ending.verdict, ending.doubt) == (Verdict.FAILED, Doubt.EXIT_ZERO)


@given(st.text(max_size=300))
def test_any_line_is_survived(line: str) -> None:
    list(AnyText().line(plain(line)))


@pytest.mark.parametrize(
    "piece", ["1 passed, ", "a::", " ", "= ", "\x1b[31m", "ok 1 - ", "Tests  1 a | "]
)
def test_long_lines_cost_time_in_proportion(piece: str) -> None:
    reader = ReportReader(AnyText())
    line = piece * (64 * 1024 // len(piece))
    began = time.process_time()
    for _ in range(20):
        reader.output_line(line)
    assert time.process_time() - began < 2.0
