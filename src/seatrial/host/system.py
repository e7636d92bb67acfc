"""What this machine and this boot are, and which process is which.

A process id alone names nothing for long: together with its start time and the boot id it names
one process for ever.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import subprocess
from pathlib import Path

# capabilities(7)
_CAP_SYS_NICE = 23
_GIVING_WAY = 5


def boot_id() -> str:
    """Return an id that changes with every boot; empty where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return platform.node()


def start_time(pid: int) -> str | None:
    """Return when ``pid`` was started, in the system's own units; ``None`` when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return None if Path("/proc/self").exists() else _start_time_by_ps(pid)
    except OSError:
        return None
    # The second field is the program's name in parentheses and may itself hold spaces.
    state_onwards = stat[stat.rfind(b")") + 2 :].split()
    return None if state_onwards[0] in (b"Z", b"X") else state_onwards[19].decode()


def _start_time_by_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or None


def is_alive(pid: int, started: str) -> bool:
    """Return whether the process that had ``pid`` at ``started`` still runs."""
    return start_time(pid) == started


def marked_processes(marker: str) -> list[int]:
    """Return the pids whose environment at their start held ``marker`` (``NAME=value``).

    Sees only what this user may read; none where there is no ``/proc``.
    """
    wanted = marker.encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environ = (entry / "environ").read_bytes()
        except OSError:
            continue
        if wanted in environ.split(b"\0"):
            found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid() and start_time(pid) is not None]


def group_members(group: int) -> list[int]:
    """Return the live pids of a process group or session ``group``."""
    members: list[int] = []
    wanted = str(group).encode()
    try:
        # Listed and read with bare calls: this is done often, over every process of the machine.
        names = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    except OSError:
        return members
    for name in names:
        try:
            descriptor = os.open(f"/proc/{name}/stat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            stat = os.read(descriptor, 1024)
        except OSError:
            continue
        finally:
            os.close(descriptor)
        fields = stat[stat.rfind(b")") + 2 :].split(None, 4)
        if wanted in (fields[2], fields[3]) and fields[0] not in (b"Z", b"X"):
            members.append(int(name))
    return members


def processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def passing_nice() -> int:
    """Return the niceness for work that gives way for now, and shall not for ever.

    0 where it could not be taken back: raising a priority takes CAP_SYS_NICE or a limit that allows
    it (setpriority(2), RLIMIT_NICE counts from 20 for niceness 0).
    """
    allowed = getattr(resource, "RLIMIT_NICE", None)
    if allowed is not None and resource.getrlimit(allowed)[0] >= 20:
        return _GIVING_WAY
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    effective = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    may = effective is not None and int(effective[1], 16) >> _CAP_SYS_NICE & 1
    return _GIVING_WAY if may else 0


def environment() -> dict[str, str]:
    """Return a copy of this process's environment."""
    return dict(os.environ)


def on_terminal() -> bool:
    """Return whether standard input and output are a terminal."""
    return os.isatty(0) and os.isatty(1)


def user_ids() -> tuple[int, int]:
    """Return the numbers of this user and of this user's group."""
    return os.getuid(), os.getgid()


def leave(code: int) -> None:
    """End this process now, without any clean-up of its own."""
    os._exit(code)
