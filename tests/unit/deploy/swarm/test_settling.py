"""When a service is what it was asked to be, and when it is known not to become it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from seatrial.deploy.swarm.cluster import Cluster
from seatrial.deploy.swarm.facts import Service, Task
from seatrial.deploy.swarm.settling import End, Patience, Settled, Waiting
from seatrial.errors import EnvironmentFailure
from seatrial.host.clock import Clock
from seatrial.host.processes import Processes
from seatrial.runtimes.docker.cli import Docker


def service(update: str = "", replicas: int = 1, job: int | None = None) -> Service:
    """Return a service; ``job`` is how often one is tried again."""
    facts: dict[str, Any] = {
        "Spec": {
            "Mode": {"Replicated": {"Replicas": replicas}}
            if job is None
            else {"ReplicatedJob": {}},
            "TaskTemplate": {
                "ContainerSpec": {},
                "RestartPolicy": {"Condition": "on-failure", "MaxAttempts": job or 0},
            },
        },
        "UpdateStatus": {"State": update, "Message": "said"} if update else None,
    }
    return Service("web", "id", facts)


def task(name: str, state: str = "Running", wanted: str = "Running", error: str = "") -> Task:
    return Task(name, "web.1", "one", wanted, state, error)


# What stands for a manager that does not answer.
SILENCE = Service("", "", {})


class Told(Cluster):
    """A cluster whose answers are given; the last one stays."""

    def tell(self, answers: Iterable[tuple[Service | None, tuple[Task, ...]]]) -> None:
        object.__setattr__(self, "_answers", list(answers))

    @property
    def _now(self) -> tuple[Service | None, tuple[Task, ...]]:
        answers: list[tuple[Service | None, tuple[Task, ...]]] = vars(self)["_answers"]
        return answers[0]

    async def service(self, key: str) -> Service | None:
        if self._now[0] is SILENCE:
            answers: list[object] = vars(self)["_answers"]
            if len(answers) > 1:
                answers.pop(0)
            raise EnvironmentFailure("the Swarm does not answer")
        return self._now[0]

    async def tasks(self, services: Iterable[Service]) -> dict[str, tuple[Task, ...]]:
        answers: list[object] = vars(self)["_answers"]
        found = self._now[1]
        if len(answers) > 1:
            answers.pop(0)
        return {"web": found}

    async def fresh(self, service: Service, tasks: Iterable[Task]) -> int:
        return sum(one.runs for one in tasks)


def settled(
    *answers: tuple[Service | None, tuple[Task, ...]],
    old: frozenset[str] = frozenset(),
    is_new: bool = False,
    is_job: bool = False,
    timeout: float = 60.0,
    clock: Clock | None = None,
) -> Settled:
    cluster = Told(Docker(Processes({}), {}), "shop")
    cluster.tell(answers)
    patience = Patience(timeout, watch=0.0, pause=0.0)
    waiting = Waiting(cluster, clock or Clock(), "web", patience)
    return asyncio.run(waiting.settled(old, is_new=is_new, is_job=is_job))


def test_it_is_good_once_its_update_is_over() -> None:
    new = (task("b"), task("a", "Shutdown", "Shutdown"))
    found = settled((service("updating"), new), (service("completed"), new))
    assert found.end is End.GOOD


class Ticking(Clock):
    """A clock on which a tenth of a second goes by with each look at it."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def at(self) -> float:
        self._now += 0.1
        return self._now


def test_where_no_task_tells_a_roll_that_is_about_to_begin_is_waited_for() -> None:
    """Other ports or places make no task another one, and the Swarm says nothing yet."""
    old = (task("a"),)
    bad = (task("b", "Failed", "Shutdown", "port is in use"), task("a"))
    answers = ((service(), old), (service(), old), (service("updating"), old))
    found = settled(*answers, (service("rollback_completed"), bad), old=frozenset({"a"}))
    assert found.end is End.WENT_BACK
    assert settled((service(), old), old=frozenset({"a"}), clock=Ticking()).end is End.GOOD


def test_one_that_the_swarm_took_back_went_back_with_the_task_that_is_to_blame() -> None:
    bad = task("b", "Failed", "Shutdown", "task: non-zero exit (1)")
    found = settled((service("rollback_completed"), (bad, task("a"))), old=frozenset({"a"}))
    assert (found.end, found.worst) == (End.WENT_BACK, bad)


def test_one_that_ended_well_by_itself_is_to_blame_as_well() -> None:
    unhealthy = task("b", "Complete", "Shutdown")
    found = settled((service("rollback_completed"), (unhealthy, task("a"))), old=frozenset({"a"}))
    assert found.worst == unhealthy


def test_a_failure_of_before_is_not_its_own() -> None:
    failed = task("a", "Failed", "Shutdown", "long ago")
    found = settled((service("rollback_completed"), (failed,)), old=frozenset({"a"}))
    assert found.worst is None


def test_a_new_one_may_fail_twice() -> None:
    failed = [task(str(number), "Failed", "Shutdown", "no database") for number in range(3)]
    up = (service(), (*failed[:2], task("c")))
    assert settled(up, is_new=True).end is End.GOOD
    given_up = settled((service(), tuple(failed)), is_new=True)
    assert (given_up.end, given_up.why) == (End.FAILED, "no database")


def test_a_paused_one_is_stuck() -> None:
    assert settled((service("paused"), ())).end is End.STUCK


def test_one_that_waits_in_vain_is_late_and_says_for_what() -> None:
    waiting = task("b", "Pending", "Running", "no suitable node")
    found = settled((service(), (waiting,)), is_new=True, timeout=0.01)
    assert (found.end, found.why) == (End.LATE, "no suitable node")


def test_one_that_somebody_removed_is_gone() -> None:
    assert settled((None, ())).end is End.GONE


def test_a_swarm_that_is_silent_for_a_moment_has_removed_nothing() -> None:
    up = (service("completed"), (task("a"),))
    assert settled((SILENCE, ()), (SILENCE, ()), up).end is End.GOOD


def test_one_that_stays_silent_is_told_of() -> None:
    with pytest.raises(EnvironmentFailure, match="does not answer"):
        settled((SILENCE, ()), clock=Ticking())


def test_a_job_is_good_at_its_end() -> None:
    ends = (service(job=0), (task("b", "Complete", "Complete"),))
    assert settled((service(job=0), (task("b"),)), ends, is_job=True).end is End.GOOD


def test_a_job_of_several_tasks_is_good_at_the_end_of_the_last() -> None:
    one, other = task("a", "Complete", "Complete"), task("b", "Complete", "Complete")
    first = (service(job=0), (one, task("b", "Running", "Complete")))
    assert settled(first, (service(job=0), (one, other)), is_job=True).end is End.GOOD
    assert settled(first, is_job=True, timeout=0.01).end is End.LATE


def test_a_job_fails_after_its_last_try() -> None:
    failed = [task(str(number), "Failed", "Shutdown", "exit (1)") for number in range(2)]
    again = (service(job=1), (task("c"), failed[0]))
    found = settled(again, (service(job=1), tuple(failed)), is_job=True)
    assert (found.end, found.worst) == (End.FAILED, failed[0])
