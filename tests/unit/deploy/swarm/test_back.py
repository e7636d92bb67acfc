"""What goes back to before the last deployment."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from seatrial.deploy.model import Act, Cause, Step
from seatrial.deploy.swarm.back import steps_back
from seatrial.deploy.swarm.facts import Service
from seatrial.deploy.swarm.now import Now
from seatrial.deploy.swarm.stack import DEPLOYMENT

FIRST, SECOND, THIRD = (f"2026010{day}-120000-000aaaaaa" for day in (1, 2, 3))
SPEC: Mapping[str, Any] = {
    "Mode": {"Replicated": {"Replicas": 2}},
    "TaskTemplate": {"ContainerSpec": {"Image": "web:1"}},
}


def spec(deployment: str, image: str = "web:1") -> dict[str, Any]:
    found = copy.deepcopy(dict(SPEC))
    found["Labels"] = {DEPLOYMENT: deployment}
    found["TaskTemplate"]["ContainerSpec"]["Image"] = image
    return found


def service(
    key: str, is_now: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> Service:
    return Service(key, f"id-{key}", {"Spec": is_now, "PreviousSpec": before})


def back(*services: Service, asked: tuple[str, ...] = ()) -> dict[str, Step]:
    now = Now("n1", (), {one.key: one for one in services}, {})
    return {step.subject: step for step in steps_back(now, asked)}


def test_what_the_last_deployment_changed_goes_back_and_nothing_else() -> None:
    steps = back(
        service("web", spec(SECOND, "web:2"), spec(FIRST)),
        service("cache", spec(FIRST, "cache:1"), spec("", "cache:0")),
    )
    assert steps["web"] == Step(Act.ROLL, "web", Cause.IMAGE, "web:1", 2)
    assert (steps["cache"].act, steps["cache"].cause) == (Act.LEAVE, Cause.UNCHANGED)


@pytest.mark.parametrize(
    "changed",
    [
        {"EndpointSpec": {"Ports": [{"TargetPort": 80, "PublishedPort": 8080}]}},
        {"Mode": {"Replicated": {"Replicas": 3}}},
        {"UpdateConfig": {"Parallelism": 2}},
        {"TaskTemplate": {"Placement": {"Constraints": ["node.role == worker"]}}},
        {"TaskTemplate": {"Networks": [{"Target": "n2"}]}},
        {"TaskTemplate": {"Resources": {"Limits": {"MemoryBytes": 1}}}},
        {"TaskTemplate": {"LogDriver": {"Name": "local"}}},
        {"TaskTemplate": {"RestartPolicy": {"Condition": "none"}}},
        {"TaskTemplate": {"ContainerSpec": {"Env": ["A=1"]}}},
        {"TaskTemplate": {"ContainerSpec": {"Mounts": [{"Target": "/data"}]}}},
        {"TaskTemplate": {"ContainerSpec": {"Healthcheck": {"Test": ["CMD", "true"]}}}},
        {"Labels": {"traefik.enable": "true"}},
    ],
    ids=lambda changed: str(changed)[:50],
)
def test_whatever_it_changed_goes_back(changed: Mapping[str, Any]) -> None:
    after = _laid_over(spec(SECOND), changed)
    step = back(service("web", after, spec(FIRST)))["web"]
    assert step == Step(Act.ROLL, "web", Cause.CONFIG, "web:1", 2)


def test_what_was_taken_back_already_does_not_come_forward_again() -> None:
    steps = back(
        service("web", spec(FIRST), spec(SECOND, "web:2")),
        # What the deployment before did to others is not half undone.
        service("cache", spec(FIRST, "cache:1"), spec("", "cache:0")),
    )
    assert {step.act for step in steps.values()} == {Act.LEAVE}


def test_the_rest_of_a_deployment_goes_back_where_one_service_went_before() -> None:
    steps = back(
        service("web", spec(FIRST), spec(SECOND, "web:2")),
        service("cache", spec(SECOND, "cache:2"), spec(FIRST, "cache:1")),
    )
    assert (steps["web"].act, steps["cache"].act) == (Act.LEAVE, Act.ROLL)


def test_what_came_with_it_stays_and_says_so() -> None:
    steps = back(service("web", spec(SECOND, "web:2"), spec(FIRST)), service("cache", spec(SECOND)))
    assert (steps["cache"].act, steps["cache"].cause) == (Act.LEAVE, Cause.CAME_WITH)


def test_what_somebody_changed_by_hand_since_has_no_way_back() -> None:
    """`docker service scale` takes the place of what ran before the deployment."""
    step = back(service("web", spec(SECOND), spec(SECOND)))["web"]
    assert (step.act, step.cause) == (Act.LEAVE, Cause.BY_HAND)


def test_a_migration_does_not_go_back() -> None:
    job = spec(THIRD) | {"Mode": {"ReplicatedJob": {}}}
    steps = back(service("migrate", job), service("web", spec(SECOND), spec(FIRST)))
    assert steps["migrate"].cause is Cause.NO_WAY_BACK
    assert steps["web"].act is Act.LEAVE


def test_only_what_is_asked_for_goes_back() -> None:
    steps = back(
        service("web", spec(SECOND), spec(FIRST)),
        service("cache", spec(SECOND), spec(FIRST)),
        asked=("cache",),
    )
    assert (steps["web"].cause, steps["cache"].act) == (Cause.NOT_ASKED, Act.ROLL)


def _laid_over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in above.items():
        is_both = isinstance(value, dict) and isinstance(below.get(key), dict)
        below[key] = _laid_over(below[key], value) if is_both else value
    return below
