"""What is asked of a server so that each worker has a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from seatrial.composefile.apart import Apart
from seatrial.composefile.load import load
from seatrial.errors import EnvironmentFailure
from seatrial.host.processes import Completed
from seatrial.model.environment import EnvironmentRequest
from seatrial.pipeline.databases import own_databases
from tests.support.fake_runtime import FakeEnvironment, Script

FILE = """
services:
  db:
    image: postgres:16
    environment: {POSTGRES_USER: me, POSTGRES_PASSWORD: secret, POSTGRES_DB: 'my "shop"'}
    ports: ["5432"]
  cache: {image: 'redis:8', ports: ['6379']}
"""
OWN = Apart(("db",), ("cache",))


class Refusing(FakeEnvironment):
    """A server that makes no databases."""

    async def ask(self, service: str, argv: Sequence[str], text: str) -> Completed:
        await super().ask(service, argv, text)
        return Completed(tuple(argv), 3, "", "ERROR:  permission denied to create database")


def environment(folder: Path, kind: type[FakeEnvironment] = FakeEnvironment) -> FakeEnvironment:
    file = folder / "compose.yml"
    file.write_text(FILE)
    request = EnvironmentRequest(
        "shop", "run", folder, (file,), "one", "shop", exports={"MINE": "{db.url}?x=1"}
    )
    return kind(request, load((file,), {}), Script(), set())


def test_each_worker_sees_its_own_by_every_variable_that_names_one(tmp_path: Path) -> None:
    up = environment(tmp_path)

    async def tables() -> tuple[dict[str, str], ...]:
        async with own_databases(up, OWN, 2) as found:
            return found

    first, second = asyncio.run(tables())
    url = up.exports["TEST_DB_URL"].rpartition("/")[0]
    assert first == {
        "TEST_DB_URL": f"{url}/my%20%22shop%22_gw0",
        "TEST_DATABASE_URL": f"{url}/my%20%22shop%22_gw0",
        "MINE": f"{url}/my%20%22shop%22_gw0?x=1",
        "TEST_CACHE_URL": up.exports["TEST_CACHE_URL"].removesuffix("0") + "1",
        "TEST_REDIS_URL": up.exports["TEST_CACHE_URL"].removesuffix("0") + "1",
    }
    assert second["MINE"].endswith("_gw1?x=1")
    (made, made_by), (dropped, dropped_by) = up.asked
    assert made == dropped == "db"
    assert 'CREATE DATABASE "my ""shop""_gw1" TEMPLATE "my ""shop""";' in made_by
    assert 'DROP DATABASE IF EXISTS "my ""shop""_gw0";' in dropped_by
    assert "CREATE" not in dropped_by
    assert "secret" not in made_by


def test_a_server_that_refuses_is_an_error_that_says_why(tmp_path: Path) -> None:
    up = environment(tmp_path, Refusing)

    async def enter() -> None:
        async with own_databases(up, OWN, 2):
            pytest.fail("no database was made")

    with pytest.raises(EnvironmentFailure) as caught:
        asyncio.run(enter())
    assert "permission denied" in caught.value.detail[0]
    assert "parallel = false" in caught.value.mend
    # What had been made before the refusal goes all the same.
    assert len(up.asked) == 2
