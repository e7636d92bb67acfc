"""What every runtime keeps to: the fake in memory, containers on an engine, local processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import ConfigError, EnvironmentFailure, Where
from seatrial.events import Event, Phase
from seatrial.host.clock import Clock
from seatrial.model.environment import EnvironmentRequest, LogLine
from seatrial.runtimes.base import Runtime
from tests.support.docker import docker_run
from tests.support.fake_runtime import FakeRuntime, Script
from tests.support.local import Checkout
from tests.support.loop import in_a_loop

COMPOSE = """
services:
  cache:
    image: redis:7
    ports: ["6379"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 5s}
  events-store:
    image: redis:7
    ports: ["6379"]
    healthcheck: {test: redis-cli ping, interval: 5s}
    depends_on: {cache: {condition: service_healthy}}
"""
# A server that refuses its arguments ends by itself.
FAILING = """
services:
  cache:
    image: redis:7
    command: redis-server --no-such-setting 1
    ports: ["6379"]
"""


@dataclass
class Harness:
    """One run of one runtime over the compose file below ``root``."""

    root: Path
    runtime: Runtime
    events: list[Event]
    request: Callable[[str], EnvironmentRequest]
    left: Callable[[], Awaitable[Sequence[object]]]

    def write(self, text: str = COMPOSE) -> Path:
        """Write the compose file."""
        file = self.root / "deploy/test/docker-compose.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def heard(self, kind: str, **facts: Any) -> list[Any]:
        """Return the events of a kind whose fields are as given."""
        found = [event for event in self.events if type(event).__name__ == kind]
        return [e for e in found if all(getattr(e, k) == v for k, v in facts.items())]


@contextlib.asynccontextmanager
async def fake(root: Path) -> AsyncIterator[Harness]:
    events: list[Event] = []
    error = EnvironmentFailure(
        "service cache exited with 1", where=Where(root, 2), detail=("cache | bad setting",)
    )
    scripts = {
        "failing": Script(error=error),
        "called-off": Script(hold=asyncio.Event()),
        "logging": Script(logs=(LogLine("cache", 1.0, "up"), LogLine("events-store", 2.0, "up"))),
    }
    runtime = FakeRuntime(Clock(), events.append, scripts)

    def request(name: str) -> EnvironmentRequest:
        file = root / "deploy/test/docker-compose.yml"
        return EnvironmentRequest(name, "r1", root, (file,), f"i-{name}", f"p-{name}")

    async def left() -> Sequence[object]:
        return sorted(runtime.up)

    yield Harness(root, runtime, events, request, left)
    await runtime.close()


@contextlib.asynccontextmanager
async def docker(root: Path) -> AsyncIterator[Harness]:
    async with docker_run(root) as run:
        yield Harness(root, run.runtime, run.events, run.request, run.left)


@contextlib.asynccontextmanager
async def process(root: Path) -> AsyncIterator[Harness]:
    checkout = Checkout(root, root / "state")
    async with checkout.run(f"c{uuid.uuid4().hex[:8]}") as session:

        def request(name: str) -> EnvironmentRequest:
            return checkout.request(session.context.run, key=name, instance=f"i-{name}")

        async def left() -> Sequence[object]:
            folders = [path for path in session.ledger_folders() if path.exists()]
            return [*session.alive(), *folders]

        yield Harness(root, session.runtime, checkout.events, request, left)


Opener = Callable[[], AbstractAsyncContextManager[Harness]]
STREAMS = """
services:
  nats:
    image: nats:2-alpine
    command: ["-js", "-m", "8222"]
    ports: ["4222", "8222"]
    healthcheck:
      test: [CMD, wget, -q, --spider, "http://127.0.0.1:8222/healthz"]
      interval: 5s
      start_period: 20s
      start_interval: 200ms
"""


@pytest.fixture(
    params=[
        fake,
        pytest.param(docker, marks=pytest.mark.engine),
        pytest.param(process, marks=pytest.mark.local),
    ],
    ids=lambda param: param.__name__,
)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Return what opens a run of the runtime under test."""
    return lambda: request.param(tmp_path)


@in_a_loop
async def test_an_environment_offers_each_published_port(opened: Opener) -> None:
    async with opened() as run:
        run.write()
        up = await run.runtime.boot(run.request("one"))
        try:
            found = {endpoint.service: endpoint for endpoint in up.endpoints}
            assert set(found) == {"cache", "events-store"}
            assert found["cache"].container_port == 6379
            assert up.exports["TEST_INSTANCE_ID"] == up.request.instance
            assert up.exports["TEST_CACHE_PORT"] == str(found["cache"].port)
            assert up.exports["TEST_EVENTS_STORE_HOST"] == found["events-store"].host
        finally:
            await up.remove()


@in_a_loop
async def test_a_boot_tells_its_phase_its_services_and_that_it_is_ready(opened: Opener) -> None:
    async with opened() as run:
        run.write()
        up = await run.runtime.boot(run.request("one"))
        await up.remove()
        (began,) = run.heard("PhaseStarted", phase=Phase.BOOT)
        assert set(began.services) == {"cache", "events-store"}
        assert (began.subject, began.environment) == ("one", "one")
        assert run.heard("PhaseFinished", phase=Phase.BOOT, ok=True)
        ready = [event.service for event in run.heard("ServiceReady", environment="one")]
        assert ready == ["cache", "events-store"]
        (whole,) = run.heard("EnvironmentReady")
        assert whole.endpoints == up.endpoints


@in_a_loop
async def test_what_is_removed_leaves_nothing_and_may_be_removed_again(opened: Opener) -> None:
    async with opened() as run:
        run.write()
        up = await run.runtime.boot(run.request("one"))
        assert await run.left()
        await up.remove()
        assert not await run.left()
        await up.remove()


@in_a_loop
async def test_logs_name_their_service_and_answer_from_a_marked_moment(opened: Opener) -> None:
    async with opened() as run:
        run.write()
        up = await run.runtime.boot(run.request("logging"))
        try:
            assert {line.service for line in await up.logs()} == {"cache", "events-store"}
            newest = await up.logs(tail=1)
            assert len([line for line in newest if line.service == "cache"]) <= 1
            now = time.time()
            up.mark(now)
            assert await up.logs(since=now) == ()
        finally:
            await up.remove()


@in_a_loop
async def test_two_environments_of_one_file_live_side_by_side(opened: Opener) -> None:
    async with opened() as run:
        run.write()
        one, two = await asyncio.gather(
            run.runtime.boot(run.request("one")), run.runtime.boot(run.request("two"))
        )
        await one.remove()
        assert await run.left()
        await two.remove()
        assert not await run.left()


@in_a_loop
async def test_a_service_that_ends_fails_the_boot_by_name_and_leaves_nothing(
    opened: Opener,
) -> None:
    async with opened() as run:
        run.write(FAILING)
        with pytest.raises(EnvironmentFailure, match="cache") as caught:
            await run.runtime.boot(run.request("failing"))
        assert caught.value.where is not None
        assert caught.value.detail
        assert run.heard("PhaseFinished", phase=Phase.BOOT, ok=False)
        assert not run.heard("EnvironmentReady")
        assert not await run.left()


@in_a_loop
async def test_a_broken_file_is_told_before_anything_starts(opened: Opener) -> None:
    async with opened() as run:
        file = run.write("services:\n  cache:\n    imgae: redis:7\n")
        with pytest.raises(ConfigError, match="imgae") as caught:
            run.runtime.describe(run.request("one"))
        assert str(caught.value.where) == f"{file}:3"
        with pytest.raises(ConfigError):
            await run.runtime.boot(run.request("one"))
        assert not await run.left()


@in_a_loop
async def test_a_description_names_every_service_and_starts_nothing(opened: Opener) -> None:
    async with opened() as run:
        run.write()
        details = run.runtime.describe(run.request("one"))
        assert [detail.service for detail in details] == ["cache", "events-store"]
        assert not await run.left()
        assert run.events == []


@in_a_loop
async def test_a_boot_that_is_called_off_leaves_nothing(opened: Opener) -> None:
    async with opened() as run:
        run.write()
        boot = asyncio.create_task(_booted(run.runtime, run.request("called-off")))
        while not run.heard("PhaseStarted", phase=Phase.BOOT):  # noqa: ASYNC110  # a plain list
            await asyncio.sleep(0)
        boot.cancel()
        with pytest.raises(asyncio.CancelledError):
            await boot
        assert not await run.left()


async def _booted(runtime: Runtime, request: EnvironmentRequest) -> None:
    await runtime.boot(request)


@pytest.mark.parametrize(
    "harness",
    [
        pytest.param(docker, marks=pytest.mark.engine),
        pytest.param(process, marks=[pytest.mark.local, pytest.mark.nats]),
    ],
)
@in_a_loop
async def test_nats_is_reached_at_its_url_with_its_streams(
    harness: Callable[[Path], AbstractAsyncContextManager[Harness]], tmp_path: Path
) -> None:
    async with harness(tmp_path) as run:
        run.write(STREAMS)
        up = await run.runtime.boot(run.request("one"))
        try:
            host, port = up.exports["TEST_NATS_HOST"], up.exports["TEST_NATS_PORT"]
            assert up.exports["TEST_NATS_URL"] == f"nats://{host}:{port}"
            reading, writing = await asyncio.open_connection(host, int(port))
            greeting = await reading.readline()
            writing.close()
            await writing.wait_closed()
            assert greeting.startswith(b"INFO ")
            assert json.loads(greeting.removeprefix(b"INFO "))["jetstream"]
        finally:
            await up.remove()
        assert not await run.left()
