"""The providers that come with seatrial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from seatrial.runtimes.process.providers.base import Provider
from seatrial.runtimes.process.providers.custom import CustomProvider
from seatrial.runtimes.process.providers.nats import NatsProvider
from seatrial.runtimes.process.providers.postgres import PostgresProvider
from seatrial.runtimes.process.providers.redis import RedisProvider

BUILT_IN: Mapping[str, Callable[[], Provider]] = {
    "nats": NatsProvider,
    "postgres": PostgresProvider,
    "redis": RedisProvider,
}


def all_providers(commands: Mapping[str, Sequence[str]]) -> tuple[Provider, ...]:
    """Return the user's own commands for images, then what comes with seatrial."""
    return (CustomProvider(commands), *(make() for make in BUILT_IN.values()))
