"""What the services wrote while a test failed."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.errors import SeatrialError
from seatrial.events import ServiceLogged
from seatrial.model.result import TestResult
from seatrial.runtimes.base import Environment, RunContext

# Log lines of each service that are shown with a failed suite.
LOG_LINES = 20


async def tell_logs(
    environment: Environment | None, suite: str, failures: Sequence[TestResult], context: RunContext
) -> None:
    """Say what the services wrote from the moment in which the first failing test began."""
    if environment is None:
        return
    first = min((test for test in failures if test.started), key=_started, default=None)
    try:
        lines = await environment.logs(first.started if first else None, LOG_LINES)
    except SeatrialError:
        return
    test = first.id if first else ""
    for line in lines:
        at, key = context.clock.at(), environment.request.key
        context.emit(ServiceLogged(at, key, line.service, line.text, suite, test))


def _started(test: TestResult) -> float:
    return test.started
