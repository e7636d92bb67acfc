"""What is dear to make and then only read: made once for all workers of a test run."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that ``make`` filled, which the first worker that asks calls.

    The others wait for it. Where it fails, the next one that asks tries again.
    """
    base = factory.getbasetemp()
    # A worker's own folder lies in that of the whole run, which pytest removes when it is old.
    whole = base.parent if base.name.startswith("popen-") else base
    folder, marker = whole / f"once-{name}", whole / f"once-{name}.made"
    with (whole / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not marker.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            marker.touch()
    return folder
