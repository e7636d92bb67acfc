"""Health checks with Compose's semantics, asked more often until they first pass."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from seatrial.errors import RuntimeMissing
from seatrial.host.processes import Completed
from seatrial.runtimes.process.plan import Probe

_FIRST_DELAY = 0.05
_GROWTH = 1.5
_LONGEST_DELAY = 1.0
_MISSING = re.compile(r"(?:^|[\s:])([\w.-]+): (?:command )?not found", re.MULTILINE)
_SHOWN_LINES = 10

Ask = Callable[[Probe], Awaitable[Completed]]


class Unhealthy(Exception):
    """A check failed for as long as Compose would wait; the last answer is in ``output``."""

    def __init__(self, probe: Probe, failures: int, output: tuple[str, ...]) -> None:
        super().__init__(failures)
        self.probe = probe
        self.failures = failures
        self.output = output


@dataclass(slots=True)
class Health:
    """What a service's check said last."""

    failures: int = 0
    output: tuple[str, ...] = ()


async def until_healthy(service: str, probe: Probe, ask: Ask, health: Health) -> None:
    """Ask until the check passes.

    Compose gives up after ``start_period`` and ``retries`` times ``interval``; so does this, but
    it asks every 50 ms at first and ever more seldom later. Raises ``Unhealthy``, and
    ``RuntimeMissing`` for a check whose program this machine lacks.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + probe.patience
    longest = max(_FIRST_DELAY, min(probe.interval, _LONGEST_DELAY))
    delay = _FIRST_DELAY
    while True:
        answer = await ask(probe)
        if answer.ok:
            return
        health.failures += 1
        health.output = tuple((answer.out + answer.err).splitlines()[-_SHOWN_LINES:])
        _check_program(service, probe, answer)
        if loop.time() >= until and health.failures >= probe.retries:
            raise Unhealthy(probe, health.failures, health.output)
        await asyncio.sleep(delay)
        delay = min(delay * _GROWTH, longest)


def missing_program(service: str, probe: Probe, program: str) -> RuntimeMissing:
    """Return the error for a check whose program is not here."""
    return RuntimeMissing(
        f"the health check of {service} calls {program}, which this machine lacks",
        where=probe.where,
        mend=f"install {program}, or ask with a program that the service has (python -c, node -e)",
    )


def _check_program(service: str, probe: Probe, answer: Completed) -> None:
    if found := _MISSING.search(answer.err):
        raise missing_program(service, probe, found.group(1))
