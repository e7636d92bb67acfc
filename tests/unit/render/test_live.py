from __future__ import annotations

import io

import pyte
import pytest

from seatrial import events
from seatrial.events import Event
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, TestResult
from seatrial.render.base import Output, replay
from seatrial.render.live import Live, terminal_size
from seatrial.render.painter import Painter
from seatrial.render.style import line

from . import runs


class Terminal:
    """A stream that draws on a pyte screen."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=5000)
        self._feed = pyte.Stream(self.screen)
        self.written = ""
        self.writes = 0

    def size(self) -> tuple[int, int]:
        return self.screen.columns, self.screen.lines

    def write(self, text: str) -> int:
        self.written += text
        self.writes += 1
        # A terminal in its usual mode turns a line feed into both.
        self._feed.feed(text.replace("\r\n", "\n").replace("\n", "\r\n"))
        return len(text)

    def flush(self) -> None:
        pass

    @property
    def lines(self) -> list[str]:
        return [text.rstrip() for text in self.screen.display]

    @property
    def everything(self) -> list[str]:
        columns = range(self.screen.columns)
        above = ["".join(row[x].data for x in columns).rstrip() for row in self.screen.history.top]
        return above + self.lines


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def live(terminal: Terminal, *, verbose: bool = False, colour: bool = False) -> Live:
    return Live(terminal, size=terminal.size, colour=colour, verbose=verbose)  # type: ignore[arg-type]  # a stream as far as it goes


def play(
    terminal: Terminal, log: list[Event], until: float = float("inf"), **options: bool
) -> Live:
    display = live(terminal, **options)
    for event in log:
        if event.at <= until:
            display.event(event)
    return display


def test_the_board_is_drawn_in_place_and_shown_once(terminal: Terminal) -> None:
    play(terminal, runs.three_services(), 4.0)
    assert terminal.everything.count("Unit Tests") == 1
    assert any(text.startswith("  ● price-db") for text in terminal.lines)


def test_a_notice_stays_above_the_board(terminal: Terminal) -> None:
    play(terminal, runs.three_services(), 4.0)
    note = terminal.lines.index("note: unit:admin left out: no node here")
    assert note < terminal.lines.index("Unit Tests")


def test_a_failure_is_told_above_the_board_when_it_happens() -> None:
    terminal = Terminal(100)
    display = live(terminal)
    for event in runs.three_services(good=False):
        if isinstance(event, events.RunFinished):
            break
        display.event(event)
        display.tick(event.at)
    told = [n for n, text in enumerate(terminal.lines) if "assert 1049 == 1050" in text]
    assert len(told) == 1
    assert told[0] < terminal.lines.index("Unit Tests")


def test_a_failure_of_several_lines_is_told_by_its_first(terminal: Terminal) -> None:
    said = "assert 'a' == 'b'\n- b\n+ a"
    test = TestResult("tests/test_a.py::test_a", Outcome.FAILED, 0.0, said)
    shown = live(terminal)
    shown.event(runs.started(runs.planned(Stage.UNIT, "web")))
    shown.event(events.TestFinished(1.0, "unit:web", test))
    shown.close()
    assert "✗ unit:web  tests/test_a.py::test_a  assert 'a' == 'b'" in terminal.lines


def test_at_the_end_the_board_stays_and_the_summary_follows() -> None:
    terminal = Terminal(100, 60)
    replay(runs.three_services(good=False), live(terminal))
    lines = terminal.lines
    assert lines.count("Unit Tests") == 1
    assert lines.index("Unit Tests") < lines.index("  ○ shop          not run")
    summary = next(n for n, text in enumerate(lines) if text.startswith("unit   "))
    assert summary > lines.index("  ○ shop          not run")
    assert [text for text in lines if text][-1].startswith("✗ failed · 1 of 1114 tests failed")


def test_sixty_services_never_outgrow_the_screen() -> None:
    terminal = Terminal(80, 24)
    display = live(terminal)
    for event in runs.sixty_services():
        if isinstance(event, events.RunFinished):
            break
        display.event(event)
        assert not terminal.screen.history.top
    assert terminal.lines[0] == "Unit Tests"


def test_at_most_ten_frames_a_second_are_drawn(terminal: Terminal) -> None:
    log = runs.three_services()
    play(terminal, log)
    assert terminal.writes <= log[-1].at * 10 + 3


def test_time_alone_draws_at_most_five_frames_a_second(terminal: Terminal) -> None:
    display = play(terminal, runs.three_services(), 2.0)
    before = terminal.writes
    for step in range(100):
        display.tick(3.0 + step / 100)
    assert 0 < terminal.writes - before <= 6


def test_nothing_is_written_where_nothing_changes(terminal: Terminal) -> None:
    display = live(terminal)
    display.event(runs.started(runs.planned(Stage.UNIT, "catalog")))
    display.tick(1.0)
    before = terminal.writes
    for second in range(2, 60):
        display.tick(float(second))
    assert terminal.writes == before


def test_an_interrupted_run_leaves_a_whole_frame_and_no_mode_behind(terminal: Terminal) -> None:
    modes = set(terminal.screen.mode)
    display = play(terminal, runs.three_services(), 3.0)
    display.event(events.RunInterrupted(3.0, "SIGINT", 1))
    display.close()
    display.close()
    assert terminal.screen.mode == modes
    assert not terminal.screen.cursor.hidden
    assert terminal.screen.cursor.x == 0
    assert terminal.everything.count("Unit Tests") == 1
    assert "SIGINT: taking everything down; once more to stop at once" in terminal.everything


def test_verbose_streams_lines_with_the_services_name_in_front(terminal: Terminal) -> None:
    log = runs.three_services()
    unit = runs.planned(Stage.UNIT, "frontend")
    streamed: list[Event] = [
        events.SuiteOutput(3.0, unit.id, "\x1b[32mcollected\x1b[0m 31 items"),
        events.ServiceLogged(3.0, "service:price-db", "database", "ready to accept connections"),
    ]
    display = play(terminal, sorted([*log, *streamed], key=lambda e: e.at), 3.5, verbose=True)
    display.close()
    assert "frontend | collected 31 items" in terminal.everything
    assert "service:price-db/database | ready to accept connections" in terminal.everything


def test_colours_are_written_only_where_they_are_wanted(terminal: Terminal) -> None:
    play(terminal, runs.three_services(), 3.0)
    assert "\x1b[36m" not in terminal.written
    coloured = Terminal()
    play(coloured, runs.three_services(), 3.0, colour=True)
    assert "\x1b[36m" in coloured.written
    assert coloured.lines == terminal.lines


def test_a_narrower_terminal_is_cleared_of_the_lines_that_it_wrapped() -> None:
    stream = io.StringIO()
    painter = Painter(Output(stream), colour=False)
    painter.draw([line("x" * 60), line("short")], 80)
    painter.draw([line("y" * 30)], 40)
    # Sixty columns are two rows of forty.
    assert "\r\x1b[3A\x1b[J" in stream.getvalue()


def test_a_line_as_wide_as_the_terminal_keeps_its_last_character() -> None:
    terminal = Terminal(20, 5)
    painter = Painter(Output(terminal), colour=False)  # type: ignore[arg-type]  # a stream as far as it goes
    painter.draw([line("x" * 19 + "!")], 20)
    assert terminal.lines[0] == "x" * 19 + "!"


def test_only_changed_lines_are_written_again() -> None:
    stream = io.StringIO()
    painter = Painter(Output(stream), colour=False)
    painter.draw([line("steady"), line("one")], 80)
    before = len(stream.getvalue())
    painter.draw([line("steady"), line("two")], 80)
    assert "steady" not in stream.getvalue()[before:]
    assert "two" in stream.getvalue()[before:]


def test_a_stream_without_a_terminal_is_80_by_24() -> None:
    assert terminal_size(io.StringIO()) == (80, 24)
