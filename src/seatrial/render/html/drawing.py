"""The bars of a run as they are drawn: where, how wide, in which group, with which words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from seatrial.model.project import STAGES, Stage
from seatrial.model.result import Counts
from seatrial.render.html.timeline import SUITE, Bar, ticks
from seatrial.render.record import Record
from seatrial.render.text import PHASES, STAGE_TITLES, VERDICTS, counts_text, duration, plural
from seatrial.render.width import one_line

_PREPARATION = "Preparation"
# In per cent: what is written at a mark behind it would stick out of the page.
_LAST_MARK = 93.0
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


class Drawing:
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
        marks = ((self.part(at), duration(at, digits)) for at in ticks(self.seconds))
        return (mark for mark in marks if mark[0] <= _LAST_MARK)

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


def groups_of(record: Record, bars: Sequence[Bar], draw: Drawing) -> Iterable[Group]:
    """Yield the stages of the plan with their bars, and before them what is of no stage."""
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
    counts = sum((suite.counts for suite in ran), Counts())
    flaky = sum(len(suite.result.flaky) for suite in ran if suite.result)
    words = (
        plural(len(ran), "suite"),
        counts_text(counts, flaky),
        duration(record.stage_seconds(stage)),
    )
    return Group(STAGE_TITLES[stage], strips, " · ".join(words), bool(counts.bad))
