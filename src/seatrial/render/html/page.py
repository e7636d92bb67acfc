"""What stands on the page of a run, in words and numbers and without any markup. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath

from seatrial.events import Event, PlannedSuite, RunStarted
from seatrial.history.model import PastSuite
from seatrial.model.project import STAGES, Stage
from seatrial.model.result import Counts, Outcome, SuiteResult, TestResult, Verdict
from seatrial.render.failures import reason
from seatrial.render.html.past import Past, pasts
from seatrial.render.html.timeline import SUITE, Bar, Timeline, critical_path, idle, ticks
from seatrial.render.record import Failure, Record
from seatrial.render.summary import is_slow
from seatrial.render.text import (
    EXIT_MEANINGS,
    PHASES,
    STAGE_TITLES,
    VERDICTS,
    assertion_lines,
    counts_text,
    duration,
    notice_text,
    plural,
    problem_lines,
    runtime_text,
)
from seatrial.render.width import clean, one_line

_SLOWEST = 15
_PREPARATION = "Preparation"
_KINDS = {**{phase.value: word for phase, word in PHASES.items()}, SUITE: "tests"}


@dataclass(frozen=True, slots=True)
class Strip:
    """A bar as it is drawn: ``left`` and ``width`` are parts of the run in per cent."""

    kind: str
    label: str
    times: str
    left: float
    width: float
    critical: bool = False
    bad: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of a stage, and how the stage ended."""

    title: str
    strips: tuple[Strip, ...]
    ended: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class SlowTest:
    """A test that took long; ``over`` where it took longer than a test of its stage should."""

    seconds: str
    test: str
    suite: str
    place: str
    parts: str
    over: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure: what, why, where, what the containers said, how to run it alone."""

    title: str
    suite: str
    why: str
    place: str
    trace: str
    logs: str
    log_lines: str
    again: str


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
    problems: tuple[str, ...]


def page_of(recording: Iterable[Event], past: Sequence[PastSuite] | None) -> Page:
    """Return the page of a recorded run; ``past`` is what is known of its suites.

    Raises ``OSError`` where ``recording`` does.
    """
    record, timeline = Record(), Timeline()
    for event in recording:
        record.take(event)
        timeline.take(event)
    bars = timeline.bars()
    chain = critical_path(bars)
    draw = _Drawing(record, timeline.seconds, frozenset(chain))
    still = idle(bars, timeline.seconds)
    result, started = record.result, record.started
    return Page(
        project=one_line(started.project) if started else "",
        run=one_line(started.run) if started else "",
        verdict=VERDICTS[result.verdict] if result else "not finished",
        good=result is not None and result.exit_code == 0,
        facts=tuple(_facts(record, timeline.seconds)),
        notes=tuple(map(notice_text, record.notices)),
        groups=tuple(_groups(record, bars, draw)),
        ticks=tuple(draw.ticks()),
        critical=tuple(replace(draw.strip(bar), critical=False) for bar in chain),
        critical_text=_share(sum(bar.seconds for bar in chain), timeline.seconds),
        idle=tuple(draw.gap(begin, end) for begin, end in still),
        idle_text=_share(sum(end - begin for begin, end in still), timeline.seconds),
        slowest=tuple(_slow(record, *pair) for pair in record.slowest(_SLOWEST)),
        history=None if past is None else pasts(past, record),
        troubles=tuple(_trouble(record, failure) for failure in _failures(record)),
        problems=tuple("\n".join(problem_lines(problem)) for problem in record.problems()),
    )


class _Drawing:
    """Makes strips of bars."""

    def __init__(self, record: Record, seconds: float, critical: frozenset[Bar]) -> None:
        self.seconds = seconds
        self._root = record.started.root if record.started else ""
        self._record = record
        self._critical = critical

    def part(self, seconds: float) -> float:
        """Return ``seconds`` as a part of the run in per cent."""
        return round(100 * seconds / self.seconds, 3) if self.seconds > 0 else 0.0

    def strip(self, bar: Bar) -> Strip:
        """Return how ``bar`` is drawn."""
        ready = ", ".join(f"{name} after {duration(took)}" for name, took in bar.services)
        return Strip(
            bar.kind,
            self._label(bar),
            self._times(bar.begin, bar.end),
            self.part(bar.begin),
            self.part(bar.seconds),
            bar in self._critical,
            self._bad(bar),
            one_line(f"ready: {ready}") if ready else "",
        )

    def gap(self, begin: float, end: float) -> Strip:
        """Return how a time in which nothing happened is drawn."""
        return Strip(
            "idle",
            "nothing under way",
            self._times(begin, end),
            self.part(begin),
            self.part(end - begin),
        )

    def ticks(self) -> Iterable[tuple[float, str]]:
        """Return the marks of the axis: where they are, in per cent, and what they say."""
        digits = 0 if self.seconds >= 8 else 1 if self.seconds >= 0.8 else 2
        return ((self.part(at), duration(at, digits)) for at in ticks(self.seconds))

    def _times(self, begin: float, end: float) -> str:
        return f"{duration(end - begin)} from {duration(begin)}"

    def _label(self, bar: Bar) -> str:
        if bar.kind == SUITE:
            return one_line(bar.subject)
        subject, path = bar.subject, PurePath(bar.subject)
        if self._root and path.is_relative_to(self._root):
            subject = str(path.relative_to(self._root))
        beside = bar.environment and bar.environment != bar.subject
        inside = f" for {bar.environment}" if beside else ""
        return one_line(f"{_KINDS.get(bar.kind, bar.kind)} {subject}{inside}")

    def _bad(self, bar: Bar) -> str:
        if not bar.ended:
            return "cut short"
        suite = self._record.suites.get(bar.subject) if bar.kind == SUITE else None
        if suite is not None and suite.result is not None and not bar.ok:
            return VERDICTS[suite.result.verdict]
        return "" if bar.ok else "failed"


def _groups(record: Record, bars: Sequence[Bar], draw: _Drawing) -> Iterable[Group]:
    stages: dict[str, Stage] = {}
    for suite in record.suites.values():
        planned = suite.planned
        stages[planned.id] = planned.stage
        if planned.environment:
            stages[planned.environment] = planned.stage
    by_stage: dict[Stage | None, list[Strip]] = {}
    for bar in bars:
        stage = stages.get(bar.subject if bar.kind == SUITE else bar.environment)
        by_stage.setdefault(stage, []).append(draw.strip(bar))
    if None in by_stage:
        yield Group(_PREPARATION, tuple(by_stage[None]))
    for stage in STAGES:
        if record.stage(stage):
            yield _stage(record, stage, tuple(by_stage.get(stage, ())))


def _stage(record: Record, stage: Stage, strips: tuple[Strip, ...]) -> Group:
    suites = record.stage(stage)
    ran = [suite for suite in suites if suite.started is not None]
    if not ran:
        return Group(STAGE_TITLES[stage], strips, VERDICTS[record.unrun(stage)])
    counts = sum((suite.result.counts for suite in ran if suite.result), Counts())
    words = (
        plural(len(ran), "suite"),
        counts_text(counts),
        duration(record.stage_seconds(stage)),
    )
    return Group(STAGE_TITLES[stage], strips, " · ".join(words), bool(counts.bad))


def _facts(record: Record, seconds: float) -> Iterable[tuple[str, str]]:
    started, result = record.started, record.result
    if started is not None:
        yield "Run", one_line(started.run)
        yield "Started", _moment(started)
    yield "Took", duration(result.seconds if result else seconds)
    yield "Tests", counts_text(record.counts)
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


def _slow(record: Record, suite: PlannedSuite, test: TestResult) -> SlowTest:
    parts = ", ".join(f"{name} {duration(took, 2)}" for name, took in test.phases)
    return SlowTest(
        duration(test.seconds, 2),
        one_line(test.id),
        one_line(suite.id),
        _place(record.place(suite, test), test),
        one_line(parts),
        is_slow(suite.stage, test.seconds),
    )


def _failures(record: Record) -> Iterable[Failure]:
    """Yield what failed, also in suites that a kill kept from their end."""
    yield from record.failures()
    for suite in record.suites.values():
        if suite.result is None:
            cut = SuiteResult(suite.planned.id, Verdict.INTERRUPTED)
            for test in suite.tests.values():
                if test.outcome in (Outcome.FAILED, Outcome.ERROR):
                    yield Failure(suite.planned, cut, test, (), test.again)


def _trouble(record: Record, failure: Failure) -> Trouble:
    test = failure.test
    logs = "\n".join(one_line(text) for text in failure.logs)
    common = {
        "suite": one_line(failure.planned.id),
        "logs": logs,
        "log_lines": plural(len(failure.logs), "line"),
        "again": one_line(failure.again),
    }
    if test is None:
        problem = failure.result.problem
        told = problem_lines(problem) if problem is not None else []
        why = "\n".join([reason(failure), *told])
        output = "\n".join(clean(entry) for entry in failure.result.tail)
        return Trouble(one_line(failure.planned.id), why=why, place="", trace=output, **common)
    return Trouble(
        one_line(test.id),
        why="\n".join(assertion_lines(test, 40)),
        place=_place(record.place(failure.planned, test), test),
        trace=clean(test.text).rstrip(),
        **common,
    )


def _place(file: str, test: TestResult) -> str:
    return one_line(f"{file}:{test.line}" if file and test.line else file)


def _share(part: float, whole: float) -> str:
    per_cent = f" ({100 * min(part / whole, 1):.0f} %)" if whole > 0 else ""
    return f"{duration(part)} of {duration(whole)}{per_cent}"
