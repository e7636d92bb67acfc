"""The lines of several containers, merged by their time, followed over restarts and new ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from seatrial.host.processes import Child
from seatrial.model.environment import LogLine
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.logs import log_lines
from seatrial.runtimes.docker.standing.look import Changes, Look, Stood

_EVERYTHING = 10**9
# How finely `--since` is told; what comes twice for it is dropped.
_MICROSECOND = 1e-6
# What the CLI itself says, of a container that is being removed.
_OF_THE_CLI = ("Error response from daemon", "Error: No such container")


class Logs:
    """Reads the log of ``services`` (all, where none is named) of one environment.

    ``is_over`` says of a container that it will write nothing more.
    """

    def __init__(
        self, docker: Docker, look: Look, services: Sequence[str], is_over: Callable[[Stood], bool]
    ) -> None:
        self._docker = docker
        self._look = look
        self._services = services
        self._is_over = is_over
        self._streams: dict[str, Child] = {}
        self._last: dict[str, float] = {}
        self._lines: asyncio.Queue[LogLine] = asyncio.Queue()

    async def past(self, tail: int | None, since: float | None) -> list[LogLine]:
        """Return what is there, merged by time; ``tail`` counts for each service."""
        found = await self._wanted()
        read = await asyncio.gather(*(self._read(one, tail, since) for one in found))
        by_service: dict[str, list[LogLine]] = {}
        for one, lines in zip(found, read, strict=True):
            self._last[one.container.id] = lines[-1].at if lines else since or 0.0
            by_service.setdefault(one.container.service, []).extend(lines)
        limit = _EVERYTHING if tail is None else tail
        newest = [sorted(lines, key=_at)[-limit:] if limit else [] for lines in by_service.values()]
        return sorted((line for lines in newest for line in lines), key=_at)

    async def follow(self, project: str) -> AsyncGenerator[LogLine, None]:
        """Yield what is written from now on, until nothing can write any more."""
        async with Changes(self._docker, project) as changes:
            try:
                while await self._attach():
                    changes.happened.clear()
                    async for line in self._until(changes):
                        yield line
                while not self._lines.empty():
                    yield self._lines.get_nowait()
            finally:
                for child in self._streams.values():
                    await child.end(0.0)
                    self._docker.processes.forget(child)

    async def _wanted(self) -> list[Stood]:
        found = await self._look.own()
        return [
            one for one in found if not self._services or one.container.service in self._services
        ]

    async def _read(self, one: Stood, tail: int | None, since: float | None) -> list[LogLine]:
        words = ["logs", "--timestamps"]
        if tail is not None:
            words += ["--tail", str(tail)]
        if since is not None:
            words += ["--since", f"{since:.9f}"]
        done = await self._docker.run(*words, one.container.id)
        if not done.ok:
            return []
        return list(log_lines(one.container.service, (done.out, done.err), _EVERYTHING))

    async def _attach(self) -> bool:
        """Follow each container that runs; return whether anything may still be written."""
        for id, child in list(self._streams.items()):
            if child.returncode is not None:
                self._docker.processes.forget(self._streams.pop(id))
        found = await self._wanted()
        for one in found:
            if not one.ended and one.container.id not in self._streams:
                self._streams[one.container.id] = await self._stream(one)
        return bool(self._streams) or any(not self._is_over(one) for one in found)

    async def _stream(self, one: Stood) -> Child:
        id, service = one.container.id, one.container.service
        last = self._last.setdefault(id, 0.0)

        def take(text: str) -> None:
            if text.startswith(_OF_THE_CLI):
                return
            for line in log_lines(service, (text,), 1):
                # `--since` includes the moment itself, and with it what was shown.
                if line.at > last or not line.at:
                    self._last[id] = line.at or self._last[id]
                    self._lines.put_nowait(line)

        words = ["logs", "--timestamps", "--follow"]
        if last:
            words += ["--since", f"{last - _MICROSECOND:.6f}"]
        return await self._docker.processes.start(
            ("docker", *words, id), env=self._docker.engine, on_line=take, note="docker logs"
        )

    async def _until(self, changes: Changes) -> AsyncGenerator[LogLine, None]:
        """Yield lines until the engine tells of a container, or a stream ends."""
        ends = [asyncio.ensure_future(child.wait()) for child in self._streams.values()]
        happened = asyncio.ensure_future(changes.happened.wait())
        try:
            while not happened.done() and not any(end.done() for end in ends):
                taken = asyncio.ensure_future(self._lines.get())
                try:
                    await asyncio.wait(
                        [taken, happened, *ends], return_when=asyncio.FIRST_COMPLETED
                    )
                finally:
                    if not taken.done():
                        taken.cancel()
                if taken.done() and not taken.cancelled():
                    yield taken.result()
            while not self._lines.empty():
                yield self._lines.get_nowait()
        finally:
            happened.cancel()
            for end in ends:
                end.cancel()


def _at(line: LogLine) -> float:
    return line.at
