"""Runs the worker: `python -m @{package}`.

SIGTERM and SIGINT end it after the job at hand.
"""

from __future__ import annotations

import asyncio
import logging
import signal

from @{package} import broker, heartbeat
from @{package}.settings import Settings
from @{package}.worker import run


async def main() -> None:
    settings = Settings.from_env()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await run(lambda: broker.connect(settings), stopping, heartbeat.beat, heartbeat.stop)
    finally:
        heartbeat.stop()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(main())
