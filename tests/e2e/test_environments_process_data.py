"""What environments that stand as processes keep, and what they do not."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seatrial.host.system import marked_processes, start_time
from tests.support.loop import in_a_loop
from tests.support.stand import STACK, Stand, until, with_a_service

pytestmark = pytest.mark.local


@pytest.fixture
def standing() -> Iterator[Stand]:
    yield from with_a_service()


SQL = ("psql", "-h", "127.0.0.1", "-U", "postgres", "-d", "app", "-qc")


@in_a_loop
async def test_a_database_keeps_its_data_over_down_and_up_and_kill(standing: Stand) -> None:
    standing.compose(STACK)
    await standing.up("database")
    assert await standing.exec("database", *SQL, "create table kept (); checkpoint") == 0
    await standing.down()
    await standing.up("database")
    assert await standing.exec("database", *SQL, "table kept; create table newer ()") == 0
    for pid in marked_processes(f"SEATRIAL_ENVIRONMENT={Path(standing.record['data']).name}"):
        os.kill(pid, signal.SIGKILL)
    leader = standing.pids()["database"]
    await until(lambda: start_time(leader) is None)
    await standing.up("database")
    assert await standing.exec("database", *SQL, "table kept; table newer") == 0
    async with standing.call() as call:
        assert await call.volumes() == ("data",)
    await standing.down(volumes=True)
    async with standing.call() as call:
        assert await call.volumes() == ()
    await standing.up("database")
    assert await standing.exec("database", *SQL, "table kept") == 1


@in_a_loop
async def test_a_database_comes_up_after_a_restart_of_the_machine(standing: Stand) -> None:
    standing.compose(STACK)
    await standing.up("database")
    assert await standing.exec("database", *SQL, "create table kept (); checkpoint") == 0
    record = standing.record
    for pid in marked_processes(f"SEATRIAL_ENVIRONMENT={Path(record['data']).name}"):
        os.kill(pid, signal.SIGKILL)
    # What a restart takes: memory, temporary files, and the meaning of process ids.
    for name in ("data", "scratch"):
        shutil.rmtree(record[name])
    for service in record["services"]:
        service.update(boot="the one before", pid=os.getpid())
    path = standing.root / ".seatrial/up/dev.processes.json"
    path.write_text(json.dumps(record))
    assert (await standing.states())["database"].state == "exited"
    await standing.up("database")
    assert await standing.exec("database", *SQL, "table kept") == 0


@in_a_loop
async def test_a_database_that_stands_waits_for_the_disk(standing: Stand) -> None:
    standing.compose(STACK)
    await standing.up("database")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        check = f"do $$ begin assert current_setting('{name}') = 'on'; end $$"
        assert await standing.exec("database", *SQL, check) == 0


@in_a_loop
async def test_valkey_saves_what_its_volume_keeps_and_forgets_without_one(standing: Stand) -> None:
    standing.compose("""
        services:
          kept: {image: "valkey/valkey:8", volumes: ["cache:/data"]}
          fresh: {image: "valkey/valkey:8", tmpfs: [/data]}
        volumes: {cache: {}}
        """)
    await standing.up()
    for service in ("kept", "fresh"):
        assert await standing.exec(service, "valkey-cli", "set", "key", "1") == 0
    await standing.down()
    await standing.up()
    there = ("sh", "-c", 'test "$(valkey-cli exists key)" = 1')
    assert await standing.exec("kept", *there) == 0
    assert await standing.exec("fresh", *there) == 1


@in_a_loop
async def test_a_process_finds_the_folder_of_its_volume_again(standing: Stand) -> None:
    standing.compose("""
        services:
          api:
            build: {context: ../.., dockerfile: services/api/Dockerfile}
            ports: ["127.0.0.1:${API_PORT}:8000"]
            environment: {UPLOADS: /uploads}
            volumes: ["uploads:/uploads"]
        volumes: {uploads: {}}
        """)
    await standing.up()
    assert await standing.exec("api", "sh", "-c", 'echo a > "$UPLOADS/one"') == 0
    await standing.down()
    await standing.up()
    assert await standing.exec("api", "sh", "-c", 'test -f "$UPLOADS/one"') == 0


async def asked(port: int, subject: str, body: str) -> dict[str, Any]:
    """Return what NATS answers to a request."""
    reading, writing = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = ('CONNECT {"verbose":false}', "SUB answer 1", f"PUB {subject} answer {len(body)}")
        writing.write("\r\n".join((*lines, body, "")).encode())
        while not (await reading.readline()).startswith(b"MSG answer"):
            pass
        answer: dict[str, Any] = json.loads(await reading.readline())
        return answer
    finally:
        writing.close()
        await writing.wait_closed()


@pytest.mark.nats
@in_a_loop
async def test_nats_keeps_its_streams(standing: Stand) -> None:
    standing.compose("""
        services:
          nats:
            image: nats:2-alpine
            command: ["-js", "-sd", "/data", "-m", "8222"]
            ports: ["127.0.0.1:${API_PORT}:4222"]
            volumes: ["streams:/data"]
            healthcheck:
              test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8222/healthz"]
        volumes: {streams: {}}
        """)
    await standing.up()
    port = int(standing.variables["API_PORT"])
    stream = json.dumps({"name": "JOBS", "subjects": ["jobs.*"]})
    async with asyncio.timeout(40):
        assert (await asked(port, "$JS.API.STREAM.CREATE.JOBS", stream))["did_create"]
        assert (await asked(port, "jobs.new", "one"))["seq"] == 1
        await standing.down()
        await standing.up()
        kept = await asked(port, "$JS.API.STREAM.INFO.JOBS", "")
    assert kept["state"]["messages"] == 1
    assert (await standing.states())["nats"].health == "healthy"
