"""The logs of an environment that stands: files, read whole or followed over restarts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

from seatrial.host.clock import Clock
from seatrial.model.environment import LogLine
from seatrial.runtimes.process.logs import ServiceLog
from seatrial.runtimes.process.standing import record as records
from seatrial.runtimes.process.standing.record import Record

_LOOK = 0.05
# How often the record is looked at: whether the environment still stands.
_EVERY = 10
_ALL = 1 << 20


def merged(
    record: Record,
    services: Iterable[str],
    tail: int | None,
    since: float | None,
    offsets: dict[str, int],
) -> list[LogLine]:
    """Return the lines that are there, by their time; fills in how far each file was read.

    ``since`` may give more than was written from then on, never less.
    """
    lines: list[LogLine] = []
    for name in _names(record, services):
        started = record.services.get(name)
        log = ServiceLog(name, record.rooms.log(name))
        if started is not None:
            log.marks.append((started.began, started.offset))
        try:
            state = log.path.stat()
        except OSError:
            continue
        offsets[name] = state.st_size
        if tail != 0 and (since is None or state.st_mtime >= since):
            lines.extend(log.lines(since, _ALL if tail is None else tail))
    # sorted is stable: lines of one service stay in their order.
    return sorted(lines, key=lambda line: line.at)


async def follow(
    path: Path, services: Iterable[str], offsets: dict[str, int], clock: Clock
) -> AsyncGenerator[LogLine, None]:
    """Yield what is written from ``offsets`` on, until nothing can write any more.

    ``path`` is the record's: services that are started meanwhile are followed, too.
    """
    rests: dict[str, bytes] = {}
    looks = 0
    record = records.read(path)
    while record is not None:
        for name in _names(record, services):
            for line in _news(record.rooms.log(name), name, offsets, rests):
                yield LogLine(name, clock.wall(), line)
        looks += 1
        if looks % _EVERY == 0:
            record = records.read(path)
            if record is None or not (record.living() or record.is_changing()):
                return
        await asyncio.sleep(_LOOK)


def _names(record: Record, services: Iterable[str]) -> list[str]:
    wanted = tuple(services)
    there = record.scratch / "logs"
    names = sorted(file.stem for file in there.glob("*.log")) if there.is_dir() else []
    return [name for name in names if not wanted or name in wanted]


def _news(path: Path, name: str, offsets: dict[str, int], rests: dict[str, bytes]) -> list[str]:
    """Return the whole lines that are new in a log; the rest of one is kept for the next time."""
    start = offsets.get(name, 0)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # Removed and begun anew: from its beginning.
            start = 0 if size < start else start
            file.seek(start)
            data = file.read()
    except OSError:
        return []
    offsets[name] = start + len(data)
    *lines, rests[name] = (rests.get(name, b"") + data).split(b"\n")
    return [line.decode(errors="replace").rstrip("\r") for line in lines]
