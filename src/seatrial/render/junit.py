"""A JUnit XML report, in the shape that Jenkins' xUnit plugin and the readers of CI systems share.

Only elements and attributes of Jenkins' ``junit-10.xsd`` are used. Attempts of a test are told as
Maven's Surefire does: ``flakyFailure`` where it passed at last, else ``rerunFailure``. A suite that
never ran, an environment that could not be had and a deadline are errors, so that no reader takes
a run that ended early for a good one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

from seatrial.errors import UsageError
from seatrial.events import Event
from seatrial.host.files import write_atomically
from seatrial.model.result import Attempt, Outcome, Problem, TestResult, Verdict
from seatrial.render.failures import reason
from seatrial.render.record import Failure, Record, SuiteRecord
from seatrial.render.text import VERDICTS, assertion_lines, first_failure, problem_lines
from seatrial.render.width import one_line

# What XML 1.0 has no way to hold, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")


class Junit:
    """Writes the report when the run has ended, or when it is closed before that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._record = Record()
        self._closed = False

    def event(self, event: Event) -> None:
        """Keep what the report needs."""
        self._record.take(event)

    def tick(self, now: float) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Write the file. Raises ``UsageError`` where that cannot be."""
        if self._closed:
            return
        self._closed = True
        try:
            write_atomically(self._path, document(self._record))
        except OSError as error:
            raise UsageError(
                f"the JUnit report could not be written to {self._path}: {error.strerror}",
                mend="give --junit a path that this user may write",
            ) from error


def document(record: Record) -> str:
    """Return the report as text."""
    root = Xml.Element(
        "testsuites", name=xml_text(record.started.project if record.started else "")
    )
    suites = [_suite(record, suite) for suite in record.suites.values()]
    problems = record.problems()
    if problems:
        suites.append(_problems(problems))
    root.extend(suites)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", f"{record.result.seconds if record.result else 0.0:.3f}")
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(record: Record, suite: SuiteRecord) -> Xml.Element:
    result = suite.result
    cases = [_case(record, suite, test) for test in suite.tests.values()]
    errors = sum(test.outcome is Outcome.ERROR for test in suite.tests.values())
    whole = _whole(record, suite)
    if whole is not None:
        cases.append(whole)
        errors += 1
    outcomes = [test.outcome for test in suite.tests.values()]
    started = record.started.started + (suite.started or 0.0) if record.started else 0.0
    element = Xml.Element(
        "testsuite",
        name=xml_text(suite.planned.id),
        tests=str(len(cases)),
        failures=str(outcomes.count(Outcome.FAILED)),
        errors=str(errors),
        skipped=str(outcomes.count(Outcome.SKIPPED) + outcomes.count(Outcome.XFAILED)),
        time=f"{result.seconds if result else 0.0:.3f}",
        timestamp=datetime.fromtimestamp(started, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
    )
    element.extend(cases)
    return element


def _case(record: Record, suite: SuiteRecord, test: TestResult) -> Xml.Element:
    head, _, name = test.id.rpartition("::") if "::" in test.id else test.id.rpartition(" > ")
    case = Xml.Element(
        "testcase",
        classname=xml_text(f"{suite.planned.id}.{head}" if head else suite.planned.id),
        name=xml_text(name),
        time=f"{test.seconds:.3f}",
    )
    if test.outcome in (Outcome.FAILED, Outcome.ERROR):
        # As Maven's Surefire has it: what happened first, then what happened in each other attempt.
        first = first_failure(test)
        kind = "failure" if first.outcome is Outcome.FAILED else "error"
        again = f"\nagain: {test.again}" if test.again else ""
        child(case, kind, "\n".join(assertion_lines(first)), first.text + again)
        for attempt in test.earlier[1:]:
            _attempt(case, "rerun", attempt)
        if test.earlier:
            _attempt(case, "rerun", test)
        logs = _logs(record, suite, test)
        if logs:
            Xml.SubElement(case, "system-out").text = xml_text("\n".join(logs))
    elif test.is_flaky:
        for attempt in test.earlier or (Attempt(Outcome.FAILED),):
            _attempt(case, "flaky", attempt)
        logs = _logs(record, suite, test)
        if logs:
            Xml.SubElement(case, "system-out").text = xml_text("\n".join(logs))
    elif test.outcome in (Outcome.SKIPPED, Outcome.XFAILED):
        Xml.SubElement(case, "skipped", message=xml_text(one_line(test.message)))
    return case


def _attempt(case: Xml.Element, prefix: str, attempt: Attempt | TestResult) -> None:
    kind = "Failure" if attempt.outcome is Outcome.FAILED else "Error"
    said = TestResult("", attempt.outcome, message=attempt.message, text=attempt.text)
    made = Xml.SubElement(
        case,
        f"{prefix}{kind}",
        message=xml_text("\n".join(assertion_lines(said))),
        type=kind.lower(),
    )
    Xml.SubElement(made, "stackTrace").text = xml_text(attempt.text)


def _logs(record: Record, suite: SuiteRecord, test: TestResult) -> tuple[str, ...]:
    result = suite.result
    failures = [*record.failures_of(result), *record.flaky_of(result)] if result else []
    return next((f.logs for f in failures if f.test is not None and f.test.id == test.id), ())


def _whole(record: Record, suite: SuiteRecord) -> Xml.Element | None:
    """Return the case that stands for what no test of the suite tells."""
    result = suite.result
    if result is not None and result.verdict is Verdict.PASSED:
        return None
    verdict = result.verdict if result else Verdict.NOT_RUN
    failed = any(t.outcome in (Outcome.FAILED, Outcome.ERROR) for t in suite.tests.values())
    if verdict is Verdict.FAILED and failed:
        return None
    if verdict is Verdict.NO_TESTS and record.result and record.result.exit_code == 0:
        return None
    case = Xml.Element(
        "testcase", classname=xml_text(suite.planned.id), name="(suite)", time="0.000"
    )
    if result is None:
        child(case, "error", VERDICTS[verdict], "")
        return case
    message = reason(Failure(suite.planned, result, None, (), ""))
    evidence = [*(problem_lines(result.problem) if result.problem else ()), *result.tail]
    child(case, "error", message, "\n".join(evidence), verdict.value)
    return case


def _problems(problems: list[Problem]) -> Xml.Element:
    number = str(len(problems))
    suite = Xml.Element("testsuite", name="seatrial", tests=number, failures="0", errors=number)
    for problem in problems:
        case = Xml.SubElement(
            suite,
            "testcase",
            classname="seatrial",
            name=xml_text(one_line(problem.what)),
            time="0.000",
        )
        child(case, "error", problem.what, "\n".join(problem_lines(problem)))
    return suite


def child(case: Xml.Element, tag: str, message: str, text: str, kind: str = "") -> None:
    """Put a ``failure`` or ``error`` into a case; ``kind`` is its type, the tag's name if empty."""
    child = Xml.SubElement(case, tag, message=xml_text(message), type=kind or tag)
    child.text = xml_text(text)


def xml_text(text: str) -> str:
    """Return ``text`` without colours, what XML cannot hold written as ``\\x07``."""
    return _NOT_XML.sub(lambda found: f"\\x{ord(found[0]):02x}", _COLOURS.sub("", text))
