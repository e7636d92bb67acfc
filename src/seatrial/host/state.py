"""The user's folders for what outlives a run, and the ids and slots of runs."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import secrets
import stat
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import EnvironmentFailure

NAME = "seatrial"
# Parts of a second in the id of a run, and its moment before them.
_PARTS = 4096
_SECOND = "%Y%m%d-%H%M%S"
_RUN_ID = re.compile(r"([0-9]{8}-[0-9]{6})-([0-9a-f]{3})[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Folders:
    """Three folders of this user, made and writable, readable by nobody else.

    ``state`` holds ledgers, locks and identities; ``cache`` what can be made again (templates of
    databases); ``runtime`` what dies with the boot (sockets, data), with a short path.
    """

    state: Path
    cache: Path
    runtime: Path


def user_folders(environment: Mapping[str, str], platform: str = sys.platform) -> Folders:
    """Return the folders by the XDG base directory specification, or macOS's own.

    Where there is no home or it cannot be written, they lie in a private folder of the system's
    temporary one. Raises ``EnvironmentFailure`` where not even that can be written.
    """
    home = _home(environment)
    if platform == "darwin":
        state = home / "Library/Application Support" if home else None
        cache = home / "Library/Caches" if home else None
    else:
        state = _xdg(environment, "XDG_STATE_HOME", home, ".local/state")
        cache = _xdg(environment, "XDG_CACHE_HOME", home, ".cache")
    runtime = _xdg(environment, "XDG_RUNTIME_DIR", None, "")
    temporary = Path(environment.get("TMPDIR") or "/tmp")
    return Folders(
        _usable(state) or _private(temporary, "state"),
        _usable(cache) or _private(temporary, "cache"),
        _usable(runtime) or _private(temporary, "run"),
    )


def new_run_id(after: str = "") -> str:
    """Return an id for one run: its moment in UTC, so that ids sort, and 24 random bits.

    The moment has its second in decimal digits, then three hexadecimal ones for parts of 4096. A
    clock that was put back makes no id that is before ``after``, the id of the run before.
    """
    made = _run_id(int(time.time() * _PARTS))
    if made > after or not (last := _RUN_ID.fullmatch(after)):
        return made
    from datetime import UTC, datetime

    try:
        second = datetime.strptime(last[1], _SECOND).replace(tzinfo=UTC).timestamp()
        return _run_id(int(second) * _PARTS + int(last[2], 16) + 1)
    except (ValueError, OverflowError):
        # It has the form of a moment and is none.
        return made


def _run_id(moment: int) -> str:
    second = time.strftime(_SECOND, time.gmtime(moment // _PARTS))
    return f"{second}-{moment % _PARTS:03x}{secrets.token_hex(3)}"


def _home(environment: Mapping[str, str]) -> Path | None:
    told = environment.get("HOME")
    if not told:
        with contextlib.suppress(KeyError):
            told = pwd.getpwuid(os.getuid()).pw_dir
    return Path(told) if told and Path(told).is_absolute() else None


def _xdg(environment: Mapping[str, str], name: str, home: Path | None, below: str) -> Path | None:
    # The specification has relative values ignored.
    told = environment.get(name, "")
    if Path(told).is_absolute():
        return Path(told)
    return home / below if home else None


def _usable(parent: Path | None) -> Path | None:
    """Return our folder in ``parent``, made where it is missing; ``None`` where it cannot be."""
    if parent is None:
        return None
    folder = parent / NAME
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(folder, os.W_OK | os.X_OK) and not _read_only(folder):
            return folder
    return None


def _read_only(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def _private(temporary: Path, name: str) -> Path:
    """Return a folder in a shared one that nobody else can have prepared for us."""
    base = temporary / f"{NAME}-{os.getuid()}"
    try:
        with contextlib.suppress(FileExistsError):
            base.mkdir(mode=0o700)
        there = base.lstat()
        if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.getuid() or there.st_mode & 0o022:
            base = Path(tempfile.mkdtemp(prefix=f"{NAME}-", dir=temporary))
        folder = base / name
        folder.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise EnvironmentFailure(
            f"no folder for seatrial's own files: {error}",
            mend="let XDG_STATE_HOME, XDG_CACHE_HOME or TMPDIR name a folder that can be written",
        ) from None
    return folder
