"""*translate*: an address of its own in 127.0.0.0/8 for each service, references rewritten.

Linux answers on all of 127.0.0.0/8; macOS only on 127.0.0.1, where each service gets free ports
instead. A wildcard listener on the host (a port proxy, any server on 0.0.0.0) takes its port on
every loopback address, so each wanted port is test-bound and moved where it is taken.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from seatrial.runtimes.process.isolation.base import Address, Dressed, Site, Wanted
from seatrial.runtimes.process.isolation.blocks import Block, take
from seatrial.runtimes.process.isolation.rules import Rules

# .0 and .1 are left alone: people read them as a network and its gateway.
_FIRST_HOST = 2
_ANY_LOOPBACK = "127.64.0.1"


class Translate:
    """``folder`` holds the blocks' lock files; ``seed`` is where the search for one begins."""

    def __init__(self, folder: Path, seed: int, *, whole_loopback: bool | None = None) -> None:
        self._folder = folder
        self._seed = seed
        self._whole = whole_loopback

    def preview(self, wanted: Sequence[Wanted]) -> Site:
        """Return a site whose addresses read ``127.x.y.2``: the block is chosen at the start."""
        addresses = {
            want.service: Address(f"127.x.y.{i}", {port: port for port in want.ports})
            for i, want in enumerate(wanted, _FIRST_HOST)
        }
        return TranslatedSite(wanted, addresses, None)

    def open(self, wanted: Sequence[Wanted]) -> Site:
        """Take a block and a free port for each port that is wanted."""
        whole = answers_everywhere() if self._whole is None else self._whole
        if not whole:
            addresses = {
                want.service: Address("127.0.0.1", {p: free_port("127.0.0.1") for p in want.ports})
                for want in wanted
            }
            return TranslatedSite(wanted, addresses, None)
        block = take(self._folder, self._seed)
        try:
            addresses = {
                want.service: _address(block.host(i), want.ports)
                for i, want in enumerate(wanted, _FIRST_HOST)
            }
        except BaseException:
            block.close()
            raise
        return TranslatedSite(wanted, addresses, block)


class TranslatedSite:
    """Addresses of one environment."""

    def __init__(
        self, wanted: Sequence[Wanted], addresses: Mapping[str, Address], block: Block | None
    ) -> None:
        self._addresses = addresses
        self._block = block
        self._names = {name: addresses[w.service] for w in wanted for name in w.names}

    @property
    def addresses(self) -> Mapping[str, Address]:
        """Return the address of each service."""
        return self._addresses

    def dress(
        self, service: str, argv: Sequence[str], probe: Sequence[str], env: Mapping[str, str]
    ) -> Dressed:
        """Return command, health check and variables translated."""
        return Rules(self._addresses[service], self._names).dress(argv, probe, env)

    def holds(self, pids: Iterable[int]) -> None:
        """Write the processes beside the block's lock."""
        if self._block is not None:
            self._block.holds(pids)

    def close(self, *, empty: bool = True) -> None:
        """Give the block back; not ``empty`` keeps it for processes that live on."""
        if self._block is not None:
            self._block.close(empty=empty)


def answers_everywhere() -> bool:
    """Return whether any address of 127.0.0.0/8 is this machine's: on Linux, mostly."""
    with contextlib.closing(socket.socket()) as probe:
        try:
            probe.bind((_ANY_LOOPBACK, 0))
        except OSError:
            return False
    return True


def _address(host: str, ports: Sequence[int]) -> Address:
    return Address(host, {port: port if is_free(host, port) else free_port(host) for port in ports})


def is_free(host: str, port: int) -> bool:
    """Return whether a server of this user could listen there now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
                return False
            raise
    return True


def free_port(host: str) -> int:
    """Return a port of ``host`` that nobody has now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
