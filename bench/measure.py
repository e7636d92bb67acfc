"""Running a program and taking its measure."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class BenchError(Exception):
    """Something that was to be measured did not work."""


@dataclass(frozen=True, slots=True)
class Run:
    """A program that ended: seconds on the wall, CPU seconds of its own, and what it printed.

    ``cpu`` is the program's own alone, without its children; ``line_at`` gives for each line of
    the output the seconds until it came.
    """

    wall: float
    cpu: float
    output: str
    line_at: tuple[float, ...]


def run(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, good: Collection[int] = (0,)
) -> Run:
    """Run to the end with the output on a pipe.

    Raises ``BenchError`` with the last lines where it does not end with a code that is ``good``.
    """
    began = time.perf_counter()
    with subprocess.Popen(
        argv, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        lines, stamps = [], []
        for line in process.stdout:
            lines.append(line)
            stamps.append(time.perf_counter() - began)
        cpu = cpu_of_the_dead(process.pid)
        code = process.wait()
    wall = time.perf_counter() - began
    if code not in good:
        tail = "".join(lines[-15:])
        raise BenchError(f"{' '.join(argv)} ended with {code}\n{tail}")
    return Run(wall, cpu, "".join(lines), tuple(stamps))


def seconds(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> float:
    """Return how long a program takes whose output nobody reads."""
    began = time.perf_counter()
    done = subprocess.run(argv, env=env, cwd=cwd, capture_output=True, check=False)
    took = time.perf_counter() - began
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace")[-2000:]
        raise BenchError(f"{' '.join(argv)} ended with {done.returncode}\n{said}")
    return took


def bytes_on_a_terminal(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, columns: int, rows: int
) -> int:
    """Return how many bytes a program writes to a terminal of that size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    total = 0
    with subprocess.Popen(
        argv, env={**env, "TERM": "xterm-256color"}, cwd=cwd, stdin=theirs, stdout=theirs,
        stderr=theirs, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        # The last writer's end reads as an error on Linux.
        while data := _read(ours):
            total += len(data)
        code = process.wait()
    os.close(ours)
    if code != 0:
        raise BenchError(f"{' '.join(argv)} ended with {code} on a terminal")
    return total


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def cpu_of_the_dead(pid: int) -> float:
    """Wait for a child to end, leave it to be reaped, and return its own CPU seconds."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    # Fields after the name in parentheses: see proc(5), /proc/pid/stat, 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
