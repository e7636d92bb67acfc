from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import DeadlinePassed, RuntimeMissing
from seatrial.host.ledger import RUN_VARIABLE, Ledger, entries
from seatrial.host.lines import LONGEST_LINE, LineSplitter
from seatrial.host.processes import Processes, children_without_threads
from seatrial.host.system import group_members, marked_processes, passing_nice, start_time

PYTHON = sys.executable


@pytest.fixture
def processes() -> Processes:
    return Processes(dict(os.environ))


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that another process makes true."""
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, "the condition never came true"
        time.sleep(0.01)


def descriptors() -> int:
    """Return how many descriptors this process has open."""
    return len(list(Path("/dev/fd").iterdir()))


def lines_of(*pieces: bytes) -> list[str]:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)
    for piece in pieces:
        splitter.feed(piece)
    splitter.feed(b"", final=True)
    return lines


@given(st.text(st.characters(exclude_characters="\r", codec="utf-8")), st.integers(1, 7))
def test_lines_come_out_the_same_wherever_the_bytes_are_cut(text: str, size: int) -> None:
    data = text.encode()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    expected = text.split("\n")
    assert lines_of(*pieces) == (expected[:-1] if expected[-1] == "" else expected)


def test_half_a_character_at_the_end_becomes_a_replacement() -> None:
    assert lines_of(b"caf\xc3") == ["caf\ufffd"]


def test_a_line_without_an_end_is_cut_and_does_not_fill_the_memory() -> None:
    assert [len(line) for line in lines_of(b"x" * (2 * LONGEST_LINE + 5))] == [
        LONGEST_LINE,
        LONGEST_LINE,
        5,
    ]


def test_a_program_that_ends_gives_its_code_and_both_outputs(processes: Processes) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    done = asyncio.run(processes.run([PYTHON, "-c", code]))
    assert (done.code, done.out, done.err, done.ok) == (3, "out\n", "err\n", False)


def test_a_program_that_does_not_exist_is_named(processes: Processes) -> None:
    with pytest.raises(RuntimeMissing, match="no program 'no-such-program'"):
        asyncio.run(processes.run(["no-such-program"]))


def test_a_file_that_is_no_program_is_an_error_and_no_traceback(
    processes: Processes, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    with pytest.raises(RuntimeMissing, match="could not be started"):
        asyncio.run(processes.run([str(broken)]))


def test_a_deadline_kills_the_whole_group(processes: Processes, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    script = f"sleep 1000 & echo $! > {pid_file}; wait"
    with pytest.raises(DeadlinePassed, match=r"did not end within 0\.5 s"):
        asyncio.run(processes.run(["sh", "-c", script], timeout=0.5))
    until(lambda: start_time(int(pid_file.read_text())) is None)


def test_an_overlay_sets_and_removes_variables(processes: Processes) -> None:
    env = {"FRESH": "1", "HOME": None}
    code = "import os; print(os.environ.get('FRESH'), os.environ.get('HOME'))"
    assert asyncio.run(processes.run([PYTHON, "-c", code], env=env)).out == "1 None\n"


def test_output_of_a_started_program_comes_line_by_line(processes: Processes) -> None:
    lines: list[str] = []

    async def scenario() -> int:
        child = await processes.start(["sh", "-c", "echo one; echo two >&2"], on_line=lines.append)
        return await child.wait()

    assert asyncio.run(scenario()) == 0
    assert lines == ["one", "two"]


def test_ending_a_child_kills_what_ignores_the_signal(processes: Processes) -> None:
    async def scenario() -> tuple[int, list[int]]:
        ready = asyncio.Event()
        child = await processes.start(
            ["sh", "-c", "trap '' TERM; sleep 1000 & echo up; while :; do wait; done"],
            on_line=lambda _: ready.set(),
        )
        await ready.wait()
        code = await child.end(grace=0.2)
        return code, group_members(child.pid)

    code, left = asyncio.run(scenario())
    assert code == -signal.SIGKILL
    until(lambda: all(start_time(pid) is None for pid in left))


def test_a_started_program_is_in_the_ledger_and_struck_out_when_it_ended(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "r1.ledger", "r1")
    processes = Processes(dict(os.environ), ledger)

    async def scenario() -> tuple[list[str], list[str]]:
        child = await processes.start(["sleep", "1000"], note="sleeper")
        during = [e.key for e in entries(ledger.path) if e.kind == "process"]
        await child.end(grace=0.0)
        processes.forget(child)
        return during, [e.key for e in entries(ledger.path) if e.kind == "process"]

    during, after = asyncio.run(scenario())
    assert len(during) == 1
    assert after == []
    ledger.close(clean=True)


def test_children_carry_the_mark_of_their_run(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "run-77.ledger", "run-77")
    processes = Processes(dict(os.environ), ledger)

    async def scenario() -> tuple[int, list[int]]:
        child = await processes.start(["sleep", "1000"])
        until(lambda: marked_processes(f"{RUN_VARIABLE}=run-77") == [child.pid])
        found = marked_processes(f"{RUN_VARIABLE}=run-77")
        processes.kill_all()
        await child.wait()
        return child.pid, found

    pid, found = asyncio.run(scenario())
    assert found == [pid]
    ledger.close(clean=True)


def test_a_child_that_gave_way_gets_its_priority_back(processes: Processes) -> None:
    giving_way = passing_nice()

    async def scenario() -> tuple[int, int]:
        child = await processes.start(["sleep", "1000"], nice=giving_way)
        before = os.getpriority(os.PRIO_PROCESS, child.pid)
        child.take_priority()
        after = os.getpriority(os.PRIO_PROCESS, child.pid)
        await child.end(grace=0.0)
        return before, after

    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert asyncio.run(scenario()) == (max(giving_way, ours), 0 if giving_way else ours)


def test_children_of_a_run_take_no_thread_each() -> None:
    async def ends() -> tuple[int, list[int]]:
        with children_without_threads():
            processes = Processes(dict(os.environ))
            children = [await processes.start(["sleep", "30"]) for _ in range(5)]
            threads = threading.active_count()
            for child in children:
                child.kill()
            return threads, [await child.wait() for child in children]

    before = threading.active_count()
    threads, codes = asyncio.run(ends())
    assert codes == [-signal.SIGKILL] * 5
    assert threads == before
    # And a loop after it has the watcher of Python's own choice again.
    assert asyncio.run(Processes(dict(os.environ)).run(["true"])).ok


LEAVES = """
import asyncio, os
from seatrial.host.processes import Processes, children_without_threads

async def leave():
    with children_without_threads():
        child = await Processes(dict(os.environ)).start(["sleep", "30"])
        print(child.pid, flush=True)

asyncio.run(leave())
"""


def test_a_child_that_outlives_the_run_is_left_without_a_word() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", LEAVES], capture_output=True, text=True, check=True
    )
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(answer.stdout), signal.SIGKILL)
    assert answer.stderr == ""


def test_a_tied_program_is_heard_line_by_line_whatever_their_length(processes: Processes) -> None:
    script = "import sys; print('x' * 200_000); print('said aside', file=sys.stderr); sys.exit(3)"
    lines: list[str] = []
    errors: list[str] = []

    async def go() -> int:
        child = await processes.start_tied(
            [sys.executable, "-c", script], on_line=lines.append, on_error=errors.append
        )
        code = await child.wait()
        processes.forget(child)
        return code

    open_before = descriptors()
    assert asyncio.run(go()) == 3
    assert [len(line) for line in lines] == [200_000]
    assert errors == ["said aside"]
    assert descriptors() == open_before


def test_a_tied_program_sees_its_input_end_when_its_starter_is_killed(tmp_path: Path) -> None:
    ready, ended = tmp_path / "ready", tmp_path / "ended"
    tied = f"""
import pathlib, sys
pathlib.Path({str(ready)!r}).touch()
sys.stdin.read()
pathlib.Path({str(ended)!r}).touch()
"""
    starter = f"""
import asyncio, os, sys
from seatrial.host.processes import Processes

async def go():
    argv = [sys.executable, "-c", {tied!r}]
    child = await Processes(dict(os.environ)).start_tied(argv, on_line=print, on_error=print)
    await child.wait()

asyncio.run(go())
"""
    process = subprocess.Popen([sys.executable, "-c", starter])
    until(ready.exists)
    assert not ended.exists()
    process.kill()
    process.wait()
    until(ended.exists)
