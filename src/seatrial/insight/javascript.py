"""Causes of slow tests in JavaScript and TypeScript, whose runners tell no phases of a test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from seatrial.insight.model import EACH, Cause, CauseKind
from seatrial.insight.sources import Read
from seatrial.insight.waits import SHORTEST
from seatrial.lint.helpers.javascript import Block, Blocks, code, sleeps
from seatrial.model.result import TestResult

_TEST = re.compile(r"\b(?:it|test|specify)(?:\.\w+)*\s*\(\s*(?=[\"'`])")
_HOOK = re.compile(r"\b(beforeEach|afterEach)\s*\([^{}]*$")
_DESCRIBE = re.compile(r"\bdescribe(?:\.\w+)*\s*\([^{}]*$")
_DEADLINE = re.compile(r"\btimeout\s*:\s*([\d_]+)|\bAbortSignal\.timeout\(\s*([\d_]+)\s*\)")
_TITLE = 300
_NUMBERED = re.compile(r" #\d+$")
# A deadline that was waited out ends a little late; clocks may differ by the slack.
_LATE_SECONDS, _LATE_SHARE, _SLACK = 0.3, 0.1, 0.02


@dataclass(frozen=True, slots=True)
class _Wait:
    line: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Hook(_Wait):
    """A sleep in a hook: where the hook stands, its name, and the block that it is for."""

    at: int
    name: str
    over: Block | None


class Scripts:
    """Finds the causes of slow tests of one suite in vitest or jest; ``results`` are all of it."""

    def __init__(self, folder: str, read: Read, results: Iterable[TestResult]) -> None:
        self._folder = PurePosixPath(folder or ".")
        self._read = read
        self._results = tuple(results)
        self._files: dict[str, _Script | None] = {}

    def of(self, result: TestResult) -> tuple[Cause, ...] | None:
        """Return the likely causes, ``None`` where the source of the test cannot be had."""
        name, *titles = _NUMBERED.sub("", result.id).split(" > ")
        script = self._script(name)
        block = script.test(*titles) if script and titles else None
        if script is None or block is None:
            return None
        file = str(self._folder / name)
        hooks = [hook for hook in script.hooks if script.covers(hook, block)]
        waits: list[_Wait] = [*script.slept(block), *hooks]
        if sum(wait.seconds for wait in waits) > result.seconds + _SLACK:
            waits = []
        left = result.seconds - sum(wait.seconds for wait in waits)
        slept = [Cause(CauseKind.SLEEP, file, w.line, w.seconds, w.seconds) for w in waits]
        again = [self._again(name, file, hook) for hook in hooks if hook in waits]
        waited = [
            Cause(CauseKind.TIMEOUT, file, wait.line, wait.seconds, wait.seconds)
            for wait in script.deadlines(block)
            if wait.seconds - _SLACK <= left <= _latest(wait.seconds)
        ]
        return (*slept, *waited, *(cause for cause in again if cause.tests > 1))

    def _again(self, name: str, file: str, hook: _Hook) -> Cause:
        """Return a hook before or after each test as the fixture that it is."""
        script = self._script(name)
        covered = [
            block
            for result in self._results
            if result.id.startswith(f"{name} > ") and script
            if (block := script.test(*_NUMBERED.sub("", result.id).split(" > ")[1:]))
            and script.covers(hook, block)
        ]
        times = len(covered)
        saved = (times - 1) * hook.seconds
        return Cause(
            *(CauseKind.FIXTURE, file, hook.at, hook.seconds, saved, hook.name),
            scope=EACH,
            tests=times,
        )

    def _script(self, name: str) -> _Script | None:
        if name not in self._files:
            text = self._read(str(self._folder / name))
            self._files[name] = None if text is None else _Script(text)
        return self._files[name]


def _latest(seconds: float) -> float:
    return seconds + max(_LATE_SECONDS, _LATE_SHARE * seconds)


class _Script:
    """One file of tests, as text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._masked = code(text)
        self._blocks = Blocks(self._masked)
        self._tests: dict[tuple[str, ...], Block | None] = {}

    def test(self, *titles: str) -> Block | None:
        """Return the body of the only test that is called so, in those ``describe`` blocks."""
        if titles not in self._tests:
            self._tests[titles] = self._found(titles)
        return self._tests[titles]

    def _found(self, titles: tuple[str, ...]) -> Block | None:
        found = [
            block
            for at in (match.end() for match in _TEST.finditer(self._text))
            if self._says(at, titles[-1])
            if (block := self._blocks.after(at)) and self._inside(block, titles[:-1])
        ]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _sleeps(self) -> list[tuple[int, float]]:
        return [(at, seconds) for at, _, seconds in sleeps(self._masked) if seconds >= SHORTEST]

    @cached_property
    def hooks(self) -> list[_Hook]:
        """The sleeps of ``beforeEach`` and ``afterEach``."""
        found = []
        for start, seconds in self._sleeps:
            around = self._blocks.around(start)
            hook = _HOOK.search(around[0].header) if around else None
            if hook:
                over = self._blocks.around(around[0].start)
                at = self._line(around[0].start)
                wait = self._line(start), seconds
                found.append(_Hook(*wait, at, hook[1], next(iter(over), None)))
        return found

    def covers(self, hook: _Hook, test: Block) -> bool:
        """Return whether a hook runs for a test: its own block is one of those around it."""
        return hook.over is None or hook.over in self._blocks.around(test.start)

    def slept(self, test: Block) -> Iterator[_Wait]:
        """Yield the sleeps that stand in the body of a test itself, in no block within."""
        for start, seconds in self._sleeps:
            around = self._blocks.around(start)
            if around and around[0] == test:
                yield _Wait(self._line(start), seconds)

    def deadlines(self, test: Block) -> Iterator[_Wait]:
        """Yield the deadlines that a test gives to what it waits for."""
        for found in _DEADLINE.finditer(self._masked, test.start, test.end):
            milliseconds = (found[1] or found[2]).replace("_", "")
            if milliseconds and int(milliseconds) / 1000 >= SHORTEST:
                yield _Wait(self._line(found.start()), int(milliseconds) / 1000)

    def _says(self, at: int, title: str) -> bool:
        quote = self._text[at]
        return self._text.startswith(f"{title}{quote}", at + 1)

    def _inside(self, test: Block, titles: tuple[str, ...]) -> bool:
        around = [b for b in self._blocks.around(test.start) if _DESCRIBE.search(b.header)]
        if len(around) != len(titles):
            return False
        pairs = zip(reversed(titles), around, strict=True)
        return all(t in self._text[max(0, b.start - _TITLE) : b.start] for t, b in pairs)

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1
