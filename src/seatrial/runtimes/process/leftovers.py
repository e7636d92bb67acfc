"""What a killed server leaves outside its folder."""

from __future__ import annotations

import ctypes
from pathlib import Path

from seatrial.host.system import start_time

# postmaster.pid, line 7: key and id of the shared memory segment. See
# https://www.postgresql.org/docs/current/storage-file-layout.html
_PID_LINE, _SHM_LINE = 0, 6
_IPC_RMID = 0
_KEY = 0xFFFFFFFF
# proc(5), /proc/sysvipc/shm: how many processes have the segment attached.
_ATTACHED = 6
_SEGMENTS = Path("/proc/sysvipc/shm")


def release_folder(folder: Path) -> None:
    """Free what servers in ``folder`` left in the kernel: System V segments of dead postmasters.

    PostgreSQL's other shared memory is in the folder itself. Called before the folder is removed.
    """
    for depth in ("postmaster.pid", "*/postmaster.pid", "*/*/postmaster.pid"):
        for path in folder.glob(depth):
            _release(path)


def is_attached(postmaster: Path) -> bool:
    """Return whether a process still uses the segment that this ``postmaster.pid`` names.

    The postmaster itself is one, and so are its backends. False where the system does not tell.
    """
    try:
        lines = postmaster.read_text().splitlines()
        key, identity = (int(word) for word in lines[_SHM_LINE].split())
        rows = [line.split() for line in _SEGMENTS.read_text().splitlines()[1:]]
    except (OSError, ValueError, IndexError):
        return False
    return any(
        int(row[0]) & _KEY == key & _KEY and int(row[1]) == identity and int(row[_ATTACHED]) > 0
        for row in rows
    )


def _release(postmaster: Path) -> None:
    try:
        lines = postmaster.read_text().splitlines()
        pid = int(lines[_PID_LINE])
        key, identity = (int(word) for word in lines[_SHM_LINE].split())
    except (OSError, ValueError, IndexError):
        return
    if start_time(pid) is None and _is_still_there(key, identity):
        # Backends that have yet to notice their end keep it alive that long.
        ctypes.CDLL(None).shmctl(identity, _IPC_RMID, None)


def _is_still_there(key: int, identity: int) -> bool:
    """Return whether the id is still that of this segment, and not of a newer one."""
    try:
        rows = [line.split() for line in _SEGMENTS.read_text().splitlines()[1:]]
    except OSError:
        # macOS cannot be asked; its ids are not used again soon.
        return True
    return any(int(row[0]) & _KEY == key & _KEY and int(row[1]) == identity for row in rows)
