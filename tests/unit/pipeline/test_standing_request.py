"""Which environments there are, and the names that they get."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.config import parse
from seatrial.config.model import Config
from seatrial.errors import UsageError
from seatrial.pipeline.standing import recorded
from seatrial.pipeline.standing_request import Found, environments, find

SERVICES = "services: {api: {image: x}}\n"


def compose(root: Path, name: str, text: str = SERVICES) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def found(root: Path, name: str = "dev", config: Config | None = None, **variables: str) -> Found:
    return find(name, root, config or Config(), variables, worktree="main-1a2b", run="r1")


def test_the_folders_of_deploy_are_the_environments(tmp_path: Path) -> None:
    dev = compose(tmp_path, "deploy/dev/docker-compose.yml")
    over = compose(tmp_path, "deploy/dev/docker-compose.override.yml")
    staging = compose(tmp_path, "deploy/staging/compose.yaml")
    (tmp_path / "deploy/empty").mkdir()
    assert environments(tmp_path, Config()) == {"dev": (dev, over), "staging": (staging,)}


def test_an_adopted_repository_has_them_where_they_were(tmp_path: Path) -> None:
    dev = compose(tmp_path, "docker-compose.yml")
    test = compose(tmp_path, "ci/compose.yml")
    config = parse('[integration]\ncompose = ["ci/compose.yml"]\n', tmp_path / "seatrial.toml")
    assert environments(tmp_path, config) == {"dev": (dev,), "test": (test,)}


def test_one_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as none:
        found(tmp_path)
    assert "deploy/dev/docker-compose.yml" in none.value.mend
    compose(tmp_path, "deploy/dev/docker-compose.yml")
    with pytest.raises(UsageError) as other:
        found(tmp_path, "prod")
    assert other.value.mend == "there are: dev (deploy/dev/docker-compose.yml)"


def test_a_project_is_called_as_compose_would_call_it(tmp_path: Path) -> None:
    root = tmp_path / "My Shop"
    file = compose(root, "deploy/dev/docker-compose.yml")
    assert found(root).request.project == "my-shop-dev"
    file.write_text("name: shop-${WHO:-dev}\n" + SERVICES)
    assert found(root, WHO="me").request.project == "shop-me"
    (file.parent / ".env").write_text("COMPOSE_PROJECT_NAME=Of.The.File\n")
    assert found(root).request.project == "ofthefile"
    assert found(root, COMPOSE_PROJECT_NAME="given").request.project == "given"


def test_test_belongs_to_the_worktree_and_has_an_instance(tmp_path: Path) -> None:
    compose(tmp_path, "deploy/test/docker-compose.yml", "name: x-${TEST_INSTANCE_ID}\n" + SERVICES)
    request = found(tmp_path, "test").request
    assert request.instance.startswith("main-1a2b-test-")
    assert request.project.endswith(request.instance)
    assert request.variables["TEST_INSTANCE_ID"] == request.instance
    compose(tmp_path, "deploy/dev/docker-compose.yml")
    assert "TEST_INSTANCE_ID" not in found(tmp_path).request.variables


def test_containers_run_as_the_user_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    file = compose(tmp_path, "deploy/dev/docker-compose.yml")
    assert found(tmp_path).request.variables["HOST_UID"] == str(os.getuid())
    (file.parent / ".env").write_text("HOST_UID=7\n")
    variables = found(tmp_path, HOST_GID="8").request.variables
    assert "HOST_UID" not in variables
    assert variables["HOST_GID"] == "8"


def test_files_that_lack_values_are_read_all_the_same(tmp_path: Path) -> None:
    text = "services: {api: {image: 'x:${TAG:?which}', ports: ['${PORT:?where}:80']}}\n"
    compose(tmp_path, "deploy/prod/docker-compose.yml", text)
    one = found(tmp_path, "prod")
    assert [error.name for error in one.read.missing] == ["TAG", "PORT"]
    assert list(one.read.project.services) == ["api"]
    assert "TAG" not in one.request.variables


def test_a_spoilt_record_says_nothing(tmp_path: Path) -> None:
    record = tmp_path / "dev.json"
    assert recorded(record) == ""
    for text in ("", "[]", '{"runtime": "moon"}'):
        record.write_text(text)
        assert recorded(record) == ""
    record.write_text('{"v": 1, "runtime": "process"}')
    assert recorded(record) == "process"
