"""A new repository in production: what the engine says of what `seatrial up prod` starts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.program import Repository
from tests.support.scaffold import (
    SLOW_HEALTH,
    WHOLE,
    containers,
    docker,
    move_ports,
    new_repository,
    project_of,
    removed_from_engine,
)


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
