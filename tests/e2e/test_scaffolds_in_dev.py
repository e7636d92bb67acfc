"""A new repository to work on: what `seatrial up dev` starts, and what a saved file does."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Repository, until
from tests.support.scaffold import (
    SLOW_HEALTH,
    WHOLE,
    containers,
    move_ports,
    new_repository,
    project_of,
    removed_from_engine,
    since,
)

Property = Callable[[str, object], None]
ENGINE = pytest.param("docker", marks=pytest.mark.engine)


@dataclass(frozen=True)
class Edit:
    """What to change in a source file, and where the change is seen."""

    service: str
    file: str
    old: str
    new: str
    path: str


EDITS = (
    Edit("api", "api/app.py", '{"status": "ok"}', '{"status": "edited"}', "/health"),
    Edit("gate", "src/app.ts", '{ status: "ok" }', '{ status: "edited" }', "/health"),
    Edit("web", "src/page/index.html", "<title>", "<title>edited ", "/"),
)


def answer(port: int, path: str) -> str:
    """Return what a service says, or nothing while it restarts."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as found:
            text: bytes = found.read()
            return text.decode()
    except OSError:
        return ""


@pytest.fixture(scope="module")
def docker_dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    yield from standing(tmp_path_factory.mktemp("docker"), "docker")


@pytest.fixture(scope="module")
def process_dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    yield from standing(tmp_path_factory.mktemp("process"), "process")


@dataclass(frozen=True)
class Dev:
    """A dev environment that is up, and the host port of each variable of its `.env`."""

    repository: Repository
    project: str
    ports: dict[str, int]
    runtime: str


def standing(place: Path, runtime: str) -> Iterator[Dev]:
    """Bring a whole repository up to work on, and take it down at the end."""
    services = WHOLE if runtime == "docker" else [one for one in WHOLE if "nats" not in one]
    repository = new_repository(place, *services)
    ports = move_ports(repository, "dev")
    project = project_of(repository)
    try:
        said = repository.seatrial("up", "dev", "--runtime", runtime)
        assert said.code == 0, said.all
        yield Dev(repository, project, ports, runtime)
    finally:
        if runtime == "docker":
            with removed_from_engine(project):
                repository.seatrial("down", "dev", "--volumes", "--yes")
        else:
            repository.seatrial("down", "dev", "--volumes", "--yes")


@pytest.fixture(params=["process", ENGINE])
def dev(request: pytest.FixtureRequest) -> Dev:
    up: Dev = request.getfixturevalue(f"{request.param}_dev")
    return up


@pytest.mark.node
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.service)
def test_a_saved_file_is_what_the_next_answer_comes_from(
    dev: Dev, edit: Edit, record_property: Property
) -> None:
    port = dev.ports[f"{edit.service.upper()}_PORT"]
    source = dev.repository.root / "services" / edit.service / edit.file
    text = source.read_text()
    assert edit.old in text
    assert "edited" not in answer(port, edit.path)
    began = time.monotonic()
    source.write_text(text.replace(edit.old, edit.new))
    until(lambda: "edited" in answer(port, edit.path), f"the edit of {edit.file}")
    what = f"saved file to new answer: {edit.service}, {dev.runtime}: {since(began)} (aim: 2 s)"
    record_property("measured", what)


@pytest.mark.node
def test_all_services_of_dev_are_as_they_should_be(dev: Dev) -> None:
    said = dev.repository.seatrial("ps", "dev", "--json")
    assert said.code == 0, said.all
    rows = json.loads(said.out)["services"]
    assert {"api", "api-database", "jobs", "gate", "web"} <= {row["service"] for row in rows}
    listed = repository_addresses(rows)
    assert f"127.0.0.1:{dev.ports['API_PORT']}" in listed or (
        f"localhost:{dev.ports['API_PORT']}" in listed
    )


def repository_addresses(rows: list[dict[str, Any]]) -> str:
    """Return all addresses of a `ps` as one text."""
    return json.dumps([row.get("addresses", row) for row in rows])


@pytest.mark.node
@pytest.mark.engine
def test_dev_has_fixed_ports_kept_volumes_and_nothing_of_production(docker_dev: Dev) -> None:
    up = containers(f"{docker_dev.project}-dev")
    for service, facts in up.items():
        host = facts["HostConfig"]
        assert host["RestartPolicy"]["Name"] in ("", "no"), service
        assert host["Memory"] == host["NanoCpus"] == 0, service
        assert host["LogConfig"]["Config"] == {}, service
        check = facts["Config"].get("Healthcheck") or {"Test": ["NONE"]}
        if check["Test"] != ["NONE"]:
            assert check["Interval"] == SLOW_HEALTH, service
    port = up["api"]["HostConfig"]["PortBindings"]["8000/tcp"]
    assert port == [{"HostIp": "127.0.0.1", "HostPort": str(docker_dev.ports["API_PORT"])}]
    (mount,) = (m for m in up["api-database"]["Mounts"] if m["Type"] == "volume")
    assert mount["Name"] == f"{docker_dev.project}-dev_api-database"


@pytest.mark.node
@pytest.mark.engine
def test_what_a_dev_container_writes_into_the_sources_is_the_users(docker_dev: Dev) -> None:
    up = containers(f"{docker_dev.project}-dev")
    for service in ("api", "jobs", "gate", "web"):
        assert up[service]["Config"]["User"] == f"{os.getuid()}:{os.getgid()}", service


@pytest.mark.engine
def test_another_users_sources_stay_that_users(tmp_path: Path) -> None:
    """HOST_UID says whose files they are, where it is not the caller."""
    repository = new_repository(tmp_path, "api:fastapi")
    move_ports(repository, "dev")
    sources = repository.root / "services/api/api"
    for path in (sources, *sources.rglob("*")):
        os.chown(path, 12345, 12345)
    repository.variables |= {"HOST_UID": "12345", "HOST_GID": "12345"}
    with removed_from_engine(project_of(repository)):
        try:
            said = repository.seatrial("up", "dev", "--runtime", "docker")
            assert said.code == 0, said.all
            said = repository.seatrial("exec", "dev", "api", "--", "touch", "/app/api/written")
            assert said.code == 0, said.all
            assert (sources / "written").stat().st_uid == 12345
            owners = {path.stat().st_uid for path in sources.rglob("*")}
            assert owners == {12345}
        finally:
            repository.seatrial("down", "dev", "--volumes", "--yes")
