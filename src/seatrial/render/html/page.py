"""What stands on the page of a run, in words and numbers and without any markup. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.events import Event, PlannedSuite, RunStarted
from seatrial.history.model import PastSuite
from seatrial.insight.flaky import FlakyTest
from seatrial.insight.model import Cause, Insight
from seatrial.model.result import TestResult
from seatrial.render.flaky import moment, often
from seatrial.render.html.drawing import Drawing, Group, Strip, groups_of
from seatrial.render.html.past import Past, pasts
from seatrial.render.html.timeline import Timeline, critical_path, idle
from seatrial.render.html.troubles import Trouble, flaky_ones, place_of, troubles
from seatrial.render.record import Record
from seatrial.render.slow import placed
from seatrial.render.summary import is_slow
from seatrial.render.text import (
    EXIT_MEANINGS,
    VERDICTS,
    counts_text,
    duration,
    notice_text,
    problem_lines,
    runtime_text,
)
from seatrial.render.width import one_line

_SLOWEST = 15


@dataclass(frozen=True, slots=True)
class SlowTest:
    """A test that took long; ``over`` where it took longer than a test of its stage should.

    ``causes`` are what is likely to be to blame, each with its place.
    """

    seconds: str
    test: str
    suite: str
    place: str
    parts: str
    over: bool
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsteady:
    """A test that was flaky over the recorded runs."""

    test: str
    suite: str
    often: str
    last: str


@dataclass(frozen=True, slots=True)
class Page:
    """All of it. ``history`` is ``None`` where it could not be read."""

    project: str
    run: str
    verdict: str
    good: bool
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    groups: tuple[Group, ...]
    ticks: tuple[tuple[float, str], ...]
    critical: tuple[Strip, ...]
    critical_text: str
    idle: tuple[Strip, ...]
    idle_text: str
    slowest: tuple[SlowTest, ...]
    history: tuple[Past, ...] | None
    troubles: tuple[Trouble, ...]
    flaky: tuple[Trouble, ...]
    unsteady: tuple[Unsteady, ...]
    problems: tuple[str, ...]


def page_of(
    recording: Iterable[Event],
    past: Sequence[PastSuite] | None,
    unsteady: Sequence[FlakyTest] = (),
    slow: Insight | None = None,
) -> Page:
    """Return the page of a recorded run.

    ``past`` is what is known of its suites, ``unsteady`` are the flaky tests of all runs, ``slow``
    tells why tests of this one took long.

    Raises ``OSError`` where ``recording`` does.
    """
    record, timeline = Record(), Timeline()
    for event in recording:
        record.take(event)
        timeline.take(event)
    bars = timeline.bars()
    chain = critical_path(bars)
    draw = Drawing(record, timeline.seconds, frozenset(chain))
    still = idle(bars, timeline.seconds)
    result, started = record.result, record.started
    why = {(test.suite, test.test): test.causes for test in slow.slow} if slow else {}
    return Page(
        project=one_line(started.project) if started else "",
        run=one_line(started.run) if started else "",
        verdict=VERDICTS[result.verdict] if result else "not finished",
        good=result is not None and result.exit_code == 0,
        facts=tuple(_facts(record, timeline.seconds)),
        notes=tuple(map(notice_text, record.notices)),
        groups=tuple(groups_of(record, bars, draw)),
        ticks=tuple(draw.ticks()),
        critical=tuple(replace(draw.strip(bar), critical=False) for bar in chain),
        critical_text=_share(sum(bar.seconds for bar in chain), timeline.seconds),
        idle=tuple(draw.gap(begin, end) for begin, end in still),
        idle_text=_share(sum(end - begin for begin, end in still), timeline.seconds),
        slowest=tuple(_slow(record, why, *pair) for pair in record.slowest(_SLOWEST)),
        history=None if past is None else pasts(past, record),
        troubles=tuple(troubles(record)),
        flaky=tuple(flaky_ones(record)),
        unsteady=tuple(_unsteady(test) for test in unsteady),
        problems=tuple("\n".join(problem_lines(problem)) for problem in record.problems()),
    )


def _facts(record: Record, seconds: float) -> Iterable[tuple[str, str]]:
    started, result = record.started, record.result
    if started is not None:
        yield "Run", one_line(started.run)
        yield "Started", _moment(started)
    yield "Took", duration(result.seconds if result else seconds)
    yield "Tests", counts_text(record.counts, len(record.flaky()))
    if result is not None and result.exit_code:
        meaning = EXIT_MEANINGS.get(result.exit_code, "")
        yield "Exit code", f"{result.exit_code}: {meaning}" if meaning else str(result.exit_code)
    if started is not None:
        checkout = f"{one_line(started.branch)} {started.commit[:8]}".strip()
        if checkout:
            yield "Checkout", checkout
        yield "Suites", f"{len(started.suites)}, at most {started.jobs} at a time"
    if record.runtime is not None:
        yield "Environments", runtime_text(record.runtime).partition(": ")[2]
    if started is not None:
        yield "seatrial", one_line(started.version)


def _moment(started: RunStarted) -> str:
    try:
        return datetime.fromtimestamp(started.started).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    except (ValueError, OverflowError, OSError):
        # A clock that stood in another age.
        return "-"


def _slow(
    record: Record,
    why: Mapping[tuple[str, str], tuple[Cause, ...]],
    suite: PlannedSuite,
    test: TestResult,
) -> SlowTest:
    parts = ", ".join(f"{name} {duration(took, 2)}" for name, took in test.phases)
    return SlowTest(
        duration(test.seconds, 2),
        one_line(test.id),
        one_line(suite.id),
        place_of(record.place(suite, test), test),
        one_line(parts),
        is_slow(suite.stage, test.seconds),
        tuple(map(placed, why.get((suite.id, test.id), ()))),
    )


def _unsteady(test: FlakyTest) -> Unsteady:
    last = f"{moment(test.last)}, run {test.runs[0]}"
    return Unsteady(one_line(test.test), one_line(test.suite), often(test), one_line(last))


def _share(part: float, whole: float) -> str:
    per_cent = f" ({100 * min(part / whole, 1):.0f} %)" if whole > 0 else ""
    return f"{duration(part)} of {duration(whole)}{per_cent}"
