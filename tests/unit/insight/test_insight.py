from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seatrial import events
from seatrial.config.model import SlowConfig
from seatrial.events import Phase, PlannedSuite
from seatrial.insight.model import CauseKind, Insight, PhaseTime
from seatrial.insight.slow import insight
from seatrial.insight.timings import Timings
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, TestResult
from tests.unit.insight.sources import took

SLEEPS = "import time\ndef test_x():\n    time.sleep(1)\ndef test_y(): pass\n"


def timings(
    tests: Iterable[TestResult],
    *,
    run: str = "r",
    stage: Stage = Stage.UNIT,
    runner: str = "pytest",
    collected: float = 0.5,
) -> Timings:
    plan = PlannedSuite("s", stage, "a", runner, folder="services/a")
    return Timings(
        [
            events.RunStarted(0.0, run, "shop", "/repo", "0.1.0", 1.7e9, 2, (plan,)),
            events.PhaseFinished(0.25, Phase.SYNC, "services/a", 0.25),
            events.PhaseFinished(0.3, Phase.SYNC, "services/b", 0.3),
            events.SuiteStarted(0.25, "s", "pytest"),
            events.TestsCollected(0.25 + collected, "s", 2),
            *(events.TestFinished(5.0, "s", test) for test in tests),
        ]
    )


def look(this: Timings, *earlier: Timings, limits: SlowConfig | None = None) -> Insight:
    files = {"services/a/tests/unit/test_a.py": SLEEPS}
    found = insight(this, earlier, limits or SlowConfig(), files.get, processors=2)
    assert found is not None
    return found


def test_each_phase_is_summed_in_the_order_of_a_run() -> None:
    found = look(timings([took("test_x", setup=0.5, call=1), took("test_y", call=0.25)]))
    assert found.phases == (
        PhaseTime("sync", 0.55, 2),
        PhaseTime("collect", 0.5, 1),
        PhaseTime("set-up", 0.5, 2),
        PhaseTime("call", 1.25, 2),
        PhaseTime("teardown", 0.0, 2),
    )


def test_a_runner_without_phases_has_its_tests_counted_whole() -> None:
    whole = replace(took("test_x", call=2.0), phases=())
    found = look(timings([whole], runner="vitest"))
    assert found.phases[-1] == PhaseTime("tests", 2.0, 1)
    assert [(test.read, test.causes) for test in found.slow] == [(False, ())]


def test_slow_tests_have_their_causes_and_the_slowest_is_first() -> None:
    found = look(timings([took("test_x", call=1.1), took("test_y", call=3.0)]))
    assert [test.test.partition("::")[2] for test in found.slow] == ["test_y", "test_x"]
    assert [[cause.kind for cause in test.causes] for test in found.slow] == [
        [],
        [CauseKind.SLEEP],
    ]
    assert all(test.read for test in found.slow)


def test_each_stage_has_its_limit() -> None:
    tests = [took("test_x", call=3.0)]
    assert [t.limit for t in look(timings(tests)).slow] == [1.0]
    assert look(timings(tests, stage=Stage.SERVICE)).slow == ()
    longer = SlowConfig(unit=10.0, service=2.0)
    assert look(timings(tests), limits=longer).slow == ()
    assert [t.limit for t in look(timings(tests, stage=Stage.SERVICE), limits=longer).slow] == [2.0]


def test_a_test_is_held_against_its_own_passed_runs() -> None:
    before = [timings([took("test_x", call=0.1)], run=f"r{n}") for n in range(6)]
    failed = replace(took("test_x", call=9.0), outcome=Outcome.FAILED)
    found = look(timings([took("test_x", call=0.5)]), *before, timings([failed]))
    (one,) = found.outliers
    assert (one.seconds, one.median, one.mad, one.runs) == (0.5, 0.1, 0.0, 6)
    assert look(timings([took("test_x", call=0.12)]), *before).outliers == ()
    assert look(timings([took("test_y", call=0.5)]), *before).outliers == ()


def test_an_outlier_has_the_phase_that_grew_and_its_causes() -> None:
    before = [
        timings([took("test_x", setup=0.4, call=0.1)], run=f"r{n}", collected=0.1) for n in range(5)
    ]
    (one,) = look(timings([took("test_x", setup=0.4, call=1.1)]), *before).outliers
    assert one.phase == "call"
    assert [cause.kind for cause in one.causes] == [CauseKind.SLEEP]


def test_a_suite_without_anything_to_mend_is_not_told() -> None:
    assert look(timings([took("test_x")])).suites == ()


def test_a_record_without_a_beginning_tells_nothing() -> None:
    assert insight(Timings(), (), SlowConfig(), lambda _: None, 2) is None
