"""The sign of life that health checks look for.

    python -m @{package}.heartbeat

The worker marks a file each time the queue has answered it, and takes the file away while the queue
is out of reach. It is healthy as long as the file is there and fresh.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

FILE = Path(tempfile.gettempdir()) / "@{service}.heartbeat"
# For the wait for a message, and for what a busy machine adds.
SLACK = 15.0


def beat(file: Path = FILE) -> None:
    file.touch()


def stop(file: Path = FILE) -> None:
    file.unlink(missing_ok=True)


def is_fresh(seconds: float, file: Path = FILE) -> bool:
    """Return whether the last beat is at most `seconds` old."""
    try:
        return time.time() - file.stat().st_mtime <= seconds
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    from @{package}.settings import Settings

    sys.exit(0 if is_fresh(Settings.from_env().job_seconds + SLACK) else 1)
