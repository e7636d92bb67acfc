"""The picture of a board: pure, from the board, the time and the size of the terminal.

::

    Unit Tests
      ● price-db      ━━━━━━━━━━░░░░░░░░░░  52%  497/955       12.3s
          → test_data_quality_validation
      ✓ orchestrator  74/74                                     3.2s
      ○ frontend      pending

Columns stay where they are for a whole run: their widths come from the plan, not from what is
shown. Where the width does not suffice, the bar goes first, then names are cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.model.project import STAGES, Stage
from seatrial.model.result import SuiteResult, Verdict
from seatrial.render.board import Board, EnvironmentRow, Step, SuiteRow, syncing_since
from seatrial.render.collapse import Section, collapsed
from seatrial.render.style import Glyphs, Line, Span, Style, cut, glyphs, line
from seatrial.render.text import (
    STAGE_TITLES,
    VERDICTS,
    WORKING,
    counts_text,
    duration,
    plural,
    short_test,
)
from seatrial.render.width import cells, fit, one_line, pad

_BAR = 20
_LEAST_BAR = 5
_LEAST_NAME = 8
_COUNTS = 11
_SECONDS = 8
_NOTHING_HAPPENED = (Verdict.NOT_RUN, Verdict.CANCELLED, Verdict.NO_TESTS)
# The indent, the glyph, the gaps and the percent between the columns.
_FIXED = len("  ● ") + len("  ") + len(" 100%") + len("  ")


@dataclass(frozen=True, slots=True)
class _Columns:
    """The widths of one frame's columns; ``bar`` 0 means none."""

    name: int
    bar: int
    counts: int
    seconds: int

    @property
    def middle(self) -> int:
        """Return the columns between the name and the seconds."""
        return self.bar + len(" 100%") + len("  ") + self.counts


@dataclass(frozen=True, slots=True)
class _Canvas:
    """What drawing a row needs besides the row."""

    board: Board
    now: float
    columns: _Columns
    glyphs: Glyphs
    ascii: bool


def frame(board: Board, now: float, width: int, height: int, ascii: bool = False) -> list[Line]:
    """Return the lines of a frame: none wider than ``width`` columns, at most ``height`` lines.

    ``now`` is seconds since the run began.
    """
    canvas = _Canvas(board, now, _columns(board, width), glyphs(ascii), ascii)
    sections = [_section(canvas, stage) for stage in STAGES if _rows(board, stage)]
    lines = collapsed(sections, max(height, 0), canvas.glyphs)
    return [cut(entry, width, ascii=ascii) for entry in lines]


def _rows(board: Board, stage: Stage) -> list[SuiteRow]:
    return [row for row in board.suites.values() if row.stage is stage]


def _columns(board: Board, width: int) -> _Columns:
    rows = board.suites.values()
    longest = max((cells(one_line(row.name)) for row in rows), default=0)
    counts = max((len(_progress(row)) for row in rows), default=0)
    counts, seconds = max(counts, _COUNTS), _SECONDS
    if width < 60:
        # "1234/1234" and " 12.3s" are the most that is usual.
        counts, seconds = max(counts - 2, 9), 7
    rest = width - _FIXED - counts - seconds
    # One very long name is not to push the bars of all the others out.
    name = min(longest, max(width * 2 // 5, _LEAST_NAME))
    bar = min(rest - name, _BAR)
    if bar < _LEAST_BAR:
        name, bar = min(longest, max(rest, _LEAST_NAME)), 0
    return _Columns(name, bar, counts, seconds)


def _section(canvas: _Canvas, stage: Stage) -> Section:
    rows = _rows(canvas.board, stage)
    head = line(Span(STAGE_TITLES[stage], Style.HEADING))
    return Section(head, tuple((_rank(canvas, row), tuple(_suite(canvas, row))) for row in rows))


def _rank(canvas: _Canvas, row: SuiteRow) -> tuple[int, str]:
    """Return how much a row matters where not all fit (0 most), and what its kind is called."""
    if row.step is Step.RUNNING:
        return 0, "running"
    if row.result is not None:
        passed = row.result.verdict is Verdict.PASSED
        not_run = row.result.verdict in _NOTHING_HAPPENED
        return (2, "passed") if passed else (4, "not run") if not_run else (0, "failed")
    if canvas.board.finished:
        return 4, "not run"
    return (1 if _work(canvas, row)[0] else 3), "pending"


def _suite(canvas: _Canvas, row: SuiteRow) -> Iterator[Line]:
    if row.step is Step.RUNNING:
        yield _running(canvas, row)
        if row.last and not canvas.board.finished:
            yield _current(canvas, row)
    elif row.result is not None:
        yield _ended(canvas, row, row.result)
    else:
        yield _waiting(canvas, row)


def _start(canvas: _Canvas, row: SuiteRow, glyph: str, style: Style) -> list[Span]:
    width = canvas.columns.name
    name = pad(fit(one_line(row.name), width, middle=True, ascii=canvas.ascii), width)
    return [Span("  "), Span(glyph, style), Span(f" {name}  ")]


def _running(canvas: _Canvas, row: SuiteRow) -> Line:
    columns, glyph = canvas.columns, canvas.glyphs
    bad = len(row.bad)
    style = Style.BAD if bad else Style.BUSY
    spans = _start(canvas, row, glyph.running, style)
    if row.attempt > 1:
        what = plural(row.again, "test") if row.again else "all"
        text = f"attempt {row.attempt}, {what}"
        spans.append(Span(pad(fit(text, columns.middle, ascii=canvas.ascii), columns.middle)))
    elif row.total:
        part = min(row.done / row.total, 1.0)
        full = int(part * columns.bar)
        spans += [
            Span(glyph.done * full, style),
            Span(glyph.left * (columns.bar - full), Style.QUIET),
            Span(f"{int(part * 100):4}%  "),
            Span(pad(_progress(row), columns.counts)),
        ]
    else:
        found = f"{row.done} done" if row.done else "starting"
        spans.append(Span(pad(fit(found, columns.middle), columns.middle), Style.QUIET))
    spans.append(Span(_seconds(canvas, canvas.now - row.since)))
    if bad:
        spans.append(Span(f"  {bad} failed", Style.BAD))
    return tuple(spans)


def _current(canvas: _Canvas, row: SuiteRow) -> Line:
    test = row.tests[0] if row.tests else row.last
    others = f" (+{len(row.tests) - 1})" if len(row.tests) > 1 else ""
    text = f"      {canvas.glyphs.arrow} {short_test(test)}{others}"
    return line(Span(text, Style.QUIET))


def _ended(canvas: _Canvas, row: SuiteRow, result: SuiteResult) -> Line:
    glyph = canvas.glyphs
    if result.verdict is Verdict.PASSED:
        mark, style = (glyph.flaky, Style.WARN) if result.flaky else (glyph.passed, Style.GOOD)
        spans = _start(canvas, row, mark, style)
        text, style = _passed_text(canvas, row, result), Style.PLAIN
    elif result.verdict in _NOTHING_HAPPENED:
        style = Style.WARN if result.verdict is Verdict.NO_TESTS else Style.QUIET
        spans = _start(canvas, row, glyph.waiting, style)
        text = VERDICTS[result.verdict]
    else:
        spans = _start(canvas, row, glyph.failed, Style.BAD)
        text, style = _failed_text(result), Style.BAD
    if result.seconds <= 0 and not result.counts.total:
        return (*spans, Span(text, style))
    middle = canvas.columns.middle
    text = pad(fit(text, middle, ascii=canvas.ascii), middle)
    return (*spans, Span(text, style), Span(_seconds(canvas, result.seconds)))


def _passed_text(canvas: _Canvas, row: SuiteRow, result: SuiteResult) -> str:
    counts = result.counts
    total = counts.total or row.done
    parts = [f"{total}/{max(row.total, total)}"]
    parts += [f"{len(result.flaky)} flaky"] if result.flaky else []
    parts += [f"{counts.skipped} skipped"] if counts.skipped else []
    return f" {canvas.glyphs.dot} ".join(parts)


def _failed_text(result: SuiteResult) -> str:
    if result.verdict is Verdict.FAILED and result.counts.bad:
        return counts_text(result.counts, len(result.flaky))
    if result.problem is not None:
        return f"{VERDICTS[result.verdict]}: {one_line(result.problem.what)}"
    return VERDICTS[result.verdict]


def _waiting(canvas: _Canvas, row: SuiteRow) -> Line:
    board = canvas.board
    spans = _start(canvas, row, canvas.glyphs.waiting, Style.QUIET)
    if board.finished or board.interrupted:
        word = "interrupted" if board.interrupted else VERDICTS[Verdict.NOT_RUN]
        return (*spans, Span(word, Style.QUIET))
    work, since = _work(canvas, row)
    if not work:
        return (*spans, Span("pending", Style.QUIET))
    middle = canvas.columns.middle
    text = f"pending {canvas.glyphs.dot} {work}"
    if cells(text) > middle:
        text = work
    text = pad(fit(text, middle, ascii=canvas.ascii), middle)
    seconds = "" if since is None else _seconds(canvas, canvas.now - since)
    return (*spans, Span(text + seconds, Style.QUIET))


def _work(canvas: _Canvas, row: SuiteRow) -> tuple[str, float | None]:
    """Return what a waiting suite waits for, and since when."""
    environment = canvas.board.environments.get(row.environment) if row.environment else None
    if environment is not None and environment.work:
        return _environment_work(environment), environment.since
    since = syncing_since(canvas.board, row)
    if since is not None:
        return "syncing", since
    if environment is not None and environment.failed:
        return "environment failed", None
    if environment is not None and environment.ready:
        return "environment ready", None
    return "", None


def _environment_work(environment: EnvironmentRow) -> str:
    phase, subject = environment.work[-1]
    if environment.services and phase.value == "boot":
        names = ", ".join(environment.services)
    else:
        names = "" if subject == environment.key else subject
    return one_line(f"{WORKING[phase]} {names}".rstrip())


def _progress(row: SuiteRow) -> str:
    return f"{row.done}/{max(row.total, row.done)}" if row.total else ""


def _seconds(canvas: _Canvas, seconds: float) -> str:
    return pad(duration(seconds), canvas.columns.seconds, right=True)
