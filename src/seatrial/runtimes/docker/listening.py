"""Whether a service behind a published port really listens.

The engine's port proxy accepts a connection before the service does, so a connect proves nothing.
"""

from __future__ import annotations

import asyncio
import contextlib

from seatrial.host.listeners import listeners
from seatrial.runtimes.docker.containers import Container

# A look at /proc costs some 50 µs.
_LOOK = 0.01
# A probe through the proxy costs a connection.
_PROBE = 0.03
# The proxy closes at once where nobody listens behind it; across a network it takes a round trip.
_HOLD_NEAR = 0.05
_HOLD_FAR = 0.5
_CONNECT = 2.0


async def until_listening(container: Container, reach: str, *, visible: bool) -> None:
    """Return once all published TCP ports of a container are listened on. Has no deadline."""
    wanted = {b.port for b in container.bindings if b.protocol == "tcp"}
    if visible and listeners(container.pid, container.id) is not None:
        # No event tells that a socket begins to listen.
        while not wanted <= _open_ports(container):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)
        return
    hold = _HOLD_NEAR if reach == "localhost" else _HOLD_FAR
    for port in wanted:
        binding = next(b for b in container.bindings if b.port == port and b.protocol == "tcp")
        host = "127.0.0.1" if reach == "localhost" and ":" not in binding.ip else reach
        while not await accepts(host, binding.host_port, hold):  # noqa: ASYNC110
            await asyncio.sleep(_PROBE)


async def accepts(host: str, port: int, hold: float) -> bool:
    """Return whether a peer takes a connection and speaks or holds it for ``hold`` seconds."""
    try:
        async with asyncio.timeout(_CONNECT):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    try:
        async with asyncio.timeout(hold):
            return bool(await reader.read(1))
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _open_ports(container: Container) -> set[int]:
    found = listeners(container.pid, container.id) or ()
    return {one.port for one in found if not one.loopback}
