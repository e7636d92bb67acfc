"""From `seatrial new` to production: two versions of a new repository on a real engine."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_scaffolds_in_prod import do_as_told
from tests.support.deploying import running_registry
from tests.support.program import Repository
from tests.support.scaffold import (
    containers,
    docker,
    move_ports,
    new_repository,
    project_of,
    removed_from_engine,
)

pytestmark = pytest.mark.engine


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Repository]:
    """Return a new repository with an API on PostgreSQL, and images in a registry of its own."""
    with running_registry(tmp_path / "registry") as address:
        repository = new_repository(tmp_path, "api:fastapi")
        project = project_of(repository)
        repository.variables["REGISTRY"] = address
        with removed_from_engine(project):
            try:
                yield repository
            finally:
                repository.seatrial("down", "prod")


def push(repository: Repository, version: str) -> None:
    """Build and push a version, as a user would who has nothing but Docker."""
    file = str(repository.root / "deploy/prod/docker-compose.yml")
    env = {**repository.environment, "VERSION": version}
    docker("compose", "-f", file, "build", "--quiet", "api", env=env)
    docker("compose", "-f", file, "push", "--quiet", "api", env=env)


def asked(port: int, path: str, text: str = "") -> Any:
    data = json.dumps({"title": text}).encode() if text else None
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def test_a_new_repository_is_deployed_twice_and_keeps_its_data(api: Repository) -> None:
    project = project_of(api)
    (port,) = move_ports(api, "prod").values()
    push(api, "1.0.0")
    lacking = api.seatrial("deploy", "prod", "--version", "1.0.0")
    assert lacking.code == 2, lacking.all
    do_as_told(api, lacking.all)

    first = api.seatrial("deploy", "prod", "--version", "1.0.0", "--watch", "1")
    assert first.code == 0, first.all
    asked(port, "/notes", "kept over a deployment")
    database = containers(project)["api-database"]["Id"]

    page = api.root / "services/api/api/app.py"
    page.write_text(page.read_text() + "\n# The next version.\n")
    push(api, "1.1.0")
    second = api.seatrial("deploy", "prod", "--version", "1.1.0", "--watch", "1")
    assert second.code == 0, second.all
    up = containers(project)
    assert ":1.1.0@sha256:" in up["api"]["Config"]["Image"]
    assert up["api-migrate"]["State"]["ExitCode"] == 0
    assert up["api-database"]["Id"] == database
    assert "kept over a deployment" in json.dumps(asked(port, "/notes"))
    assert f"api has the fixed host port {port}" in second.out
    states = json.loads(api.seatrial("ps", "prod", "--json").out)["services"]
    assert all(state["good"] for state in states), states
