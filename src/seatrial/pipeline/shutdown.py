"""What signals do to a run.

The first one asks: report what is known and take everything down, within seven seconds. The second
one insists: every process of ours is dead within a second, and what the engine still has to remove
is handed to a process of its own (see ``afterwards``).
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Counts signals; ``first`` is the one that began the end, ``None`` while none came."""

    def __init__(
        self, ask: Callable[[str, int], None], insist: Callable[[signal.Signals], None]
    ) -> None:
        self._ask = ask
        self._insist = insist
        self._count = 0
        self.first: signal.Signals | None = None

    def came(self, number: signal.Signals) -> None:
        """Take one signal."""
        self._count += 1
        if self.first is None:
            self.first = number
        self._ask(number.name, self._count)
        if self._count > 1:
            self._insist(self.first)

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Receive the signals in the running event loop for as long as this lasts."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.came, number)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)


def exit_code(first: signal.Signals | None, code: int) -> int:
    """Return the exit code of a run that ``first`` ended: 128 and its number, else ``code``."""
    if first is None:
        return code
    return 130 if first is signal.SIGINT else 143
