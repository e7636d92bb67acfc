"""Tells seatrial what pytest does: one line of JSON per fact, into the FIFO SEATRIAL_REPORT names.

Runs inside the user's pytest, handed in by ``-p seatrial_report`` and PYTHONPATH. It therefore
needs nothing but the standard library and pytest 7 or newer, is written in the Python of pytest 7
(3.7), never raises into the run, and takes itself out of the environment before a test can start a
process. Its folder holds nothing but plugins of ours.
"""

from __future__ import annotations

import errno
import json
import os
import time
from typing import Any, Sequence

import pytest
from seatrial_measure import Collection, Fixtures, Worker, lines_of

_MESSAGE_LINES = 12
_TEXT_HEAD, _TEXT_TAIL = 40, 120
_SECTION_LINES = 40
_LONGEST_LINE = 2000
_EARLIER = 3
# The reader cuts lines of more than 65,536 characters; a control character takes six in JSON.
_LONGEST_FACT = 60000


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> None:
    """Begin before the user's own code is imported."""
    path = _take_from_environment()
    early_config.pluginmanager.register(Fixtures(), "seatrial-fixtures")
    # An xdist worker is started without the path, since the controller has taken it away by then;
    # PYTEST_XDIST_WORKER would also be set where a worker's test starts seatrial.
    if path:
        early_config.pluginmanager.register(Reporter(early_config, Line(path)), "seatrial-reporter")
    elif os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
        early_config.pluginmanager.register(Worker(), "seatrial-worker")


def _take_from_environment() -> str | None:
    """Return the path of the report, and leave the environment as it was without us."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.environ.pop("SEATRIAL_REPORT", None)
    added = os.environ.pop("SEATRIAL_ADDOPTS", None)
    search = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    _set("PYTHONPATH", os.pathsep.join(entry for entry in search if entry != here))
    if added:
        _set("PYTEST_ADDOPTS", os.environ.get("PYTEST_ADDOPTS", "").replace(added, "").strip())
    return path


def _set(name: str, value: str) -> None:
    if value:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)


class Line:
    """The writing end of the FIFO; silent for good once nobody reads, and in a forked child."""

    def __init__(self, path: str) -> None:
        self._owner = os.getpid()
        try:
            # Without O_NONBLOCK this would wait for a reader that may be dead.
            self._fd: int | None = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_APPEND)
            os.set_blocking(self._fd, True)
        except OSError:
            self._fd = None

    def write(self, kind: str, **facts: Any) -> None:
        """Write one fact."""
        if self._fd is None or os.getpid() != self._owner:
            return
        facts["t"] = kind
        line = _encoded(facts)
        if len(line) > _LONGEST_FACT:
            for name in ("message", "text"):
                facts[name] = facts.get(name, "")[-_LONGEST_FACT // 16 :]
            for one in facts.get("earlier", ()):
                one.update(message=one["message"][:_LONGEST_LINE], text="")
            facts["earlier"] = facts.get("earlier", [])[:_EARLIER]
            line = _encoded(facts)
        rest = line.encode("utf-8", "backslashreplace")
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            if error.errno != errno.EINTR:
                self._fd = None


def _encoded(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"), default=str) + "\n"


class Test:
    """What is known of a test that is under way."""

    __slots__ = (
        "attempts",
        "earlier",
        "file",
        "fixtures",
        "line",
        "message",
        "outcome",
        "phases",
        "started",
        "texts",
        "tries_again",
    )

    def __init__(self) -> None:
        self.attempts = 1
        # Set between a failed attempt and the set-up of the next: some versions of rerunfailures
        # still report the teardown in between.
        self.tries_again = False
        self.earlier: list[dict[str, Any]] = []
        self.restart()
        self.started = time.time()

    def restart(self) -> None:
        """Forget an attempt that will be made again."""
        self.outcome = "passed"
        self.message = self.file = ""
        self.line = 0
        self.phases: list[tuple[str, float]] = []
        self.fixtures: list[tuple[str, str, str, int, float]] = []
        self.texts: list[str] = []

    def note(self, report: Any) -> None:
        """Keep the failure of an attempt that will be made again."""
        file, line = _place(report)
        message, text = _message(report.longrepr), _text(report)
        self.earlier.append({"message": message, "text": text, "file": file, "line": line})

    def worsen(self, outcome: str, report: Any, title: str = "") -> None:
        """Note a failure; the first one gives the message, all of them the text."""
        if self.outcome not in ("failed", "error"):
            self.outcome = outcome
            self.message = _joined(title, _message(report.longrepr))
            self.file, self.line = _place(report)
        self.texts.append(_joined(title, _text(report)))


class Reporter:
    """Hooks of one pytest session; under xdist those of the controller."""

    def __init__(self, config: Any, line: Line) -> None:
        self._config = config
        self._line = line
        self._tests: dict[str, Test] = {}
        self._total = 0
        self._begun = False
        self._collection = Collection()

    def pytest_sessionstart(self) -> None:
        """Say that there is somebody to listen to."""
        self._begun = True
        if self._config.pluginmanager.hasplugin("dsession"):
            self._collection.lines()
        spread = _spread(self._config)
        self._line.write("begin", runner="pytest", version=pytest.__version__, **spread)

    def pytest_collection_finish(self, session: Any) -> None:
        """Say how many tests there are; an xdist controller has none of its own."""
        if not self._config.pluginmanager.hasplugin("dsession"):
            self._collected(len(session.items), self._collection.lines())

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Say how many tests a worker found; each worker finds them all."""
        self._collected(len(ids))

    def _collected(self, total: int, lines: Sequence[Any] = ()) -> None:
        if total > self._total:
            self._total = total
            self._line.write("collected", total=total, lines=lines)

    def pytest_collectreport(self, report: Any) -> None:
        """Report a file that cannot be imported, or that skips itself."""
        if report.failed:
            self._line.write(
                "collection-error",
                id=self._name(report.nodeid),
                message=_message(report.longrepr),
                text=_text(report),
                file=self._name(report.nodeid).split("::")[0],
                line=_crash_line(report.longrepr),
            )
        elif report.skipped and isinstance(report.longrepr, tuple):
            self._line.write(
                "finish",
                id=self._name(report.nodeid),
                outcome="skipped",
                message=str(report.longrepr[2]),
                file=str(report.longrepr[0]),
                line=report.longrepr[1] or 0,
                uncounted=True,
            )

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Report that a test begins; another attempt of a rerun is the same test."""
        if nodeid not in self._tests:
            self._tests[nodeid] = Test()
            self._line.write("start", id=self._name(nodeid))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Gather what each phase says, until the last one ends the test."""
        test = self._tests.get(report.nodeid)
        if test is None:
            test = self._tests[report.nodeid] = Test()
        # SubtestReport in pytest 9, SubTestReport in the pytest-subtests plugin.
        if "subtest" in type(report).__name__.lower():
            if report.failed:
                test.worsen("failed", report, _subtest_title(report.context))
            return
        if test.tries_again and report.when != "setup":
            return
        test.tries_again = report.outcome == "rerun"
        if test.tries_again:
            test.attempts += 1
            test.note(report)
            test.restart()
            return
        phase = {"setup": "set-up"}.get(report.when, report.when)
        test.phases.append((phase, round(report.duration, 6)))
        test.fixtures += getattr(report, "seatrial_fixtures", ())
        self._judge(test, report)
        # A crashed worker's test comes as one report whose phase is "???".
        if report.when not in ("setup", "call"):
            del self._tests[report.nodeid]
            self._finish(report, test)

    def _judge(self, test: Test, report: Any) -> None:
        if report.failed:
            test.worsen("failed" if report.when not in ("setup", "teardown") else "error", report)
        elif report.when == "teardown":
            return
        elif hasattr(report, "wasxfail"):
            test.outcome = "xfailed" if report.skipped else "xpassed"
            test.message = str(report.wasxfail)
        elif report.skipped:
            test.outcome = "skipped"
            reason = report.longrepr
            test.message = str(reason[2] if isinstance(reason, tuple) else reason or "")

    def _finish(self, report: Any, test: Test) -> None:
        file, line = _location(report)
        for one in test.earlier:
            one["file"] = _from_here(self._config, one["file"])
        self._line.write(
            "finish",
            id=self._name(report.nodeid),
            outcome=test.outcome,
            seconds=round(sum(seconds for _, seconds in test.phases), 6),
            started=round(test.started, 3),
            message=test.message,
            text="\n".join(test.texts),
            file=_from_here(self._config, test.file or file),
            line=test.line or line,
            phases=test.phases,
            fixtures=test.fixtures,
            attempts=test.attempts,
            earlier=test.earlier,
        )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        """Report what a worker of xdist hands over, and one that did not end by itself."""
        lines = lines_of(node)
        if lines:
            self._line.write("collected", total=self._total, lines=lines)
        if error:
            gateway = getattr(node, "gateway", None)
            self._line.write(
                "worker-crashed", id=getattr(gateway, "id", ""), text=str(error)[-2000:]
            )

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Report that pytest or a plugin broke."""
        self._line.write("internal-error", text=_trimmed(str(excrepr)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Say farewell: a report without this line was cut off."""
        self._collection.lines()
        if self._begun:
            self._begun = False
            self._line.write("end", exit=int(exitstatus))

    def _name(self, nodeid: str) -> str:
        return name_of(self._config, nodeid)


def name_of(config: Any, nodeid: str) -> str:
    """Return the id that pytest takes on its command line, seen from where it was started."""
    if getattr(config.option, "dist", "no") == "loadgroup":
        head, at, group = nodeid.rpartition("@")
        nodeid = head if at and "]" not in group else nodeid
    file, colons, rest = nodeid.partition("::")
    return _from_here(config, file) + colons + rest


def _from_here(config: Any, file: str) -> str:
    """Return a path that is seen from pytest's root as it is from where pytest was started."""
    top, here = str(config.rootpath), str(config.invocation_params.dir)
    if top == here or not file:
        return file
    return os.path.relpath(os.path.join(top, file), here)


def _spread(config: Any) -> dict[str, Any]:
    """Return how many workers of xdist have the tests, where it is there at all."""
    if not config.pluginmanager.hasplugin("xdist"):
        return {}
    spread = config.pluginmanager.hasplugin("dsession")
    return {"spreads": True, "workers": max(1, len(config.option.tx or ())) if spread else 0}


def _subtest_title(context: Any) -> str:
    message = getattr(context, "msg", None)
    values = ", ".join("%s=%s" % pair for pair in dict(getattr(context, "kwargs", {})).items())
    return " ".join(filter(None, ("[%s]" % message if message else "", values)))


def _joined(title: str, text: str) -> str:
    return "%s: %s" % (title, text) if title else text


def _message(longrepr: Any) -> str:
    """Return the assertion or exception in a few lines."""
    crash = getattr(longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(longrepr or "")
    return "\n".join(line[:_LONGEST_LINE] for line in text.splitlines()[:_MESSAGE_LINES])


def _text(report: Any) -> str:
    """Return the traceback and the end of what was captured, without what nobody reads."""
    parts = [_trimmed(getattr(report, "longreprtext", "") or str(report.longrepr or ""))]
    for title, content in report.sections:
        if content.strip():
            lines = content.rstrip().splitlines()[-_SECTION_LINES:]
            parts.append("--- %s ---\n%s" % (title, "\n".join(x[:_LONGEST_LINE] for x in lines)))
    return "\n".join(parts)


def _trimmed(text: str) -> str:
    lines = [line[:_LONGEST_LINE] for line in text.splitlines()]
    if len(lines) > _TEXT_HEAD + _TEXT_TAIL:
        cut = "[%d lines left out]" % (len(lines) - _TEXT_HEAD - _TEXT_TAIL)
        lines = [*lines[:_TEXT_HEAD], cut, *lines[-_TEXT_TAIL:]]
    return "\n".join(lines)


def _location(report: Any) -> tuple[str, int]:
    location = getattr(report, "location", None) or ("", None, "")
    return str(location[0]), 0 if location[1] is None else location[1] + 1


def _place(report: Any) -> tuple[str, int]:
    """Return the file and line of a failure: the deepest frame that is in the test's own file."""
    file, line = _location(report)
    traceback = getattr(report.longrepr, "reprtraceback", None)
    for entry in reversed(getattr(traceback, "reprentries", None) or ()):
        spot = getattr(entry, "reprfileloc", None)
        if spot is not None and os.path.basename(str(spot.path)) == os.path.basename(file):
            return file, spot.lineno
    return file, line


def _crash_line(longrepr: Any) -> int:
    return getattr(getattr(longrepr, "reprcrash", None), "lineno", 0)
