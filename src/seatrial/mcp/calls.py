"""Verbs of the command line, called for a server and ended with the request that wanted them.

::

    request ──call──► a task of ours ──► the verb, in a process and session of its own
       │ cancelled         │                     │
       └──────end──────────┴──SIGTERM, again, kill

The task is no part of the request: a request that is cancelled is gone at once, and the run behind
it still takes its environments down.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.host.processes import Child, Processes

# What a run may take to remove its environments, in seconds, and what it may after a second signal,
# which ends it within one and hands over what is left to remove.
GRACES = (15.0, 3.0)

Heard = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ended:
    """A verb that ended: its code, what it printed where nobody heard it, what it said aside."""

    code: int
    out: tuple[str, ...]
    err: tuple[str, ...]


class Calls:
    """Calls verbs in ``root`` and knows all that are under way.

    ``program`` is the command line's own argv, to which the words of a verb are put. What is to end
    gets a signal for each of ``graces``, which are seconds, and is killed after the last.
    """

    def __init__(
        self,
        program: Sequence[str],
        root: Path,
        processes: Processes,
        graces: Sequence[float] = GRACES,
    ) -> None:
        self.root = root
        self._graces = graces
        self._program = tuple(program)
        self._processes = processes
        self._under_way: dict[asyncio.Task[int], _Call] = {}

    async def call(self, words: Sequence[str], heard: Heard | None = None) -> Ended:
        """Call a verb to its end; ``heard`` is awaited with each line as it is printed.

        Cancelling asks the verb to end, and does not wait for it.
        """
        one = _Call(self._graces)
        argv = (*self._program, *words)
        task = asyncio.create_task(one.run(self._processes, argv, self.root))
        self._under_way[task] = one
        task.add_done_callback(self._forget)
        out = []
        try:
            async for line in one.lines():
                if heard is None:
                    out.append(line)
                else:
                    await heard(line)
            code = await asyncio.shield(task)
        finally:
            one.end()
        return Ended(code, tuple(out), tuple(one.errors))

    async def close(self) -> None:
        """End all that is under way, and wait until it has ended."""
        for one in self._under_way.values():
            one.end()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _forget(self, task: asyncio.Task[int]) -> None:
        self._under_way.pop(task, None)
        # Whoever waited has heard of it; where nobody waits any more, nobody is to.
        if not task.cancelled():
            task.exception()


class _Call:
    """One verb, from its start to its end."""

    def __init__(self, graces: Sequence[float]) -> None:
        self._graces = graces
        self.errors: list[str] = []
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._unwanted = asyncio.Event()

    def end(self) -> None:
        """Ask it to end; no matter whether it has begun or has ended."""
        self._unwanted.set()

    async def lines(self) -> AsyncIterator[str]:
        """Yield the lines of its output until there are no more."""
        while (line := await self._lines.get()) is not None:
            yield line

    async def run(self, processes: Processes, argv: Sequence[str], root: Path) -> int:
        """Run it; return its exit code. Raises ``RuntimeMissing``."""
        try:
            child = await processes.start_tied(
                argv, on_line=self._lines.put_nowait, on_error=self.errors.append, cwd=root
            )
            try:
                await self._ended(child)
                return await child.wait()
            finally:
                processes.forget(child)
        finally:
            self._lines.put_nowait(None)

    async def _ended(self, child: Child) -> None:
        exited = asyncio.ensure_future(child.exited())
        unwanted = asyncio.ensure_future(self._unwanted.wait())
        await asyncio.wait((exited, unwanted), return_when=asyncio.FIRST_COMPLETED)
        unwanted.cancel()
        for grace in self._graces:
            if exited.done():
                return
            child.signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(exited), grace)
        if not exited.done():
            child.kill()
            await exited
