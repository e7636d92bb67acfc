from __future__ import annotations

import json

import pytest

from seatrial.discover.doctor import Examination, Finding, State, Subject
from seatrial.render.doctor import doctor_json, doctor_lines


def examination(state: State) -> Examination:
    return Examination(tuple(Finding(subject, state, "1.2.3", "/x") for subject in Subject))


@pytest.mark.parametrize("subject", [s for s in Subject if s is not Subject.PYTHON])
@pytest.mark.parametrize("state", [State.WEAK, State.MISSING])
def test_each_lack_says_what_it_costs_and_how_to_mend_it(subject: Subject, state: State) -> None:
    found, cost, mend, *_ = doctor_lines(Examination((Finding(subject, state),)))
    assert found
    assert cost.strip()
    assert mend.strip().startswith("→ ")
    assert len(mend.strip()) > 4


def test_what_is_good_takes_one_line() -> None:
    lines = doctor_lines(examination(State.GOOD))
    assert len(lines) == len(Subject) + 2
    assert lines[0].split() == ["✓", "git", "1.2.3", "/x"]
    assert lines[-1] == "Environments can run on Docker and local processes."


def test_a_missing_thing_is_not_found() -> None:
    lines = doctor_lines(Examination((Finding(Subject.NODE, State.MISSING),)))
    assert lines[0].split() == ["✗", "Node.js", "not", "found"]
    assert "left out" in lines[1]
    assert lines[-1].startswith("No runtime can be had")


def test_the_lines_can_be_plain_ascii() -> None:
    for line in doctor_lines(examination(State.MISSING), ascii=True):
        assert line.isascii()


def test_json_says_the_same_in_a_versioned_document() -> None:
    document = json.loads(doctor_json(Examination((Finding(Subject.GO, State.MISSING),))))
    assert (document["v"], document["runtimes"], document["exit_code"]) == (1, [], 3)
    (only,) = document["findings"]
    assert only["subject"] == "go"
    assert only["state"] == "missing"
    assert "left out" in only["cost"]
    assert "cost" not in json.loads(doctor_json(examination(State.GOOD)))["findings"][0]
