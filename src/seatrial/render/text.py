"""The words for facts: notices, reasons, doubts, verdicts, problems, durations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from seatrial.errors import (
    EXIT_DEADLINE,
    EXIT_ENVIRONMENT,
    EXIT_FAILED,
    EXIT_GOOD,
    EXIT_INTERRUPTED,
    EXIT_NO_TESTS,
    EXIT_TERMINATED,
    EXIT_USAGE,
)
from seatrial.events import Notice, Noticed, Phase, RuntimeChosen, RuntimeReason
from seatrial.model.project import Stage
from seatrial.model.result import Counts, Doubt, Problem, TestResult, Verdict
from seatrial.render.width import clean, one_line

STAGE_TITLES: Mapping[Stage, str] = {
    Stage.UNIT: "Unit Tests",
    Stage.SERVICE: "Service Tests",
    Stage.INTEGRATION: "Integration Tests",
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.NO_TESTS: "no tests found",
    Verdict.DEADLINE: "deadline passed",
    Verdict.NO_ENVIRONMENT: "no environment",
    Verdict.INTERRUPTED: "interrupted",
    Verdict.CANCELLED: "cancelled",
    Verdict.NOT_RUN: "not run",
}
DOUBTS: Mapping[Doubt, str] = {
    Doubt.NONE: "",
    Doubt.EXIT_NONZERO: "the runner reported no failure, yet ended with a code that is not 0",
    Doubt.EXIT_ZERO: "the runner ended with code 0, yet reported failures",
    Doubt.REPORT_CUT: "the runner's report ended early",
    Doubt.NO_REPORT: "the runner reported nothing",
    Doubt.WORKER_CRASHED: "a worker of the runner crashed",
    Doubt.COLLECTION: "the tests could not be collected",
    Doubt.USAGE: "the runner did not understand its arguments",
    Doubt.FLAKY: "tests that passed only when they were tried again count as failed",
}
REASONS: Mapping[RuntimeReason, str] = {
    RuntimeReason.ASKED: "as asked",
    RuntimeReason.ENGINE_ANSWERS: "an engine answers",
    RuntimeReason.NO_CLI: "there is no docker command",
    RuntimeReason.NO_ENGINE: "no Docker engine runs",
    RuntimeReason.ENGINE_SILENT: "the Docker engine did not answer in time",
    RuntimeReason.NO_COMPOSE: "docker has no compose command",
    RuntimeReason.COMPOSE_TOO_OLD: "Docker Compose is too old",
    RuntimeReason.NOT_NEEDED: "no suite needs an environment",
}
RUNTIMES: Mapping[str, str] = {"docker": "Docker", "process": "local processes", "none": "nothing"}
PHASES: Mapping[Phase, str] = {
    Phase.SYNC: "sync",
    Phase.BUILD: "build",
    Phase.BOOT: "boot",
    Phase.SETUP: "setup",
    Phase.REMOVE: "teardown",
    Phase.PULL: "pull",
    Phase.MIGRATE: "migrate",
    Phase.TRY: "try",
    Phase.ROLL: "roll",
    Phase.GO_BACK: "go back",
}
WORKING: Mapping[Phase, str] = {
    Phase.SYNC: "syncing",
    Phase.BUILD: "building",
    Phase.BOOT: "booting",
    Phase.SETUP: "setting up",
    Phase.REMOVE: "taking down",
    Phase.PULL: "pulling",
    Phase.MIGRATE: "migrating",
    Phase.TRY: "trying",
    Phase.ROLL: "rolling",
    Phase.GO_BACK: "going back",
}
EXIT_MEANINGS: Mapping[int, str] = {
    EXIT_GOOD: "good",
    EXIT_FAILED: "tests failed",
    EXIT_USAGE: "usage or configuration",
    EXIT_ENVIRONMENT: "the environment could not be had",
    EXIT_DEADLINE: "a deadline passed",
    EXIT_NO_TESTS: "no test exists at all",
    EXIT_INTERRUPTED: "interrupted",
    EXIT_TERMINATED: "terminated",
}
# The sentence where the event has a detail, and where it has none.
_NOTICES: Mapping[Notice, tuple[str, str]] = {
    Notice.SUITE_LEFT_OUT: ("{s} left out: no {d} here", "{s} left out"),
    Notice.SERVICE_LEFT_OUT: ("{s} left out: no {d} here", "{s} left out"),
    Notice.KEY_IGNORED: ("{s} is ignored: {d}", "{s} is ignored by this runtime"),
    Notice.NEAREST_VERSION: ("{s}: the nearest version serves: {d}", "{s}: the nearest serves"),
    Notice.PORT_MOVED: ("{s} moved to {d}, its port was taken", "{s} moved, its port was taken"),
    Notice.NO_START_INTERVAL: (
        "{s}: this engine ({d}) knows no start_interval; readiness waits for whole intervals",
        "{s}: this engine knows no start_interval; readiness waits for whole intervals",
    ),
    Notice.LEFTOVERS_REMOVED: (
        "removed what an earlier run left behind: {s} ({d})",
        "removed what an earlier run left behind: {s}",
    ),
    Notice.VARIABLE_UNSET: ("{s} is not set, taken as empty ({d})", "{s} is not set"),
    Notice.NOT_ISOLATED: ("{s} is not isolated: {d}", "{s} is not isolated"),
    Notice.DATA_ON_DISK: (
        "databases lie in {s}: no room in {d}",
        "databases lie in {s}: no room in memory",
    ),
    Notice.DATA_ELSEWHERE: (
        "volumes are in {s}: servers that are not root could not get to {d}",
        "volumes are in {s}",
    ),
    Notice.WAITING: (
        "{s}: another seatrial is at work on it ({d}); waiting",
        "{s}: another seatrial is at work on it; waiting",
    ),
    Notice.PINNED: ("{s}: {d}", "{s} pinned"),
    Notice.NOT_RECORDED: (
        "this run is not recorded in {s}, or not wholly: {d}",
        "this run is not recorded in {s}, or not wholly",
    ),
    Notice.HISTORY_SPOILT: (
        "the history in {s} could not be read and is now {d}; it was made anew from the logs",
        "the history in {s} could not be read; it was made anew from the logs",
    ),
    Notice.HISTORY_NEWER: (
        "a newer seatrial has written the history in {s} (version {d}); it was left alone",
        "a newer seatrial has written the history in {s}; it was left alone",
    ),
    Notice.COVERAGE_LACKS: (
        "{s}: its coverage is not measured, for {d} is not installed",
        "{s}: its coverage is not measured",
    ),
    Notice.COVERAGE_UNKNOWN: (
        "{s}: seatrial cannot measure the coverage of {d}",
        "{s}: seatrial cannot measure its coverage",
    ),
    Notice.COVERAGE_FAILED: (
        "{s}: its coverage could not be measured: {d}",
        "{s}: its coverage could not be measured",
    ),
    Notice.COVERAGE_NOTHING: (
        "{s}: it wrote down nothing about its coverage: {d}",
        "{s}: it wrote down nothing about its coverage",
    ),
    Notice.COVERAGE_CONTAINERS: (
        "what runs in {s} is not counted ({d}); --runtime process counts services in Python, too",
        "what runs in {s} is not counted; --runtime process counts services in Python, too",
    ),
    Notice.REMOVAL_FAILED: ("{s} could not be removed: {d}", "{s} could not be removed"),
}


def notice_text(noticed: Noticed) -> str:
    """Return one line that says what was noticed."""
    with_detail, without = _NOTICES[noticed.notice]
    template = with_detail if noticed.detail else without
    # Not str.format on the values: a detail may hold braces.
    text = template.replace("{s}", noticed.subject or "the run").replace("{d}", noticed.detail)
    return one_line(text)


def runtime_text(chosen: RuntimeChosen) -> str:
    """Return one line that says which runtime serves and why."""
    name = RUNTIMES.get(chosen.runtime, chosen.runtime)
    detail = f" ({one_line(chosen.detail)})" if chosen.detail else ""
    return f"environments: {name}, {REASONS[chosen.why]}{detail}"


def duration(seconds: float, digits: int = 1) -> str:
    """Return ``12.3s``, ``2m05s`` or ``1h02m``."""
    seconds = max(seconds, 0.0)
    if round(seconds, digits) < 60:
        return f"{seconds:.{digits}f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def plural(number: int, noun: str) -> str:
    """Return ``1 suite`` or ``2 suites``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def counts_text(counts: Counts, flaky: int = 0) -> str:
    """Return the numbers that are not 0, failures first: ``1 failed, 40 passed, 2 skipped``.

    ``flaky`` is how many of those that passed had failed before.
    """
    named = (
        (counts.failed, "failed"),
        (counts.error, "error" if counts.error == 1 else "errors"),
        (counts.passed, f"passed ({flaky} flaky)" if flaky else "passed"),
        (counts.skipped, "skipped"),
        (counts.xfailed, "failed as expected"),
        (counts.xpassed, "passed unexpectedly"),
    )
    return ", ".join(f"{number} {word}" for number, word in named if number) or "no tests"


def short_test(test: str) -> str:
    """Return the last part of a test's id: ``test_x[a]`` of a node id, the name of a vitest."""
    test = one_line(test)
    head, bracket, parameters = test.partition("[")
    for separator in ("::", " > "):
        head = head.rpartition(separator)[2]
    return head + bracket + parameters


def problem_lines(problem: Problem) -> list[str]:
    """Return a problem in the order in which it is read: what, where, evidence, mend."""
    lines = [f"error: {one_line(problem.what)}"]
    if problem.where:
        lines.append(f"  --> {one_line(problem.where)}")
    lines += [f"  | {line}" for entry in problem.detail for line in clean(entry).splitlines()]
    if problem.mend:
        lines.append(f"  help: {one_line(problem.mend)}")
    return lines


def first_failure(test: TestResult) -> TestResult:
    """Return a test as it was when it failed first; itself where it was not tried again."""
    if not test.earlier:
        return test
    first = test.earlier[0]
    return replace(
        test,
        outcome=first.outcome,
        seconds=first.seconds,
        message=first.message,
        text=first.text,
        file=first.file or test.file,
        line=first.line or test.line,
    )


def flaky_text(test: TestResult) -> str:
    """Return what makes a test flaky: ``failed, passed in attempt 3``."""
    times = "" if test.attempts == 2 else f" {test.attempts - 1} times"
    return f"failed{times}, passed in attempt {test.attempts}"


def assertion_lines(test: TestResult, limit: int = 6) -> list[str]:
    """Return what went wrong in a few lines: the message, else the end of the traceback."""
    lines = [line for line in clean(test.message).splitlines() if line.strip()]
    if not lines:
        lines = [line for line in clean(test.text).splitlines() if line.strip()][-1:]
    return shortened(lines, limit, head=limit - 1) or ["(the runner gave no message)"]


def traceback_lines(test: TestResult, limit: int) -> list[str]:
    """Return the runner's traceback in at most ``limit`` lines.

    Lines that only say the message once more are left out; what is cut is cut from the middle,
    for the test's own line is at one end and the reason at the other.
    """
    said = {line.strip() for line in clean(test.message).splitlines()}
    lines = [line.rstrip() for line in clean(test.text).splitlines()]
    lines = [line for line in lines if line and line.lstrip("E> ").strip() not in said]
    return shortened(lines, limit, head=limit // 3)


def shortened(lines: list[str], limit: int, head: int) -> list[str]:
    """Return at most ``limit`` lines, ``head`` of them from the start, and how many are left."""
    if len(lines) <= limit:
        return lines
    tail = max(limit - head - 1, 0)
    left = f"... {len(lines) - head - tail} more lines ..."
    return lines[:head] + [left] + (lines[-tail:] if tail else [])
