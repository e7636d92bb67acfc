"""Servers that refuse to run as root: whom they run as, and where their programs can be read."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from seatrial.errors import RuntimeMissing
from seatrial.runtimes.process.providers.base import Place
from seatrial.runtimes.process.providers.pginstall import Install

_NOBODY = 65534
_READ_AND_ENTER = 0o5
# Root's own cache is closed to others; this folder is not, and outlives a boot of the machine.
_PUBLIC = Path("/var/tmp")


def server_user() -> int | None:
    """Return the user that servers run as when we are root, else ``None``: as we are."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return _NOBODY


def give(folder: Path, user: int | None) -> None:
    """Make ``folder`` that user's own."""
    if user is not None:
        os.chown(folder, user, -1)


async def reachable(install: Install, user: int | None, place: Place) -> Install:
    """Return ``install``, or a copy of it that ``user`` can read where a folder above is closed.

    Raises ``RuntimeMissing`` where it cannot be copied.
    """
    if user is None or _open_to_all(install.bin):
        return install
    state = (install.bin / "postgres").stat()
    home = _PUBLIC / f"seatrial-postgres-{install.major}-{state.st_mtime_ns:x}-{state.st_size:x}"
    # The wheel's programs find their libraries two folders up, beside the package.
    tree = home / "site" / "package" / install.bin.parent.name
    copy = replace(install, bin=tree / "bin")
    if tree.is_dir() and _is_ours(home):
        return copy
    # Two environments of one run may copy at once.
    newborn = home.with_name(f"{home.name}.{secrets.token_hex(4)}")
    target = newborn / "site" / "package"
    target.mkdir(parents=True)
    sources = [(install.bin.parent, target)]
    if install.library is not None:
        sources.append((install.library, newborn / "site"))
    for source, into in sources:
        done = await place.processes.run(("cp", "-R", str(source), str(into)))
        if not done.ok:
            raise RuntimeMissing(
                f"PostgreSQL in {install.bin} cannot be read by the user it must run as",
                mend=f"open the folders above it, or make room in {_PUBLIC}",
                detail=tuple(done.err.splitlines()[-5:]),
            )
    for folder in (newborn, newborn / "site", target):
        folder.chmod(0o755)
    with contextlib.suppress(OSError):
        newborn.rename(home)
    shutil.rmtree(newborn, ignore_errors=True)  # there, where another run was faster
    if not _is_ours(home):
        raise RuntimeMissing(f"{home} belongs to somebody else", mend="remove it")
    return copy


def _is_ours(folder: Path) -> bool:
    return folder.stat().st_uid == os.geteuid() and not folder.is_symlink()


def _open_to_all(folder: Path) -> bool:
    real = folder.resolve()
    return all(path.stat().st_mode & _READ_AND_ENTER & 0o1 for path in (real, *real.parents))
