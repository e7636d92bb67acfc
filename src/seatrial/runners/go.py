"""``go test -json``; the events are those that ``go doc test2json`` describes."""

from __future__ import annotations

import json
import re
import shlex
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from seatrial.model.project import Suite
from seatrial.model.result import Outcome, TestResult, Verdict
from seatrial.runners.base import (
    Ending,
    Fact,
    Invocation,
    Reader,
    RunnerOptions,
    RunPlace,
    Started,
)
from seatrial.runners.tally import Tally
from seatrial.runners.verdict import Evidence, judge
from seatrial.runners.words import naming

_OUTCOMES = {"pass": Outcome.PASSED, "fail": Outcome.FAILED, "skip": Outcome.SKIPPED}
_PLACE = re.compile(r"^\s*(?:\S*/)?([\w.-]+\.go):(\d+)(?::\d+)?:? ?(.*)$")
_TEXT_LINES = 120
_TAIL_LINES = 40


class GoRunner:
    """Go's own runner."""

    name = "go"

    def invocation(self, suite: Suite, options: RunnerOptions, place: RunPlace) -> Invocation:
        """Return the command. Neither tests that talk to containers nor those that failed before
        are taken from Go's cache.
        """
        words = list(options.arguments)
        if pattern := _pattern(options):
            words = ["-run", pattern, *words]
        if options.first_failure:
            words.insert(0, "-failfast")
        if suite.compose or options.only:
            words.insert(0, "-count=1")
        if options.keep_going and "-failfast" in (suite.command or ()):
            words.insert(0, "-failfast=false")
        begin = suite.command or ("go", "test")
        if "-json" not in begin and begin[:2] == ("go", "test"):
            begin = ("go", "test", "-json", *begin[2:])
        named = naming(options.arguments, suite.folder) or any("/..." in w for w in words)
        chosen: tuple[str, ...] = ()
        if suite.command is None and not named:
            chosen = tuple(map(_package, suite.targets)) or ("./...",)
        # Go wants its flags before the packages.
        argv = (*begin, *words, *chosen)
        display = shlex.join(word for word in argv if word != "-json")
        return Invocation(argv, suite.folder, {}, display)

    def reader(self, suite: Suite) -> Reader:
        """Return a fresh reader."""
        return GoReader()

    def alone(self, suite: Suite, test: TestResult) -> tuple[str, ...]:
        """Return a pattern for each part of the name, and the package."""
        package, _, name = test.id.partition(" ")
        if not name:
            return (package,)
        pattern = "/".join(f"^{re.escape(part)}$" for part in name.split("/"))
        return ("-run", pattern, package)


def _pattern(options: RunnerOptions) -> str | None:
    """Return what ``-run`` takes: the keyword, or the top-level tests that are to run again.

    Go has no pattern for "both": of the tests those count that the keyword finds.
    """
    keyword = options.keyword
    names = [test.id.partition(" ")[2].partition("/")[0] for test in options.only]
    if not all(names):
        # A package failed, before or besides its tests.
        return keyword
    with suppress(re.error):
        names = [one for one in names if not keyword or re.search(keyword.partition("/")[0], one)]
    if not names:
        return keyword
    return f"^(?:{'|'.join(map(re.escape, dict.fromkeys(names)))})$"


def _package(target: str) -> str:
    return target if target.startswith((".", "/")) else f"./{target}"


class GoReader:
    """Reads events; ids are ``package TestName/sub``. A test with sub-tests counts as these."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._output: dict[str, deque[str]] = {}
        self._began: dict[str, float] = {}
        self._parents: set[str] = set()
        self._bad: set[str] = set()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._open_packages: set[str] = set()
        self._spoke = False

    def report_line(self, line: str) -> Iterable[Fact]:
        """Return nothing: Go has no reporter of ours."""
        return ()

    def output_line(self, line: str) -> Iterable[Fact]:
        """Take an event, or a line of something else."""
        try:
            event = json.loads(line) if line.startswith("{") else None
            if not isinstance(event, dict) or "Action" not in event:
                raise ValueError
        except ValueError:
            self._tail.append(line)
            return []
        return list(self._take(event))

    def finish(self, exit_code: int) -> Ending:
        """Return the verdict; a package that never ended was cut off."""
        counts = self._tally.counts
        verdict, doubt = judge(
            Evidence(
                exit_code=exit_code,
                counts=counts,
                reported=self._spoke,
                complete=not self._open_packages,
                understood=self._spoke,
                unfinished=bool(self._began),
            )
        )
        tail = tuple(line for line in self._tail if line.strip())
        if not self._spoke and not exit_code:
            verdict = Verdict.NO_TESTS
        complete = not self._began and not self._open_packages
        return Ending(verdict, counts, self._tally.failures, doubt, tail, complete=complete)

    def _take(self, event: dict[str, Any]) -> Iterator[Fact]:
        self._spoke = True
        action = event["Action"]
        package = str(event.get("Package") or event.get("ImportPath") or "")
        name = str(event.get("Test") or "")
        key = f"{package} {name}".strip()
        if action == "start":
            self._open_packages.add(package)
        elif action in ("output", "build-output"):
            text = str(event.get("Output", "")).rstrip("\n")
            self._tail.append(text)
            self._output.setdefault(key, deque(maxlen=_TEXT_LINES)).append(text)
        elif action == "run":
            self._began[key] = _epoch(event)
            if "/" in name:
                self._parents.add(f"{package} {name.rpartition('/')[0]}")
            yield Started(key)
        elif action in _OUTCOMES:
            yield from self._ended(package, name, key, event)

    def _ended(self, package: str, name: str, key: str, event: dict[str, Any]) -> Iterator[Fact]:
        outcome = _OUTCOMES[event["Action"]]
        output = self._output.pop(key, deque())
        started = self._began.pop(key, 0.0)
        if not name:
            self._open_packages.discard(package)
            # A package that fails with no failed test did not build, or broke outside its tests.
            if outcome is not Outcome.FAILED or package in self._bad:
                return
            outcome = Outcome.ERROR
            output = self._output.pop(str(event.get("FailedBuild") or key), output)
            if cut := self._cut_off(package):
                for test in cut:
                    said = [*self._output.pop(test, ()), *output]
                    began = self._began.pop(test)
                    yield from self._tally.add(_result(test, outcome, event, said, began))
                return
        elif key in self._parents and (outcome is not Outcome.FAILED or key in self._bad):
            return
        if outcome is Outcome.FAILED:
            self._bad.update((package, f"{package} {name.rpartition('/')[0]}"))
        yield from self._tally.add(_result(key, outcome, event, list(output), started))

    def _cut_off(self, package: str) -> list[str]:
        """Return the tests that still ran when their package ended, the innermost only."""
        return [
            test
            for test in self._began
            if test.startswith(f"{package} ") and test not in self._parents
        ]


def _result(
    key: str, outcome: Outcome, event: dict[str, Any], output: list[str], started: float
) -> TestResult:
    said = [line for line in output if not line.lstrip().startswith(("=== ", "--- "))]
    spot = next((match for line in said if (match := _PLACE.match(line))), None)
    message = spot[3] if spot else next((line.strip() for line in said if line.strip()), "")
    is_bad = outcome in (Outcome.FAILED, Outcome.ERROR)
    return TestResult(
        id=key,
        outcome=outcome,
        seconds=float(event.get("Elapsed") or 0.0),
        message=message if outcome is not Outcome.PASSED else "",
        text="\n".join(said) if is_bad else "",
        file=spot[1] if spot else "",
        line=int(spot[2]) if spot else 0,
        started=started,
    )


def _epoch(event: dict[str, Any]) -> float:
    try:
        return datetime.fromisoformat(str(event.get("Time", ""))).timestamp()
    except ValueError:
        return 0.0
