"""What stands in for official images behaves as they do, and the registry takes a push."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from seatrial.host.processes import Processes
from seatrial.host.system import environment
from tests.support.loop import in_a_loop
from tests.support.registry import registry

pytestmark = pytest.mark.engine
# What a generated repository's production files ask for.
HARDENED = (
    *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"),
    *("--init", "--tmpfs", "/tmp"),
)
PATIENCE = 30.0


class Engine:
    """The engine's client, and the names of what a test made with it."""

    def __init__(self) -> None:
        self.processes = Processes(environment())

    async def docker(self, *words: str) -> str:
        done = await self.processes.run(["docker", *words])
        assert done.ok, done.err
        return done.out.strip()

    @asynccontextmanager
    async def container(self, *words: str) -> AsyncIterator[str]:
        """Start a container; it and its anonymous volumes go at the end."""
        name = f"seatrial-test-{uuid.uuid4().hex[:12]}"
        try:
            yield await self.docker("run", "--detach", "--name", name, *words)
        finally:
            await self.processes.run(["docker", "rm", "--force", "--volumes", name])

    @asynccontextmanager
    async def volume(self) -> AsyncIterator[str]:
        name = await self.docker("volume", "create")
        try:
            yield name
        finally:
            await self.docker("volume", "rm", "--force", name)

    async def until_ok(self, container: str, *words: str) -> str:
        """Return what ``words`` print in the container, as soon as they succeed there."""
        async with asyncio.timeout(PATIENCE):
            while True:
                done = await self.processes.run(["docker", "exec", container, *words])
                if done.ok:
                    return done.out.strip()
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("image", "user"), [("valkey/valkey:8", "valkey"), ("redis:7", "redis"), ("redis:7", "999")]
)
@in_a_loop
async def test_a_store_of_keys_runs_as_its_user_on_a_named_volume(image: str, user: str) -> None:
    engine = Engine()
    async with engine.volume() as volume:
        words = (*HARDENED, "--user", user, "--volume", f"{volume}:/data", image)
        async with engine.container(*words, "--appendonly", "yes") as one:
            await engine.until_ok(one, "redis-cli", "ping")
            assert await engine.docker("exec", one, "id", "-u") == "999"
            assert await engine.docker("exec", one, "redis-cli", "save") == "OK"


@pytest.mark.parametrize(
    ("major", "mount", "data"),
    [
        ("16", "/var/lib/postgresql/data", "/var/lib/postgresql/data"),
        ("18", "/var/lib/postgresql", "/var/lib/postgresql/18/docker"),
    ],
)
@in_a_loop
async def test_postgres_runs_as_its_user_with_its_password_in_a_file(
    major: str, mount: str, data: str, tmp_path: Path
) -> None:
    engine = Engine()
    (tmp_path / "password").write_text("from a file\n")
    (tmp_path / "one.sql").write_text("create table made_at_first ();\n")
    async with engine.volume() as volume:
        words = (
            *(*HARDENED, "--user", "postgres", "--tmpfs", "/run/postgresql"),
            *("--volume", f"{volume}:{mount}"),
            *("--volume", f"{tmp_path}/password:/run/secrets/password:ro"),
            *("--volume", f"{tmp_path}/one.sql:/docker-entrypoint-initdb.d/one.sql:ro"),
            *("--env", "POSTGRES_PASSWORD_FILE=/run/secrets/password"),
            *("--env", "POSTGRES_INITDB_ARGS=--data-checksums"),
            f"postgres:{major}",
        )
        async with engine.container(*words) as one:
            await engine.until_ok(one, "pg_isready", "-h", "127.0.0.1")
            psql = "psql", "-h", "127.0.0.1", "-U", "postgres", "-Atc"
            ask = "exec", "--env", "PGPASSWORD=from a file", one, *psql
            assert await engine.docker(*ask, "show data_checksums") == "on"
            assert await engine.docker(*ask, "show data_directory") == data
            assert await engine.docker(*ask, "select count(*) from made_at_first") == "0"


@in_a_loop
async def test_nats_takes_its_options_as_the_command_and_any_user() -> None:
    engine = Engine()
    words = (*HARDENED, "--user", "1234:1234", "--tmpfs", "/data", "nats:2-alpine")
    async with engine.container(*words, "-js", "-sd", "/data", "-m", "8222") as one:
        address = "http://127.0.0.1:8222/healthz"
        assert "ok" in await engine.until_ok(one, "wget", "-qO-", address)


@in_a_loop
async def test_npm_runs_as_the_user_node() -> None:
    engine = Engine()
    words = "run", "--rm", "--user", "node", "--workdir", "/home/node", "node:24-slim"
    script = "npm init -y >/dev/null && test -f package.json && id -u"
    assert await engine.docker(*words, "sh", "-c", script) == "1000"
    assert (await engine.docker(*words, "--version")).startswith("v24.")


@in_a_loop
async def test_the_registry_takes_an_image_and_says_its_digest(tmp_path: Path) -> None:
    engine = Engine()
    async with registry(engine.processes, tmp_path) as address:
        name = f"{address}/one:1"
        await engine.docker("tag", "debian:trixie-slim", name)
        try:
            await engine.docker("push", "--quiet", name)
            digests = await engine.docker("image", "inspect", "-f", "{{.RepoDigests}}", name)
        finally:
            await engine.docker("rmi", name)
        assert f"{address}/one@sha256:" in digests
