"""Who may deploy: claims on a project, decided by the real engine."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from seatrial.deploy import records
from seatrial.deploy.lock import ClaimLost, alone, claimed, machine, must_hold
from seatrial.deploy.model import Ran
from seatrial.errors import EnvironmentFailure
from seatrial.host.processes import Processes
from seatrial.host.system import environment
from seatrial.runtimes.docker.cli import Docker
from tests.support.deploying import docker, leave_claim

pytestmark = pytest.mark.engine


@pytest.fixture
def project() -> Iterator[str]:
    name = f"st{secrets.token_hex(4)}"
    yield name
    left = docker("volume", "ls", "-q", "--filter", f"name={name}").split()
    if left:
        docker("volume", "rm", *left)


@pytest.fixture
def engine() -> Docker:
    return Docker(Processes(environment()), {})


def test_of_many_at_once_one_has_it(engine: Docker, project: str) -> None:
    held = asyncio.Event()

    async def one() -> bool:
        try:
            async with alone(engine, project, "prod"):
                held.set()
                await everybody_tried.wait()
                return True
        except EnvironmentFailure:
            return False

    async def all_of_them() -> list[bool]:
        tasks = [asyncio.create_task(one()) for _ in range(5)]
        await held.wait()
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        while sum(task.done() for task in tasks) < len(tasks) - 1:
            await asyncio.wait(
                [task for task in tasks if not task.done()], return_when=asyncio.FIRST_COMPLETED
            )
        everybody_tried.set()
        return list(await asyncio.gather(*tasks))

    everybody_tried = asyncio.Event()
    assert sorted(asyncio.run(all_of_them())) == [False, False, False, False, True]
    assert asyncio.run(claimed(engine, project)) is None


def test_of_many_who_find_a_dead_claim_one_takes_it_over(engine: Docker, project: str) -> None:
    leave_claim(project, "dead", machine())
    everybody_tried = asyncio.Event()

    async def one() -> str:
        try:
            async with alone(engine, project, "prod") as (_, broken):
                await everybody_tried.wait()
                return broken.token if broken else "nothing"
        except EnvironmentFailure:
            return ""

    async def all_of_them() -> list[str]:
        tasks = [asyncio.create_task(one()) for _ in range(4)]
        while sum(task.done() for task in tasks) < len(tasks) - 1:
            await asyncio.wait(
                [task for task in tasks if not task.done()], return_when=asyncio.FIRST_COMPLETED
            )
        everybody_tried.set()
        return list(await asyncio.gather(*tasks))

    assert sorted(asyncio.run(all_of_them())) == ["", "", "", "dead"]
    assert asyncio.run(claimed(engine, project)) is None


def test_a_claim_of_another_machine_is_ended_only_when_that_is_asked_for(
    engine: Docker, project: str
) -> None:
    leave_claim(project, "far", "another boot")

    async def take(*, over: bool) -> str:
        async with alone(engine, project, "prod", take_over=over) as (_, broken):
            return broken.token if broken else ""

    with pytest.raises(EnvironmentFailure, match="deployed by process 7 on elsewhere"):
        asyncio.run(take(over=False))
    assert asyncio.run(take(over=True)) == "far"
    assert asyncio.run(claimed(engine, project)) is None


def test_who_was_taken_over_leaves_the_other_claim_alone(engine: Docker, project: str) -> None:
    async def both() -> None:
        slow, quick = AsyncExitStack(), AsyncExitStack()
        mine, _ = await slow.enter_async_context(alone(engine, project, "prod"))
        token, _ = await quick.enter_async_context(alone(engine, project, "prod", take_over=True))
        await must_hold(engine, project, token, "prod")
        with pytest.raises(ClaimLost, match="prod was taken over by process"):
            await must_hold(engine, project, mine, "prod")
        await slow.aclose()
        found = await claimed(engine, project)
        assert found is not None
        assert found.token == token
        await quick.aclose()
        assert await claimed(engine, project) is None

    asyncio.run(both())


def test_records_are_found_again_in_their_order(engine: Docker, project: str) -> None:
    one, two = Ran("api", "r/api:1@sha256:1", 1), Ran("api", "r/api:2@sha256:2", 3)

    async def work() -> None:
        first = await records.write(engine, project, "a", (), (one,))
        second = await records.write(engine, project, "b", (one,), (two,))
        found = await records.records(engine, project)
        assert [record.number for record in found] == [1, 2]
        assert found[1].before == (one,)
        assert found[1].wanted == (two,)
        assert await records.records(engine, f"{project}-other") == []
        await records.forget(engine, project, [first, second])
        assert await records.records(engine, project) == []

    asyncio.run(work())
