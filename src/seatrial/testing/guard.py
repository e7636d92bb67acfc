"""Fails unit tests that open a socket, and says which line did.

Python tells audit hooks of what its sockets do (https://docs.python.org/3/library/audit_events.html),
whoever asks and however the function was imported. What a C library or another process opens is not
seen.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from seatrial.testing.frames import behind, here
from seatrial.testing.stages import stage_of

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_TALKS = {
    "socket.connect": "connect to",
    "socket.sendto": "send to",
    "socket.sendmsg": "send to",
    "socket.bind": "listen on",
}
_LOOKS_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_FOREIGN = ("site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox")
_MEND = (
    "  help: hand the code a fake of what it talks to, or move the test to tests/integration;\n"
    "        to servers of its own machine a test may talk by @pytest.mark.loopback"
)


class SocketOpened(AssertionError):
    """A unit test opened a socket; raised where it did, and told by the guard when it ends."""


@dataclass(slots=True)
class Watched:
    """One phase of one test, and what it did; ``opened`` counts only where nothing else is told."""

    root: Path
    test: Path
    loopback: bool
    acts: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Take an audit event. Raises :class:`SocketOpened` where a test may not do that."""
        if event == "socket.__new__":
            # Told at the end: the address that comes next says more.
            if args[1] in _INTERNET and not self.loopback and not _importing():
                self.opened.append(self._told("open a socket"))
            return
        act = self._act(event, args)
        if act and not (event == "socket.bind" and _importing()):
            self.acts.append(self._told(act))
            raise SocketOpened(self.acts[-1])

    def _act(self, event: str, args: tuple[Any, ...]) -> str | None:
        """Return what the event does that this test may not, or ``None``."""
        if event in _LOOKS_UP:
            host = _text(args[0])
            # Of an address its name is asked for, of a name its address.
            known = _is_loopback if event == "socket.gethostbyaddr" else _address
            return None if _is_here(host) or known(host) else f"look up {host}"
        if event not in _TALKS or args[0].family not in _INTERNET or not args[1]:
            return None
        host, port = args[1][0], args[1][1]
        if self.loopback and (event == "socket.bind" or _is_loopback(host)):
            return None
        return f"{_TALKS[event]} {host or '*'}:{port}"

    def _told(self, act: str) -> str:
        frames = self._own(here()) or self._own(behind())
        lines = [self._place(frame) for frame in frames[:1]]
        of_test = [f for f in frames[1:] if Path(f.f_code.co_filename) == self.test]
        lines += [self._place(frame) for frame in of_test[:1]]
        at = ", called at ".join(lines) or "a line outside the project"
        return f"a unit test may not {act}\n  at {at}\n{_MEND}"

    def _own(self, frames: Iterable[FrameType]) -> list[FrameType]:
        return [frame for frame in frames if self._is_own(frame.f_code.co_filename)]

    def _is_own(self, file: str) -> bool:
        path = Path(file)
        return path.is_relative_to(self.root) and not set(path.parts).intersection(_FOREIGN)

    def _place(self, frame: FrameType) -> str:
        return f"{Path(frame.f_code.co_filename).relative_to(self.root)}:{frame.f_lineno}"


@dataclass(slots=True)
class _Ear:
    """The one audit hook of this process; hooks cannot be removed, so it can be deaf."""

    watched: Watched | None = None

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.watched is not None and event.startswith("socket."):
            self.watched.hear(event, args)


@cache
def _ear() -> _Ear:
    ear = _Ear()
    sys.addaudithook(ear)
    return ear


class Guard:
    """The pytest plugin that watches set-up, call and teardown of unit tests."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Watch the set-up."""
        yield from self._watch(item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Watch the test."""
        yield from self._watch(item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Watch the teardown."""
        yield from self._watch(item)

    def _watch(self, item: pytest.Item) -> Generator[None, Any, None]:
        if not item.get_closest_marker("unit") and stage_of(item.path.parent) != "unit":
            yield
            return
        loopback = item.get_closest_marker("loopback") is not None
        watched = Watched(self._root, item.path, loopback)
        ear = _ear()
        before, ear.watched = ear.watched, watched
        try:
            outcome = yield
        finally:
            ear.watched = before
        # Code under test may catch what was raised, so the phase fails by what was heard.
        told = watched.acts or ([] if outcome.excinfo else watched.opened)
        if told:
            outcome.force_exception(pytest.fail.Exception(told[0], pytrace=False))


def _importing() -> bool:
    """Return whether a module is being imported: what libraries probe then is not the test's."""
    return any(f.f_code.co_filename == "<frozen importlib._bootstrap>" for f in here())


def _text(host: object) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")


def _is_here(host: str) -> bool:
    return host in ("", "localhost", socket.gethostname())


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    address = _address(host)
    if address is None:
        return False
    # Who connects to no address at all reaches the machine itself.
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified
