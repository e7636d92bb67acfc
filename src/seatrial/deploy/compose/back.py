"""The way back of a deployment: what takes each of its steps back, the last one first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from seatrial.errors import SeatrialError
from seatrial.events import Phase

Undo = Callable[[], Awaitable[None]]
Told = Callable[[Phase, str], AbstractAsyncContextManager[None]]


@dataclass
class Back:
    """Services with what takes them back; ``told`` says when that begins and ends."""

    told: Told
    steps: list[tuple[str, Undo]] = field(default_factory=list)

    def add(self, service: str, undo: Undo) -> None:
        """Have ``undo`` done on the way back, before all that is known by now."""
        self.steps.append((service, undo))

    async def go(self) -> list[str]:
        """Take all back; return what would not go back and why."""
        failed = await self._tried(self.steps[::-1])
        if len(failed) < len(self.steps):
            # One whose network is that of another could not start before that one.
            failed = await self._tried([one for one, _ in failed])
        self.steps.clear()
        return [f"{service}: {said}" for (service, _), said in failed]

    async def _tried(self, those: Sequence[tuple[str, Undo]]) -> list[tuple[tuple[str, Undo], str]]:
        failed = []
        for service, undo in those:
            try:
                async with self.told(Phase.GO_BACK, service):
                    await undo()
            except SeatrialError as error:
                failed.append(((service, undo), error.what))
        return failed
