"""Fixtures that a suite sets up again and again, from the times that its runner told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from seatrial.insight.model import Cause, CauseKind
from seatrial.insight.sources import Sources
from seatrial.model.result import FixtureTime, TestResult

_WIDEST = "session"
# Only one set-up of several is dear where something that they share was made by it.
_SHARE = 0.5


class Setups:
    """All set-ups of one suite's fixtures; ``sources`` tells where their functions stand now."""

    def __init__(self, sources: Sources, results: Iterable[TestResult]) -> None:
        self._sources = sources
        self._times: dict[tuple[str, int], list[FixtureTime]] = defaultdict(list)
        for result in results:
            for one in result.fixtures:
                self._times[one.file, one.line].append(one)

    def too_narrow(self, fixture: FixtureTime, seconds: float) -> Iterator[Cause]:
        """Yield a cause of ``seconds`` if a wider scope would save the set-ups of other tests.

        It saves all set-ups but the longest, each parameter of the fixture by itself.
        """
        times = self._times[fixture.file, fixture.line]
        file, line = self._sources.place(fixture.file, fixture.line)
        if fixture.scope == _WIDEST or len(times) < 2 or not file:
            return
        by_parameter: dict[str, list[float]] = defaultdict(list)
        for one in times:
            by_parameter[one.name].append(one.seconds)
        saved = sum(sum(each) - max(each) for each in by_parameter.values())
        if saved >= _SHARE * max(one.seconds for one in times):
            name = fixture.name.partition("[")[0]
            yield Cause(
                *(CauseKind.FIXTURE, file, line, seconds, saved, name),
                scope=fixture.scope,
                tests=len(times),
            )

    def repeated(self, least: float) -> Iterator[Cause]:
        """Yield the fixtures whose wider scope would save the suite ``least`` seconds or more."""
        for times in self._times.values():
            for cause in self.too_narrow(times[0], sum(one.seconds for one in times)):
                if cause.saved >= least:
                    yield cause
