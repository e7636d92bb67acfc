"""What live and plain say at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.project import STAGES, Stage
from seatrial.model.result import Counts
from seatrial.render.covered import coverage_lines
from seatrial.render.failures import Limits, failure_lines, flaky_lines
from seatrial.render.record import Record
from seatrial.render.style import Glyphs, Line, Span, Style, glyphs, line
from seatrial.render.text import (
    EXIT_MEANINGS,
    PHASES,
    VERDICTS,
    counts_text,
    duration,
    plural,
    problem_lines,
    short_test,
)
from seatrial.render.width import fit, one_line

_SLOWEST = 5
# The seed's thresholds: more than 1 s in a unit test, more than 5 s in any other.
_SLOW = {Stage.UNIT: 1.0, Stage.SERVICE: 5.0, Stage.INTEGRATION: 5.0}
# A test faster than this is not worth a line.
_WORTH_NAMING = 0.1
_ROOM_FOR_IDS = 45


def summary_lines(record: Record, width: int, ascii: bool) -> Iterator[Line]:
    """Return the summary; the slowest tests' names keep to ``width`` columns, the rest is whole."""
    marks = glyphs(ascii)
    for section in (
        _stages(record),
        _slowest(record, width, ascii),
        _times(record, marks),
        coverage_lines(record),
    ):
        lines = list(section)
        if lines:
            yield ()
            yield from lines
    yield from flaky_summary(record, marks)
    yield from failed_lines(record, marks)
    yield from kept_lines(record)
    yield ()
    yield verdict_line(record, marks)


def flaky_summary(record: Record, marks: Glyphs) -> Iterator[Line]:
    """Return every flaky test with its first failure."""
    for failure in record.flaky():
        yield ()
        yield from flaky_lines(failure, marks.flaky, Limits())


def failed_lines(record: Record, marks: Glyphs, limits: Limits | None = None) -> Iterator[Line]:
    """Return every failure and problem in full."""
    for failure in record.failures():
        yield ()
        yield from failure_lines(failure, marks.failed, limits or Limits())
    for problem in record.problems():
        yield ()
        for index, text in enumerate(problem_lines(problem)):
            yield line(Span(text, Style.BAD if index == 0 else Style.PLAIN))


def kept_lines(record: Record) -> Iterator[Line]:
    """Return the addresses of environments that stay up."""
    for kept in record.kept:
        yield ()
        yield line("kept: ", Span(kept.environment, Style.HEADING))
        for end in kept.endpoints:
            yield line(f"  {end.service}:{end.container_port}  {end.host}:{end.port}")


def verdict_line(record: Record, marks: Glyphs) -> Line:
    """Return the last line: the verdict, how much of what, the time, what the exit code means."""
    result = record.result
    if result is None:
        return line(Span(f"{marks.failed} the run did not finish", Style.VERDICT_BAD))
    good = result.exit_code == 0
    counts = record.counts
    ran = [r for r in record.suites.values() if r.started is not None]
    tests = _tests(counts, len(record.flaky()))
    what = f"{tests} in {plural(len(ran), 'suite')}" if ran else "nothing was run"
    verdict = f"{marks.passed if good else marks.failed} {VERDICTS[result.verdict]}"
    meaning = EXIT_MEANINGS.get(result.exit_code, "")
    return line(
        Span(verdict, Style.VERDICT_GOOD if good else Style.VERDICT_BAD),
        f" {marks.dot} {what} {marks.dot} {duration(result.seconds)}",
        "" if good else f" {marks.dot} exit {result.exit_code}: {meaning}",
    )


def is_slow(stage: Stage, seconds: float) -> bool:
    """Return whether a test is slower than the seed lets a test of its stage be."""
    return seconds > _SLOW[stage]


def _tests(counts: Counts, flaky: int) -> str:
    more = f", {flaky} flaky" if flaky else ""
    if counts.bad:
        return f"{counts.bad} of {plural(counts.total, 'test')} failed{more}"
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    return f"{plural(counts.total, 'test')}{more}{skipped}"


def _stages(record: Record) -> Iterator[Line]:
    for stage in STAGES:
        suites = record.stage(stage)
        if not suites:
            continue
        ran = [r.result for r in suites if r.result is not None and r.started is not None]
        head = Span(f"{stage.value:<13}", Style.HEADING)
        if not ran:
            yield line(head, Span(VERDICTS[record.unrun(stage)], Style.QUIET))
            continue
        counts = sum((r.counts for r in ran), Counts())
        seconds = duration(record.stage_seconds(stage))
        names = f"{plural(len(ran), 'suite'):<11}"
        flaky = sum(len(r.flaky) for r in ran)
        style = Style.BAD if counts.bad else Style.WARN if flaky else Style.PLAIN
        yield line(head, names, f"{seconds:>7}  ", Span(counts_text(counts, flaky), style))


def _slowest(record: Record, width: int, ascii: bool) -> Iterator[Line]:
    title = f"{'slowest':<13}"
    for planned, test in record.slowest(_SLOWEST):
        if test.seconds < _WORTH_NAMING:
            return
        slow = is_slow(planned.stage, test.seconds)
        limit = f"over {_SLOW[planned.stage]:g}s  " if slow else ""
        room = max(width - len(title) - 9 - len(limit), 10)
        test_name = short_test(test.id) if room < _ROOM_FOR_IDS else one_line(test.id)
        name = fit(f"{planned.name}  {test_name}", room, middle=True, ascii=ascii)
        yield line(
            Span(title, Style.HEADING),
            f"{duration(test.seconds, 2):>7}  ",
            Span(limit, Style.WARN),
            name,
        )
        title = " " * len(title)


def _times(record: Record, marks: Glyphs) -> Iterator[Line]:
    walls = record.walls()
    if not walls:
        return
    names = {phase.value: word for phase, word in PHASES.items()}
    parts = [f"{names.get(name, name)} {duration(seconds)}" for name, seconds in walls]
    yield line(Span(f"{'time':<13}", Style.HEADING), f" {marks.dot} ".join(parts))
    if record.result is not None and sum(s for _, s in walls) > record.result.seconds:
        yield line(Span(f"{'':<13}wall time of each; they overlap", Style.QUIET))
