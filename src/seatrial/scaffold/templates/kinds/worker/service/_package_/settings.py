"""What the worker is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the queue is, and after how many seconds a job that was taken counts as lost."""

    queue_url: str
    job_seconds: float = 60

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        url = env.get("QUEUE_URL")
        if not url:
            raise SystemExit("set QUEUE_URL in the environment")
        return cls(url, float(env.get("JOB_SECONDS", "60")))
