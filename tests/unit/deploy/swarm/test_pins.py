"""On which node a service stays for its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from seatrial.deploy.swarm.facts import Node, Service, Task
from seatrial.deploy.swarm.now import Now
from seatrial.deploy.swarm.pins import pins
from seatrial.deploy.swarm.stack import PINNED
from seatrial.errors import EnvironmentFailure

NODES = tuple(Node(f"n{number}", f"node-{number}", "Ready", "Active") for number in (1, 2, 3))
PLACED = {"placement": {"constraints": ["node.labels.database == yes"]}}


def using(*volumes: str, deploy: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    mounts = [{"type": "volume", "source": name, "target": f"/{name}"} for name in volumes]
    return {"volumes": mounts, "deploy": deploy or {}}


def config(**services: Mapping[str, Any]) -> Mapping[str, Any]:
    shared = {"driver": "rexray", "name": "shop_shared"}
    return {"services": services, "volumes": {"data": {}, "more": None, "shared": shared}}


def now(labels: Mapping[str, str] | None = None, **places: str) -> Now:
    """Return a Swarm on which services run on those nodes; ``labels`` are what they remember."""
    found = {}
    for key in {*places, *(labels or {})}:
        pinned = {PINNED: labels[key]} if labels and key in labels else {}
        found[key] = Service(key, key, {"Spec": {"Labels": pinned, "TaskTemplate": {}}})
    tasks = {
        key: tuple(Task(f"{key}-{node}", key, node, "Running", "Running") for node in nodes.split())
        for key, nodes in places.items()
    }
    return Now("n1", NODES, found, tasks)


def test_data_that_has_no_place_yet_comes_to_the_node_that_is_asked() -> None:
    assert pins(config(db=using("data"), web=using()), now()) == {"db": "n1"}


def test_data_stays_where_it_is_remembered_and_else_where_it_runs() -> None:
    services = config(db=using("data"))
    assert pins(services, now({"db": "n3"}, db="node-2")) == {"db": "n3"}
    assert pins(services, now(db="node-2")) == {"db": "n2"}


def test_data_on_two_nodes_is_left_to_the_user() -> None:
    with pytest.raises(EnvironmentFailure, match="db has data on 2 nodes"):
        pins(config(db=using("data")), now(db="node-1 node-2"))


@pytest.mark.parametrize("deploy", [PLACED, {"mode": "global"}, {"mode": "global-job"}])
def test_a_file_that_places_a_service_is_obeyed(deploy: Mapping[str, Any]) -> None:
    assert pins(config(db=using("data", deploy=deploy)), now()) == {}


def test_a_new_service_comes_to_the_volume_that_another_one_has() -> None:
    services = config(db=using("data"), backup=using("data"))
    assert pins(services, now({"db": "n3"})) == {"db": "n3", "backup": "n3"}
    placed = config(db=using("data", deploy=PLACED), backup=using("data"))
    assert pins(placed, now(db="node-2")) == {"backup": "n2"}


def test_a_volume_that_all_nodes_reach_holds_nobody() -> None:
    assert pins(config(web=using("shared")), now()) == {}


def test_one_volume_of_a_node_is_enough_to_stay() -> None:
    assert pins(config(web=using("shared", "more")), now()) == {"web": "n1"}
