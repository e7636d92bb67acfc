"""How each suite of a run fared before: its usual time, its failures, the shape of both. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from seatrial.history.model import PastSuite
from seatrial.model.result import Verdict
from seatrial.render.record import Record
from seatrial.render.text import VERDICTS, duration, plural
from seatrial.render.width import one_line

_GOOD = (Verdict.PASSED.value, Verdict.NO_TESTS.value)
_WORDS = {verdict.value: word for verdict, word in VERDICTS.items()}
# The usual time may differ by a third, and by as many seconds, before it is worth a word.
_WORTH, _WORTH_SECONDS = 1.33, 0.5


@dataclass(frozen=True, slots=True)
class Time:
    """A suite in one run; ``height`` is its time as a part of the longest, in per cent."""

    height: float
    good: bool
    told: str


@dataclass(frozen=True, slots=True)
class Past:
    """A suite over its runs, the oldest first; the last one is the run of the page.

    ``usual`` is the median of the runs before, empty where there is none. ``word`` says where this
    run differs from that by much.
    """

    suite: str
    times: tuple[Time, ...]
    told: str
    seconds: str
    usual: str
    word: str
    failed: str


def pasts(rows: Sequence[PastSuite], record: Record) -> tuple[Past, ...]:
    """Return the suites of the run that have a history, in the order of the plan."""
    by_suite: dict[str, list[PastSuite]] = {}
    for row in rows:
        by_suite.setdefault(row.suite, []).append(row)
    run = record.started.run if record.started else ""
    return tuple(_past(by_suite[suite], run) for suite in record.suites if suite in by_suite)


def _past(rows: Sequence[PastSuite], run: str) -> Past:
    longest = max(row.seconds for row in rows)
    bad = sum(row.verdict not in _GOOD for row in rows)
    now = next((row.seconds for row in rows if row.run == run), None)
    before = [row.seconds for row in rows if row.run != run and row.verdict in _GOOD]
    usual = median(before) if before else None
    shortest = min(row.seconds for row in rows)
    return Past(
        one_line(rows[0].suite),
        tuple(_time(row, longest) for row in rows),
        f"{plural(len(rows), 'run')}, {bad} failed, "
        f"from {duration(shortest)} to {duration(longest)}",
        "-" if now is None else duration(now),
        "-" if usual is None else duration(usual),
        _word(now, usual),
        f"{bad} of {len(rows)}",
    )


def _time(row: PastSuite, longest: float) -> Time:
    height = 100 * row.seconds / longest if longest > 0 else 0.0
    verdict = _WORDS.get(row.verdict, row.verdict)
    told = f"{row.run}: {verdict}, {duration(row.seconds)}, {plural(row.tests, 'test')}"
    return Time(round(height, 1), row.verdict in _GOOD, one_line(told))


def _word(now: float | None, usual: float | None) -> str:
    if now is None or usual is None or abs(now - usual) < _WORTH_SECONDS:
        return ""
    if now > usual * _WORTH:
        return "slower"
    return "faster" if now * _WORTH < usual else ""
