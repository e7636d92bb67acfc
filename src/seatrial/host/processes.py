"""The one door to other programs.

Every child gets a session of its own, so that it and all it starts can be ended together, and an
environment variable that names the run, so that it can be found again after ``kill -9``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal as signals
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from seatrial.errors import DeadlinePassed, RuntimeMissing, SeatrialError
from seatrial.host.ledger import RUN_VARIABLE, Ledger
from seatrial.host.lines import LineSplitter, PipeReader
from seatrial.host.system import group_members

_GROUP_CHECK = 0.02

Overlay = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Completed:
    """A program that ended; ``code`` is negative for the signal that ended it."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """Return whether it ended with 0."""
        return self.code == 0


class Child:
    """A started program, the leader of its own session and process group.

    ``held`` is a descriptor that is kept open until the program has ended.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, *pumps: PipeReader, held: int | None = None
    ) -> None:
        self._process = process
        self._pumps = pumps
        self._held = held

    @property
    def pid(self) -> int:
        """Return the process id, which is also the id of its group and session."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Return the exit code once it has ended."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait for the end of the program, take what it had written; return its code.

        A grandchild may hold the pipe open for ever: what it writes later is not waited for.
        """
        code = await self._process.wait()
        for pump in self._pumps:
            pump.finish()
        if self._held is not None:
            os.close(self._held)
            self._held = None
        return code

    async def exited(self) -> int:
        """Wait for the program alone, not for its output."""
        return await self._process.wait()

    def signal(self, number: int) -> None:
        """Send a signal to the whole group; no error where it is gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    async def end(self, grace: float = 5.0, stop: int = signals.SIGTERM) -> int:
        """Ask the group to end, kill what is left after ``grace`` seconds; return the code."""
        self.signal(stop)
        gone = False
        try:
            async with asyncio.timeout(grace):
                await self._process.wait()
                await self._group_gone()
                gone = True
        except TimeoutError:
            pass
        finally:
            if not gone:
                self.kill()
        return await self.wait()

    def take_priority(self, nice: int = 0) -> None:
        """Let the whole group run at ``nice`` from now on; no error where that is not allowed."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PGRP, self.pid, nice)

    def release(self) -> None:
        """Let the program live on: asyncio kills what a transport still holds when it goes."""
        transport = self._process._transport  # type: ignore[attr-defined]  # no public way to it
        popen = transport.get_extra_info("subprocess")
        if popen is not None and popen.returncode is None:
            popen.returncode = 0
        transport.close()

    async def _group_gone(self) -> None:
        # The kernel tells nobody when a group that is not one's own child becomes empty.
        while group_members(self.pid):  # noqa: ASYNC110
            await asyncio.sleep(_GROUP_CHECK)

    def kill(self) -> None:
        """Kill the group and all of its session at once."""
        self.signal(signals.SIGKILL)
        for pid in group_members(self.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signals.SIGKILL)


class Processes:
    """Starts programs for one run and knows all that are alive.

    ``environment`` is the user's own; overlays are laid over it, ``None`` removing a name.
    """

    def __init__(self, environment: Mapping[str, str], ledger: Ledger | None = None) -> None:
        self.environment = dict(environment)
        self._ledger = ledger
        self._children: set[Child] = set()
        if ledger is not None:
            self.environment[RUN_VARIABLE] = ledger.run
            ledger.marker(f"{RUN_VARIABLE}={ledger.run}")

    def find(self, program: str, env: Overlay | None = None) -> str | None:
        """Return the path of ``program`` as a child would find it."""
        return shutil.which(program, path=self.merged(env).get("PATH"))

    def merged(self, env: Overlay | None) -> dict[str, str]:
        """Return the environment of a child."""
        merged: dict[str, str | None] = {**self.environment, **(env or {})}
        return {name: value for name, value in merged.items() if value is not None}

    async def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Overlay | None = None,
        input: str | bytes | None = None,
        timeout: float | None = None,
        nice: int = 0,
        user: int | None = None,
        hold: bool = False,
    ) -> Completed:
        """Run to the end and return what was printed.

        ``hold`` leaves the input open after ``input``: some programs end where it does.

        Raises ``RuntimeMissing`` where there is no such program, ``DeadlinePassed`` after
        ``timeout`` seconds (the whole group is dead by then). Cancelling kills the group.
        """
        process = await self._spawn(
            argv,
            cwd,
            env,
            stdin=asyncio.subprocess.DEVNULL if input is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            nice=nice,
            user=user,
        )
        child = Child(process)
        self._children.add(child)
        data = input.encode() if isinstance(input, str) else input
        try:
            async with asyncio.timeout(timeout):
                out, err = await (_held(process, data) if hold else process.communicate(data))
        except TimeoutError:
            raise DeadlinePassed(f"{argv[0]} did not end within {timeout:g} s") from None
        finally:
            if process.returncode is None:
                child.kill()
                await process.wait()
            self._children.discard(child)
        code = process.returncode if process.returncode is not None else -signals.SIGKILL
        return Completed(
            tuple(argv), code, out.decode(errors="replace"), err.decode(errors="replace")
        )

    async def start(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Overlay | None = None,
        on_line: Callable[[str], None] | None = None,
        log: IO[bytes] | None = None,
        note: str = "",
        nice: int = 0,
        user: int | None = None,
    ) -> Child:
        """Start a program that goes on; it is in the ledger before this returns.

        Its output, standard error included, goes line by line to ``on_line`` or straight into the
        file ``log`` (which then also serves after this process is gone), else nowhere. ``user`` is
        the numeric id to run as, which takes root.
        """
        sink: int | IO[bytes] = asyncio.subprocess.DEVNULL if log is None else log
        reading = writing = None
        if on_line is not None and log is None:
            reading, writing = os.pipe()
            sink = writing
        try:
            process = await self._spawn(
                argv,
                cwd,
                env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=asyncio.subprocess.STDOUT,
                nice=nice,
                user=user,
            )
        except BaseException:
            if reading is not None:
                os.close(reading)
            raise
        finally:
            if writing is not None:
                os.close(writing)
        if self._ledger is not None:
            self._ledger.process(process.pid, note or argv[0])
        pumps = []
        if reading is not None and on_line is not None:
            pumps.append(PipeReader(reading, LineSplitter(on_line)))
        child = Child(process, *pumps)
        self._children.add(child)
        return child

    async def start_tied(
        self,
        argv: Sequence[str],
        *,
        on_line: Callable[[str], None],
        on_error: Callable[[str], None],
        cwd: Path | None = None,
    ) -> Child:
        """Start a program whose standard input stays open, and empty, for as long as we live.

        One that ends with its input thus never outlives us, not even after ``kill -9``. ``on_line``
        gets the lines of its output, however long, ``on_error`` those of its standard error.
        """
        (theirs, ours), (out, out_end), (err, err_end) = os.pipe(), os.pipe(), os.pipe()
        try:
            process = await self._spawn(
                argv, cwd, None, stdin=theirs, stdout=out_end, stderr=err_end, nice=0, user=None
            )
        except BaseException:
            for descriptor in (ours, out, err):
                os.close(descriptor)
            raise
        finally:
            for descriptor in (theirs, out_end, err_end):
                os.close(descriptor)
        pumps = (
            PipeReader(out, LineSplitter(on_line, longest=None)),
            PipeReader(err, LineSplitter(on_error)),
        )
        child = Child(process, *pumps, held=ours)
        self._children.add(child)
        return child

    async def attached(
        self, argv: Sequence[str], *, cwd: Path | None = None, env: Overlay | None = None
    ) -> int:
        """Run on our own terminal, in its foreground, to the end; return the exit code.

        The program gets what is typed, Ctrl-C included, which is then its business and not ours.
        128 and the signal's number where one ended it. Raises ``RuntimeMissing``.
        """
        environment = self.merged(env)
        program = shutil.which(argv[0], path=environment.get("PATH"))
        if program is None:
            raise RuntimeMissing(f"no program {argv[0]!r}", mend=f"put {argv[0]} on PATH")
        # Heard and dropped here; unlike a signal that is ignored, it is the program's again.
        before = signals.signal(signals.SIGINT, lambda *_: None)
        try:
            process = await asyncio.create_subprocess_exec(
                program, *argv[1:], cwd=cwd, env=environment
            )
            code = await process.wait()
        except OSError as error:
            raise _start_failure(argv, error) from error
        finally:
            signals.signal(signals.SIGINT, before)
        return code if code >= 0 else 128 - code

    def forget(self, child: Child) -> None:
        """Strike out a child that has ended, or let one go that outlives the run."""
        self._children.discard(child)
        if child.returncode is None:
            child.release()
        elif self._ledger is not None:
            self._ledger.done("process", str(child.pid))

    def kill_all(self) -> None:
        """Kill every living child with its session, at once."""
        for child in list(self._children):
            child.kill()

    async def _spawn(
        self,
        argv: Sequence[str],
        cwd: Path | None,
        env: Overlay | None,
        *,
        stdin: int,
        stdout: int | IO[bytes],
        stderr: int | IO[bytes],
        nice: int,
        user: int | None,
    ) -> asyncio.subprocess.Process:
        environment = self.merged(env)
        program = shutil.which(argv[0], path=environment.get("PATH"))
        if program is None or (cwd is not None and not cwd.is_dir()):
            what = f"no program {argv[0]!r}" if program is None else f"no folder {cwd}"
            raise RuntimeMissing(what, mend=f"install {argv[0]} or put it on PATH")
        try:
            process = await asyncio.create_subprocess_exec(
                program,
                *argv[1:],
                cwd=cwd,
                env=environment,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        except OSError as error:
            raise _start_failure(argv, error) from error
        if nice:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, nice)
        return process


async def _held(process: asyncio.subprocess.Process, data: bytes | None) -> tuple[bytes, bytes]:
    """Do as ``communicate`` does, and leave the input open until the program ends."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(data or b"")
    said = await asyncio.gather(process.stdout.read(), process.stderr.read())
    await process.wait()
    process.stdin.close()
    return said


@contextlib.contextmanager
def children_without_threads() -> Iterator[None]:
    """Have the running loop learn of the ends of children as it does from Python 3.12 on.

    Before that it starts a thread for each child, which costs more than many a child. For the main
    thread; no loop of another one may start children meanwhile.
    """
    if sys.version_info >= (3, 12) or not _has_pidfd():
        yield
        return
    policy, watcher = asyncio.get_event_loop_policy(), asyncio.PidfdChildWatcher()
    watcher.attach_loop(asyncio.get_running_loop())
    policy.set_child_watcher(watcher)
    try:
        yield
    finally:
        with warnings.catch_warnings():
            # What --keep leaves up is meant to outlive the loop.
            warnings.filterwarnings("ignore", "A loop is being detached", RuntimeWarning)
            policy.set_child_watcher(asyncio.ThreadedChildWatcher())


def _has_pidfd() -> bool:
    """Return whether the system has process descriptors, and no sandbox keeps them away."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


def start_detached(
    argv: Sequence[str], environment: Mapping[str, str], inherited: Sequence[int] = ()
) -> None:
    """Start a program that outlives this one and talks to nobody.

    It keeps the descriptors in ``inherited`` open, and so the locks on them.
    """
    kept = {name: value for name, value in environment.items() if name != RUN_VARIABLE}
    subprocess.Popen(
        list(argv),
        env=kept,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=inherited,
    )


def _start_failure(argv: Sequence[str], error: OSError) -> SeatrialError:
    return RuntimeMissing(
        f"{argv[0]} could not be started: {error.strerror or error}",
        mend="see whether the file is a program for this machine and its #! line exists",
    )
