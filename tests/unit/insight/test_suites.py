from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial import events
from seatrial.config.model import SlowConfig
from seatrial.events import Event, Phase, PlannedSuite
from seatrial.insight.collecting import of_collection
from seatrial.insight.model import Cause, CauseKind, Parallel
from seatrial.insight.parallel import alone, parallel
from seatrial.insight.setups import Setups
from seatrial.insight.slow import insight
from seatrial.insight.sources import Sources
from seatrial.insight.timings import Timings, phase_times
from seatrial.model.project import Stage
from seatrial.model.result import CollectedLine, FixtureTime, SuiteResult, TestResult, Verdict
from tests.unit.insight.sources import FILE, FOLDER, causes, read, took

PLACE = f"{FOLDER}/{FILE}"
TEXT = """\
import pytest
import pandas
from a.rates import RATES
BIG = table()
@pytest.fixture(params=[1, 2])
def database(request):
    return connect()
def test_x(database): pass
"""
FILES = {FILE: TEXT, "a/rates.py": "RATES = work()\n"}
SOURCES = Sources(FOLDER, read(FILES))


def set_up(
    seconds: float, name: str = "database", scope: str = "function", line: int = 5
) -> FixtureTime:
    return FixtureTime(name, scope, FILE, line, seconds)


def results_with(*fixtures: FixtureTime) -> list[TestResult]:
    return [
        took(f"test_x[{number}]", setup=one.seconds, fixtures=(one,))
        for number, one in enumerate(fixtures)
    ]


def repeated(*fixtures: FixtureTime) -> list[Cause]:
    return list(Setups(SOURCES, results_with(*fixtures)).repeated(1.0))


@pytest.mark.parametrize("scope", ["function", "class", "module"])
def test_a_wider_scope_saves_all_set_ups_but_the_longest(scope: str) -> None:
    (cause,) = repeated(*(set_up(seconds, scope=scope) for seconds in (1.0, 1.25, 0.75)))
    assert (cause.kind, cause.file, cause.line) == (CauseKind.FIXTURE, PLACE, 6)
    assert (cause.name, cause.scope, cause.tests) == ("database", scope, 3)
    assert (cause.seconds, cause.saved) == (3.0, 1.75)


def test_each_parameter_of_a_fixture_is_set_up_once_whatever_the_scope() -> None:
    (cause,) = repeated(*(set_up(1.0, f"database[{n % 2}]") for n in range(6)))
    assert (cause.name, cause.tests, cause.saved) == ("database", 6, 4.0)


@pytest.mark.parametrize(
    "fixtures",
    [
        [set_up(1.0, scope="session")] * 3,
        [set_up(3.0)],
        [set_up(3.0), set_up(0.02), set_up(0.02)],
        [set_up(1.0, f"database[{n}]") for n in range(3)],
        [replace(set_up(1.0), file="../../.venv/plugin.py")] * 3,
        [set_up(0.1)] * 3,
    ],
    ids=["widest", "once", "shared", "parameters", "of a plugin", "quick"],
)
def test_what_a_wider_scope_would_not_save_is_not_told(fixtures: list[FixtureTime]) -> None:
    assert repeated(*fixtures) == []


def test_a_slow_test_names_the_fixture_that_others_set_up_again() -> None:
    results = results_with(set_up(1.0), set_up(1.5))
    found = causes(FILES, *results).of(results[0])
    narrow = Cause(CauseKind.FIXTURE, PLACE, 6, 1.0, 1.0, "database", scope="function", tests=2)
    assert found == (narrow,)
    busy = replace(results[0], seconds=9.0)
    assert causes(FILES, *results).of(busy) == ()


def test_a_line_of_the_collection_is_told_where_it_can_be_mended() -> None:
    lines = (
        CollectedLine(True, FILE, 2, 2.0, "pandas"),
        CollectedLine(False, "a/rates.py", 1, 1.5, "a.rates", FILE, 3),
        CollectedLine(False, FILE, 4, 1.0, "test_a"),
        CollectedLine(False, FILE, 4, 0.5, "test_a"),
        CollectedLine(True, "/usr/lib/plugin.py", 4, 3.0, "numpy"),
        CollectedLine(True, "../../../outside.py", 4, 3.0, "numpy"),
    )
    works = f"{FOLDER}/a/rates.py:1"
    assert list(of_collection(lines, SOURCES, 1.0)) == [
        Cause(CauseKind.IMPORT, PLACE, 2, 2.0, 2.0, "pandas"),
        Cause(CauseKind.IMPORT, PLACE, 3, 1.5, 1.5, "a.rates", works=works),
        Cause(CauseKind.COLLECTION, PLACE, 4, 1.0, 1.0),
    ]


def some(number: int, seconds: float) -> list[TestResult]:
    """Return tests that took as long each, every one in a file of its own."""
    return [took("test_x", call=seconds, file=f"tests/test_{n}.py") for n in range(number)]


def saved(tests: list[TestResult], seconds: float, processors: float) -> float:
    found = parallel(tests, seconds=seconds, processors=processors)
    return found.saved if found else 0.0


def test_workers_share_the_files_and_each_does_the_rest_anew() -> None:
    found = parallel(some(8, 1.0), seconds=8.5, processors=2.7)
    assert found is not None
    assert found == Parallel(2, 8, 1.0, found.saved)
    start_and_again = 0.5 + 1.2 * 0.5
    assert found.saved == pytest.approx(8.5 - start_and_again - 4.0)


def test_no_worker_is_quicker_than_the_longest_file() -> None:
    tests = [*some(6, 0.5), *(took(f"test_{n}", call=1.0, file="test_long.py") for n in range(5))]
    found = parallel(tests, seconds=8.0, processors=4)
    assert found is not None
    assert (found.workers, found.longest) == (2, 5.0)
    assert found.saved == pytest.approx(8.0 - 0.5 - 5.0)


def test_what_a_process_sets_up_once_each_worker_sets_up_anew() -> None:
    server = FixtureTime("server", "session", FILE, 5, 4.0)
    tests = [took("test_first", setup=4.0, fixtures=(server,)), *some(8, 1.0)]
    assert saved(tests, 12.0, 2) == pytest.approx(12.0 - 0.5 - 1.2 * 4.0 - 4.0)


@pytest.mark.parametrize(
    ("tests", "seconds", "processors"),
    [
        (some(8, 0.05), 0.9, 8.0),
        (some(8, 1.0), 40.0, 2.0),
        (some(1, 8.0), 8.1, 8.0),
        ([took(f"test_{n}", call=1.0) for n in range(8)], 8.1, 8.0),
        (some(8, 1.0), 8.1, 1.9),
        (some(8, 1.0), 4.2, 8.0),
        ([], 0.1, 8.0),
    ],
    ids=["short", "overhead", "one test", "one file", "no processor", "at once", "no test"],
)
def test_where_workers_would_not_pay_nothing_is_said(
    tests: list[TestResult], seconds: float, processors: float
) -> None:
    assert parallel(tests, seconds=seconds, processors=processors) is None


def test_what_else_ran_took_its_processors() -> None:
    assert alone((2.0, 6.0), [(0.0, 4.0), (5.0, 9.0), (7.0, 8.0)], 4) == 4 - 3.0 / 4.0
    assert alone((2.0, 2.0), [], 4) == 0.0


def suite(name: str, stage: Stage = Stage.UNIT, environment: str = "") -> PlannedSuite:
    return PlannedSuite(f"{stage}:{name}", stage, name, "pytest", environment, f"services/{name}")


def run_of(*suites: PlannedSuite, told: list[Event]) -> Timings:
    begin = events.RunStarted(0.0, "r", "shop", "/repo", "0.1.0", 1.7e9, 2, suites)
    return Timings([begin, *told])


def ended(suite: PlannedSuite, at: float) -> Event:
    return events.SuiteFinished(at, SuiteResult(suite.id, Verdict.PASSED))


def test_only_unit_tests_that_do_not_run_at_once_yet_are_said_to_gain() -> None:
    def gains(stage: Stage, workers: int = 0) -> bool:
        one = suite("a", stage)
        told: list[Event] = [
            events.SuiteStarted(0.1, one.id, "pytest"),
            *(events.TestFinished(5.0, one.id, test) for test in some(8, 1.0)),
            events.SuiteFinished(8.7, SuiteResult(one.id, Verdict.PASSED, workers=workers)),
        ]
        found = insight(run_of(one, told=told), (), SlowConfig(), lambda _: None, 2)
        assert found is not None
        return any(each.parallel for each in found.suites)

    assert gains(Stage.UNIT)
    assert not gains(Stage.SERVICE)
    assert not gains(Stage.UNIT, workers=2)


def test_suites_wait_for_their_environment_and_then_for_their_turn() -> None:
    first, second = suite("a"), suite("b")
    service = suite("a", Stage.SERVICE, environment="a")
    told: list[Event] = [
        events.PhaseFinished(1.0, Phase.SYNC, "services/a", 1.0),
        events.SuiteStarted(1.0, first.id, "pytest"),
        ended(first, 4.0),
        events.SuiteStarted(4.0, second.id, "pytest"),
        ended(second, 5.0),
        events.StageFinished(5.0, Stage.UNIT, Verdict.PASSED, 5.0),
        events.EnvironmentReady(7.0, "a", 3.0),
        events.SuiteStarted(7.5, service.id, "pytest"),
    ]
    timings = run_of(first, second, service, told=told)
    assert [(kind, wait) for kind, wait in timings.waits() if wait] == [
        ("wait-turn", 4.0),
        ("wait-environment", 2.0),
        ("wait-turn", 0.5),
    ]
    phases = {one.phase: (one.seconds, one.number) for one in phase_times(timings)}
    assert phases["wait-environment"] == (2.0, 1)
    assert phases["wait-turn"] == (4.5, 2)
