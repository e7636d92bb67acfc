"""What a run did with its time: bars, the chain that made it as long as it was, idle time. Pure.

All times are seconds since the run began.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seatrial import events
from seatrial.events import Event, Phase

SUITE = "tests"
# Seconds between the end of one thing and the start of the next that are the tool's own doing.
_SOON = 0.05
# Seconds by which times of one moment may differ, as they are rounded and worked out.
_SAME = 0.001


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that took time. ``kind`` is a word of ``Phase``, or ``tests`` for a suite.

    What a killed run left without an end goes to its last event, and ``ended`` is false; so it is
    where a signal broke a phase off.
    ``services`` says when each service of a boot was ready, in seconds since the boot began.
    """

    kind: str
    subject: str
    environment: str
    begin: float
    end: float
    ok: bool = True
    ended: bool = True
    services: tuple[tuple[str, float], ...] = ()

    @property
    def seconds(self) -> float:
        """Return how long it took."""
        return self.end - self.begin


class Timeline:
    """Takes every event of a run, in order; then has its bars."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._done: list[Bar] = []
        self._phases: dict[tuple[Phase, str, str], float] = {}
        self._suites: dict[str, float] = {}
        self._environments: dict[str, str] = {}
        self._ready: dict[str, list[tuple[str, float]]] = {}
        self._interrupted = False

    def take(self, event: Event) -> None:
        """Keep what took time."""
        self.seconds = max(self.seconds, event.at)
        match event:
            case events.RunStarted(suites=suites):
                self._environments = {suite.id: suite.environment for suite in suites}
            case events.PhaseStarted(phase=phase, subject=subject, environment=key, at=at):
                self._phases[phase, subject, key] = at
            case events.PhaseFinished():
                self._phase(event)
            case events.RunInterrupted():
                self._interrupted = True
            case events.ServiceReady(environment=key, service=service, seconds=seconds):
                self._ready.setdefault(key, []).append((service, seconds))
            case events.SuiteStarted(suite=suite, at=at):
                self._suites[suite] = at
            case events.SuiteFinished(result=result, at=at) if result.suite in self._suites:
                ok = result.verdict in ("passed", "no-tests")
                began = self._suites.pop(result.suite)
                self._done.append(self._suite(result.suite, began, at, ok=ok))

    def bars(self) -> list[Bar]:
        """Return all bars in the order of their beginnings."""
        cut = [
            *(
                Bar(phase.value, subject, key, at, self.seconds, ended=False)
                for (phase, subject, key), at in self._phases.items()
            ),
            *(
                self._suite(suite, at, self.seconds, ended=False)
                for suite, at in self._suites.items()
            ),
        ]
        return sorted([*self._done, *cut], key=lambda bar: (bar.begin, bar.end, bar.subject))

    def _phase(self, event: events.PhaseFinished) -> None:
        self._phases.pop((event.phase, event.subject, event.environment), None)
        ready = self._ready.pop(event.environment, []) if event.phase is Phase.BOOT else []
        begin = max(event.at - event.seconds, 0.0)
        self._done.append(
            Bar(
                *(event.phase.value, event.subject, event.environment, begin, event.at),
                ok=event.ok,
                ended=event.ok or not self._interrupted,
                services=tuple(ready),
            )
        )

    def _suite(
        self, suite: str, begin: float, end: float, *, ok: bool = True, ended: bool = True
    ) -> Bar:
        return Bar(SUITE, suite, self._environments.get(suite, ""), begin, end, ok, ended)


def critical_path(bars: Iterable[Bar]) -> list[Bar]:
    """Return the chain that the run waited for, in order.

    It is told from behind: what ended last, then what ended last before that began, and so on. Of
    several that ended at the same time, the one of the same environment is taken.
    """
    left = sorted(bars, key=lambda bar: bar.end)
    chain: list[Bar] = []
    while left:
        chain.append(_last(left, chain[-1] if chain else None))
        begin = chain[-1].begin
        # A bar that began no earlier was not waited for, though it may have ended at once; nor
        # was one that went on when this began, be it by a little.
        left = [bar for bar in left if bar.end <= begin + _SAME and bar.begin < begin]
    return chain[::-1]


def idle(bars: Iterable[Bar], seconds: float) -> list[tuple[float, float]]:
    """Return the spans of a run of ``seconds`` in which nothing was under way."""
    spans, reached = [], 0.0
    for bar in sorted(bars, key=lambda bar: bar.begin):
        if bar.begin > reached + _SOON:
            spans.append((reached, bar.begin))
        reached = max(reached, bar.end)
    if seconds > reached + _SOON:
        spans.append((reached, seconds))
    return spans


def ticks(seconds: float) -> list[float]:
    """Return some four to ten round times between 0 and ``seconds``."""
    if seconds <= 0:
        return [0.0]
    step = next(s for s in _steps() if seconds / s <= 8)
    return [n * step for n in range(int(seconds / step) + 1)]


def _last(left: Sequence[Bar], after: Bar | None) -> Bar:
    latest = left[-1]
    if after is None or not after.environment:
        return latest
    near = [bar for bar in left if bar.end >= latest.end - _SOON]
    return next((bar for bar in near if bar.environment == after.environment), latest)


def _steps() -> Iterable[float]:
    yield from (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200)
    step = 3600.0
    while True:
        yield step
        step *= 2
