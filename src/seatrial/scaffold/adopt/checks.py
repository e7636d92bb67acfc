"""Health checks of a derived file: those that are there, made quick, and those that are missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from seatrial.composefile.model import ComposeService, Healthcheck
from seatrial.scaffold.adopt.bases import has_check, image_of
from seatrial.scaffold.adopt.images import Backing, check_of
from seatrial.scaffold.adopt.selection import Selection
from seatrial.scaffold.adopt.stack import Stack
from seatrial.scaffold.adopt.variables import composed, plain
from seatrial.scaffold.adopt.yamltext import Line, Value

INTERVAL, TIMEOUT, RETRIES, START_PERIOD, START_INTERVAL = 5.0, 3.0, 10, 20.0, "200ms"

_SOCKET = "on its socket a server answers that is only there for the set-up"

Tell = Callable[[str, str], None]


def check_of_service(
    stack: Stack, service: ComposeService, backing: Backing | None, tell: Tell
) -> Value:
    """Return the ``healthcheck:`` of one service; ``None`` where it has none to give."""
    given = service.healthcheck
    if given is not None and given.disable:
        return {"disable": True}
    if given is not None and given.test:
        return _quick(given, _over_tcp(given.test, tell), tell)
    if backing is not None:
        test = _test(stack, service, backing)
        if test:
            tell("a health check", "what depends on it has to wait until it can be used")
            return _written(given, test)
        tell("no health check", "its image has no client to ask with; its open port has to do")
    if given is not None or has_check(service):
        return _quick(given or Healthcheck(service.where), (), tell)
    return None


def is_checked(service: ComposeService, selection: Selection) -> bool:
    """Return whether the derived service will have a health check."""
    given = service.healthcheck
    if given is not None and given.disable:
        return False
    if (given is not None and given.test) or has_check(service):
        return True
    backing = selection.backings.get(service.name)
    return backing is not None and bool(
        check_of(backing, image_of(service), {}, more=False, watched=_watched(service))
    )


def _test(stack: Stack, service: ComposeService, backing: Backing) -> tuple[str, ...]:
    environment = {k: plain(v) for k, v in service.environment.items() if v}
    more = stack.node(service.name).get("env_file") is not None
    return check_of(backing, image_of(service), environment, more=more, watched=_watched(service))


def _watched(service: ComposeService) -> bool:
    words = service.command or ()
    return "8222" in words or "--http_port=8222" in words


def _over_tcp(test: Sequence[str], tell: Tell) -> tuple[str, ...]:
    """Return the check, asked over TCP where it would take a socket."""
    text = " ".join(test)
    if re.search(r"\b(mysqladmin|mariadb-admin)\b.*\blocalhost\b", text):
        # To these clients localhost is the socket.
        tell("the check asks over TCP", _SOCKET)
        return tuple(word.replace("localhost", "127.0.0.1") for word in test)
    asks = re.search(r"\bpg_isready\b", text)
    if not asks or re.search(r"\s(-h|--host)\b", text):
        return tuple(test)
    tell("pg_isready asks over TCP", _SOCKET)
    if test[0] == "CMD":
        at = next(i for i, word in enumerate(test) if word.endswith("pg_isready"))
        return (*test[: at + 1], "-h", "127.0.0.1", *test[at + 1 :])
    return tuple(re.sub(r"\bpg_isready\b", "pg_isready -h 127.0.0.1", word) for word in test)


def _quick(given: Healthcheck, test: tuple[str, ...], tell: Tell) -> Value:
    interval = given.interval
    if given.start_interval is None or (interval or 30.0) > INTERVAL:
        was = f"every {_span(interval)}" if interval is not None else "every 30s"
        tell(
            f"asked every {START_INTERVAL} at first in place of {was}",
            "the first answer would come only after the interval",
        )
    return _written(given, test)


def _written(given: Healthcheck | None, test: tuple[str, ...]) -> Value:
    made: dict[str, Value] = {}
    if test:
        made["test"] = _test_value(test)
    made["interval"] = _span(min((given and given.interval) or INTERVAL, INTERVAL))
    made["timeout"] = _span((given and given.timeout) or TIMEOUT)
    made["retries"] = max((given and given.retries) or RETRIES, RETRIES)
    made["start_period"] = _span(max((given and given.start_period) or 0.0, START_PERIOD))
    made["start_interval"] = START_INTERVAL
    return made


def _test_value(test: tuple[str, ...]) -> Value:
    words = [composed(word) for word in test]
    return Line(words) if sum(len(word) + 4 for word in words) < 92 else words


def _span(seconds: float | None) -> str:
    if not seconds:
        return "0s"
    return f"{seconds:g}s" if seconds >= 1 else f"{seconds * 1000:g}ms"
