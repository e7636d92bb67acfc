"""``load()`` against ``docker compose config`` on the files of ``tests/projects/compose``."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.composefile.values import seconds
from seatrial.errors import ConfigError, Where
from tests.unit.composefile.corpus import BAD, GOOD, VARIABLES, files_of

pytestmark = pytest.mark.engine

# Compose bounds what aliases expand to from some release after 2.40 on.
_NOT_ASKED = "bad/bomb.yaml"
# What Compose 2.26 to 2.39 reads otherwise: a raw env_file, a start_interval alone, dates as
# values, one target mounted twice.
_OTHERWISE_BEFORE = (2, 40)
_OTHERWISE = {
    "env-file",
    "healthchecks",
    "bad/environment-date.yaml",
    "bad/mounted-twice.yaml",
}
_DURATIONS = ("interval", "timeout", "start_period", "start_interval")


@functools.cache
def docker() -> str:
    program = shutil.which("docker")
    answer = program and subprocess.run(
        [program, "compose", "version"], capture_output=True, check=False
    )
    if program and answer and answer.returncode == 0:
        return program
    if os.environ.get("SEATRIAL_REQUIRE_ENGINE") == "1":
        pytest.fail("no docker compose, and SEATRIAL_REQUIRE_ENGINE=1")
    pytest.skip("no docker compose")


@functools.cache
def compose_version() -> tuple[int, ...]:
    answer = subprocess.run(
        [docker(), "compose", "version", "--short"], capture_output=True, text=True, check=True
    )
    numbers = re.findall(r"\d+", answer.stdout)
    return tuple(int(number) for number in numbers[:2])


@pytest.fixture
def case(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name in _OTHERWISE and compose_version() < _OTHERWISE_BEFORE:
        pytest.skip("this Compose reads the file otherwise than 2.40 does")
    return name


def compose_config(files: tuple[Path, ...]) -> subprocess.CompletedProcess[str]:
    named = [word for file in files for word in ("-f", str(file))]
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    config = {k: v for k, v in os.environ.items() if k == "DOCKER_CONFIG"}
    return subprocess.run(
        [docker(), "compose", *named, "config", "--format", "json"],
        env={**kept, **config, **VARIABLES},
        cwd=files[0].parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("case", GOOD, indirect=True)
def test_a_file_means_what_compose_says_it_means(case: str) -> None:
    files = files_of(case)
    answer = compose_config(files)
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout)
    project = load(files, VARIABLES)

    assert set(project.services) == set(said["services"])
    for name, theirs in said["services"].items():
        assert our_view(project.services[name]) == their_view(theirs), name
    assert our_resources(project) == their_resources(project, said)
    if project.name:
        assert project.name == said["name"]


@pytest.mark.parametrize("case", [c for c in BAD if c != _NOT_ASKED], indirect=True)
def test_what_compose_refuses_is_refused(case: str) -> None:
    files = files_of(case)
    assert compose_config(files).returncode != 0
    with pytest.raises(ConfigError):
        load(files, VARIABLES)


def our_view(service: ComposeService) -> dict[str, Any]:
    return {
        "image": service.image,
        "build": our_build(service),
        "command": service.command,
        "entrypoint": service.entrypoint,
        "environment": dict(service.environment),
        "ports": [(p.target, p.published, p.host_ip, p.protocol) for p in service.ports],
        "depends_on": {
            name: (d.condition, d.required, d.restart) for name, d in service.depends_on.items()
        },
        "healthcheck": our_healthcheck(service),
        "volumes": [(m.kind, m.source, m.target, m.read_only) for m in service.volumes],
        "tmpfs": list(service.tmpfs),
        "secrets": [(g.source, g.target) for g in service.secrets],
        "configs": [(g.source, g.target) for g in service.configs],
        "networks": None if service.network_mode else (service.networks or {"default": ()}),
        "expose": sorted(service.expose),
        "labels": dict(service.labels),
        "extra_hosts": dict(service.extra_hosts),
        "links": list(service.links),
        "profiles": list(service.profiles),
        "replicas": service.replicas,
        "privileged": service.privileged,
        "stop_grace_period": service.stop_grace_period,
        **{key: getattr(service, key) for key in _PLAIN},
    }


_PLAIN = (
    "network_mode",
    "working_dir",
    "user",
    "hostname",
    "container_name",
    "restart",
    "init",
    "stop_signal",
)


def their_view(raw: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = undollar(raw)
    deploy = said.get("deploy") or {}
    return {
        "image": said.get("image"),
        "build": their_build(said.get("build")),
        "command": tupled(said.get("command")),
        "entrypoint": tupled(said.get("entrypoint")),
        "environment": said.get("environment") or {},
        "ports": [
            (p["target"], p.get("published"), p.get("host_ip"), p["protocol"])
            for p in said.get("ports", [])
        ],
        "depends_on": {
            name: (d["condition"], d["required"], d.get("restart", False))
            for name, d in said.get("depends_on", {}).items()
        },
        "healthcheck": their_healthcheck(said.get("healthcheck")),
        "volumes": [
            (v["type"], v.get("source"), v["target"], v.get("read_only", False))
            for v in said.get("volumes", [])
        ],
        "tmpfs": said.get("tmpfs", []),
        "secrets": [grant(g, "/run/secrets/") for g in said.get("secrets", [])],
        "configs": [grant(g, "/") for g in said.get("configs", [])],
        "networks": their_networks(said.get("networks")),
        "expose": sorted(port for text in said.get("expose", []) for port in exposed(text)),
        "labels": said.get("labels") or {},
        "extra_hosts": dict(text.split("=", 1) for text in said.get("extra_hosts", [])),
        "links": said.get("links", []),
        "profiles": said.get("profiles", []),
        "replicas": said.get("scale", deploy.get("replicas", 1)),
        "privileged": said.get("privileged", False),
        "stop_grace_period": duration(said.get("stop_grace_period")),
        **{key: said.get(key) for key in _PLAIN},
    }


def undollar(value: Any) -> Any:
    """Return ``value`` as it was before ``config`` doubled its dollar signs."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [undollar(item) for item in value]
    if isinstance(value, dict):
        return {undollar(key): undollar(item) for key, item in value.items()}
    return value


def tupled(words: list[str] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(words)


def duration(text: str | None) -> Any:
    return None if text is None else pytest.approx(seconds(text, Where(Path("x")), "x"))


def our_build(service: ComposeService) -> Mapping[str, Any] | None:
    build = service.build
    if build is None:
        return None
    args = {k: VARIABLES.get(k) if v is None else v for k, v in build.args.items()}
    return {
        "context": build.remote or str(build.context),
        "dockerfile": None if build.inline or build.remote else str(build.dockerfile),
        "inline": build.inline,
        "target": build.target,
        "args": {name: value for name, value in args.items() if value is not None},
    }


def their_build(said: dict[str, Any] | None) -> Mapping[str, Any] | None:
    if said is None:
        return None
    inline = said.get("dockerfile_inline")
    no_file = inline or "://" in said["context"]
    return {
        "context": said["context"],
        "dockerfile": None if no_file else str(Path(said["context"]) / said["dockerfile"]),
        "inline": inline,
        "target": said.get("target"),
        "args": said.get("args") or {},
    }


def our_healthcheck(service: ComposeService) -> Mapping[str, Any] | None:
    check = service.healthcheck
    if check is None:
        return None
    return {
        "test": check.test,
        "disable": check.disable,
        "retries": check.retries,
        **{key: getattr(check, key) for key in _DURATIONS},
    }


def their_healthcheck(said: dict[str, Any] | None) -> Mapping[str, Any] | None:
    if said is None:
        return None
    test = tuple(said.get("test") or ())
    return {
        "test": test,
        "disable": said.get("disable", False) or test[:1] == ("NONE",),
        "retries": said.get("retries"),
        **{key: duration(said.get(key)) for key in _DURATIONS},
    }


def their_networks(said: dict[str, Any] | None) -> dict[str, tuple[str, ...]] | None:
    if said is None:
        return None
    return {name: tuple((net or {}).get("aliases", ())) for name, net in said.items()}


def grant(said: dict[str, Any], folder: str) -> tuple[str, str | None]:
    """Return source and target; Compose fills in a target where the file gives none."""
    target = said.get("target")
    return said["source"], None if target == folder + said["source"] else target


def exposed(text: str) -> range:
    first, _, last = text.partition("/")[0].partition("-")
    return range(int(first), int(last or first) + 1)


def our_resources(project: ComposeProject) -> dict[str, Any]:
    return {
        kind: {
            key: (r.external, str(r.file) if r.file else None, r.environment)
            for key, r in getattr(project, kind).items()
        }
        for kind in ("networks", "volumes", "secrets", "configs")
    }


def their_resources(project: ComposeProject, said: dict[str, Any]) -> dict[str, Any]:
    """Return Compose's resources; its ``config`` leaves out those that no service uses."""
    found: dict[str, Any] = {}
    for kind, ours in our_resources(project).items():
        listed = said.get(kind, {})
        found[kind] = {
            key: (
                bool((listed[key] or {}).get("external")),
                (listed[key] or {}).get("file"),
                (listed[key] or {}).get("environment"),
            )
            if key in listed
            else value
            for key, value in ours.items()
        }
        for key, resource in getattr(project, kind).items():
            if key in listed and resource.name:
                assert listed[key]["name"] == resource.name
    return found
