"""Stands in for work that keeps a processor busy."""

from __future__ import annotations

import time


def busy(seconds: float) -> float:
    """Return the processor time that was spent, ``seconds`` of it or a little more."""
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass
    return time.thread_time() - began
