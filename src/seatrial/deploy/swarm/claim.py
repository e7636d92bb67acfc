"""One deployment of a stack at a time: a config of the Swarm that only one can create.

The Swarm itself keeps it, so it holds between machines. Its holder may die without a word: on this
machine that is seen, from elsewhere it takes a person to say so.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from getpass import getuser

from seatrial.deploy.lock import machine
from seatrial.errors import EnvironmentFailure
from seatrial.host.system import is_alive, start_time
from seatrial.runtimes.docker.cli import Docker, failure


@dataclass(frozen=True, slots=True)
class Holder:
    """Who deploys, from where, since when (ISO 8601, UTC)."""

    who: str
    host: str
    since: str
    boot: str = ""
    pid: int = 0
    started: str = ""
    id: str = ""

    @property
    def is_dead(self) -> bool:
        """Return whether it ran on this machine, since its last start, and is there no more."""
        # Machines may share a name: that of a boot is nobody else's.
        return self.boot == machine() and not is_alive(self.pid, self.started)

    def __str__(self) -> str:
        return f"{self.who} on {self.host} since {self.since}"


def name_of(stack: str) -> str:
    """Return the name of the config that claims ``stack``."""
    return f"{stack}.deployment"


async def holder(docker: Docker, stack: str) -> Holder | None:
    """Return who deploys ``stack`` now, dead or alive."""
    for facts in await docker.inspected("config", [name_of(stack)]):
        labels = facts["Spec"].get("Labels") or {}
        try:
            known = json.loads(labels["dev.seatrial.claim"])
            return Holder(**known | {"id": facts["ID"]})
        except (KeyError, ValueError, TypeError):
            return Holder("somebody", "a machine that is not known", str(facts["CreatedAt"]))
    return None


@asynccontextmanager
async def claimed(docker: Docker, stack: str, *, take_over: bool) -> AsyncIterator[None]:
    """Hold the claim on ``stack``. Raises ``EnvironmentFailure`` where somebody else has it."""
    other = await holder(docker, stack)
    if other is not None and (take_over or other.is_dead):
        # By its id: a claim that somebody made in the meantime is another one.
        await docker.run("config", "rm", other.id or name_of(stack))
    id = await _create(docker, stack)
    try:
        yield
    finally:
        await docker.run("config", "rm", id)


async def _create(docker: Docker, stack: str) -> str:
    mine = Holder(
        who=_user(),
        host=platform.node(),
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        boot=machine(),
        pid=os.getpid(),
        started=start_time(os.getpid()) or "",
    )
    label = f"dev.seatrial.claim={json.dumps(asdict(mine))}"
    done = await docker.processes.run(
        ("docker", "config", "create", "--label", label, name_of(stack), "-"),
        env=docker.engine,
        input=f"{mine}\n",
    )
    if done.ok:
        return done.out.strip()
    other = await holder(docker, stack)
    if other is None:
        raise failure("the deployment could not be claimed", done)
    raise EnvironmentFailure(
        f"{stack} is being deployed by {other}",
        mend="wait for its end and try again; where it is dead for sure, add --take-over",
    )


def _user() -> str:
    try:
        return getuser()
    except (OSError, KeyError):
        return str(os.getuid())
