"""What seatrial writes for a Swarm, against what ``docker stack config`` makes of it.

The CLI refuses a key that it does not know, and leaves out one that it will not pass on: so a
service must come out with just the keys that it went in with.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from seatrial.composefile.load import load
from seatrial.deploy.swarm.stack import Known, Stack, convert
from seatrial.runtimes.docker.waves import must_end
from tests.support.scaffold import new_repository
from tests.unit.deploy.swarm.reading import config_of

EVERYTHING = """
services:
  web:
    image: web:1
    build: .
    command: ["serve", "--price", "5$$"]
    entrypoint: ["/entry"]
    environment: {PRICE: "5$$", EMPTY: "", BARE: }
    hostname: web
    user: "1000:1000"
    working_dir: /app
    init: true
    read_only: true
    tty: true
    stdin_open: true
    privileged: false
    cap_add: [NET_BIND_SERVICE]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    group_add: ["7"]
    dns: [10.0.0.2]
    dns_search: [example.org]
    extra_hosts: ["db.example.org:10.0.0.3"]
    sysctls: {net.core.somaxconn: 1024}
    ulimits: {nofile: {soft: 1024, hard: 2048}, nproc: 64}
    stop_signal: SIGINT
    stop_grace_period: 1m30s
    restart: unless-stopped
    shm_size: 32m
    tmpfs: ["/tmp:size=16m,mode=1777"]
    labels: {one: two}
    logging: {driver: json-file, options: {max-size: 100m, max-file: "10"}}
    ports: ["8080:80", "9090:90/udp", {target: 70, published: "7070", mode: host}]
    healthcheck:
      test: ["CMD", "true"]
      interval: 30s
      timeout: 3s
      retries: 2
      start_period: 1m
      start_interval: 500ms
    volumes:
      - data:/data
      - ./conf:/etc/conf:ro
      - {type: volume, source: data, target: /more, volume: {nocopy: true}}
      - {type: tmpfs, target: /scratch, tmpfs: {size: 1048576}}
    secrets: [key, {source: key, target: other, uid: "5", gid: "5", mode: 0440}]
    configs: [{source: conf, target: /etc/web.conf}]
    networks:
      inner: {aliases: [w]}
      outer:
    depends_on: [job]
    deploy:
      replicas: 2
      labels: {three: four}
      placement:
        constraints: [node.role == worker]
        preferences: [{spread: node.labels.zone}]
        max_replicas_per_node: 1
      resources:
        limits: {memory: 64m, cpus: "0.5", pids: 100}
        reservations: {cpus: "0.25", memory: 32M}
      update_config: {parallelism: 2, delay: 1s, max_failure_ratio: 0.3}
      restart_policy: {condition: on-failure, delay: 2s, max_attempts: 3, window: 10s}
  job:
    container_name: job
    image: web:1
    command: ["migrate"]
    mem_limit: 64m
    cpus: 0.5
    pids_limit: 100
    restart: on-failure
    healthcheck: {disable: true}
  everywhere:
    image: web:1
    deploy: {mode: global}
networks:
  inner: {driver: bridge, internal: true, ipam: {config: [{subnet: 10.9.0.0/24}]}}
  outer: {external: true, name: edge}
volumes:
  data: {labels: {five: six}}
secrets:
  key: {environment: KEY}
configs:
  conf: {content: "hello"}
"""


def stack_of(file: Path, jobs: frozenset[str] = frozenset(), **variables: str) -> Stack:
    project = load([file], {"KEY": "secret", **variables})
    known = Known(
        images={},
        secrets={key: f"shop_{key}-1" for key in project.secrets},
        configs={key: f"shop_{key}-1" for key in project.configs},
        jobs=jobs | must_end(project),
        pins={name: "abc" for name, one in project.services.items() if one.volumes},
        watch=5.0,
    )
    return convert("shop", config_of(file, **variables), project, known)


def read_back(stack: Stack) -> Mapping[str, Any]:
    """Return what ``docker stack config`` makes of the stack. Fails where it does not take it."""
    if shutil.which("docker") is None:
        pytest.skip("needs the docker CLI (no engine)")
    answer = subprocess.run(
        ["docker", "stack", "config", "-c", "-"],
        input=stack.file(list(stack.services), "run-1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == "", "nothing is ignored"
    read: Mapping[str, Any] = YAML(typ="safe").load(answer.stdout)
    return read


def assert_nothing_is_lost(stack: Stack, read: Mapping[str, Any]) -> None:
    for name, node in stack.services.items():
        out = read["services"][name]
        assert set(out) == set(node), name
        assert set(out["deploy"]) - {"labels"} == set(node["deploy"]) - {"labels"}, name
        assert len(out.get("volumes", ())) == len(node.get("volumes", ())), name


def test_all_that_a_swarm_can_have_comes_through(tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text(EVERYTHING)
    stack = stack_of(file, frozenset({"job"}))
    read = read_back(stack)
    assert_nothing_is_lost(stack, read)
    web = read["services"]["web"]
    assert web["environment"]["PRICE"] == "5$"
    assert web["command"] == ["serve", "--price", "5$"]
    assert web["secrets"][1]["mode"] == 0o440
    assert web["ports"][2] == {"mode": "host", "target": 70, "published": 7070, "protocol": "tcp"}
    assert read["networks"]["outer"] == {"name": "edge", "external": True}
    assert read["services"]["job"]["deploy"]["mode"] == "replicated-job"
    assert web["deploy"]["labels"]["three"] == "four"


def test_a_new_repository_comes_through(tmp_path: Path) -> None:
    repository = new_repository(tmp_path, "api:fastapi")
    folder = repository.root / "deploy/prod"
    (folder / "secrets").mkdir()
    (folder / "secrets/api-database-password").write_text("correct-horse\n")
    stack = stack_of(folder / "docker-compose.yml")
    read = read_back(stack)
    assert_nothing_is_lost(stack, read)
    assert stack.jobs == {"api-migrate"}
    database = read["services"]["api-database"]
    assert database["deploy"]["placement"]["constraints"] == ["node.id == abc"]
    assert {mount["target"] for mount in database["volumes"]} >= {
        *("/var/lib/postgresql", "/tmp", "/run/postgresql", "/dev/shm"),
    }
    told = json.dumps([f"{change.key} {change.why}" for change in stack.changes])
    assert all(key in told for key in ("build", "security_opt", "tmpfs", "shm_size", "restart"))
