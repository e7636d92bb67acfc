"""What the service is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import make_conninfo


def address(env: Mapping[str, str] = os.environ) -> tuple[str, int]:
    """Return where to listen: HOST and PORT."""
    return env.get("HOST", "127.0.0.1"), int(env.get("PORT", "@{port}"))


def database(env: Mapping[str, str] = os.environ) -> str:
    """Return how to connect: DATABASE_URL, with the password that DATABASE_PASSWORD_FILE holds.

    In production the password is a file, so that it shows in no list of variables.
    """
    url = env.get("DATABASE_URL")
    if not url:
        raise SystemExit("set DATABASE_URL in the environment")
    if file := env.get("DATABASE_PASSWORD_FILE"):
        try:
            return make_conninfo(url, password=Path(file).read_text(encoding="utf-8").strip())
        except OSError as error:
            reason = error.strerror
            raise SystemExit(f"DATABASE_PASSWORD_FILE: {file} cannot be read: {reason}") from error
    return url
