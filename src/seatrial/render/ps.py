"""``ps``: the services of an environment as a table, or as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from seatrial.composefile.model import ComposeProject
from seatrial.composefile.urls import address
from seatrial.model.environment import ServiceState
from seatrial.render.choose import Choice
from seatrial.render.style import Line, Span, Style, line, painted
from seatrial.render.width import cells, pad

_HEADINGS = ("SERVICE", "STATE", "HEALTH", "ADDRESS", "AGE")
_AGES = ((86400, "d"), (3600, "h"), (60, "m"))


def ps_lines(
    states: Sequence[ServiceState], project: ComposeProject, now: float, choice: Choice
) -> list[str]:
    """Return the table; ``now`` is seconds since the epoch."""
    rows = [_HEADINGS, *(_row(state, states, project, now) for state in states)]
    widths = [max(cells(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [_line(rows[0], widths, Style.QUIET)]
    for state, row in zip(states, rows[1:], strict=True):
        lines.append(_line(row, widths, Style.GOOD if state.good else Style.BAD))
    return painted(lines, choice.colour)


def ps_json(
    environment: str,
    runtime: str,
    states: Sequence[ServiceState],
    project: ComposeProject,
    now: float,
) -> str:
    """Return one JSON object; ages are in seconds."""
    services = [
        {
            "service": state.service,
            "number": state.number,
            "state": state.state,
            "health": state.health,
            "code": state.code,
            "good": state.good,
            "one_shot": state.one_shot,
            "age": None if state.started is None else round(max(now - state.started, 0.0), 1),
            "addresses": addresses(state, project),
        }
        for state in states
    ]
    document = {"v": 1, "environment": environment, "runtime": runtime, "services": services}
    return json.dumps(document, indent=1)


def addresses(state: ServiceState, project: ComposeProject) -> list[str]:
    """Return where the ports of a service are reached."""
    service = project.services.get(state.service)
    return [address(service, endpoint) for endpoint in state.endpoints]


def age(seconds: float) -> str:
    """Return an age in its largest whole unit: ``45s``, ``3m``, ``2h``, ``5d``."""
    whole = max(int(seconds), 0)
    for size, unit in _AGES:
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def _row(
    state: ServiceState, states: Sequence[ServiceState], project: ComposeProject, now: float
) -> tuple[str, ...]:
    several = sum(other.service == state.service for other in states) > 1
    name = f"{state.service} {state.number}" if several else state.service
    word = state.state if state.code is None else f"{state.state} {state.code}"
    done = state.one_shot and state.good
    return (
        name,
        "done" if done else word,
        state.health or "-",
        " ".join(addresses(state, project)) or "-",
        "-" if state.started is None else age(now - state.started),
    )


def _line(row: Sequence[str], widths: Sequence[int], style: Style) -> Line:
    return line(*_spans(row, widths, style))


def _spans(row: Sequence[str], widths: Sequence[int], style: Style) -> Iterator[Span]:
    last = len(row) - 1
    for column, (text, width) in enumerate(zip(row, widths, strict=True)):
        shown = text if column == last else pad(text, width) + "  "
        coloured = style is Style.QUIET or column in (1, 2)
        yield Span(shown, style if coloured else Style.PLAIN)
