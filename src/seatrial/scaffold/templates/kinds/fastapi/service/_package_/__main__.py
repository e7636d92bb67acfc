"""Runs the service: `python -m @{package} [--reload]`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from @{package}.settings import address

SOURCE = Path(__file__).parent


def main() -> None:
    host, port = address()
    reload = "--reload" in sys.argv[1:]
    uvicorn.run(
        f"{SOURCE.name}.app:create_app",
        factory=True,
        host=host,
        port=port,
        reload=reload,
        reload_dirs=[str(SOURCE)] if reload else None,
        # Requests at hand are answered; a client that stays silent does not hold the end up.
        timeout_graceful_shutdown=1 if reload else 10,
    )


if __name__ == "__main__":
    main()
