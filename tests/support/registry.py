"""A real image registry on loopback, for tests that push."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from seatrial.host.processes import Processes

_SETTINGS = """
version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: {folder}}}
  delete: {{enabled: true}}
http: {{addr: "{address}"}}
"""


@contextlib.asynccontextmanager
async def registry(processes: Processes, folder: Path) -> AsyncIterator[str]:
    """Run a registry whose data is in ``folder``; yield its ``127.0.0.1:port``.

    An engine takes an address of 127.0.0.0/8 for insecure by itself, so nothing is to be set up.
    """
    program = processes.find("docker-registry")
    if program is None:
        pytest.skip("needs docker-registry (scripts/engine brings it)")
    address = f"127.0.0.1:{_free_port()}"
    settings = folder / "registry.yml"
    settings.write_text(_SETTINGS.format(folder=folder / "data", address=address))
    with (folder / "registry.log").open("ab") as log:
        child = await processes.start([program, "serve", str(settings)], cwd=folder, log=log)
    try:
        while not _answers(address):
            assert child.returncode is None, (folder / "registry.log").read_text()
            await asyncio.sleep(0.02)
        yield address
    finally:
        await child.end()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _answers(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True
