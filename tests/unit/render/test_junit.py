from __future__ import annotations

import stat
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial import events
from seatrial.errors import UsageError
from seatrial.events import Event
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, Problem, SuiteResult, TestResult, Verdict
from seatrial.render.base import replay
from seatrial.render.junit import Junit, document
from seatrial.render.record import Record

from . import runs
from .runs import planned, started

# What junit-10.xsd of Jenkins' xUnit plugin allows: attributes, then children in their order.
SHAPE = {
    "testsuites": ("name time tests failures disabled errors", "testsuite"),
    "testsuite": (
        "name tests failures errors time skipped timestamp hostname id package disabled",
        "properties testcase system-out system-err",
    ),
    "testcase": (
        "name classname time assertions status",
        "skipped error failure rerunError rerunFailure flakyFailure flakyError system-out",
    ),
    "failure": ("message type", ""),
    "error": ("message type", ""),
    **dict.fromkeys(
        ("rerunFailure", "rerunError", "flakyFailure", "flakyError"),
        ("message type", "stackTrace system-out system-err"),
    ),
    "stackTrace": ("", ""),
    "skipped": ("message type", ""),
    "system-out": ("", ""),
}


def report(log: list[Event]) -> Xml.Element:
    record = Record()
    for event in log:
        record.take(event)
    root = Xml.fromstring(document(record))
    assert_shape(root)
    return root


def assert_shape(element: Xml.Element) -> None:
    attributes, children = (words.split() for words in SHAPE[element.tag])
    assert set(element.attrib) <= set(attributes)
    order = [children.index(child.tag) for child in element]
    assert order == sorted(order)
    if element.tag == "testsuite":
        cases = element.findall("testcase")
        assert element.get("tests") == str(len(cases))
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(name, "0")) == sum(case.find(tag) is not None for case in cases)
    for child in element:
        assert_shape(child)


def case(root: Xml.Element, name: str) -> Xml.Element:
    return next(c for c in root.iter("testcase") if c.get("name") == name)


def one_test(result: TestResult) -> list[Event]:
    plan = planned(Stage.UNIT, "catalog")
    return [started(plan), *runs.suite(plan, 0.0, 1.0, 1, (result,))]


def test_every_test_is_a_case_of_its_suite() -> None:
    root = report(runs.three_services())
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("1123", "0", "0")
    assert [suite.get("name") for suite in root][:2] == ["unit:price-db", "unit:orchestrator"]


def test_a_failure_has_its_message_traceback_command_and_logs() -> None:
    failed = case(report(runs.three_services(good=False)), "test_rounding")
    assert failed.get("classname") == "service:price-db.tests/integration/test_prices.py"
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "assert 1049 == 1050"
    assert f"again: {runs.AGAIN}" in (failure.text or "")
    assert "numeric field" in failed.findtext("system-out", "")


def test_a_suite_that_never_ran_is_an_error() -> None:
    root = report(runs.three_services(good=False))
    never = next(suite for suite in root if suite.get("name") == "integration:shop")
    error = never.find("testcase/error")
    assert error is not None
    assert error.get("message") == "not run"


def test_an_environment_that_could_not_be_had_is_an_error_with_its_evidence() -> None:
    root = report(runs.no_environment())
    error = root.find("testsuite[@name='service:catalog']/testcase/error")
    assert error is not None
    assert "FATAL:  data directory has wrong ownership" in (error.text or "")


def test_a_deadline_is_an_error() -> None:
    plan = planned(Stage.UNIT, "catalog")
    problem = Problem("the suite did not end within 5 s", exit_code=4)
    result = SuiteResult(plan.id, Verdict.DEADLINE, 5.0, problem=problem)
    log: list[Event] = [
        started(plan),
        events.SuiteStarted(0.0, plan.id, "pytest"),
        events.SuiteFinished(5.0, result),
    ]
    error = report(log).find("testsuite/testcase/error")
    assert error is not None
    assert error.get("message") == "deadline passed"


def test_a_run_that_was_cut_off_says_so() -> None:
    root = report(runs.three_services()[:3])
    assert root.get("errors") == "6"


def test_control_characters_are_written_so_that_they_can_be_read() -> None:
    root = report(one_test(TestResult("t", Outcome.FAILED, 0, "\x1b[31mbell\x1b[0m \x07", "\x00")))
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.text == "\\x00"
    assert (failure.get("message") or "").startswith("bell")


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
@settings(deadline=None)
def test_any_text_makes_a_report_that_parses(name: str, text: str) -> None:
    report(one_test(TestResult(name, Outcome.FAILED, 0.0, text, text)))


def test_the_file_is_written_whole_when_the_run_is_over(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "junit.xml"
    junit = Junit(path)
    for event in runs.three_services():
        junit.event(event)
    assert not path.exists()
    junit.close()
    junit.close()
    assert Xml.parse(path).getroot().tag == "testsuites"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & stat.S_IRUSR


def test_a_path_that_cannot_be_written_is_a_usage_error_that_names_it(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(UsageError, match=r"could not be written to .*junit\.xml") as caught:
        replay(runs.three_services(), Junit(blocked / "junit.xml"))
    assert caught.value.mend
