"""What a deployment does to each service, and why; in which order services move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject
from seatrial.deploy.model import Act, Cause, Order, Risk, Step, To, Warned
from seatrial.deploy.swarm import planning
from seatrial.deploy.swarm.facts import Node, Service, Task, essence
from seatrial.deploy.swarm.now import Now
from seatrial.deploy.swarm.order import waves
from seatrial.deploy.swarm.stack import DEPLOYMENT, MADE_OF, Known, Stack, convert
from seatrial.errors import EnvironmentFailure
from seatrial.runtimes.docker.waves import must_end

TEXT = """
services:
  web:
    image: web:2@sha256:aa
    deploy: {replicas: 2}
    depends_on: {migrate: {condition: service_completed_successfully}, cache: {}}
  migrate:
    image: web:2@sha256:aa
    depends_on: [db]
  db:
    image: db:1@sha256:dd
    volumes: [data:/data]
  cache:
    image: cache:1@sha256:cc
volumes:
  data:
"""
NODES = (
    Node("n1", "manager", "Ready", "Active"),
    Node("n2", "one", "Ready", "Active"),
    Node("n3", "two", "Down", "Active"),
)


def config(project: ComposeProject) -> Mapping[str, Any]:
    """Return as much of the services as decides about steps."""
    services: dict[str, Any] = {
        name: {"image": one.image, "deploy": {"replicas": one.replicas}}
        for name, one in project.services.items()
    }
    services["db"]["volumes"] = [{"type": "volume", "source": "data", "target": "/data"}]
    return {"services": services, "volumes": {"data": {"name": "shop_data"}}}


@pytest.fixture
def project(tmp_path: Path) -> ComposeProject:
    file = tmp_path / "docker-compose.yml"
    file.write_text(TEXT.replace("cache: {}", "cache: {condition: service_started}"))
    return load([file], {})


@pytest.fixture
def stack(project: ComposeProject) -> Stack:
    known = Known({}, {}, {}, must_end(project), {"db": "n1"}, 5.0)
    return convert("shop", config(project), project, known)


def service(
    stack: Stack,
    key: str,
    image: str = "",
    made_of: str = "",
    update: str = "",
) -> Service:
    """Return a service as the Swarm says it is: as the files say, unless told otherwise."""
    node = stack.services[key]
    wanted = node["deploy"].get("replicas", 1)
    is_job = key in stack.jobs
    facts: dict[str, Any] = {
        "ID": f"id-{key}",
        "Spec": {
            "Labels": {MADE_OF: made_of or stack.made_of(key), DEPLOYMENT: "run-1"},
            "Mode": {"ReplicatedJob": {}} if is_job else {"Replicated": {"Replicas": wanted}},
            "TaskTemplate": {"ContainerSpec": {"Image": image or node["image"]}},
        },
    }
    if update:
        facts["UpdateStatus"] = {"State": update}
    return Service(key, f"id-{key}", facts)


def now(*services: Service) -> Now:
    """Return a Swarm on which these services run as they say."""
    tasks = {}
    for one in services:
        state = "Complete" if one.is_job else "Running"
        count = 1 if one.is_job else one.replicas or 0
        tasks[one.key] = tuple(
            Task(f"{one.key}-{number}", one.key, "manager", "Running", state)
            for number in range(count)
        )
    return Now("n1", NODES, {one.key: one for one in services}, tasks)


def all_as_it_should_be(stack: Stack) -> tuple[Service, ...]:
    return tuple(service(stack, key) for key in stack.services)


def planned(
    stack: Stack, project: ComposeProject, there: Now, *asked: str, force: bool = False
) -> dict[str, Step]:
    order = Order("prod", To.SWARM, services=asked, force=force)
    return {step.subject: step for step in planning.steps(order, stack, project, there, ())}


class TestSteps:
    """Acts and causes."""

    def test_all_is_new_the_first_time(self, stack: Stack, project: ComposeProject) -> None:
        steps = planned(stack, project, now())
        assert {key: (one.act, one.cause) for key, one in steps.items()} == {
            "web": (Act.START, Cause.FIRST),
            "migrate": (Act.MIGRATE, Cause.FIRST),
            "db": (Act.START, Cause.FIRST),
            "cache": (Act.START, Cause.FIRST),
        }
        assert steps["web"].replicas == 2

    def test_nothing_moves_where_nothing_changed(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        steps = planned(stack, project, now(*all_as_it_should_be(stack)))
        assert {one.act for one in steps.values()} == {Act.LEAVE}

    def test_a_new_image_migrates_and_rolls(self, stack: Stack, project: ComposeProject) -> None:
        old = "web:1@sha256:99"
        there = now(
            service(stack, "web", old, "before"),
            service(stack, "migrate", old, "before"),
            service(stack, "db"),
            service(stack, "cache"),
        )
        steps = planned(stack, project, there)
        assert (steps["web"].act, steps["web"].cause) == (Act.ROLL, Cause.IMAGE)
        assert (steps["migrate"].act, steps["migrate"].cause) == (Act.MIGRATE, Cause.IMAGE)
        assert steps["db"].act is Act.LEAVE

    def test_a_job_that_never_ended_well_runs_again(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        there = now(*all_as_it_should_be(stack))
        failed = Task("m", "migrate", "one", "Shutdown", "Failed", "exit (1)")
        tasks = {**there.tasks, "migrate": (failed,)}
        steps = planned(stack, project, Now("n1", NODES, there.services, tasks))
        assert (steps["migrate"].act, steps["migrate"].cause) == (Act.MIGRATE, Cause.HALF)

    def test_a_job_that_somebody_began_is_waited_for_and_not_begun_twice(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        there = now(*all_as_it_should_be(stack))
        begun = Task("m", "migrate", "one", "Complete", "Running")
        tasks = {**there.tasks, "migrate": (begun,)}
        steps = planned(stack, project, Now("n1", NODES, there.services, tasks))
        assert (steps["migrate"].act, steps["migrate"].cause) == (Act.UPDATE, Cause.HALF)

    def test_data_is_replaced_by_force_only(self, stack: Stack, project: ComposeProject) -> None:
        others = [service(stack, key) for key in ("web", "migrate", "cache")]
        there = now(service(stack, "db", made_of="before"), *others)
        left = planned(stack, project, there)["db"]
        assert (left.act, left.cause) == (Act.LEAVE, Cause.HAS_DATA)
        forced = planned(stack, project, there, force=True)["db"]
        assert (forced.act, forced.cause) == (Act.REPLACE, Cause.CONFIG)

    def test_a_roll_that_was_broken_off_is_waited_for(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        others = [service(stack, key) for key in ("migrate", "db", "cache")]
        there = now(service(stack, "web", update="updating"), *others)
        step = planned(stack, project, there)["web"]
        assert (step.act, step.cause) == (Act.UPDATE, Cause.HALF)

    def test_one_that_the_swarm_stopped_half_way_moves_again(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        others = [service(stack, key) for key in ("migrate", "db", "cache")]
        there = now(service(stack, "web", update="paused"), *others)
        step = planned(stack, project, there)["web"]
        assert (step.act, step.cause) == (Act.ROLL, Cause.HALF)

    def test_only_what_is_asked_for_moves_with_its_migration(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        there = now(*(service(stack, key, made_of="before") for key in stack.services))
        steps = planned(stack, project, there, "web")
        assert steps["web"].act is Act.ROLL
        assert steps["migrate"].act is Act.MIGRATE
        assert (steps["cache"].act, steps["cache"].cause) == (Act.LEAVE, Cause.NOT_ASKED)

    def test_what_is_asked_for_starts_what_it_needs_and_nothing_else(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        steps = planned(stack, project, now(), "migrate")
        assert (steps["db"].act, steps["db"].cause) == (Act.START, Cause.NEEDED)
        for key in ("web", "cache"):
            assert (steps[key].act, steps[key].cause) == (Act.LEAVE, Cause.NOT_ASKED)

    def test_of_what_is_not_asked_for_only_what_is_missing_may_move(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        order = Order("prod", To.SWARM, services=("web",))
        found = planning.may_move(order, project, stack.jobs, there={"web", "cache"})
        assert found == {"web", "migrate", "db"}

    def test_what_the_files_have_no_more_is_removed(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        old = service(stack, "cache")
        there = now(*all_as_it_should_be(stack), Service("gone", "id-gone", old.facts))
        assert planned(stack, project, there)["gone"] == Step(Act.REMOVE, "gone", Cause.GONE)
        assert "gone" not in planned(stack, project, there, "web")


class TestWarnings:
    """What is said first."""

    def test_tells_nodes_that_are_gone_migrations_and_where_data_stays(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        steps = planned(stack, project, now()).values()
        said = {
            (one.risk, one.subject): one.detail
            for one in planning.warnings(stack, project, now(), steps, Path("/"))
        }
        assert said[Risk.NODE_GONE, "two"] == "down, active"
        assert (Risk.MIGRATION, "migrate") in said
        assert said[Risk.NOT_SPREAD, "db"] == "data is on manager, and does not move"

    def test_tells_why_a_service_is_gone_for_a_moment(
        self, stack: Stack, project: ComposeProject
    ) -> None:
        steps = [Step(Act.REPLACE, "cache", Cause.IMAGE, replicas=1)]
        for more, risk, detail in (
            ({"ports": [{"published": 8080}]}, Risk.GAP_PORT, "8080"),
            ({"deploy": {"update_config": {"order": "stop-first"}}}, Risk.GAP_ORDER, "stop-first"),
            (
                {"deploy": {"placement": {"max_replicas_per_node": 1}}},
                Risk.GAP_ORDER,
                "max_replicas_per_node",
            ),
        ):
            cache = {**stack.services["cache"], **more}
            there = replace(stack, services={**stack.services, "cache": cache})
            told = planning.warnings(there, project, now(), steps, Path("/"))
            assert Warned(risk, "cache", detail) in told

    def test_names_a_file_once(self, stack: Stack, project: ComposeProject, tmp_path: Path) -> None:
        steps = planned(stack, project, now()).values()
        told = planning.warnings(stack, project, now(), steps, tmp_path)
        (restart,) = (one for one in told if one.detail.startswith("restart ("))
        assert restart.subject == "web, db, cache"
        assert restart.detail.startswith("restart (docker-compose.yml:3, :10, :13): ")


def test_each_wave_comes_after_what_it_needs(project: ComposeProject) -> None:
    jobs = must_end(project)
    moving = list(project.services)
    assert list(waves(project, moving, jobs)) == [("db", "cache"), ("migrate",), ("web",)]
    assert list(waves(project, ["web", "cache"], jobs)) == [("cache",), ("web",)]


def test_swarms_own_defaults_are_no_difference() -> None:
    said = {"ContainerSpec": {"Image": "a", "StopGracePeriod": 10_000_000_000, "DNSConfig": {}}}
    made = {"ContainerSpec": {"Image": "a"}, "Resources": {"Limits": {}}, "ForceUpdate": 0}
    assert essence(said) == essence(made)
    assert essence(said) != essence({"ContainerSpec": {"Image": "b"}})


@pytest.mark.parametrize(
    "more",
    [
        {"LogDriver": {"Name": "local"}},
        {"RestartPolicy": {"Condition": "none"}},
        {"Networks": [{"Target": "n1"}]},
        {"ForceUpdate": 1},
    ],
)
def test_tasks_are_of_all_that_makes_them_new(more: Mapping[str, Any]) -> None:
    said = {"ContainerSpec": {"Image": "a"}}
    assert essence({**said, **more}) != essence(said)


def test_a_task_that_may_stay_where_it_is_is_no_other_one() -> None:
    said = {"ContainerSpec": {"Image": "a"}}
    assert essence({**said, "Placement": {"Constraints": ["node.role == worker"]}}) == essence(said)


def test_data_is_where_its_service_runs(stack: Stack) -> None:
    db = service(stack, "db")

    def on(*nodes: str) -> Now:
        tasks = tuple(Task(f"db-{node}", "db", node, "Running", "Running") for node in nodes)
        return Now("n1", NODES, {"db": db}, {"db": tasks})

    assert on("one").place_of("db") == "n2"
    assert on().place_of("db") == ""
    with pytest.raises(EnvironmentFailure, match="db has data on 2 nodes: manager, one"):
        on("manager", "one").place_of("db")
