"""What is written down of an environment that stands, so that the next call finds it.

One file in the worktree, readable by its owner alone. It holds pids with their start times,
addresses, ports and paths: no secret, and no value of a variable.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from seatrial.errors import ConfigError
from seatrial.host.state import Folders
from seatrial.host.system import boot_id, is_alive, start_time
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.rooms import Rooms, choose


@dataclass(frozen=True, slots=True)
class Started:
    """One service as it was started last.

    ``began`` is seconds since the epoch, ``offset`` the size of its log then. ``plan`` is a hash of
    all that it was started with. ``after`` names the services that it needs, ``grace`` is how many
    seconds it has to end. Not ``ready`` is one whose start was given up or is not over.
    """

    service: str
    pid: int
    start: str
    boot: str
    began: float
    offset: int
    plan: str
    cwd: str
    stop_signal: str
    grace: float
    after: tuple[str, ...] = ()
    one_shot: bool = False
    ready: bool = False

    @property
    def alive(self) -> bool:
        """Return whether it still runs."""
        return self.boot == boot_id() and is_alive(self.pid, self.start)


@dataclass(slots=True)
class Record:
    """An environment. ``worker`` is the process that is changing it, with its start time.

    ``data`` and ``scratch`` are as in :class:`Rooms`; ``kept`` is where named volumes are;
    ``block`` is its address block, empty where there is none.
    """

    data: Path
    scratch: Path
    kept: Path
    block: str = ""
    services: dict[str, Started] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    worker: tuple[int, str] | None = None

    @classmethod
    def fresh(cls, context: RunContext, folders: Folders, kept: Path) -> Record:
        """Return one for an environment of which nothing stands yet."""
        temporary = Path(context.processes.environment.get("TMPDIR") or "/tmp")
        rooms = choose(temporary, folders.runtime)
        return cls(rooms.data, rooms.scratch, kept)

    def make(self) -> None:
        """Make its folders where they are not there, as after a restart of the machine."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        for folder, rights in ((self.data, mode), (self.codes, mode), (self.scratch, 0o700)):
            folder.mkdir(parents=True, exist_ok=True, mode=rights)
        (self.scratch / "logs").mkdir(exist_ok=True)

    @property
    def rooms(self) -> Rooms:
        """Return its two folders."""
        return Rooms(self.data, self.scratch, self.data.parent != self.scratch.parent)

    @property
    def token(self) -> str:
        """Return the mark that all of its processes carry."""
        return self.data.name

    @property
    def codes(self) -> Path:
        """Return the folder of exit codes; a server that is another user passes into it."""
        return self.data / "codes"

    def living(self) -> dict[int, str]:
        """Return the pids of the services that run, with their start times."""
        return {one.pid: one.start for one in self.services.values() if one.alive}

    def code(self, service: str) -> int | None:
        """Return the code that a service ended with, ``None`` where nobody could learn it."""
        try:
            text = (self.codes / service).read_text().strip()
        except OSError:
            return None
        return int(text) if text.isdigit() else None

    def is_changing(self) -> bool:
        """Return whether some call is starting or ending services now."""
        return self.worker is not None and is_alive(*self.worker)


def variables_of(pid: int) -> dict[str, str]:
    """Return the variables that a process was started with; none where the system tells none."""
    try:
        text = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="surrogateescape")
    except OSError:
        return {}
    pairs = (part.partition("=") for part in text.split("\0"))
    return {name: value for name, equals, value in pairs if equals}


def me() -> tuple[int, str]:
    """Return this process for ``Record.worker``."""
    return os.getpid(), start_time(os.getpid()) or ""


def write(path: Path, record: Record) -> None:
    """Write it down, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "data": str(record.data),
        "scratch": str(record.scratch),
        "kept": str(record.kept),
        "block": record.block,
        "worker": record.worker,
        "services": [asdict(one) for one in record.services.values()],
        "addresses": {
            name: {"host": a.host, "ports": list(a.ports.items()), "fixed": sorted(a.fixed)}
            for name, a in record.addresses.items()
        },
    }
    draft = path.with_suffix(".new")
    fd = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as stream:
        json.dump(document, stream, indent=2)
        stream.write("\n")
    draft.replace(path)


def read(path: Path) -> Record | None:
    """Return what was written, ``None`` where nothing stands. Raises ``ConfigError``."""
    try:
        facts = json.loads(path.read_text())
        return Record(
            data=Path(facts["data"]),
            scratch=Path(facts["scratch"]),
            kept=Path(facts["kept"]),
            block=facts["block"],
            services={one["service"]: _started(one) for one in facts["services"]},
            addresses=_addresses(facts["addresses"]),
            worker=tuple(facts["worker"]) if facts["worker"] else None,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} is not what seatrial wrote",
            mend="end the environment's processes by hand and remove the file",
        ) from error


def _started(facts: Mapping[str, Any]) -> Started:
    return Started(**{**facts, "after": tuple(facts["after"])})


def _addresses(facts: Mapping[str, Any]) -> dict[str, Address]:
    def ports(pairs: Iterable[Any]) -> dict[int, int]:
        return {int(inside): int(used) for inside, used in pairs}

    return {
        name: Address(one["host"], ports(one["ports"]), frozenset(one["fixed"]))
        for name, one in facts.items()
    }
