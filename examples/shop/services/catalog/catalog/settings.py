"""What the service is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    rates_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        missing = [name for name in ("DATABASE_URL", "RATES_URL") if not env.get(name)]
        if missing:
            raise SystemExit(f"catalog: set {' and '.join(missing)} in the environment")
        return cls(database_url=_database_url(env), rates_url=env["RATES_URL"].rstrip("/"))


def _database_url(env: Mapping[str, str]) -> str:
    """Return DATABASE_URL, with the password from the file that DATABASE_PASSWORD_FILE names."""
    url, file = env["DATABASE_URL"], env.get("DATABASE_PASSWORD_FILE")
    if not file:
        return url
    password = quote(Path(file).read_text().strip(), safe="")
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{password}@{host}"))
