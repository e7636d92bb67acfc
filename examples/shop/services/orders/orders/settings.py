"""What the service and its worker are told by their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    redis_url: str
    catalog_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        missing = [name for name in ("REDIS_URL", "CATALOG_URL") if not env.get(name)]
        if missing:
            raise SystemExit(f"orders: set {' and '.join(missing)} in the environment")
        return cls(redis_url=env["REDIS_URL"], catalog_url=env["CATALOG_URL"].rstrip("/"))
