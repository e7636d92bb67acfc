from __future__ import annotations

import json

from seatrial.insight.model import (
    EACH,
    Cause,
    CauseKind,
    Insight,
    Outlier,
    Parallel,
    PhaseTime,
    SlowSuite,
    SlowTest,
)
from seatrial.model.project import Stage
from seatrial.render.choose import Choice, Display
from seatrial.render.slow import slow_json, slow_lines, why

PLAIN = Choice(Display.PLAIN)
FILE = "services/a/tests/unit/test_a.py"
CAUSES = (
    Cause(CauseKind.SLEEP, FILE, 3, 2.0, saved=2.0),
    Cause(CauseKind.TIMEOUT, FILE, 4, 0.25, saved=0.25),
    Cause(CauseKind.FIXTURE, FILE, 9, 1.5, 3.0, "database", scope="function", tests=3),
)
IMPORTS = (
    Cause(CauseKind.COLLECTION, FILE, 5, 1.5, saved=1.5),
    Cause(CauseKind.IMPORT, FILE, 1, 0.75, 0.75, "a.rates", works="services/a/a/rates.py:9"),
    Cause(CauseKind.IMPORT, FILE, 2, 0.5, 0.5),
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
    outliers=(Outlier("unit:a", Stage.UNIT, "test_a.py::test_x", 3.75, 0.5, 0.01, 12, "call"),),
    suites=(SlowSuite("unit:a", Stage.UNIT, 9.5, 2.5, IMPORTS, Parallel(2, 8, 0.5, 1.25)),),
)


def test_all_that_is_known_is_told_with_its_place() -> None:
    importing = "importing or working only where it is needed saves up to that"
    assert slow_lines(FOUND, PLAIN) == [
        "run 20260102-000000-aaaaaa: 1m15s, 4 tests",
        "",
        "where the time went (what runs at once counts each for itself)",
        "    build             12.00s  1 image",
        "    tests themselves   2.50s  4 tests",
        "    drain              0.10s  1 time",
        "",
        "slow suites",
        "9.50s  unit:a  (collection 2.50s)",
        f"    {FILE}:5  works 1.50s whenever the file is collected; a fixture saves up to that",
        f"    {FILE}:1  the import of a.rates takes 0.75s, in services/a/a/rates.py:9; {importing}",
        f"    {FILE}:2  the import of a module takes 0.50s; {importing}",
        "    pytest-xdist with 2 workers saves 1.25s: 8 files, the longest of 0.50s",
        "",
        "slow tests",
        "3.75s  unit:a  test_a.py::test_x  (limit 1s; set-up 1.50s, call 2.25s)",
        f"    {FILE}:3  sleeps 2s; waiting for the condition saves up to that",
        f"    {FILE}:4  a timeout of 0.25s is waited out; "
        "waiting for what does come saves up to that",
        f"    {FILE}:9  database is set up 3 times, 1.50s here; "
        "a wider scope than function saves 3.00s in all",
        "1.00s  unit:b  b > x  (limit 1s)",
        "    its source was not read",
        "",
        "slower than they were",
        "3.75s  unit:a  test_a.py::test_x  (median 0.50s of 12 runs; most of it in call)",
    ]


def test_a_hook_of_each_test_may_be_one_of_all() -> None:
    hook = Cause(CauseKind.FIXTURE, FILE, 9, 1.5, 3.0, "beforeEach", scope=EACH, tests=3)
    assert why(hook) == "beforeEach is set up 3 times, 1.50s here; beforeAll saves 3.00s in all"


def test_where_nothing_is_slow_that_is_said() -> None:
    quick = Insight("r", 0.4, 0, (), (), (), ())
    assert slow_lines(quick, PLAIN) == ["run r: 0.4s, 0 tests", "", "no slow tests"]


def test_a_source_without_a_cause_is_told_from_one_that_was_not_read() -> None:
    read = SlowTest("unit:a", Stage.UNIT, "x", 1.0, 1.0, read=True)
    lines = slow_lines(Insight("r", 2.0, 1, (), (), (read,), ()), PLAIN)
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
        "saved": 3.0,
        "name": "database",
        "scope": "function",
        "tests": 3,
        "works": "",
    }
    assert document["outliers"][0]["median"] == 0.5
    assert document["suites"][0]["parallel"] == {
        "workers": 2,
        "files": 8,
        "longest": 0.5,
        "saved": 1.25,
    }
