"""What verbs share that say why a recorded run took so long."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seatrial.cli.options import Surroundings
from seatrial.history.log import Recording
from seatrial.host.system import processors
from seatrial.insight.model import Insight
from seatrial.insight.slow import insight
from seatrial.insight.sources import Read
from seatrial.insight.timings import Timings

# A longer file is no test that somebody wrote.
_MOST_BYTES = 2_000_000


def look(around: Surroundings, recording: Recording, before: Iterable[Path]) -> Insight | None:
    """Return what is to be said of a run, held against the logs of those ``before`` it.

    ``None`` where its beginning is not known. Raises ``OSError`` where a log cannot be read.
    """
    earlier = [Timings(Recording(path)) for path in before]
    read = _reader(around.root)
    return insight(Timings(recording), earlier, around.config.slow, read, processors())


def _reader(root: Path) -> Read:
    """Return what reads files of the repository, and no others."""
    inside = root.resolve()

    def read(file: str) -> str | None:
        path = (inside / file).resolve()
        try:
            if path.is_relative_to(inside) and path.stat().st_size <= _MOST_BYTES:
                return path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            pass
        return None

    return read
