"""What can be read out of a runner's printed output where no reporter speaks: the fallback.

Each parser looks at one line at a time and knows one dialect. Numbers are believed in any order,
with colours, and with words in between that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from seatrial.model.result import Counts, Outcome, TestResult
from seatrial.runners.base import Collected, Fact, Finished

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
# Nothing that these parsers look for stands behind so many characters.
_LOOKED_AT = 2000


def plain(line: str) -> str:
    """Return ``line`` without colour codes."""
    return _ESCAPES.sub("", line) if "\x1b" in line else line


class TextParser:
    """Understands nothing; the base of those that do.

    ``counts`` is ``None`` until a summary was seen. ``crashed`` and ``collection_error`` are what
    a runner says about itself and that no count shows.
    """

    def __init__(self) -> None:
        self.counts: Counts | None = None
        self.crashed = False
        self.collection_error = False

    def line(self, line: str) -> Iterable[Fact]:
        """Take a line without colour codes."""
        return self.look(line[:_LOOKED_AT])

    def look(self, line: str) -> Iterable[Fact]:
        """Take the part of a line that is worth looking at."""
        raise NotImplementedError

    def add(self, words: Mapping[str, str], numbers: Iterable[tuple[str, str]]) -> None:
        """Add (number, word) pairs to the counts, ``words`` telling which outcome a word means."""
        found = dict.fromkeys(Outcome, 0)
        for number, word in numbers:
            if outcome := words.get(word):
                found[Outcome(outcome)] += int(number)
        added = Counts(**{outcome.value: number for outcome, number in found.items()})
        self.counts = added if self.counts is None else self.counts + added


class PytestText(TextParser):
    """pytest: ``= 2 failed, 3 passed in 0.1s =``, with ``-q``, ``-v`` and xdist alike."""

    _SUMMARY = re.compile(
        r"^=*\s*((?:\d+ [a-z]+(?: [a-z]+)?(?:, )?)+) in [\d.]+s(?: \([\d:]+\))?\s*=*$"
    )
    _EMPTY = re.compile(r"^=*\s*no tests (?:ran|collected)\b")
    _NUMBER = re.compile(r"(\d+) ([a-z]+)(?=,|$)")
    _COLLECTED = re.compile(
        r"^(?:collected (\d+) items?|(?:gw\d+ \[(\d+)\])|\d+ workers? \[(\d+) items?\])"
    )
    _RESULT = "PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS"
    _VERBOSE = re.compile(rf"^(\S+::.+?) ({_RESULT})(?: \(.*\))?(?:\s+\[ *\d+%\])?$")
    _XDIST = re.compile(rf"^\[gw\d+\](?: \[ *\d+%\])? ({_RESULT}) (\S+::.+?)\s*$")
    _SHORT = re.compile(r"^(FAILED|ERROR) (\S+?::.+?)(?: - (.*))?$")
    _WORDS: Mapping[str, str] = {
        "passed": "passed",
        "failed": "failed",
        "error": "error",
        "errors": "error",
        "skipped": "skipped",
        "xfailed": "xfailed",
        "xpassed": "xpassed",
    }
    _OUTCOMES: Mapping[str, Outcome] = {
        "PASSED": Outcome.PASSED,
        "FAILED": Outcome.FAILED,
        "ERROR": Outcome.ERROR,
        "SKIPPED": Outcome.SKIPPED,
        "XFAIL": Outcome.XFAILED,
        "XPASS": Outcome.XPASSED,
    }

    def look(self, line: str) -> Iterable[Fact]:
        """See the class."""
        if match := self._COLLECTED.match(line):
            return [Collected(int(next(filter(None, match.groups()))))]
        if match := self._VERBOSE.match(line):
            return [Finished(TestResult(match[1], self._OUTCOMES[match[2]]))]
        if match := self._XDIST.match(line):
            return [Finished(TestResult(match[2], self._OUTCOMES[match[1]]))]
        if match := self._SHORT.match(line):
            message = match[3] or ""
            return [Finished(TestResult(match[2], self._OUTCOMES[match[1]], message=message))]
        if match := self._SUMMARY.match(line):
            self.add(self._WORDS, self._NUMBER.findall(match[1]))
        elif self._EMPTY.match(line):
            self.add({}, ())
        elif line.startswith(("ImportError while loading conftest", "ERROR collecting ")):
            self.collection_error = True
        elif line.startswith("[gw") and " node down: " in line:
            self.crashed = True
        return ()


# What vitest and jest both write before and after a number in their summaries.
_NUMBER = re.compile(r"(\d+) ([a-z]+)")
_JAVASCRIPT_WORDS: Mapping[str, str] = {
    "passed": "passed",
    "failed": "failed",
    "skipped": "skipped",
    "todo": "skipped",
}


class VitestText(TextParser):
    """vitest: ``Tests  2 failed | 3 passed (5)``; an unhandled error counts as one."""

    _SUMMARY = re.compile(r"^\s*Tests\s+((?:\d+ [a-z ]+?(?: \| )?)+)(?: \(\d+\))?\s*$")
    _UNHANDLED = re.compile(r"Vitest caught (\d+) unhandled errors?")
    _FAILED = re.compile(r"^\s*FAIL\s+(\S.*? > .*\S)\s*$")

    def look(self, line: str) -> Iterable[Fact]:
        """See the class."""
        if match := self._FAILED.match(line):
            return [Finished(TestResult(match[1], Outcome.FAILED, message=line.strip()))]
        if match := self._SUMMARY.match(line):
            self.add(_JAVASCRIPT_WORDS, _NUMBER.findall(match[1]))
        elif match := self._UNHANDLED.search(line):
            self.add({"unhandled": "error"}, [(match[1], "unhandled")])
        elif line.strip().startswith("No test files found"):
            self.add({}, ())
        return ()


class JestText(TextParser):
    """jest: ``Tests:       1 failed, 2 passed, 3 total``."""

    _SUMMARY = re.compile(r"^Tests:\s+((?:\d+ [a-z]+(?:, )?)+)$")
    _BROKEN = "Test suite failed to run"

    def look(self, line: str) -> Iterable[Fact]:
        """See the class."""
        if match := self._SUMMARY.match(line.rstrip()):
            self.add(_JAVASCRIPT_WORDS, _NUMBER.findall(match[1]))
        elif self._BROKEN in line:
            self.collection_error = True
        elif line.startswith("No tests found"):
            self.add({}, ())
        return ()


class TapText(TextParser):
    """TAP and Node's own runner: ``not ok 2 - name # TODO``, and ``# fail 1`` or ``ℹ fail 1``."""

    _LINE = re.compile(r"^(not )?ok (\d+)(?: -)?\s*(.*?)\s*(?:# *(SKIP|TODO)\b.*)?$", re.IGNORECASE)
    _PLAN = re.compile(r"^1\.\.(\d+)")
    _NODE = re.compile(r"^(?:#|ℹ) (pass|fail|cancelled|skipped|todo) (\d+)$")
    _WORDS: Mapping[str, str] = {
        "pass": "passed",
        "fail": "failed",
        "cancelled": "failed",
        "skipped": "skipped",
        "todo": "skipped",
    }

    def look(self, line: str) -> Iterable[Fact]:
        """See the class."""
        if match := self._NODE.match(line):
            self.add(self._WORDS, [(match[2], match[1])])
        elif match := self._PLAN.match(line):
            return [Collected(int(match[1]))]
        elif match := self._LINE.match(line):
            outcome = Outcome.FAILED if match[1] else Outcome.PASSED
            if match[4]:
                outcome = Outcome.SKIPPED
            message = line if outcome is Outcome.FAILED else ""
            return [Finished(TestResult(match[3] or match[2], outcome, message=message))]
        return ()


class CargoText(TextParser):
    """Rust: ``test result: FAILED. 3 passed; 1 failed; 0 ignored; …``, once for each binary."""

    _SUMMARY = re.compile(r"^test result: \w+\. (.*)$")
    _NUMBER = re.compile(r"(\d+) ([a-z]+)")
    _RESULT = re.compile(r"^test (\S+) \.\.\. (ok|FAILED|ignored)$")
    _WORDS: Mapping[str, str] = {"passed": "passed", "failed": "failed", "ignored": "skipped"}
    _OUTCOMES: Mapping[str, Outcome] = {
        "ok": Outcome.PASSED,
        "FAILED": Outcome.FAILED,
        "ignored": Outcome.SKIPPED,
    }

    def look(self, line: str) -> Iterable[Fact]:
        """See the class."""
        if match := self._RESULT.match(line):
            outcome = self._OUTCOMES[match[2]]
            message = line if outcome is Outcome.FAILED else ""
            return [Finished(TestResult(match[1], outcome, message=message))]
        if match := self._SUMMARY.match(line):
            self.add(self._WORDS, self._NUMBER.findall(match[1]))
        return ()


class AnyText(TextParser):
    """All dialects at once, for a command of which nothing is known; their counts add up."""

    def __init__(self, parsers: Sequence[TextParser] = ()) -> None:
        super().__init__()
        self._parsers = parsers or (
            PytestText(),
            VitestText(),
            JestText(),
            TapText(),
            CargoText(),
        )

    def look(self, line: str) -> Iterable[Fact]:
        """See the class."""
        facts: list[Fact] = []
        for parser in self._parsers:
            facts += parser.look(line)
        known = [parser.counts for parser in self._parsers if parser.counts is not None]
        self.counts = sum(known, Counts()) if known else None
        self.crashed = any(parser.crashed for parser in self._parsers)
        self.collection_error = any(parser.collection_error for parser in self._parsers)
        return facts
