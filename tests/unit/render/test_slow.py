from __future__ import annotations

import json

from seatrial.insight.model import (
    Cause,
    CauseKind,
    Collection,
    Insight,
    Outlier,
    PhaseTime,
    SlowTest,
)
from seatrial.model.project import Stage
from seatrial.render.choose import Choice, Display
from seatrial.render.slow import slow_json, slow_lines

PLAIN = Choice(Display.PLAIN)
FILE = "services/a/tests/unit/test_a.py"
CAUSES = (
    Cause(CauseKind.SLEEP, FILE, 3, 2.0, saved=2.0),
    Cause(CauseKind.TIMEOUT, FILE, 4, 0.25),
    Cause(CauseKind.FIXTURE, FILE, 9, 1.5, name="database", tests=3),
)
SLOW = SlowTest(
    "unit:a",
    Stage.UNIT,
    "test_a.py::test_x",
    3.75,
    1.0,
    (("set-up", 1.5), ("call", 2.25), ("teardown", 0.0001)),
    read=True,
    causes=CAUSES,
)
FOUND = Insight(
    run="20260102-000000-aaaaaa",
    seconds=75.2,
    tests=4,
    phases=(PhaseTime("build", 12.0, 1), PhaseTime("call", 2.5, 4), PhaseTime("drain", 0.1, 1)),
    slow=(SLOW, SlowTest("unit:b", Stage.UNIT, "b > x", 1.0, 1.0)),
    outliers=(Outlier("unit:a", Stage.UNIT, "test_a.py::test_x", 3.75, 0.5, 0.01, 12),),
    collections=(Collection("unit:a", 2.5, CAUSES[:1]),),
)


def test_all_that_is_known_is_told_with_its_place() -> None:
    sleeps = f"    {FILE}:3  sleeps 2s; waiting for the condition instead saves up to that"
    assert slow_lines(FOUND, PLAIN) == [
        "run 20260102-000000-aaaaaa: 1m15s, 4 tests",
        "",
        "where the time went (what runs at once counts each for itself)",
        "    build             12.00s  1 image",
        "    tests themselves   2.50s  4 tests",
        "    drain              0.10s  1 time",
        "",
        "slow collection",
        "2.50s  unit:a",
        sleeps,
        "",
        "slow tests",
        "3.75s  unit:a  test_a.py::test_x  (limit 1s; set-up 1.50s, call 2.25s)",
        sleeps,
        f"    {FILE}:4  a timeout of 0.25s, and the test took as long: it was waited out",
        f"    {FILE}:9  set-up takes 1.50s: fixture database, of function scope, is made anew for "
        "each of 3 tests in the file",
        "1.00s  unit:b  b > x  (limit 1s)",
        "    its source was not read",
        "",
        "slower than they were",
        "3.75s  unit:a  test_a.py::test_x  (median 0.50s of 12 runs)",
    ]


def test_where_nothing_is_slow_that_is_said() -> None:
    quick = Insight("r", 0.4, 0, (), (), (), ())
    assert slow_lines(quick, PLAIN) == ["run r: 0.4s, 0 tests", "", "no slow tests"]


def test_a_source_without_a_cause_is_told_from_one_that_was_not_read() -> None:
    read = SlowTest("unit:a", Stage.UNIT, "x", 1.0, 1.0, read=True)
    lines = slow_lines(Insight("r", 2.0, 1, (), (read,), (), ()), PLAIN)
    assert lines[-1] == "    no cause found in the source"


def test_colours_are_there_where_they_are_asked_for() -> None:
    lines = slow_lines(FOUND, Choice(Display.PLAIN, colour=True))
    assert any("\x1b[33m3.75s" in line for line in lines)


def test_json_is_one_object_of_all() -> None:
    document = json.loads(slow_json(FOUND))
    assert document["v"] == 1
    assert document["run"] == FOUND.run
    assert document["slow"][0]["causes"][2] == {
        "kind": "fixture",
        "file": FILE,
        "line": 9,
        "seconds": 1.5,
        "saved": None,
        "name": "database",
        "tests": 3,
    }
    assert document["outliers"][0]["median"] == 0.5
    assert document["collections"][0]["suite"] == "unit:a"
