"""What all readers share: the reporters' lines, the fallback to text, and the end.

The reporters in ``injected/`` (one for pytest, one for vitest, one for jest) write one JSON object
a line, ``t`` naming the fact::

    begin             a runner has started (a chain of commands may start several); workers: how
                      many have its tests, spreads: whether it could have some
    collected         total: how many tests this runner will run, when the number has grown;
                      lines: where it stood until then, as lists (``_line`` names their places)
    start             id
    finish            the fields of TestResult (fixtures as lists, earlier as objects); uncounted
                      where ``collected`` did not count it
    collection-error  id, message, text, file, line: tests that could not even be found
    unhandled         message, text: an error outside any test
    internal-error    text: the runner itself broke
    worker-crashed    id, text
    end               exit: the runner's own verdict, its last line
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seatrial.model.result import Attempt, CollectedLine, Counts, FixtureTime, Outcome, TestResult
from seatrial.runners.base import Collected, Ending, Fact, Finished, Started
from seatrial.runners.tally import Tally, fuller
from seatrial.runners.text import TextParser, plain
from seatrial.runners.verdict import Evidence, judge

_TAIL_LINES = 40


class ReportReader:
    """Reads a runner that has a reporter of ours inside; the text serves where it is silent.

    ``none`` and ``usage`` are the runner's exit codes for "no tests" and "wrong usage";
    ``trusted`` is for commands that may say nothing but their exit code.
    """

    def __init__(
        self,
        text: TextParser,
        *,
        none: int | None = None,
        usage: int | None = None,
        trusted: bool = False,
    ) -> None:
        self._text = text
        self._none = none
        self._usage = usage
        self._trusted = trusted
        self._tally = Tally()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._begun = self._ended = 0
        self._total = self._earlier_total = 0
        self._uncounted = 0
        self._workers, self._spreads = 0, False
        self._broken = self._crashed = self._collection_errors = False

    def report_line(self, line: str) -> Iterable[Fact]:
        """Take a line of the reporter; one that is cut makes the whole report doubtful."""
        try:
            facts = json.loads(line)
            return list(self._take(facts.pop("t"), facts))
        except (ValueError, KeyError, TypeError, AttributeError):
            self._broken = self._broken or bool(line.strip())
            return []

    def output_line(self, line: str) -> Iterable[Fact]:
        """Take a line of output; it is looked into only as long as no reporter has spoken."""
        self._tail.append(line)
        if self._begun:
            return []
        facts: list[Fact] = []
        for fact in self._text.line(plain(line)):
            facts += self._tally.add(fact.result) if isinstance(fact, Finished) else [fact]
        return facts

    def finish(self, exit_code: int) -> Ending:
        """Return the verdict."""
        reported = self._begun > 0
        counts = self._tally.counts
        if not reported:
            counts = fuller(counts, self._text.counts or Counts())
        unfinished = reported and len(self._tally) - self._uncounted < self._total
        verdict, doubt = judge(
            Evidence(
                exit_code=exit_code,
                counts=counts,
                reported=reported,
                complete=self._begun == self._ended and not self._broken,
                understood=reported or self._text.counts is not None or len(self._tally) > 0,
                unfinished=unfinished,
                collection_errors=self._collection_errors or self._text.collection_error,
                crashed=self._crashed or self._text.crashed,
                usage=exit_code == self._usage,
                trusted=self._trusted,
                none=self._says_none(exit_code),
            )
        )
        tail = tuple(text for line in self._tail if (text := plain(line).rstrip()))
        failures, flaky = self._tally.failures, self._tally.flaky
        spread = (self._workers, self._spreads)
        return Ending(verdict, counts, failures, doubt, tail, *spread, flaky, not unfinished)

    def _says_none(self, exit_code: int) -> bool:
        if exit_code == self._none:
            return True
        said = None if self._begun else self._text.counts
        return said is not None and not said.total and not len(self._tally)

    def _take(self, kind: str, facts: Mapping[str, Any]) -> Iterator[Fact]:
        if kind == "begin":
            self._begun += 1
            self._earlier_total = self._total
            self._workers = max(self._workers, int(facts.get("workers") or 0))
            self._spreads = self._spreads or bool(facts.get("spreads"))
        elif kind == "end":
            self._ended += 1
        elif kind == "collected":
            self._total = self._earlier_total + int(facts["total"])
            yield Collected(self._total, tuple(map(_line, facts.get("lines", ()))))
        elif kind == "start":
            yield Started(str(facts["id"]))
        elif kind == "finish":
            self._uncounted += bool(facts.get("uncounted"))
            yield from self._tally.add(result_of(facts, Outcome(facts["outcome"])))
        elif kind == "worker-crashed":
            self._crashed = True
        elif kind in ("collection-error", "unhandled", "internal-error"):
            self._collection_errors = self._collection_errors or kind == "collection-error"
            self._uncounted += 1
            name = facts.get("id") or f"{kind.replace('-', ' ')} {self._uncounted}"
            yield from self._tally.add(result_of({**facts, "id": name}, Outcome.ERROR))


def result_of(facts: Mapping[str, Any], outcome: Outcome) -> TestResult:
    """Return a reporter's facts as a result. Raises ``KeyError`` where there is no id."""
    return TestResult(
        id=str(facts["id"]),
        outcome=outcome,
        seconds=float(facts.get("seconds") or 0.0),
        message=str(facts.get("message") or ""),
        text=str(facts.get("text") or ""),
        file=str(facts.get("file") or ""),
        line=int(facts.get("line") or 0),
        started=float(facts.get("started") or 0.0),
        phases=tuple((str(name), float(seconds)) for name, seconds in facts.get("phases", ())),
        attempts=int(facts.get("attempts") or 1),
        earlier=tuple(map(_attempt, facts.get("earlier", ()))),
        fixtures=tuple(map(_fixture, facts.get("fixtures", ()))),
    )


def _attempt(facts: Mapping[str, Any]) -> Attempt:
    return Attempt(
        Outcome.FAILED,
        message=str(facts.get("message") or ""),
        text=str(facts.get("text") or ""),
        file=str(facts.get("file") or ""),
        line=int(facts.get("line") or 0),
    )


def _fixture(words: Sequence[Any]) -> FixtureTime:
    name, scope, file, line, seconds = words
    return FixtureTime(str(name), str(scope), str(file), int(line), float(seconds))


def _line(words: Sequence[Any]) -> CollectedLine:
    kind, file, line, seconds, module, importer, at = words
    return CollectedLine(
        *(kind == "import", str(file), int(line), float(seconds)),
        *(str(module), str(importer), int(at)),
    )
