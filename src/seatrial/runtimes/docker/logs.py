"""``docker logs --timestamps`` as log lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from seatrial.model.environment import LogLine

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d) ?")


def log_lines(service: str, outputs: Iterable[str], tail: int) -> tuple[LogLine, ...]:
    """Return the newest ``tail`` lines of both of a container's streams, in order of time."""
    lines = [line for output in outputs for line in _lines(service, output)]
    lines.sort(key=lambda line: line.at)
    return tuple(lines[-tail:]) if tail > 0 else ()


def _lines(service: str, output: str) -> Iterator[LogLine]:
    at = 0.0
    for line in output.split("\n"):
        text = line.removesuffix("\r")
        match = _STAMP.match(text)
        if match:
            at = stamp(match)
            text = text[match.end() :]
        if text or match:
            yield LogLine(service, at, text)


def parsed_stamp(text: str) -> float | None:
    """Return an RFC 3339 time as seconds since the epoch; ``None`` for anything else."""
    match = _STAMP.match(text)
    return stamp(match) if match else None


def stamp(match: re.Match[str]) -> float:
    """Return an RFC 3339 time with nanoseconds as seconds since the epoch."""
    zone = "+00:00" if match[3] == "Z" else match[3]
    whole = datetime.fromisoformat(match[1] + zone).timestamp()
    return whole + float(f"0.{match[2] or 0}")
