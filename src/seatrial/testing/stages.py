"""Which stage a test belongs to, by where its file stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

STAGES = {
    "unit": "a test of stage unit: no container, no network",
    "service": "a test of stage service: one service and what it needs",
    "integration": "a test of stage integration: all services together",
}
_COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


@cache
def stage_of(folder: Path) -> str | None:
    """Return the stage of the tests in ``folder``, or ``None`` where the layout names none.

    ``tests/unit`` is unit. ``tests/integration`` is service where its service, a folder of
    ``services/``, has a compose file in ``deploy/test``; else integration.
    """
    for place in (folder, *folder.parents):
        if place.parent.name != "tests":
            continue
        if place.name == "unit":
            return "unit"
        if place.name == "integration":
            return "service" if _stands_alone(place.parent.parent) else "integration"
    return None


def _stands_alone(owner: Path) -> bool:
    deploy = owner / "deploy" / "test"
    return owner.parent.name == "services" and any((deploy / n).is_file() for n in _COMPOSE_NAMES)
