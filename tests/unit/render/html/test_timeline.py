from __future__ import annotations

from collections.abc import Iterable

import pytest

from seatrial import events
from seatrial.events import Event, Phase
from seatrial.model.project import Stage
from seatrial.render.html.drawing import Drawing
from seatrial.render.html.timeline import SUITE, Bar, Timeline, critical_path, idle, ticks
from seatrial.render.record import Record
from tests.unit.render import runs


def bars_of(log: Iterable[Event]) -> list[Bar]:
    timeline = Timeline()
    for event in log:
        timeline.take(event)
    return timeline.bars()


def bar(subject: str, begin: float, end: float, environment: str = "") -> Bar:
    return Bar(SUITE, subject, environment, begin, end)


def names(bars: Iterable[Bar]) -> list[str]:
    return [one.subject for one in bars]


def test_everything_that_took_time_is_a_bar() -> None:
    log = runs.three_services()
    phases = [e for e in log if isinstance(e, events.PhaseFinished)]
    suites = [e for e in log if isinstance(e, events.SuiteStarted)]
    bars = bars_of(log)
    assert len(bars) == len(phases) + len(suites)
    assert [one.begin for one in bars] == sorted(one.begin for one in bars)
    assert all(one.ok and one.ended for one in bars)


def test_a_boot_tells_when_each_service_was_ready() -> None:
    boot = next(one for one in bars_of(runs.three_services()) if one.subject == "service:price-db")
    assert boot.kind == "boot"
    assert (boot.begin, boot.end) == pytest.approx((0.4, 5.0))
    assert dict(boot.services) == pytest.approx({"database": 2.3, "api": 4.6})


def test_a_suite_that_failed_is_not_good() -> None:
    bad = [one.subject for one in bars_of(runs.three_services(good=False)) if not one.ok]
    assert bad == ["service:price-db"]


def test_a_boot_that_a_signal_broke_off_is_cut_short_and_did_not_fail() -> None:
    def boot(*between: Event) -> list[bool]:
        end = events.PhaseFinished(3.0, Phase.BOOT, "service:api", 1.0, "service:api", ok=False)
        begun = events.PhaseStarted(2.0, Phase.BOOT, "service:api", "service:api")
        return [one.ended for one in bars_of([begun, *between, end])]

    assert boot(events.RunInterrupted(2.5, "SIGINT", 1)) == [False]
    assert boot() == [True]


def test_what_a_killed_run_was_at_goes_to_its_last_event() -> None:
    log: list[Event] = [
        runs.started(runs.planned(Stage.UNIT, "api")),
        events.SuiteStarted(1.0, "unit:api", "pytest"),
        events.PhaseStarted(2.0, Phase.BOOT, "service:api", "service:api"),
        events.Noticed(3.5, events.Notice.PINNED, "x"),
    ]
    assert [(one.begin, one.end, one.ended) for one in bars_of(log)] == [
        (1.0, 3.5, False),
        (2.0, 3.5, False),
    ]


def test_the_critical_path_is_told_from_its_end() -> None:
    bars = [bar("a", 0, 4), bar("b", 0, 3), bar("c", 3, 5), bar("d", 5.02, 9), bar("e", 5, 8)]
    assert names(critical_path(bars)) == ["b", "c", "d"]


def test_of_what_ended_together_the_same_environment_was_waited_for() -> None:
    boot, other = bar("boot", 0, 3.0, "service:api"), bar("other", 0, 3.01)
    suite = bar("suite", 3.02, 5, "service:api")
    assert names(critical_path([boot, other, suite])) == ["boot", "suite"]


def test_what_began_later_was_not_waited_for() -> None:
    assert names(critical_path([bar("long", 1.0, 4.0), bar("blink", 1.0, 1.0)])) == ["long"]


def test_what_went_on_a_little_longer_was_not_waited_for() -> None:
    bars = [bar("beside", 0, 5.0), bar("before", 0, 4.96), bar("next", 4.961, 7)]
    assert names(critical_path(bars)) == ["before", "next"]


def test_a_run_of_nothing_has_no_critical_path_and_is_idle() -> None:
    assert critical_path([]) == []
    assert idle([], 2.0) == [(0.0, 2.0)]


def test_idle_is_when_nothing_at_all_was_under_way() -> None:
    bars = [bar("a", 0.5, 2), bar("b", 1, 3), bar("c", 4, 5)]
    assert idle(bars, 5.01) == [(0.0, 0.5), (3, 4)]
    assert idle(bars, 6) == [(0.0, 0.5), (3, 4), (5, 6)]


@pytest.mark.parametrize("seconds", [0.004, 0.3, 1, 7.9, 59, 61, 600, 5000, 90_000])
def test_an_axis_has_few_marks_and_keeps_to_the_run(seconds: float) -> None:
    marks = ticks(seconds)
    assert marks[0] == 0
    assert len(marks) <= 9
    assert marks[-1] <= seconds


@pytest.mark.parametrize("seconds", [0.3, 1.0, 5.02, 10.01, 60.0, 61.0, 3600.0])
def test_what_is_written_at_a_mark_stays_on_the_page(seconds: float) -> None:
    marks = list(Drawing(Record(), seconds, frozenset()).ticks())
    assert marks
    assert all(part <= 93 for part, _ in marks)
