from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial import events
from seatrial.events import Event
from seatrial.model.project import STAGES, Stage
from seatrial.model.result import Outcome, TestResult
from seatrial.render.board import Board, reduce
from seatrial.render.frame import frame
from seatrial.render.style import text_of
from seatrial.render.width import cells

from . import runs
from .runs import planned, started


def board(log: list[Event], until: float = float("inf")) -> Board:
    result = Board()
    for event in log:
        if event.at <= until:
            result = reduce(result, event)
    return result


def picture(log: list[Event], at: float, width: int, height: int = 40, ascii: bool = False) -> str:
    lines = frame(board(log, at), at, width, height, ascii)
    return "\n".join(text_of(spans) for spans in lines)


def drawn(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


def test_the_seeds_picture_at_80_columns() -> None:
    assert picture(runs.three_services(), 2.5, 80) == drawn(
        """
        Unit Tests
          ● price-db      ━━━━━━━━━━░░░░░░░░░░  52%  501/955        2.1s
              → test_case_501
          ● orchestrator  ━━━━━━━━━━━━░░░░░░░░  64%  48/74          2.1s
              → test_case_48
          ○ frontend      pending

        Service Tests
          ○ price-db      pending · booting database, api           2.1s
          ○ orchestrator  pending · booting queue                   1.9s

        Integration Tests
          ○ shop          pending
        """
    )


def test_the_same_picture_at_200_columns_keeps_its_columns() -> None:
    log = runs.three_services()
    assert picture(log, 2.5, 200) == picture(log, 2.5, 80)


def test_at_40_columns_the_bar_goes_and_names_are_cut() -> None:
    assert picture(runs.three_services(), 2.5, 40) == drawn(
        """
        Unit Tests
          ● price-db       52%  501/955     2.1s
              → test_case_501
          ● orche…rator    64%  48/74       2.1s
              → test_case_48
          ○ frontend     pending

        Service Tests
          ○ price-db     booting databas…   2.1s
          ○ orche…rator  booting queue      1.9s

        Integration Tests
          ○ shop         pending
        """
    )


def test_an_ascii_terminal_gets_the_same_board() -> None:
    text = picture(runs.three_services(good=False), 99, 80, ascii=True)
    assert text.isascii()
    assert text == drawn(
        """
        Unit Tests
          + price-db      955/955                                   4.0s
          + orchestrator  74/74 - 2 skipped                         3.2s
          + frontend      31/31                                     1.5s

        Service Tests
          x price-db      1 failed, 41 passed                       3.0s
          + orchestrator  12/12                                     2.0s

        Integration Tests
          o shop          not run
        """
    )


def test_failures_of_a_running_suite_are_counted_beside_it() -> None:
    plan = planned(Stage.UNIT, "catalog")
    log: list[Event] = [
        started(plan),
        events.SuiteStarted(0.0, plan.id, "pytest"),
        events.TestsCollected(0.1, plan.id, 4),
        events.TestFinished(0.2, plan.id, TestResult("a", Outcome.FAILED)),
    ]
    assert picture(log, 0.5, 80) == drawn(
        """
        Unit Tests
          ● catalog  ━━━━━░░░░░░░░░░░░░░░  25%  1/4            0.5s  1 failed
        """
    )


def test_an_environment_that_could_not_be_had_says_why() -> None:
    assert picture(runs.no_environment(), 99, 80).splitlines()[-1] == (
        "  ✗ catalog  no environment: database did not become healthy within 120 s"
    )


def test_sixty_services_in_fourteen_lines_show_running_ones_first_and_count_the_rest() -> None:
    assert picture(runs.sixty_services(), 5.2, 80, 12) == drawn(
        """
        Unit Tests
          ✓ service-00-of-the-warehouse  20/20                                     0.3s
          ✓ service-01-of-the-warehouse  20/20                                     0.3s
          ● service-34-of-the-warehouse  ━━━━━━░░░░░░░░░░░░░░  30%  6/20           0.1s
              → test_case_6
          ● service-35-of-the-warehouse  ━━━━━━░░░░░░░░░░░░░░  30%  6/20           0.1s
              → test_case_6
          … and 24 more pending, 32 passed
        Service Tests
          ○ 60 pending
        Integration Tests
          ○ warehouse                    pending
        """
    )


def test_four_lines_still_say_how_far_each_stage_is() -> None:
    assert picture(runs.sixty_services(), 12.2, 60, 4) == drawn(
        """
        Unit Tests  60 passed
        Service Tests  2 running, 38 pending, 20 passed
        Integration Tests  1 pending
        """
    )


def test_a_finished_stage_that_has_no_room_keeps_its_verdict() -> None:
    text = picture(runs.sixty_services(), 99, 80, 8)
    assert text.splitlines()[:2] == ["Unit Tests", "  ✓ 60 passed"]
    assert "  … and 58 more passed" in text.splitlines()


def test_wide_and_combining_names_keep_the_columns_straight() -> None:
    names = ("价格", "e\u0301te\u0301", "orders")
    plans = [planned(Stage.UNIT, name) for name in names]
    log: list[Event] = [started(*plans), *(e for p in plans for e in runs.suite(p, 0, 1, 2))]
    lines = picture(log, 5, 60).splitlines()[1:]
    assert {cells(line) for line in lines} == {cells(lines[0])}
    assert all(line.endswith("1.0s") for line in lines)


def test_the_columns_stay_where_they_are_for_the_whole_run() -> None:
    log = runs.three_services()
    ends = {
        len(line.removesuffix("s").rstrip("0123456789."))
        for at in (0.6, 2.5, 4.5, 8.0, 11.0)
        for line in picture(log, at, 80).splitlines()
        if line.endswith("s") and "→" not in line and "Tests" not in line
    }
    assert ends == {60}


LOGS = (runs.three_services(), runs.three_services(good=False), runs.no_environment())
NAMES = st.text(max_size=40)


@given(
    st.lists(st.sampled_from([e for log in LOGS for e in log]), max_size=60),
    st.lists(st.tuples(st.sampled_from(STAGES), NAMES), max_size=30),
    st.lists(NAMES, max_size=5),
    st.integers(0, 210),
    st.integers(0, 50),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_no_order_of_events_makes_a_frame_too_wide_or_too_high(
    log: list[Event],
    suites: list[tuple[Stage, str]],
    tests: list[str],
    width: int,
    height: int,
    ascii: bool,
) -> None:
    plans = [planned(*suite) for suite in suites]
    own: list[Event] = [started(*LOGS[0][0].suites, *plans)]  # type: ignore[union-attr]  # RunStarted
    own += [events.SuiteStarted(1.0, plan.id, "pytest") for plan in plans[::2]]
    own += [events.TestStarted(1.0, plan.id, test) for plan in plans for test in tests]
    lines = frame(board([*own, *log]), 100.0, width, height, ascii)
    assert len(lines) <= height
    assert all(cells(text_of(spans)) <= width for spans in lines)


@pytest.mark.parametrize("width", range(40, 201, 8))
def test_the_board_is_steady_from_40_to_200_columns(width: int) -> None:
    for line in picture(runs.three_services(), 2.5, width).splitlines():
        assert cells(line) <= width
        if "●" in line:
            assert line.endswith("2.1s")
