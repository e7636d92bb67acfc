"""Initialised database clusters, kept as templates and copied.

Making a cluster the way the image's entry point does takes most of a second; copying one onto tmpfs
takes hundredths. A template's key holds all that went into it, the init scripts' bytes included.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import EnvironmentFailure, Where
from seatrial.host.processes import Completed, Overlay, Processes
from seatrial.runtimes.process.leftovers import is_attached
from seatrial.runtimes.process.providers.base import Place
from seatrial.runtimes.process.providers.pginstall import Install

# A template is about 40 MB.
_KEPT = 8
_DOOMED = ".old"
_RETRY = 0.02
# The image has en_US.utf8, and many machines do not.
_LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
_FIRST_WITH_SET = 16  # initdb --set, https://www.postgresql.org/docs/16/app-initdb.html
_READY_TRIES = 500
# Shared memory is a file in the data folder, so that a killed server leaves none in /dev/shm.
TIDY = ("-c", "dynamic_shared_memory_type=mmap")
# Data is thrown away with the environment: nothing waits for a disk.
SPEED = (
    *("-c", "fsync=off"),
    *("-c", "synchronous_commit=off"),
    *("-c", "full_page_writes=off"),
    *TIDY,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the image's entry point is told about a new cluster."""

    install: Install
    superuser: str
    password: str
    database: str
    auth: str
    initdb: tuple[str, ...]
    scripts: tuple[Path, ...]
    env: Mapping[str, str]
    user: int | None

    def key(self) -> str:
        """Return a hash of all that makes the cluster what it is."""
        program = self.install.bin / "postgres"
        state = program.stat()
        digest = hashlib.sha256()
        parts = (
            *(str(program), str(state.st_mtime_ns), str(state.st_size), str(self.user)),
            *(self.superuser, self.password, self.database, self.auth, *self.initdb),
        )
        for part in parts:
            digest.update(part.encode() + b"\0")
        for script in self.scripts:
            digest.update(script.name.encode() + b"\0" + script.read_bytes())
        if self.scripts:
            digest.update(repr(sorted(self.env.items())).encode())
        return f"{self.install.major}-{digest.hexdigest()[:24]}"


async def fill(recipe: Recipe, place: Place, cluster: Path) -> None:
    """Make ``cluster``: a copy of the template, or a new one that becomes the template.

    Raises ``EnvironmentFailure`` where a program or an init script fails.
    """
    folder = place.cache / "postgres"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    template = folder / recipe.key()
    async with _locked(template.with_suffix(".lock"), fcntl.LOCK_SH):
        if template.is_dir():
            os.utime(template)
            await _copy(place.processes, template, cluster)
            return
    async with _locked(template.with_suffix(".lock"), fcntl.LOCK_EX):
        if template.is_dir():
            await _copy(place.processes, template, cluster)
            return
        await _Maker(recipe, place, cluster).make()
        newborn = template.with_suffix(".new")
        shutil.rmtree(newborn, ignore_errors=True)
        await _copy(place.processes, cluster, newborn)
        newborn.rename(template)
    _forget_old(folder, template)


async def keep(recipe: Recipe, place: Place, cluster: Path) -> None:
    """Make ``cluster`` to outlive power failures, unless it is there already.

    It has its name only once all of it is on the disk. Raises ``EnvironmentFailure`` where the
    programs are of another major version than the one that made it.
    """
    version = cluster / "PG_VERSION"
    if not cluster.exists():
        newborn = cluster.with_suffix(".new")
        shutil.rmtree(newborn, ignore_errors=True)
        await fill(recipe, place, newborn)
        sync = (str(recipe.install.bin / "initdb"), "--sync-only", "-D", str(newborn))
        done = await place.processes.run(sync, env=place.env, user=recipe.user)
        if not done.ok:
            raise EnvironmentFailure(
                f"{newborn} could not be written to the disk",
                mend="see its words below",
                detail=tuple(done.err.splitlines()[-5:]),
            )
        newborn.rename(cluster)
    elif (made := version.read_text().strip()) != str(recipe.install.major):
        raise EnvironmentFailure(
            f"the data in {cluster} is of PostgreSQL {made}, and this machine would serve it "
            f"with {recipe.install.major}",
            mend=f"install PostgreSQL {made}, or remove the data (seatrial down --volumes)",
        )
    await _until_alone(cluster)


async def _until_alone(cluster: Path) -> None:
    """Wait until the backends of a killed server are gone, and forget that server.

    A pid file that a power failure left may name a process of somebody else by now, and the
    server would not start.
    """
    lock = cluster / "postmaster.pid"
    for _ in range(_READY_TRIES):
        if not lock.exists() or not is_attached(lock):
            lock.unlink(missing_ok=True)
            return
        await asyncio.sleep(_RETRY)
    raise EnvironmentFailure(
        f"another server has the data in {cluster}",
        mend=f"end process {lock.read_text().splitlines()[0]}",
    )


async def _copy(processes: Processes, source: Path, target: Path) -> None:
    # cp keeps the owner, and clones where the file system can.
    done = await processes.run(("cp", "-a", str(source), str(target)))
    if not done.ok:
        raise EnvironmentFailure(
            "a database cluster could not be copied",
            mend=f"make room in {target.parent}",
            detail=tuple(done.err.splitlines()[-5:]),
        )


@contextlib.asynccontextmanager
async def _locked(path: Path, kind: int) -> AsyncIterator[None]:
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(fd, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_RETRY)
        yield
    finally:
        os.close(fd)


def _forget_old(folder: Path, newest: Path) -> None:
    """Remove the templates that were not used for longest, but none that is being copied.

    ``newest`` stays, whatever the clock said when others were made. What is being removed has
    another name: a run that is killed meanwhile leaves no half of a template.
    """
    templates = [path for path in folder.iterdir() if path.suffix == "" and path != newest]
    for old in sorted(templates, key=_used, reverse=True)[_KEPT - 1 :]:
        with _tried(old.with_suffix(".lock")) as free:
            if free:
                with contextlib.suppress(FileNotFoundError):  # another run was faster
                    old.rename(old.with_suffix(f".{secrets.token_hex(4)}{_DOOMED}"))
    for doomed in folder.glob(f"*{_DOOMED}"):
        shutil.rmtree(doomed, ignore_errors=True)


def _used(template: Path) -> float:
    """Return when it was used last, 0 where it is gone by now."""
    try:
        return template.stat().st_mtime
    except FileNotFoundError:
        return 0.0


@contextlib.contextmanager
def _tried(path: Path) -> Iterator[bool]:
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(fd)


class _Maker:
    """Does what the official image's entry point does with an empty data folder."""

    def __init__(self, recipe: Recipe, place: Place, cluster: Path) -> None:
        self._recipe = recipe
        self._place = place
        self._cluster = cluster
        self._socket = place.sockets
        self._env: Overlay = {
            **place.env,
            "PGHOST": str(self._socket),
            "PGPORT": "5432",
            "LC_ALL": None,
            "LANG": "C",
        }

    async def make(self) -> None:
        recipe = self._recipe
        log = self._place.data / "init.log"
        await self._initdb(log)
        (self._cluster / "pg_hba.conf").write_text(
            "local all all trust\n"
            "local replication all trust\n"
            f"host all all all {recipe.auth}\n"
            f"host replication all all {recipe.auth}\n"
        )
        flags = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={self._socket}")
        with log.open("ab") as sink:
            server = await self._place.processes.start(
                (str(recipe.install.bin / "postgres"), "-D", str(self._cluster), *SPEED, *flags),
                env=self._env,
                log=sink,
                note="postgres (initialising)",
                user=recipe.user,
            )
        try:
            await self._until_ready(log)
            await self._fill()
        finally:
            # A fast shutdown writes a checkpoint: the copies start without recovery.
            await server.end(grace=10, stop=signal.SIGINT)
            self._place.processes.forget(server)
            log.unlink(missing_ok=True)

    async def _fill(self) -> None:
        recipe = self._recipe
        setup = ""
        if recipe.password:
            role, secret = _identifier(recipe.superuser), recipe.password.replace("'", "''")
            setup += f"ALTER ROLE {role} PASSWORD '{secret}';\n"
        if recipe.database != "postgres":
            setup += f"CREATE DATABASE {_identifier(recipe.database)};\n"
        if setup:
            await self._psql(setup, "postgres")
        for script in recipe.scripts:
            await self._script(script)

    async def _script(self, script: Path) -> None:
        if script.name.endswith(".sql"):
            await self._psql(None, self._recipe.database, script)
        elif script.name.endswith(".sql.gz"):
            import gzip

            text = gzip.decompress(script.read_bytes()).decode(errors="replace")
            await self._psql(text, self._recipe.database, script)
        elif script.name.endswith(".sh"):
            path = (
                f"{self._recipe.install.bin}:{self._place.processes.merged(None).get('PATH', '')}"
            )
            done = await self._place.processes.run(
                ("bash", str(script)),
                cwd=script.parent,
                env={**self._env, **self._recipe.env, "PATH": path},
            )
            self._check(done, script)

    async def _psql(self, text: str | None, database: str, script: Path | None = None) -> None:
        words = ("-v", "ON_ERROR_STOP=1", "--no-psqlrc", "--quiet", "--no-password")
        source = ("-f", str(script)) if text is None else ()
        done = await self._place.processes.run(
            (
                str(self._recipe.install.bin / "psql"),
                *words,
                *("-U", self._recipe.superuser, "-d", database, *source),
            ),
            env=self._env,
            input=text,
        )
        self._check(done, script)

    async def _initdb(self, log: Path) -> None:
        """Make the empty cluster."""
        recipe, program = self._recipe, str(self._recipe.install.bin / "initdb")
        memory = ("-c", "dynamic_shared_memory_type=mmap")
        argv = (
            *(program, "-D", str(self._cluster), "-U", recipe.superuser),
            # What is left of a killed one says which shared memory it had.
            *("--no-clean", "--no-sync", "--encoding=UTF8", f"--locale={_LOCALE}", "--auth=trust"),
            *(memory if recipe.install.major >= _FIRST_WITH_SET else ()),
            *recipe.initdb,
        )
        with log.open("ab") as sink:
            child = await self._place.processes.start(
                argv,
                cwd=self._place.data,
                env=self._env,
                log=sink,
                note="initdb",
                user=recipe.user,
            )
        try:
            code = await child.exited()
        finally:
            await child.end()
            self._place.processes.forget(child)
        self._check(Completed(argv, code, log.read_text(errors="replace"), ""), None)

    def _check(self, done: Completed, script: Path | None) -> None:
        if done.ok:
            return
        name = script.name if script else Path(done.argv[0]).name
        raise EnvironmentFailure(
            f"{name} failed with {done.code} while the database was initialised",
            where=Where(script) if script else None,
            mend="mend the script" if script else "see its words below",
            detail=tuple((done.out + done.err).splitlines()[-20:]),
        )

    async def _until_ready(self, log: Path) -> None:
        socket = self._socket / ".s.PGSQL.5432"
        probe = (str(self._recipe.install.bin / "pg_isready"), "-q")
        for _ in range(_READY_TRIES):
            if socket.exists() and (await self._place.processes.run(probe, env=self._env)).ok:
                return
            await asyncio.sleep(_RETRY)
        raise EnvironmentFailure(
            "PostgreSQL did not start while it was initialised",
            mend="see its words below",
            detail=tuple(log.read_text(errors="replace").splitlines()[-20:]),
        )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
