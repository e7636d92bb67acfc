from __future__ import annotations

from dataclasses import replace

from seatrial import events
from seatrial.events import Event
from seatrial.insight.model import Cause, CauseKind, Insight, SlowTest
from seatrial.model.project import STAGES, Stage
from seatrial.render.html.markup import html
from seatrial.render.html.page import Page, page_of
from tests.unit.render import runs


def page(log: list[Event]) -> Page:
    return page_of(log, ())


def test_bars_stand_with_their_stage_and_the_rest_with_the_preparation() -> None:
    groups = {group.title: group for group in page(runs.three_services()).groups}
    assert list(groups) == ["Preparation", "Unit Tests", "Service Tests", "Integration Tests"]
    assert [strip.label for strip in groups["Preparation"].strips] == ["sync services/price-db"]
    labels = [strip.label for strip in groups["Integration Tests"].strips]
    assert labels == ["boot integration", "integration:shop", "teardown integration"]
    assert groups["Unit Tests"].ended == "3 suites · 1058 passed, 2 skipped · 4.7s"


def test_a_stage_that_did_not_run_says_so() -> None:
    last = page(runs.three_services(good=False)).groups[-1]
    assert (last.title, last.strips, last.ended) == ("Integration Tests", (), "not run")


def test_bars_keep_to_the_run() -> None:
    strips = [strip for group in page(runs.sixty_services()).groups for strip in group.strips]
    assert len(strips) == 182
    assert all(strip.left >= 0 and strip.left + strip.width <= 100.01 for strip in strips)


def test_a_bar_on_the_critical_path_is_marked_in_the_timeline() -> None:
    made = page(runs.three_services())
    marked = [strip.label for group in made.groups for strip in group.strips if strip.critical]
    assert sorted(marked) == sorted(strip.label for strip in made.critical)
    assert made.critical[-1].label == "teardown integration"
    assert made.critical_text == "10.8s of 10.9s (99 %)"


def test_a_failure_comes_with_the_logs_of_its_containers() -> None:
    (trouble,) = page(runs.three_services(good=False)).troubles
    assert trouble.title.endswith("::test_rounding")
    assert trouble.why == "assert 1049 == 1050"
    assert trouble.place == "services/price-db/tests/integration/test_prices.py:14"
    assert trouble.logs.splitlines()[0].startswith("database | ERROR:")
    assert trouble.log_lines == "2 lines"
    assert trouble.again == runs.AGAIN


def test_a_problem_besides_the_tests_is_told_once() -> None:
    made = page(runs.no_environment())
    assert made.troubles == ()
    (problem,) = made.problems
    assert problem.startswith("error: database did not become healthy")
    assert not made.good


def test_the_slowest_tests_come_first() -> None:
    slowest = page(runs.three_services(good=False)).slowest
    assert slowest[0].test.endswith("::test_rounding")
    assert slowest[0].seconds == "0.31s"
    assert len(slowest) == 15


def test_a_slow_test_is_marked_by_the_measure_of_its_stage() -> None:
    unit, service = (runs.planned(stage, "api") for stage in STAGES[:2])
    log = [
        runs.started(unit, service),
        *runs.suite(unit, 0.0, 2.0, 1),
        *runs.suite(service, 2.0, 2.0, 1),
    ]
    assert {(t.suite, t.over) for t in page(log).slowest} == {
        ("unit:api", True),
        ("service:api", False),
    }


def test_a_slow_test_has_its_causes_beside_it() -> None:
    log = runs.three_services()
    first, second = page(log).slowest[:2]
    sleep = Cause(CauseKind.SLEEP, "a.py", 3, 0.3, 0.3)
    slow = SlowTest(first.suite, Stage.UNIT, first.test, 0.31, 0.1, causes=(sleep,))
    made = page_of(log, (), slow=Insight("r", 1.0, 1, (), (), (slow,), ()))
    saves = "sleeps 0.3s; waiting for the condition saves up to that"
    assert [test.causes for test in made.slowest[:2]] == [(f"a.py:3  {saves}",), ()]
    assert made.slowest[1].test == second.test
    assert saves in html(made)


def test_a_run_that_was_cut_short_has_a_page() -> None:
    whole = runs.three_services()
    for length in (0, 1, 2, 40, len(whole) - 1):
        made = page(whole[:length])
        assert (made.verdict, made.good) == ("not finished", False)
    cut = [strip.bad for group in page(whole[:40]).groups for strip in group.strips]
    assert "cut short" in cut


def test_a_failure_in_a_suite_that_a_kill_cut_short_is_told() -> None:
    log = runs.three_services(good=False)
    failed = next(
        at
        for at, event in enumerate(log)
        if isinstance(event, events.TestFinished) and event.result.outcome == "failed"
    )
    cut = page(log[: failed + 1])
    (trouble,) = cut.troubles
    assert (trouble.suite, trouble.why) == ("service:price-db", "assert 1049 == 1050")
    assert trouble.again == runs.AGAIN
    assert "1 failed" in dict(cut.facts)["Tests"]
    assert any("1 failed" in group.ended and group.bad for group in cut.groups)


def test_a_clock_of_another_age_is_no_obstacle() -> None:
    first = runs.started(runs.planned(Stage.UNIT, "api"))
    assert ("Started", "-") in page([replace(first, started=1e300)]).facts
