"""``report --flaky``: the tests that do not end the same way twice, in lines or as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from seatrial.insight.flaky import FlakyTest
from seatrial.model.result import TestResult
from seatrial.render.choose import Choice
from seatrial.render.style import Line, Span, Style, glyphs, line, painted
from seatrial.render.text import assertion_lines, first_failure, plural
from seatrial.render.width import one_line

_RUNS = 5
_LINES = 4

# How each test failed last, by its suite and id, where that is still known.
Failures = Mapping[tuple[str, str], TestResult | None]


def flaky_report(tests: Sequence[FlakyTest], failures: Failures, choice: Choice) -> list[str]:
    """Return some lines for each test, those that fail most often first."""
    if not tests:
        return ["no test both passed and failed with the same inputs in the recorded runs"]
    mark = glyphs(choice.ascii).flaky
    lines = [entry for test in tests for entry in _lines(test, failures, mark)]
    return painted([*lines, line(f"{plural(len(tests), 'flaky test')}")], choice.colour)


def flaky_json(tests: Sequence[FlakyTest], failures: Failures) -> str:
    """Return one JSON object; ``last`` is seconds since the epoch."""
    entries = [
        {**asdict(test), "failure": _failure(failures.get((test.suite, test.test)))}
        for test in tests
    ]
    return json.dumps({"v": 1, "flaky": entries}, indent=1)


def often(test: FlakyTest) -> str:
    """Return how often a test fails: ``failed in 3 of 12 runs, in 2 of them until tried again``."""
    text = f"failed in {len(test.runs)} of {plural(test.ran, 'run')}"
    if not test.retried:
        return text
    if not test.failed:
        return f"{text}, until it was tried again"
    return f"{text}, in {test.retried} of them until it was tried again"


def moment(seconds: float) -> str:
    """Return a moment in local time; a dash for one that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return "-"


def _lines(test: FlakyTest, failures: Failures, mark: str) -> Iterator[Line]:
    name = Span(f"{one_line(test.suite)}  {one_line(test.test)}", Style.HEADING)
    yield line(Span(f"{mark} ", Style.WARN), name)
    yield line(f"    {often(test)}")
    others = f" and {len(test.runs) - _RUNS} more" if len(test.runs) > _RUNS else ""
    yield line(Span(f"    runs: {', '.join(test.runs[:_RUNS])}{others}", Style.QUIET))
    failure = failures.get((test.suite, test.test))
    if failure is None:
        yield line(f"    last: {moment(test.last)}")
        return
    first = first_failure(failure)
    place = f"{first.file}:{first.line}" if first.file and first.line else first.file
    yield line(f"    last: {moment(test.last)}  {one_line(place)}".rstrip())
    for text in assertion_lines(first, _LINES):
        yield line(Span(f"      {text}", Style.WARN))
    if failure.again:
        yield line("    again: ", Span(one_line(failure.again), Style.HEADING))


def _failure(failure: TestResult | None) -> dict[str, object] | None:
    if failure is None:
        return None
    first = first_failure(failure)
    return {
        "message": first.message,
        "text": first.text,
        "file": first.file,
        "line": first.line,
        "again": failure.again,
    }
