"""``up`` as it goes on, for pipes, agents and terminals."""

from __future__ import annotations

import io

import pyte

from seatrial import events
from seatrial.events import Event, Notice, Phase
from seatrial.render.choose import Choice, Display
from seatrial.render.standing import make

EVENTS: tuple[Event, ...] = (
    events.RuntimeChosen(0.0, "docker", events.RuntimeReason.ENGINE_ANSWERS, "Engine 28"),
    events.Noticed(0.1, Notice.WAITING, "dev", "process 7"),
    events.PhaseStarted(0.2, Phase.BUILD, "api", "dev"),
    events.PhaseFinished(1.2, Phase.BUILD, "api", 1.0, "dev"),
    events.PhaseStarted(1.2, Phase.BOOT, "dev", "dev", ("database", "api")),
    events.ServiceReady(2.0, "dev", "database", 0.8),
)


def test_a_pipe_gets_a_line_for_each_step() -> None:
    out, err = io.StringIO(), io.StringIO()
    renderer = make(Choice(Display.PLAIN), out, err)
    for event in EVENTS:
        renderer.event(event)
    renderer.close()
    assert out.getvalue() == ""
    assert err.getvalue().splitlines() == [
        "environments: Docker, an engine answers (Engine 28)",
        "note: dev: another seatrial is at work on it (process 7); waiting",
        "build: api  1.0s",
        "ready: database  0.8s",
    ]


def test_an_agent_gets_the_notices_alone() -> None:
    err = io.StringIO()
    renderer = make(Choice(Display.AGENT), io.StringIO(), err)
    for event in EVENTS:
        renderer.event(event)
    assert len(err.getvalue().splitlines()) == 1


def test_json_is_a_line_for_each_event() -> None:
    out = io.StringIO()
    renderer = make(Choice(Display.JSON), out, io.StringIO())
    for event in EVENTS:
        renderer.event(event)
    assert [events.from_json(line) for line in out.getvalue().splitlines()] == list(EVENTS)


def test_a_terminal_shows_what_is_waited_for_and_is_clear_again_at_the_end() -> None:
    screen = pyte.Screen(80, 10)
    stream, out = pyte.Stream(screen), io.StringIO()
    renderer = make(Choice(Display.LIVE, ascii=True), out, io.StringIO())
    for event in EVENTS:
        renderer.event(event)
    renderer.tick(4.2)
    stream.feed(out.getvalue())
    assert "* booting dev  3.0s  waiting for api" in "\n".join(screen.display)
    out.seek(0)
    out.truncate()
    renderer.close()
    renderer.tick(9.0)
    stream.feed(out.getvalue())
    shown = [line.rstrip() for line in screen.display if line.strip()]
    assert shown == [
        "environments: Docker, an engine answers (Engine 28)",
        "note: dev: another seatrial is at work on it (process 7); waiting",
    ]
