"""Real containers on a real engine: what a person sees of the Docker runtime."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.errors import DeadlinePassed, EnvironmentFailure
from seatrial.events import Event, Notice, Noticed, ServiceReady
from seatrial.runtimes.docker.leftovers import remove_project
from seatrial.runtimes.docker.runtime import DockerRuntime
from tests.support.docker import DockerRun, docker_run
from tests.support.loop import in_a_loop

pytestmark = pytest.mark.engine

CACHE = """
services:
  cache:
    image: redis:7
    container_name: mydb-test-${TEST_INSTANCE_ID}
    ports: ["6379"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 5s}
networks:
  default:
    name: mynet-test-${TEST_INSTANCE_ID}
"""
EXITING = """
services:
  api:
    image: redis:7
    command: sh -c 'echo config is wrong >&2; exit 3'
    ports: ["8000"]
"""
NEVER_HEALTHY = """
services:
  api:
    image: redis:7
    healthcheck:
      test: [CMD-SHELL, "echo the table is missing; exit 1"]
      interval: 200ms
      retries: 2
"""
SEVERAL = """
services:
  setup:
    image: redis:7
    command: sh -c 'sleep 0.3; echo made the tables'
    depends_on: {cache: {condition: service_healthy}}
  cache:
    image: redis:7
    healthcheck: {test: redis-cli ping, interval: 5s}
  api:
    image: redis:7
    ports: ["6379"]
    depends_on: {setup: {condition: service_completed_successfully}}
"""


@in_a_loop
async def test_a_service_is_reached_at_the_exported_address(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write(CACHE)
        async with run.up() as up:
            port = int(up.exports["TEST_CACHE_PORT"])
            with socket.create_connection((up.exports["TEST_CACHE_HOST"], port), 5) as peer:
                peer.sendall(b"PING\r\n")
                assert peer.recv(7) == b"+PONG\r\n"
        assert await run.left() == []


@in_a_loop
async def test_two_environments_of_one_file_with_a_container_name_do_not_clash(
    tmp_path: Path,
) -> None:
    async with docker_run(tmp_path) as run:
        run.write(CACHE)
        async with run.up("one") as one, run.up("two") as two:
            assert one.exports["TEST_CACHE_PORT"] != two.exports["TEST_CACHE_PORT"]
        assert await run.left() == []


@in_a_loop
async def test_names_and_ports_fixed_in_the_file_do_not_clash_either(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write(
            """
            services:
              cache:
                image: redis:7
                container_name: always-the-same
                ports: ["127.0.0.1:46379:6379"]
                volumes: [data:/data]
                networks: [back]
            networks: {back: {name: always-this-network}}
            volumes: {data: {name: always-this-volume}}
            """
        )
        async with run.up("one") as one, run.up("two") as two:
            assert one.exports["TEST_CACHE_PORT"] != two.exports["TEST_CACHE_PORT"]
        assert await run.left() == []


@in_a_loop
async def test_a_container_that_exits_ends_the_wait_at_once(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        file = run.write(EXITING)
        with pytest.raises(EnvironmentFailure, match="service api exited with 3") as caught:
            await run.runtime.boot(run.request())
        assert str(caught.value.where) == f"{file}:2"
        assert "api | config is wrong" in caught.value.detail
        assert await run.left() == []


@in_a_loop
async def test_an_unhealthy_service_fails_with_what_its_health_check_said(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write(NEVER_HEALTHY)
        with pytest.raises(EnvironmentFailure, match="service api") as caught:
            await run.runtime.boot(run.request())
        assert "api health check | the table is missing" in caught.value.detail
        assert await run.left() == []


@in_a_loop
async def test_a_port_that_nothing_listens_on_is_named_when_the_time_is_over(
    tmp_path: Path,
) -> None:
    async with docker_run(tmp_path) as run:
        run.write("services: {api: {image: 'redis:7', command: sleep 60, ports: ['8000']}}")
        with pytest.raises(DeadlinePassed, match=r"api \(something to listen on port 8000\)"):
            await run.runtime.boot(run.request(boot_timeout=2.0))
        assert await run.left() == []


@in_a_loop
async def test_one_shots_end_before_what_waits_for_them_starts(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write(SEVERAL)
        async with run.up() as up:
            ready = [event.service for event in run.events if isinstance(event, ServiceReady)]
            assert ready == ["cache", "setup", "api"]
            assert "made the tables" in [line.text for line in await up.logs()]


@in_a_loop
async def test_a_failing_one_shot_fails_the_environment(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write(SEVERAL.replace("made the tables", "no such table; exit 7"))
        with pytest.raises(EnvironmentFailure, match="service setup exited with 7"):
            await run.runtime.boot(run.request())


@in_a_loop
async def test_postgres_is_not_ready_while_its_temporary_server_answers(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write("select pg_sleep(1);\n", "deploy/test/init/slow.sql")
        run.write(
            """
            services:
              database:
                image: postgres:16
                environment: {POSTGRES_PASSWORD: secret-of-tests}
                volumes: ["./init:/docker-entrypoint-initdb.d:ro"]
                ports: ["5432"]
                healthcheck: {test: pg_isready -U postgres, interval: 5s}
            """
        )
        async with run.up() as up:
            lines = [line.text for line in await up.logs()]
            finished = [n for n, text in enumerate(lines) if "init process complete" in text]
            assert finished, "it counted as ready before its first start was over"
            assert any("ready to accept connections" in text for text in lines[finished[0] :])


@in_a_loop
async def test_an_image_is_built_once_for_two_environments_and_started_by_its_id(
    tmp_path: Path,
) -> None:
    async with docker_run(tmp_path) as run:
        run.write("FROM redis:7\nRUN echo built > /built\n", "app/Dockerfile")
        run.write("services: {app: {build: ../../app, image: 'redis:7', ports: ['6379']}}")
        one, two = await asyncio.gather(
            run.runtime.boot(run.request("one")), run.runtime.boot(run.request("two"))
        )
        facts = await run.docker.inspected("container", [one.containers[0].id])
        facts += await run.docker.inspected("container", [two.containers[0].id])
        await asyncio.gather(one.remove(), two.remove())
        images = {fact["Config"]["Image"] for fact in facts}
        assert len(images) == 1
        assert images.pop().startswith("sha256:")
        builds = [event for event in run.events if "BUILD" in repr(event)]
        assert len(builds) == 2  # one start, one end


@in_a_loop
async def test_an_image_that_does_not_build_fails_with_the_last_lines(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write("FROM redis:7\nRUN echo the compiler is unhappy && exit 9\n", "app/Dockerfile")
        file = run.write("services:\n  app:\n    build: ../../app\n")
        with pytest.raises(EnvironmentFailure, match="the image of app was not built") as caught:
            await run.runtime.boot(run.request())
        assert str(caught.value.where) == f"{file}:3"
        assert any("the compiler is unhappy" in line for line in caught.value.detail)


@in_a_loop
async def test_an_image_that_cannot_be_pulled_fails_by_name(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write("services: {app: {image: '127.0.0.1:1/nobody/has:this'}}")
        with pytest.raises(EnvironmentFailure, match="could not create app") as caught:
            await run.runtime.boot(run.request())
        assert any("127.0.0.1:1" in line for line in caught.value.detail)


def _booting(run: DockerRun) -> bool:
    return bool(run.events)


def _first_ready(run: DockerRun) -> bool:
    return any(isinstance(event, ServiceReady) for event in run.events)


@pytest.mark.parametrize("moment", [_booting, _first_ready], ids=["at-once", "half-way"])
@in_a_loop
async def test_a_cancelled_boot_leaves_nothing(
    tmp_path: Path, moment: Callable[[DockerRun], bool]
) -> None:
    async with docker_run(tmp_path) as run:
        run.write(SEVERAL)
        boot = asyncio.create_task(run.runtime.boot(run.request()))
        await _until(lambda: moment(run))
        boot.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await boot
        assert boot.cancelled()
        assert await run.left() == []


@in_a_loop
async def test_what_a_killed_run_left_is_found_by_its_ledger_and_removed(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write(CACHE)
        up = await run.runtime.boot(run.request())
        assert up.request.project in run.context.ledger.path.read_text()
        processes, word = run.context.processes, run.engine.word
        await remove_project(processes, up.request.project, run.context.run, word)
        assert await run.left() == []
        await up.remove()


@in_a_loop
async def test_an_engine_without_start_interval_is_said_once_and_still_serves(
    tmp_path: Path,
) -> None:
    async with docker_run(tmp_path) as run:
        run.write(CACHE.replace("5s", "100ms"))
        run.runtime = DockerRuntime(run.context, replace(run.engine, api=(1, 43)))
        async with run.up("one"), run.up("two"):
            told = [event for event in run.events if isinstance(event, Noticed)]
            assert [notice.notice for notice in told] == [Notice.NO_START_INTERVAL]


@in_a_loop
async def test_a_secret_that_is_no_file_is_in_the_container_when_it_starts(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write(
            """
            services:
              cache:
                image: redis:7
                command: sh -c 'cat /run/secrets/key && exec redis-server'
                secrets: [key]
                ports: ["6379"]
            secrets: {key: {environment: KEY_OF_TESTS}}
            """
        )
        variables = {**run.request().variables, "KEY_OF_TESTS": "opens-the-door"}
        async with run.up(variables=variables) as up:
            assert "opens-the-door" in "".join(line.text for line in await up.logs())


async def _until(met: Callable[[], bool]) -> None:
    while not met():  # noqa: ASYNC110  # the events are a plain list
        await asyncio.sleep(0.005)


def _kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


@in_a_loop
async def test_secrets_of_the_environment_reach_no_file(tmp_path: Path) -> None:
    async with docker_run(tmp_path) as run:
        run.write(
            """
            services:
              cache:
                image: redis:7
                environment: {TOKEN: "${TOKEN}"}
                healthcheck: {test: 'test -n "$$TOKEN" && redis-cli ping'}
            """
        )
        request = run.request()
        variables = {**request.variables, "TOKEN": "hush-hush-hush"}
        async with run.up(variables=variables):
            files = [path for path in tmp_path.rglob("*") if path.is_file()]
            assert all("hush-hush-hush" not in path.read_text() for path in files)
        assert "EnvironmentReady" in _kinds(run.events)
