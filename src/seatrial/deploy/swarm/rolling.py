"""How a service of a stack is rolled, and goes back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.deploy.swarm.storage import keeps_data

START_FIRST, STOP_FIRST = "start-first", "stop-first"


def policies(deploy: Mapping[str, Any], service: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``update_config`` and ``rollback_config``; what ``deploy`` itself says of them wins.

    One task at a time. A new one starts before the old one ends, unless two would share data or a
    port of the node, or a node may have no more than so many.
    """
    limit = (deploy.get("placement") or {}).get("max_replicas_per_node")
    mine = {
        "parallelism": 1,
        "failure_action": "rollback",
        "order": STOP_FIRST if limit or must_stop_first(service) else START_FIRST,
    }
    update = {**mine, **(deploy.get("update_config") or {})}
    # Going back must not wait for the same care: what ran is known to be good.
    back = {
        "failure_action": "pause",
        **{key: update[key] for key in ("parallelism", "monitor", "order") if key in update},
        **(deploy.get("rollback_config") or {}),
    }
    return {"update_config": update, "rollback_config": back}


def watched(deploy: Mapping[str, Any], watch: float) -> dict[str, Any]:
    """Return ``deploy`` with the seconds for which a healthy task is looked at before the next.

    They belong to a deployment: a service is no other one when they change.
    """
    kept = dict(deploy)
    for key in ("update_config", "rollback_config"):
        if key in kept:
            kept[key] = {"monitor": _duration(watch), **kept[key]}
    return kept


def must_stop_first(service: Mapping[str, Any]) -> bool:
    """Return whether two tasks of a converted service must not run at once."""
    on_the_node = any(port.get("mode") == "host" for port in service.get("ports") or ())
    return on_the_node or keeps_data(service)


def _duration(seconds: float) -> str:
    # Swarm takes 0 for its own default.
    return f"{max(int(seconds * 1000), 1)}ms"
