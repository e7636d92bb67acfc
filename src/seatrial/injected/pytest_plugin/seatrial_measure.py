"""Measures what pytest does not tell: the set-up of each fixture, and the lines of collection.

As ``seatrial_report`` it runs in the user's pytest: standard library, Python of pytest 7, never
raises into the run.
"""

from __future__ import annotations

import _thread
import os
import sys
import sysconfig
import time
from collections import defaultdict
from typing import Any, Iterator

import pytest

# A set-up that took less is not worth a word, nor is a line that collection was shorter in.
_LEAST_FIXTURE, _LEAST_LINE = 0.01, 0.05
_MOST_LINES = 20
# Seconds between two looks, of which each takes microseconds.
_INTERVAL = 0.01
# Decorators around a fixture's function: more of them are a loop.
_MOST_WRAPPERS = 50
_PATIENCE = 1.0
_OUTPUT = "seatrial_lines"
# What Python does once for each version of a file, and what the next run finds done.
_COMPILING = ("source_to_code", "_cache_bytecode", "set_data", "_write_atomic")
_LIBRARY = ("stdlib", "platstdlib", "purelib", "platlib")


class Fixtures:
    """Times each fixture's own set-up; reports of tests carry them, from xdist's workers too."""

    def __init__(self) -> None:
        self._folder = _folder()
        self._inner: list[float] = []
        self._found: list[tuple[str, str, str, int, float]] = []

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        """Time a set-up, without those of fixtures that it asks for on its way."""
        began = time.perf_counter()
        self._inner.append(0.0)
        yield
        took = time.perf_counter() - began
        own = took - self._inner.pop()
        if self._inner:
            self._inner[-1] += took
        if own >= _LEAST_FIXTURE:
            file, line = self._place(fixturedef.func)
            name = str(fixturedef.argname)
            if hasattr(request, "param"):
                name += "[%s]" % getattr(request, "param_index", "")
            self._found.append((name, str(fixturedef.scope), file, line, round(own, 6)))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self) -> Any:
        """Hand what was set up to the report of the phase that asked for it."""
        outcome = yield
        if self._found and outcome.excinfo is None:
            found, self._found = self._found, []
            outcome.get_result().seatrial_fixtures = found

    def _place(self, function: Any) -> tuple[str, int]:
        """Return where a fixture stands; nowhere if its function is none that was written down."""
        try:
            for _ in range(_MOST_WRAPPERS):
                function = getattr(function, "__wrapped__", function)
            code = getattr(function, "func", function).__code__
            return _relative(code.co_filename, self._folder), int(code.co_firstlineno)
        except Exception:
            return "", 0


class Collection:
    """Looks every few milliseconds at which line of the user's code imports or works.

    A thread of its own, which is gone before the first test: neither what a test finds running
    nor a traceback is another one than without.
    """

    def __init__(self) -> None:
        self._folder = _folder()
        self._owner, self._watched = os.getpid(), _thread.get_ident()
        self._queue = Queue()
        self._times: dict[tuple[Any, ...], float] = defaultdict(float)
        self._ours: dict[str, bool] = {}
        paths = sysconfig.get_paths()
        self._libraries = tuple(paths[name] + os.sep for name in _LIBRARY if name in paths)
        # A script of the user's that calls pytest is no part of the collection.
        self._around = {code for code in _stack(sys._getframe()) if self._is_ours(code.co_filename)}
        self._stop, self._stopped = _thread.allocate_lock(), _thread.allocate_lock()
        self._stop.acquire()
        self._stopped.acquire()
        try:
            # Not by threading: tests and other plugins look at its list.
            _thread.start_new_thread(self._watch, ())
        except RuntimeError:
            self._owner = 0

    def lines(self) -> list[tuple[Any, ...]]:
        """End, and return the lines that took longest.

        Each as kind, file, line, seconds, the name of the module (imported by the line, or that
        of the file itself where the line works), and the file and line that imported this file.
        """
        if os.getpid() != self._owner:
            return []
        self._owner = 0
        self._stop.release()
        # Afterwards the thread is gone.
        if not self._stopped.acquire(timeout=_PATIENCE):
            return []
        found = sorted(self._times.items(), key=lambda item: -item[1])[:_MOST_LINES]
        return [
            (kind, _relative(file, self._folder), line, round(seconds, 3), *rest)
            for (kind, file, line, *rest), seconds in found
            if seconds >= _LEAST_LINE
        ]

    def _watch(self) -> None:
        before, queued = time.perf_counter(), self._queue.seconds()
        try:
            while not self._stop.acquire(timeout=_INTERVAL):
                now, waited = time.perf_counter(), self._queue.seconds()
                place = self._line(sys._current_frames().get(self._watched))
                if place is not None:
                    self._times[place] += max(0.0, now - before - (waited - queued))
                before, queued = now, waited
        except Exception:
            self._times.clear()
        finally:
            self._queue.close()
            self._stopped.release()

    def _line(self, frame: Any) -> tuple[Any, ...] | None:
        """Return the innermost line of the user's that imports another's module, or works."""
        imports, name, place = False, "", None
        if _compiles(frame):
            return None
        while frame is not None:
            code = frame.f_code
            is_module = code.co_name == "<module>"
            if not self._is_ours(code.co_filename):
                if place is None:
                    imports = imports or code.co_filename.startswith("<frozen importlib")
                    name = _module(frame) if is_module else name
            elif code in self._around:
                break
            elif place is not None:
                return (*place, _relative(code.co_filename, self._folder), frame.f_lineno)
            elif imports:
                return "import", code.co_filename, frame.f_lineno, name, "", 0
            elif is_module:
                place = ("work", code.co_filename, frame.f_lineno, _module(frame))
            frame = frame.f_back
        return None if place is None else (*place, "", 0)

    def _is_ours(self, file: str) -> bool:
        known = self._ours.get(file)
        if known is None:
            library = file.startswith(self._libraries) or "-packages" + os.sep in file
            known = self._ours[file] = not (library or file.startswith("<"))
        return known


class Worker:
    """Watches the collection of a worker of xdist, and hands its lines to the controller.

    All workers collect the same, so that one of them is enough to be watched.
    """

    def __init__(self) -> None:
        self._collection = Collection()
        self._lines: list[tuple[Any, ...]] = []

    def pytest_collection_finish(self) -> None:
        """Keep what took long: until the worker ends there is no way to say it."""
        self._lines = self._collection.lines()

    def pytest_sessionfinish(self, session: Any) -> None:
        """Lay it to what the worker gives back."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = self._lines


def lines_of(node: Any) -> list[tuple[Any, ...]]:
    """Return what a worker that has ended handed over, as its controller sees it."""
    return list((getattr(node, "workeroutput", None) or {}).get(_OUTPUT, ()))


class Queue:
    """How long this thread has waited for a processor that others had, where Linux says so.

    On a busy machine everything takes longer, which is no property of a line.
    """

    def __init__(self) -> None:
        self._fd = -1
        try:
            path = "/proc/self/task/%d/schedstat" % _thread.get_native_id()
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except (OSError, AttributeError):
            pass

    def seconds(self) -> float:
        """Return the seconds so far; 0 where they are not known."""
        if self._fd < 0:
            return 0.0
        try:
            return int(os.pread(self._fd, 100, 0).split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0

    def close(self) -> None:
        """Forget the thread."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _compiles(frame: Any) -> bool:
    inner = (frame, frame.f_back) if frame is not None else ()
    return any(one is not None and one.f_code.co_name in _COMPILING for one in inner)


def _stack(frame: Any) -> Iterator[Any]:
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


def _module(frame: Any) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return os.sep


def _relative(file: str, folder: str) -> str:
    return os.path.relpath(file, folder) if os.path.isabs(file) else file
