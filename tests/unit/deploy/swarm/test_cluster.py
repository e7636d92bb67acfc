"""What counts as gone, and what as no answer."""

from __future__ import annotations

import asyncio

import pytest

from seatrial.deploy.swarm.cluster import Cluster
from seatrial.deploy.swarm.facts import Service, Task
from seatrial.errors import EnvironmentFailure
from seatrial.host.processes import Completed, Overlay, Processes
from seatrial.runtimes.docker.cli import Docker

TASK = Task("a", "migrate", "one", "Complete", "Running")


class Failing(Docker):
    """A CLI that fails with those words, as that of Engine 28 does."""

    words: str

    async def run(
        self,
        *words: str,
        timeout: float | None = None,
        env: Overlay | None = None,
        input: str | None = None,
    ) -> Completed:
        return Completed(words, 1, "[]\n" if "inspect" in words else "", self.words)


def cluster(words: str) -> Cluster:
    docker = Failing(Processes({}), {})
    object.__setattr__(docker, "words", words)
    return Cluster(docker, "shop")


def test_what_the_engine_does_not_know_is_gone() -> None:
    gone = cluster("Error: no such service: shop_web\n")
    assert asyncio.run(gone.service("web")) is None
    assert asyncio.run(gone.tasks([Service("web", "id", {})])) == {"web": ()}
    assert asyncio.run(cluster("Error response from daemon: task a not found").over([TASK]))


@pytest.mark.parametrize(
    "words",
    [
        "error during connect: dial tcp: lookup swarm.example: no such host",
        "Cannot connect to the Docker daemon at unix:///run/docker.sock.",
        "Error response from daemon: rpc error: The swarm does not have a leader.",
    ],
)
def test_an_engine_that_does_not_answer_has_nothing_to_say_of_it(words: str) -> None:
    silent = cluster(words)
    with pytest.raises(EnvironmentFailure, match="the Swarm does not answer"):
        asyncio.run(silent.service("web"))
    with pytest.raises(EnvironmentFailure, match="the Swarm does not answer"):
        asyncio.run(silent.over([TASK]))
