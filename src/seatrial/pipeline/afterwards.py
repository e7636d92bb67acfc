"""Cleans up after one run in a process of its own: ``python -m …pipeline.afterwards LEDGER``.

A run that is interrupted twice ends at once and leaves this behind. It waits for the run's lock,
which the kernel drops when the run is dead, so that it never touches what is still alive.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from seatrial.host.processes import Processes, start_detached
from seatrial.host.worktree import Slot
from seatrial.pipeline.leftovers import clean_one, release_blocks


def start(ledger: Path, slot: Slot, environment: Mapping[str, str]) -> None:
    """Start the clean-up after the run of ``ledger``, detached.

    It holds ``slot`` until it ends: a run that takes the same names must not begin before.
    """
    start_detached([sys.executable, "-m", __name__, str(ledger)], environment, (slot.fd,))


def main(ledger: Path) -> None:
    """Wait for the end of the run, then clean up."""
    try:
        descriptor = os.open(ledger, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    from seatrial.host.system import environment

    asyncio.run(clean_one(ledger, Processes(environment())))
    release_blocks(ledger.parent)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
