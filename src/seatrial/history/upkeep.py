"""Keeps database and logs together: rows for logs that have none, no more of both than is of use.

A run that was killed, or could not have the database, has a log and no rows; whoever comes next
makes them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from seatrial.events import Event
from seatrial.history.log import Recording, is_live, logs
from seatrial.history.rows import Rows
from seatrial.history.store import Store

# Of all runs the newest are kept. What is too much goes in one go, so that not every run has to.
_RUNS, _RUNS_OVER = 200, 20
_BYTES, _BYTES_OVER = 48 * 1024 * 1024, 16 * 1024 * 1024


def catch_up(store: Store, folder: Path, seconds: float) -> None:
    """Write the rows of runs that ended without, the newest first, for at most ``seconds``."""
    limit = time.monotonic() + seconds
    known = store.ids()
    for path in logs(folder):
        if time.monotonic() > limit:
            return
        if path.stem not in known and not _live(path):
            # Numbers that no database holds are in no log that we wrote.
            with suppress(OverflowError):
                store.put(rows_of(Recording(path)))


def prune(store: Store, folder: Path) -> None:
    """Forget the oldest runs where there are too many, and rows whose log is gone."""
    found = [(path, size) for path in logs(folder) if (size := _size(path)) is not None]
    number = kept([size for _, size in found])
    stay = {path.stem for path, _ in found[:number]}
    for path, _ in found[number:]:
        if _live(path):
            stay.add(path.stem)
        else:
            path.unlink(missing_ok=True)
    gone = store.ids() - stay
    if gone:
        store.drop(gone)


def kept(sizes: Sequence[int]) -> int:
    """Return how many of the newest logs stay; ``sizes`` are in bytes, the newest first."""
    if len(sizes) <= _RUNS + _RUNS_OVER and sum(sizes) <= _BYTES + _BYTES_OVER:
        return len(sizes)
    number, total = 0, 0
    for size in sizes[:_RUNS]:
        total += size
        if number and total > _BYTES:
            break
        number += 1
    return number


def rows_of(recording: Iterable[Event]) -> Rows:
    """Return the rows of a recorded run."""
    rows = Rows()
    with suppress(OSError):
        for event in recording:
            rows.take(event)
    return rows


def _live(path: Path) -> bool:
    # What cannot be looked at is nobody's to remove or to read.
    with suppress(OSError):
        return is_live(path)
    return True


def _size(path: Path) -> int | None:
    with suppress(OSError):
        return path.stat().st_size
    return None
