"""What the service is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    rates_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        missing = [name for name in ("DATABASE_URL", "RATES_URL") if not env.get(name)]
        if missing:
            raise SystemExit(f"catalog: set {' and '.join(missing)} in the environment")
        return cls(database_url=env["DATABASE_URL"], rates_url=env["RATES_URL"].rstrip("/"))
