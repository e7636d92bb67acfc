"""Addresses of an environment that stands: published ports are the host's, and all stay put.

A service whose host port the compose file says lives at 127.0.0.1 with that port, so that
``http://localhost:8000`` is it. The others get addresses of one block, the same ones each time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.composefile.model import Port
from seatrial.errors import ConfigError, EnvironmentFailure
from seatrial.runtimes.process.isolation.base import Address, Wanted
from seatrial.runtimes.process.isolation.blocks import Block, reopen, take
from seatrial.runtimes.process.isolation.taken import taken, together
from seatrial.runtimes.process.isolation.translate import (
    TranslatedSite,
    answers_everywhere,
    free_port,
    is_free,
)

LOCALHOST = "127.0.0.1"
_EVERYWHERE = ("", "0.0.0.0", "::", "::1", "localhost")
_FIRST_HOST = 2


@dataclass(frozen=True, slots=True)
class Before:
    """What the environment had when it was last seen.

    ``living`` are the pids that still run, with their start times, ``running`` their services.
    """

    block: str = ""
    addresses: Mapping[str, Address] = field(default_factory=dict)
    living: Mapping[int, str] = field(default_factory=dict)
    running: Collection[str] = ()


def places(
    wanted: Sequence[Wanted],
    published: Mapping[str, Sequence[Port]],
    before: Before,
    *,
    starting: Collection[str],
    folder: Path,
    seed: int,
) -> tuple[TranslatedSite, str]:
    """Return where each service lives, and the prefix of its block (empty without one).

    ``folder`` holds the blocks' lock files, ``seed`` is where the search for one begins. Raises
    ``EnvironmentFailure`` where a port of a service in ``starting`` cannot be had, ``ConfigError``
    where two services publish one port.
    """
    block = _block(before, folder, seed) if answers_everywhere() else None
    try:
        chooser = _Chooser(before, block, starting)
        for want in wanted:
            chooser.publish(want.service, published.get(want.service, ()))
        addresses = {want.service: chooser.address(want) for want in wanted}
        if chooser.taken:
            raise together(chooser.taken)
    except BaseException:
        if block is not None:
            block.close(empty=not before.living)
        raise
    return TranslatedSite(wanted, addresses, block), block.prefix if block else ""


def _block(before: Before, folder: Path, seed: int) -> Block:
    again = reopen(folder, before.block, before.living) if before.block else None
    return again or take(folder, seed)


class _Chooser:
    def __init__(self, before: Before, block: Block | None, starting: Collection[str]) -> None:
        self._before = before
        self._block = block
        self._starting = starting
        self._fixed: dict[str, tuple[str, dict[int, int]]] = {}
        self._owners: dict[tuple[str, int], str] = {}
        self._ports: dict[tuple[str, int], Port] = {}
        self.taken: list[EnvironmentFailure] = []
        self._hosts = {address.host for address in before.addresses.values()}

    def publish(self, service: str, ports: Sequence[Port]) -> None:
        """Note the host ports that a service's ``ports:`` say."""
        said = [port for port in ports if port.published not in (None, "", "0")]
        if not said:
            return
        host = next((p.host_ip for p in said if (p.host_ip or "") not in _EVERYWHERE), None)
        at, mapping = host or LOCALHOST, dict[int, int]()
        for port in said:
            if port.target in mapping:
                continue
            used = self._host_port(service, at, port)
            other = self._owners.setdefault((at, used), service)
            if other != service:
                raise ConfigError(
                    f"services {other} and {service} both publish port {used}",
                    where=port.where,
                    mend="give one of them another port",
                )
            mapping[port.target] = used
            self._ports[at, used] = port
        self._fixed[service] = (at, mapping)

    def address(self, want: Wanted) -> Address:
        """Return where a service lives."""
        host, fixed = self._fixed.get(want.service, ("", {}))
        old = self._before.addresses.get(want.service)
        kept = old is not None and want.service in self._before.running
        if old is not None and kept and set(old.ports) == set(want.ports):
            said = {port: old.port(port) for port in old.fixed}
            if said == fixed and (not fixed or host == old.host):
                return old
        host = host or self._own_host(old)
        ports = {
            port: fixed[port] if port in fixed else self._free(want.service, host, port, old)
            for port in want.ports
        }
        for port in fixed.values():
            self._check(want.service, host, port, old)
        return Address(host, ports, frozenset(fixed))

    def _host_port(self, service: str, host: str, port: Port) -> int:
        """Return the port that is meant; of a range, the last one used or the first free one."""
        first, _, last = (port.published or "").partition("-")
        if not last:
            return int(first)
        every = range(int(first), int(last) + 1)
        old = self._before.addresses.get(service)
        if old is not None and old.port(port.target) in every:
            return old.port(port.target)
        return next((one for one in every if is_free(host, one)), every[0])

    def _own_host(self, old: Address | None) -> str:
        if self._block is None:
            return LOCALHOST
        if old is not None and old.host.startswith(f"{self._block.prefix}."):
            return old.host
        number = _FIRST_HOST
        while self._block.host(number) in self._hosts:
            number += 1
        host = self._block.host(number)
        self._hosts.add(host)
        return host

    def _free(self, service: str, host: str, port: int, old: Address | None) -> int:
        """Return the port in use for one that nobody published: its own where that is free."""
        same = old is not None and old.host == host
        wish = old.port(port) if old is not None and same else port
        mine = same and service in self._before.running
        if (host, wish) not in self._owners and (mine or is_free(host, wish)):
            self._owners[host, wish] = service
            return wish
        return free_port(host)

    def _check(self, service: str, host: str, port: int, old: Address | None) -> None:
        """Note where a service to be started cannot have its host port."""
        mine = old is not None and old.host == host and port in old.ports.values()
        if service not in self._starting or (mine and service in self._before.running):
            return
        if not is_free(host, port):
            self.taken.append(taken(service, port, self._ports[host, port].where))
