"""Makes health checks answer fast while a service starts, and truly. Pure.

During ``start_period`` the engine probes every ``start_interval`` and counts no failure; the first
success ends it. One without the other does nothing, so both are always set. A probe is an exec and
costs about 45 ms of a core, so the interval grows with the number of checks that run together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.composefile.model import ComposeService, Healthcheck

# The engine's own defaults: https://docs.docker.com/reference/dockerfile/#healthcheck
DEFAULT_INTERVAL = 30.0
DEFAULT_RETRIES = 3

# With 30 ms between two probes of 45 ms each a service is known 120 ms after it listens at worst.
_SHORTEST = 0.03
_PER_CHECK = 0.05
_LONGEST = 1.0

# pg_isready without a host asks the socket, where the postgres image's temporary server answers.
_PG_ISREADY = re.compile(r"\bpg_isready\b(?![^|&;]*\s(?:-h|--host)\b)")


@dataclass(frozen=True, slots=True)
class Quickened:
    """What the override says of a health check, why, and how long it may take.

    ``patience`` is in seconds: what the file's own timings would have allowed. ``None`` leaves the
    verdict to the engine alone.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    patience: float | None = None


def is_off(check: Healthcheck | None) -> bool:
    """Return whether the file switches the health check off."""
    return check is not None and (check.disable or check.test[:1] == ("NONE",))


def start_interval(checks: int) -> float:
    """Return seconds between two probes where ``checks`` services are probed at once.

    One or two may be probed as fast as is useful; from there on all probes together take about
    three quarters of a core.
    """
    return min(_LONGEST, max(_SHORTEST, _PER_CHECK * (checks - 1)))


def quickened(
    service: ComposeService, checks: int, boot_timeout: float, *, supported: bool
) -> Quickened:
    """Return how the health check of ``service`` changes; ``checks`` is how many start with it."""
    check = service.healthcheck
    if is_off(check):
        return Quickened()
    settings: dict[str, Any] = {}
    changes = []
    test = truthful_test(service)
    if test:
        settings["test"] = list(test)
        changes.append(
            "pg_isready asks 127.0.0.1: on its socket the temporary server of the image's first"
            " start answers too early"
        )
    if not supported:
        return Quickened(settings, tuple(changes))
    if check is None or not check.test:
        # The image may have a test; timings without one are harmless, and the engine merges them.
        return _of_image(check, checks, boot_timeout)
    if check.start_interval is not None:
        return _with_period(check, settings, changes)
    patience = _patience(check)
    every = start_interval(checks)
    settings |= {"start_interval": duration(every), "start_period": duration(patience)}
    changes.append(
        f"probed every {duration(every)} while it starts, for {duration(patience)} at most:"
        " the file gives no start_interval"
    )
    return Quickened(settings, tuple(changes), patience)


def truthful_test(service: ComposeService) -> tuple[str, ...]:
    """Return the test with a host for ``pg_isready``; ``()`` where it may stay as it is."""
    test = service.healthcheck.test if service.healthcheck else ()
    listens_elsewhere = any("listen_addresses" in word for word in service.command or ())
    if not test or "PGHOST" in service.environment or listens_elsewhere:
        return ()
    if test[:2] == ("CMD", "pg_isready"):
        plain = not any(w == "-h" or w.startswith(("-h", "--host")) for w in test[2:])
        return (*test[:2], "-h", "127.0.0.1", *test[2:]) if plain else ()
    if test[0] == "CMD-SHELL":
        shell = _PG_ISREADY.sub("pg_isready -h 127.0.0.1", " ".join(test[1:]))
        return ("CMD-SHELL", shell) if shell != " ".join(test[1:]) else ()
    return ()


def duration(seconds: float) -> str:
    """Return ``seconds`` as Compose writes a duration."""
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else f"{seconds:g}s"


def _patience(check: Healthcheck) -> float:
    """Return the seconds after which the file's own timings would give the service up."""
    interval = check.interval or DEFAULT_INTERVAL
    retries = check.retries or DEFAULT_RETRIES
    return (check.start_period or 0.0) + retries * interval


def _of_image(check: Healthcheck | None, checks: int, boot_timeout: float) -> Quickened:
    given = check.start_interval if check else None
    every = given or start_interval(checks)
    settings = {"start_interval": duration(every), "start_period": duration(boot_timeout)}
    if check is None:
        return Quickened(settings)
    change = f"the image's test is probed every {duration(every)} while it starts"
    return Quickened(settings, (change,))


def _with_period(check: Healthcheck, settings: dict[str, Any], changes: list[str]) -> Quickened:
    if not check.start_period:
        patience = _patience(check)
        settings["start_period"] = duration(patience)
        changes.append(
            f"start_period {duration(patience)}: without one start_interval does nothing"
        )
    return Quickened(settings, tuple(changes))
