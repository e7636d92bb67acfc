"""What was deployed so far, kept where the containers are: volumes with labels on the engine.

Whoever deploys from another machine finds them, and no clean-up of containers takes them.
"""

from __future__ import annotations

import getpass
import json
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seatrial.deploy.model import Ran
from seatrial.errors import EnvironmentFailure
from seatrial.runtimes.docker.cli import Docker

_LABEL = "dev.seatrial.deployment."
_PROJECT = _LABEL + "project"
# More than this many are of no use to anybody.
_KEPT = 20
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Record:
    """One deployment; ``before`` is what ran when it began, ``wanted`` what it was to bring.

    ``token`` is that of its claim: a record whose claim outlived its process was broken off.
    ``since`` is seconds since the epoch, ``by`` who called for it.
    """

    number: int
    token: str
    since: float
    by: str
    before: tuple[Ran, ...]
    wanted: tuple[Ran, ...]


async def records(docker: Docker, project: str) -> list[Record]:
    """Return the deployments of ``project`` that are known, oldest first."""
    words = ("volume", "ls", "-q", "--filter", f"label={_PROJECT}={project}")
    names = (await docker.asked(*words, timeout=_PATIENCE)).split()
    found = [_record(one.get("Labels") or {}) for one in await docker.inspected("volume", names)]
    return sorted((one for one in found if one), key=lambda one: one.number)


async def write(
    docker: Docker, project: str, token: str, before: Iterable[Ran], wanted: Iterable[Ran]
) -> Record:
    """Write down that a deployment begins."""
    known = await records(docker, project)
    number = known[-1].number + 1 if known else 1
    record = Record(number, token, time.time(), _who(), tuple(before), tuple(wanted))
    labels = {
        "project": project,
        "number": str(number),
        "token": token,
        "since": f"{record.since:.0f}",
        "by": record.by,
        "before": _text(record.before),
        "wanted": _text(record.wanted),
    }
    words = [word for key, text in labels.items() for word in ("--label", f"{_LABEL}{key}={text}")]
    await docker.asked("volume", "create", *words, _name(project, number), timeout=_PATIENCE)
    return record


async def forget(docker: Docker, project: str, those: Iterable[Record]) -> None:
    """Remove records."""
    names = [_name(project, one.number) for one in those]
    if names:
        await docker.run("volume", "rm", "--force", *names, timeout=_PATIENCE)


def too_old(known: Sequence[Record]) -> Sequence[Record]:
    """Return the records that nobody will ask for any more. Pure."""
    return known[:-_KEPT]


def _name(project: str, number: int) -> str:
    return f"{project}-deployment-{number}"


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A user without a name, as in many containers.
        user = "somebody"
    return f"{user}@{socket.gethostname()}"


def _text(those: Iterable[Ran]) -> str:
    return json.dumps([[one.service, one.image, one.replicas] for one in those])


def _record(labels: Mapping[str, str]) -> Record | None:
    """Return what labels say; nothing where they are not ours, or of a version to come."""
    try:
        return Record(
            number=int(labels[_LABEL + "number"]),
            token=labels[_LABEL + "token"],
            since=float(labels[_LABEL + "since"]),
            by=labels[_LABEL + "by"],
            before=_rans(labels[_LABEL + "before"]),
            wanted=_rans(labels[_LABEL + "wanted"]),
        )
    except (KeyError, ValueError, TypeError):
        return None


def _rans(text: str) -> tuple[Ran, ...]:
    return tuple(Ran(str(name), str(image), int(count)) for name, image, count in json.loads(text))


def no_way_back(environment: str) -> EnvironmentFailure:
    """Return the error for a rollback where no deployment is known."""
    return EnvironmentFailure(
        f"no deployment of {environment} is known to this engine",
        mend=f"name what to go back to: seatrial deploy {environment} --version V",
    )
