"""``slow``: where the time of a run went, as text or as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from seatrial.events import Phase
from seatrial.insight.model import EACH, Cause, CauseKind, Insight, Outlier, Parallel, SlowTest
from seatrial.insight.timings import CALL, COLLECT, ENVIRONMENT, SET_UP, TEARDOWN, TURN, WHOLE
from seatrial.render.choose import Choice
from seatrial.render.style import Line, Span, Style, line, painted
from seatrial.render.text import duration, plural
from seatrial.render.width import cells, one_line, pad

_PHASES: Mapping[str, tuple[str, str]] = {
    Phase.SYNC: ("sync", "folder"),
    Phase.BUILD: ("build", "image"),
    Phase.BOOT: ("boot", "environment"),
    Phase.SETUP: ("setup commands", "command"),
    ENVIRONMENT: ("waiting for an environment", "suite"),
    TURN: ("waiting for a turn", "suite"),
    COLLECT: ("collection", "suite"),
    SET_UP: ("set-up of tests", "test"),
    CALL: ("tests themselves", "test"),
    TEARDOWN: ("teardown of tests", "test"),
    WHOLE: ("tests as a whole", "test"),
    Phase.REMOVE: ("removal", "environment"),
}
_INDENT = "    "
# A phase of a test that took less is not worth a word.
_LEAST = 0.005


def slow_json(found: Insight) -> str:
    """Return one JSON object; all times are seconds."""
    return json.dumps({"v": 1, **asdict(found)}, indent=1)


def slow_lines(found: Insight, choice: Choice) -> list[str]:
    """Return the phases, the slow suites and tests with their causes, and the outliers."""
    lines = [*_phases(found), *_suites(found), *_tests(found), *_outliers(found)]
    return painted(lines, choice.colour)


def _phases(found: Insight) -> Iterator[Line]:
    tests = plural(found.tests, "test")
    yield line(f"run {found.run}: {duration(found.seconds)}, {tests}")
    if not found.phases:
        return
    yield line()
    yield _heading("where the time went (what runs at once counts each for itself)")
    rows = [
        (name, duration(one.seconds, 2), f"{one.number} {noun}{'s' * (one.number != 1)}")
        for one in found.phases
        for name, noun in (_PHASES.get(one.phase, (one_line(one.phase), "time")),)
    ]
    names, times = (max(cells(row[column]) for row in rows) for column in (0, 1))
    for name, time, number in rows:
        numbers = Span(f"  {number}", Style.QUIET)
        yield line(_INDENT, pad(name, names), "  ", pad(time, times, right=True), numbers)


def _suites(found: Insight) -> Iterator[Line]:
    if found.suites:
        yield line()
        yield _heading("slow suites")
    for one in found.suites:
        collection = f"  (collection {duration(one.collection, 2)})"
        seconds = Span(duration(one.seconds, 2), Style.WARN)
        yield line(seconds, f"  {one_line(one.suite)}", Span(collection, Style.QUIET))
        yield from map(_cause, one.causes)
        if one.parallel:
            yield line(_INDENT, _at_once(one.parallel))


def _tests(found: Insight) -> Iterator[Line]:
    yield line()
    if not found.slow:
        yield line("no slow tests")
        return
    yield _heading("slow tests")
    for test in found.slow:
        told = ((name, time) for name, time in test.phases if time >= _LEAST)
        phases = ", ".join(f"{one_line(name)} {duration(time, 2)}" for name, time in told)
        limit = f"  ({'; '.join(filter(None, (f'limit {test.limit:g}s', phases)))})"
        yield line(*_test(test), Span(limit, Style.QUIET))
        yield from map(_cause, test.causes)
        if not test.causes:
            yield line(_INDENT, Span(_nothing(test), Style.QUIET))


def _outliers(found: Insight) -> Iterator[Line]:
    if found.outliers:
        yield line()
        yield _heading("slower than they were")
    for one in found.outliers:
        grown = f"; most of it in {one_line(one.phase)}" if one.phase else ""
        usual = f"  (median {duration(one.median, 2)} of {plural(one.runs, 'run')}{grown})"
        yield line(*_test(one), Span(usual, Style.QUIET))
        yield from map(_cause, one.causes)


def _test(test: SlowTest | Outlier) -> Line:
    where = f"  {one_line(test.suite)}  {one_line(test.test)}"
    return (Span(duration(test.seconds, 2), Style.WARN), Span(where))


def _nothing(test: SlowTest) -> str:
    return "no cause found in the source" if test.read else "its source was not read"


def _cause(cause: Cause) -> Line:
    return line(_INDENT, placed(cause))


def placed(cause: Cause) -> str:
    """Return a cause and its place in one line."""
    return f"{one_line(cause.file)}:{cause.line}  {why(cause)}"


def why(cause: Cause) -> str:
    """Return what a cause is and what its mend saves, in a sentence."""
    seconds, saved = duration(cause.seconds, 2), duration(cause.saved, 2)
    match cause.kind:
        case CauseKind.SLEEP:
            return f"sleeps {cause.seconds:.4g}s; waiting for the condition saves up to that"
        case CauseKind.TIMEOUT:
            return (
                f"a timeout of {cause.seconds:.4g}s is waited out; waiting for what does come "
                "saves up to that"
            )
        case CauseKind.FIXTURE:
            name = one_line(cause.name)
            wider = f"a wider scope than {one_line(cause.scope)}"
            if cause.scope == EACH:
                wider = name.replace("Each", "All")
            times = f"{name} is set up {cause.tests} times, {seconds} here"
            return f"{times}; {wider} saves {saved} in all"
        case CauseKind.COLLECTION:
            return f"works {seconds} whenever the file is collected; a fixture saves up to that"
        case CauseKind.IMPORT:
            where = f", in {one_line(cause.works)}" if cause.works else ""
            return (
                f"the import of {one_line(cause.name) or 'a module'} takes {seconds}{where}; "
                "importing or working only where it is needed saves up to that"
            )


def _at_once(found: Parallel) -> str:
    return (
        f"pytest-xdist with {found.workers} workers saves {duration(found.saved, 2)}: "
        f"{plural(found.files, 'file')}, the longest of {duration(found.longest, 2)}"
    )


def _heading(text: str) -> Line:
    return line(Span(text, Style.HEADING))
