"""One deployment at a time for a project, on whatever machine the other one is called.

The claim is a volume with labels on the engine itself. Making a volume that is there already
changes nothing of it, so whoever reads their own token back has it: the engine decides.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import EnvironmentFailure, SeatrialError
from seatrial.host.system import boot_id, is_alive, start_time
from seatrial.runtimes.docker.cli import Docker

_LABEL = "dev.seatrial.deploy."
# Seconds for a question to the engine.
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Claim:
    """Who deploys. ``since`` is seconds since the epoch; ``dead`` that its process is no more.

    Of a process on another machine nobody here can tell.
    """

    token: str
    holder: str
    since: float
    dead: bool = False


async def claimed(docker: Docker, project: str) -> Claim | None:
    """Return who deploys ``project`` now; ``None`` for nobody."""
    return await _read(docker, _name(project))


class ClaimLost(EnvironmentFailure):
    """Somebody took the claim over: from then on the containers are theirs."""


async def must_hold(docker: Docker, project: str, token: str, environment: str) -> None:
    """Raise ``ClaimLost`` where another deployment has the claim of ``token`` by now."""
    there = await _read(docker, _name(project))
    if there is not None and there.token != token:
        raise ClaimLost(
            f"{environment} was taken over by {there.holder}; what runs now is left to that one",
            mend="see what came of it, then deploy again",
        )


@asynccontextmanager
async def alone(
    docker: Docker, project: str, environment: str, *, take_over: bool = False
) -> AsyncIterator[tuple[str, Claim | None]]:
    """Hold the claim on ``project``; yield its token, and the dead one that was in its place.

    Raises ``EnvironmentFailure`` where another deployment has it, unless that one is dead, or
    ``take_over`` says so.
    """
    name, token = _name(project), secrets.token_hex(8)
    try:
        found = await _claim(docker, name, token)
        broken = None
        if found.token != token:
            if not (found.dead or take_over):
                raise _taken(found, environment)
            await _end(docker, name, found, token, environment)
            broken, found = found, await _claim(docker, name, token)
            if found.token != token:
                raise _taken(found, environment)
        yield token, broken
    finally:
        # Somebody who took over has a claim of their own in its place. An engine that is gone is
        # no news by then, and must not hide what went wrong.
        with suppress(SeatrialError):
            there = await _read(docker, name)
            if there is not None and there.token == token:
                await docker.run("volume", "rm", name, timeout=_PATIENCE)


async def _end(docker: Docker, name: str, dead: Claim, token: str, environment: str) -> None:
    """Remove a dead claim; of several who want to, one may."""
    mine = f"{name}-{dead.token}"
    found = await _claim(docker, mine, token)
    if found.token != token:
        raise _taken(found, environment)
    try:
        there = await _read(docker, name)
        if there is not None and there.token == dead.token:
            await docker.asked("volume", "rm", name, timeout=_PATIENCE)
    finally:
        await docker.run("volume", "rm", mine, timeout=_PATIENCE)


async def _claim(docker: Docker, name: str, token: str) -> Claim:
    labels = {
        "token": token,
        "holder": f"process {os.getpid()} on {socket.gethostname()}",
        "since": f"{time.time():.0f}",
        "process": f"{os.getpid()} {start_time(os.getpid())}",
        "boot": machine(),
    }
    words = [
        word for key, value in labels.items() for word in ("--label", _LABEL + f"{key}={value}")
    ]
    await docker.asked("volume", "create", *words, name, timeout=_PATIENCE)
    found = await _read(docker, name)
    # Removed in between: whoever had it has just ended.
    return found or Claim("", "somebody who has just ended", time.time())


async def _read(docker: Docker, name: str) -> Claim | None:
    facts = await docker.inspected("volume", [name])
    labels: Mapping[str, str] = (facts[0].get("Labels") or {}) if facts else {}
    if not facts:
        return None
    return Claim(
        token=labels.get(_LABEL + "token", ""),
        holder=labels.get(_LABEL + "holder", "somebody"),
        since=float(labels.get(_LABEL + "since") or 0.0),
        dead=_is_dead(labels),
    )


def _is_dead(labels: Mapping[str, str]) -> bool:
    pid, _, started = labels.get(_LABEL + "process", "").partition(" ")
    here = labels.get(_LABEL + "boot") == machine()
    return here and pid.isdecimal() and not is_alive(int(pid), started)


def machine() -> str:
    """Return what no other machine or container has: process ids count within it."""
    try:
        inside = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        inside = ""
    return f"{boot_id()} {inside}".strip()


def _taken(claim: Claim, environment: str) -> EnvironmentFailure:
    minutes = max(time.time() - claim.since, 0.0) / 60
    return EnvironmentFailure(
        f"{environment} is being deployed by {claim.holder}, for {minutes:.0f} min",
        mend="wait for it to end; where it is dead, add --take-over",
    )


def _name(project: str) -> str:
    return f"{project}-deploying"
