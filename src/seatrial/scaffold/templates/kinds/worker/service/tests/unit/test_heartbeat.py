from __future__ import annotations

import os
import time
from pathlib import Path

from @{package} import heartbeat


def test_is_fresh_after_a_beat_and_not_after_the_end(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    assert not heartbeat.is_fresh(60, file)
    heartbeat.beat(file)
    assert heartbeat.is_fresh(60, file)
    heartbeat.stop(file)
    assert not heartbeat.is_fresh(60, file)


def test_an_old_beat_is_not_fresh(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    heartbeat.beat(file)
    long_ago = time.time() - 3600
    os.utime(file, (long_ago, long_ago))
    assert not heartbeat.is_fresh(60, file)
