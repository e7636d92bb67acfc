"""One sentence for each step of a run or a boot, for those who ask for progress."""

from __future__ import annotations

from seatrial import events
from seatrial.events import Event
from seatrial.render.text import VERDICTS, counts_text, duration
from seatrial.render.width import one_line


def step_text(event: Event) -> str | None:
    """Return what to say of a suite or an environment that is through, ``None`` of all else."""
    match event:
        case events.SuiteFinished(result=result):
            told = counts_text(result.counts, len(result.flaky)) if result.counts.total else ""
            words = [VERDICTS[result.verdict], told, duration(result.seconds)]
            return one_line(f"{result.suite}: {', '.join(word for word in words if word)}")
        case events.EnvironmentReady(environment=key, seconds=seconds):
            return one_line(f"environment {key}: ready after {duration(seconds)}")
        case events.EnvironmentFailed(environment=key, problem=problem):
            return one_line(f"environment {key}: {problem.what}")
        case _:
            return None


def tests_text(suite: str, finished: int, total: int) -> str:
    """Return what to say of a suite that runs."""
    return one_line(f"{suite}: {finished} of {total} tests")


def service_text(event: Event) -> str | None:
    """Return what to say of a service that is ready, ``None`` of all else."""
    if isinstance(event, events.ServiceReady):
        return one_line(f"{event.service}: ready after {duration(event.seconds)}")
    return None
