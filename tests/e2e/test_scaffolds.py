"""Repositories as `seatrial new` makes them are green, on both runtimes."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Repository, forget_images
from tests.support.scaffold import (
    NO_ENGINE,
    SECOND,
    SERVICES,
    WHOLE,
    docker,
    inspected,
    make,
    new_repository,
    removed_from_engine,
    since,
)

Property = Callable[[str, object], None]

ENGINE = pytest.param("docker", marks=pytest.mark.engine)
NODE = ("frontend", "node-api")


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
    slow = json.loads(repository.seatrial("slow", "--json").out)
    assert (slow["suites"], slow["slow"]) == ([], [])


def test_make_calls_seatrial_by_its_name_wherever_it_lies(place: Path) -> None:
    repository = new_repository(place, "thing:python-lib")
    odd = place / "an odd place"
    odd.mkdir()
    (odd / "seatrial").symlink_to(Path(sys.executable).parent / "seatrial")
    repository.variables["PATH"] = f"{odd}:{os.environ['PATH']}"
    for words in (("-n", "test"), ("-n", "-C", "services/thing", "test")):
        said = make(repository, *words)
        assert said.code == 0, said.all
        assert "\nseatrial " in f"\n{said.out}", said.all


@pytest.mark.node
def test_what_is_written_is_clean_in_style_and_types(place: Path) -> None:
    """`make lint` runs ruff and mypy of each Python service, tsc of each other one."""
    services = [f"s{i}:{service}" for i, service in enumerate(SERVICES)]
    said = make(new_repository(place, *services), "lint")
    assert said.code == 0, said.all


@pytest.mark.node
@pytest.mark.engine
def test_a_test_environment_has_dynamic_ports_tmpfs_and_fast_checks(place: Path) -> None:
    repository = new_repository(place, *WHOLE)
    instance = repository.seatrial("env", "--instance-id").out.strip()
    with removed_from_engine(instance):
        try:
            said = make(repository, "test-infra-up")
            assert said.code == 0, said.all
            assert f"TEST_INSTANCE_ID={instance}" in repository.seatrial("env", "test").out
            is_as_tests_need_it(up_of(instance))
        finally:
            said = make(repository, "test-infra-down")
            assert said.code == 0, said.all


def up_of(instance: str) -> dict[str, dict[str, Any]]:
    """Return the containers of the environment of that name, by their services."""
    facts = inspected(*docker("ps", "-aq", "--filter", f"name={instance}").split())
    return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in facts}


def is_as_tests_need_it(up: dict[str, dict[str, Any]]) -> None:
    """Hold containers to the pattern's column for tests."""
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
