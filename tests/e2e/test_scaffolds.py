"""Repositories as `seatrial new` makes them: green, reloading, hardened; on real parts."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seatrial.scaffold.record import load
from tests.support.program import Repository, forget_images, until
from tests.support.scaffold import (
    NO_ENGINE,
    SERVICES,
    containers,
    docker,
    make,
    move_ports,
    new_repository,
    removed_from_engine,
)

Property = Callable[[str, object], None]

ENGINE = pytest.param("docker", marks=pytest.mark.engine)
NODE = ("frontend", "node-api")
# Tests that share an environment run in one worker.
in_dev = pytest.mark.xdist_group("dev of a scaffold")
in_prod = pytest.mark.xdist_group("prod of a scaffold")
SLOW_HEALTH, SECOND = 30_000_000_000, 1_000_000_000


def project_of(repository: Repository) -> str:
    """Return the name that images and volumes of the repository begin with."""
    name: str = load(repository.root).answers.project
    return name


def marked(service: str) -> Any:
    """Return ``service`` (``KIND+BACKING``) with what its tests need of the machine."""
    kind = service.partition("+")[0]
    marks = [pytest.mark.node] if kind in NODE else []
    return pytest.param(service, marks=marks, id=service)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    forget_images(Repository(tmp_path / "repo", tmp_path / "home"))


@pytest.mark.parametrize("service", [marked(service) for service in SERVICES])
@pytest.mark.parametrize("runtime", ["process", ENGINE])
def test_a_new_repository_is_green_as_it_stands(
    place: Path, runtime: str, service: str, record_property: Property
) -> None:
    began = time.monotonic()
    repository = new_repository(place, f"thing:{service}")
    repository.variables |= NO_ENGINE if runtime == "process" else {}
    said = make(repository, "test")
    record_property("measured", f"`seatrial new` to green: {service}, {runtime}: {since(began)}")
    assert said.code == 0, said.all
    stages = ["unit"] if service == "python-lib" else ["unit", "service", "integration"]
    for stage in stages:
        assert f"✓ {stage}:" in said.out, said.all
    assert repository.traces() == []


def since(began: float) -> str:
    """Return the time that has passed since ``began``, to be printed."""
    return f"{time.monotonic() - began:.1f} s"


@pytest.mark.node
def test_what_is_written_is_clean_in_style_and_types(place: Path) -> None:
    """`make lint` runs ruff and mypy of each Python service, tsc of each other one."""
    services = [f"s{i}:{service}" for i, service in enumerate(SERVICES)]
    said = make(new_repository(place, *services), "lint")
    assert said.code == 0, said.all


# Every kind, and two brokers.
WHOLE = (
    "api:fastapi",
    "jobs:worker+valkey",
    "mail:worker+nats",
    "gate:node-api",
    "web:frontend",
    "words:python-lib",
)


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


@in_dev
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


@in_dev
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


@in_dev
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


@in_dev
@pytest.mark.node
@pytest.mark.engine
def test_what_a_dev_container_writes_into_the_sources_is_the_users(docker_dev: Dev) -> None:
    up = containers(f"{docker_dev.project}-dev")
    for service in ("api", "jobs", "gate", "web"):
        assert up[service]["Config"]["User"] == f"{os.getuid()}:{os.getgid()}", service


@pytest.mark.engine
def test_another_users_sources_stay_that_users(place: Path) -> None:
    """HOST_UID says whose files they are, where it is not the caller."""
    repository = new_repository(place, "api:fastapi")
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


@dataclass(frozen=True)
class Prod:
    """A prod environment that is up."""

    repository: Repository
    project: str
    up: dict[str, dict[str, Any]]
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prod]:
    repository = new_repository(tmp_path_factory.mktemp("prod"), *WHOLE)
    project = project_of(repository)
    move_ports(repository, "prod")
    with removed_from_engine(project):
        try:
            lacking = repository.seatrial("up", "prod")
            assert lacking.code == 2, lacking.all
            do_as_told(repository, lacking.all)
            said = repository.seatrial("up", "prod")
            assert said.code == 0, said.all
            folder = repository.root / "deploy/prod/secrets"
            secrets = {path.name: path.read_text().strip() for path in folder.iterdir()}
            yield Prod(repository, project, containers(project), secrets)
        finally:
            repository.seatrial("down", "prod")


def do_as_told(repository: Repository, text: str) -> None:
    """Run the commands that `up prod` printed for what is missing."""
    told = [line.strip().removeprefix("| ") for line in text.splitlines() if "  | " in line]
    assert told, text
    for line in told:
        subprocess.run(["sh", "-c", line], cwd=repository.root, check=True, capture_output=True)


@in_prod
@pytest.mark.node
@pytest.mark.engine
class TestProduction:
    """What the engine says of the containers that `up prod` started."""

    def test_restarts_limits_and_rotates(self, prod: Prod) -> None:
        for service, facts in prod.up.items():
            host = facts["HostConfig"]
            policy = "on-failure" if service.endswith("-migrate") else "unless-stopped"
            assert host["RestartPolicy"]["Name"] == policy, service
            assert host["Memory"] > host["MemoryReservation"] > 0, service
            assert host["NanoCpus"] > 0, service
            rotation = {"max-size": "100m", "max-file": "10"}
            assert host["LogConfig"] == {"Type": "json-file", "Config": rotation}, service

    def test_checks_health_every_thirty_seconds(self, prod: Prod) -> None:
        checked = {
            service: check["Interval"]
            for service, facts in prod.up.items()
            if (check := facts["Config"].get("Healthcheck")) and check["Test"] != ["NONE"]
        }
        assert {"api", "api-database", "gate", "jobs", "web", "valkey", "nats"} <= set(checked)
        assert set(checked.values()) == {SLOW_HEALTH}

    def test_gives_no_service_more_rights_than_it_must_have(self, prod: Prod) -> None:
        for service, facts in prod.up.items():
            host, user = facts["HostConfig"], facts["Config"]["User"]
            assert user not in ("", "0", "root", "0:0"), service
            assert host["CapDrop"] == ["ALL"], service
            assert not host["CapAdd"], service
            assert host["SecurityOpt"] == ["no-new-privileges:true"], service
            assert host["ReadonlyRootfs"] is True, service
            assert host["Privileged"] is False, service

    def test_publishes_no_port_of_a_database_or_broker(self, prod: Prod) -> None:
        published = {name for name, f in prod.up.items() if f["HostConfig"]["PortBindings"]}
        assert published == {"api", "gate", "web"}

    def test_stores_on_volumes_that_it_cannot_delete(self, prod: Prod) -> None:
        (mount,) = (m for m in prod.up["api-database"]["Mounts"] if m["Type"] == "volume")
        assert mount["Name"] == f"{prod.project}-prod-api-database"
        said = prod.repository.seatrial("down", "prod", "--volumes", "--yes")
        assert said.code == 0, said.all
        assert mount["Name"] in docker("volume", "ls", "-q").split()
        said = prod.repository.seatrial("up", "prod")
        assert said.code == 0, said.all

    def test_has_its_passwords_in_files_only(self, prod: Prod) -> None:
        assert prod.secrets
        for service, facts in prod.up.items():
            told = json.dumps([facts["Config"]["Env"], facts["Config"]["Cmd"], facts["Args"]])
            layers = docker("history", "--no-trunc", "--format", "{{json .}}", facts["Image"])
            for name, secret in prod.secrets.items():
                assert secret not in told, (service, name)
                assert secret not in layers, (service, name)
        said = prod.repository.seatrial("logs", "prod")
        assert not any(secret in said.all for secret in prod.secrets.values())


@pytest.mark.node
@pytest.mark.engine
def test_a_test_environment_has_dynamic_ports_tmpfs_and_fast_checks(place: Path) -> None:
    repository = new_repository(place, *WHOLE)
    with removed_from_engine(project_of(repository)):
        try:
            said = make(repository, "test-infra-up")
            assert said.code == 0, said.all
            found = shlex.split(repository.seatrial("env", "test").out.replace("export ", ""))
            variables = dict(word.split("=", 1) for word in found)
            instance = variables["TEST_INSTANCE_ID"]
            label = "label=com.docker.compose.project"
            names = docker("ps", "-a", "--format", "{{.Names}}", "--filter", label).split()
            mine = [name for name in names if instance in name]
            facts = json.loads(docker("inspect", *mine))
            up = {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in facts}
            assert {"api", "api-database", "jobs", "mail", "gate", "web"} <= set(up)
            for service, one in up.items():
                assert not [m for m in one["Mounts"] if m["Type"] == "volume"], service
                for bindings in (one["HostConfig"]["PortBindings"] or {}).values():
                    assert [b["HostPort"] for b in bindings] in (["0"], [""]), service
                check = one["Config"].get("Healthcheck") or {"Test": ["NONE"]}
                if check["Test"] != ["NONE"]:
                    assert check["StartInterval"] < SECOND, service
                    assert check["Interval"] == 5 * SECOND, service
            assert "/var/lib/postgresql" in up["api-database"]["HostConfig"]["Tmpfs"]
        finally:
            said = make(repository, "test-infra-down")
            assert said.code == 0, said.all
