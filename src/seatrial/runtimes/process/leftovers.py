"""What a killed server leaves outside its folder."""

from __future__ import annotations

import ctypes
from pathlib import Path

from seatrial.host.system import start_time

# postmaster.pid, line 7: key and id of the shared memory segment. See
# https://www.postgresql.org/docs/current/storage-file-layout.html
_PID_LINE, _SHM_LINE = 0, 6
_IPC_RMID = 0
_SEGMENTS = Path("/proc/sysvipc/shm")


def release_folder(folder: Path) -> None:
    """Free what servers in ``folder`` left in the kernel: System V segments of dead postmasters.

    PostgreSQL's other shared memory is in the folder itself. Called before the folder is removed.
    """
    for depth in ("postmaster.pid", "*/postmaster.pid", "*/*/postmaster.pid"):
        for path in folder.glob(depth):
            _release(path)


def _release(postmaster: Path) -> None:
    try:
        lines = postmaster.read_text().splitlines()
        pid = int(lines[_PID_LINE])
        key, identity = (int(word) for word in lines[_SHM_LINE].split())
    except (OSError, ValueError, IndexError):
        return
    if start_time(pid) is None and _is_unused(key, identity):
        ctypes.CDLL(None).shmctl(identity, _IPC_RMID, None)


def _is_unused(key: int, identity: int) -> bool:
    """Return whether the segment is still that one and nobody is attached to it."""
    try:
        rows = [line.split() for line in _SEGMENTS.read_text().splitlines()[1:]]
    except OSError:
        # macOS cannot be asked; an id in use is only marked, and goes with its last user.
        return True
    # key, shmid, perms, size, cpid, lpid, nattch
    return any(
        int(row[0]) & 0xFFFFFFFF == key & 0xFFFFFFFF and int(row[1]) == identity and row[6] == "0"
        for row in rows
    )
