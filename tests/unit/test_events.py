from __future__ import annotations

import json
import typing

import pytest

from seatrial import events
from seatrial.model.coverage import Covered
from seatrial.model.environment import Endpoint
from seatrial.model.project import Stage
from seatrial.model.result import (
    Counts,
    Doubt,
    Outcome,
    Problem,
    RunResult,
    SuiteResult,
    TestResult,
    Verdict,
)

FAILURE = TestResult(
    "tests/test_a.py::test_b[é]",
    Outcome.FAILED,
    0.25,
    "assert 1 == 2",
    "E  assert 1 == 2",
    "tests/test_a.py",
    7,
    1700000000.0,
    (("setup", 0.1), ("call", 0.15)),
)
SUITE = SuiteResult(
    "unit:a",
    Verdict.FAILED,
    1.5,
    Counts(passed=3, failed=1),
    (FAILURE,),
    Doubt.NONE,
    1,
    Problem("it broke", "a.yml:3", "mend it", ("line",), 3),
)
ENDPOINT = Endpoint("db", 5432, "127.0.0.1", 40000)
SAMPLES: list[events.Event] = [
    events.RunStarted(
        0.0,
        "r1",
        "shop",
        "/repo",
        "0.1.0",
        1.0,
        2,
        (events.PlannedSuite("unit:a", Stage.UNIT, "a", "pytest"),),
    ),
    events.InputsKnown(0.0, "c0ffee"),
    events.RuntimeChosen(0.1, "process", events.RuntimeReason.NO_ENGINE, "no socket"),
    events.Noticed(0.1, events.Notice.PORT_MOVED, "db", "5432 -> 40000"),
    events.PhaseStarted(0.1, events.Phase.BOOT, "a", "a"),
    events.PhaseFinished(0.2, events.Phase.BOOT, "a", 0.1, "a", True),
    events.ServiceReady(0.2, "a", "db", 0.1),
    events.EnvironmentReady(0.2, "a", 0.1, (ENDPOINT,)),
    events.EnvironmentFailed(0.2, "a", Problem("no", detail=("one", "two"))),
    events.EnvironmentRemoved(0.3, "a", 0.1),
    events.EnvironmentKept(0.3, "a", (ENDPOINT,), {"TEST_API_URL": "http://localhost:1"}),
    events.StageStarted(0.3, Stage.SERVICE),
    events.StageFinished(0.4, Stage.SERVICE, Verdict.PASSED, 0.1),
    events.SuiteStarted(0.3, "unit:a", "pytest tests/unit"),
    events.SuiteRetried(0.3, "unit:a", 2, ("test_b",), "pytest tests/unit"),
    events.TestsCollected(0.3, "unit:a", 4),
    events.TestStarted(0.3, "unit:a", "test_b"),
    events.TestFinished(0.3, "unit:a", FAILURE),
    events.SuiteOutput(0.3, "unit:a", "half a character �"),
    events.SuiteFinished(0.4, SUITE),
    events.ServiceLogged(0.4, "a", "db", "LOG: ready"),
    events.CoverageReported(0.4, "/reports", (Covered("web", 1, 10, 5, 2, 1),)),
    events.RunInterrupted(0.4, "SIGINT", 1),
    events.RunFinished(0.5, RunResult(Verdict.FAILED, 1, 0.5, (SUITE,))),
]


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_survives_the_way_through_json(event: events.Event) -> None:
    assert events.from_json(events.to_json(event)) == event


def test_there_is_a_sample_of_every_kind() -> None:
    assert {type(sample) for sample in SAMPLES} == set(typing.get_args(events.Event))


def test_a_line_carries_its_schema_version() -> None:
    assert json.loads(events.to_json(SAMPLES[0]))["v"] == events.SCHEMA_VERSION


def test_a_field_that_this_version_does_not_know_is_dropped() -> None:
    line = events.to_json(events.RunInterrupted(0.4, "SIGINT", 1))
    newer = json.dumps({**json.loads(line), "mood": "calm"})
    assert events.from_json(newer) == events.RunInterrupted(0.4, "SIGINT", 1)


@pytest.mark.parametrize(
    "line", ['{"v":1,"event":"Nonsense"}', '{"v":99,"event":"RunInterrupted"}']
)
def test_a_line_of_an_unknown_kind_or_version_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="known kind and version"):
        events.from_json(line)


@pytest.mark.parametrize("at", ['"soon"', "null", "NaN", "-Infinity", "1e999", "1e300", "[]"])
def test_a_value_of_another_type_is_refused(at: str) -> None:
    with pytest.raises(ValueError, match="is no "):
        events.from_json(f'{{"v":1,"event":"StageStarted","at":{at},"stage":"unit"}}')
