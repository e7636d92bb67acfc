from __future__ import annotations

import pytest

from seatrial.history.model import PastSuite
from seatrial.model.project import Stage
from seatrial.render.html.past import Past, pasts
from seatrial.render.record import Record
from tests.unit.render import runs


def fared(*rows: tuple[str, str, float]) -> Past:
    plan = runs.planned(Stage.UNIT, "api")
    record = Record()
    record.take(runs.started(plan))
    found = [
        PastSuite(plan.id, run, 1.7e9, verdict, seconds, 3, 0) for run, verdict, seconds in rows
    ]
    (past,) = pasts(found, record)
    return past


def test_the_usual_time_is_the_median_of_good_runs_before() -> None:
    past = fared(
        ("r1", "passed", 2.0), ("r2", "failed", 90.0), ("r3", "passed", 4.0), ("a1b2", "passed", 3)
    )
    assert (past.usual, past.seconds, past.word) == ("3.0s", "3.0s", "")
    assert past.failed == "1 of 4"
    assert [time.good for time in past.times] == [True, False, True, True]
    assert past.times[1].height == 100
    assert past.told == "4 runs, 1 failed, from 2.0s to 1m30s"


@pytest.mark.parametrize(("now", "word"), [(4.1, "slower"), (2.0, "faster"), (3.3, ""), (2.8, "")])
def test_a_time_that_is_far_from_the_usual_has_a_word(now: float, word: str) -> None:
    assert fared(("r1", "passed", 3.0), ("a1b2", "passed", now)).word == word


def test_a_first_run_has_no_usual_time() -> None:
    past = fared(("a1b2", "passed", 0.0))
    assert (past.usual, past.word, past.times[0].height) == ("-", "", 0)


def test_a_suite_that_is_not_of_the_run_is_not_told() -> None:
    record = Record()
    record.take(runs.started(runs.planned(Stage.UNIT, "api")))
    assert pasts([PastSuite("unit:gone", "r1", 1.7e9, "passed", 1.0, 1, 0)], record) == ()
