"""`seatrial deploy prod --to swarm` on a real Swarm of three machines, reached by a context."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Repository, Said
from tests.support.scaffold import new_repository, project_of
from tests.support.swarm import (
    CONTEXT,
    IMAGES,
    Swarm,
    docker,
    eventually,
    owner,
    push,
    push_as_it_is,
    remove_what_the_dead_left,
    three_nodes,
)

pytestmark = pytest.mark.engine

COMPOSE = """
name: shop
services:
  web:
    image: registry:5000/shop-web:${VERSION}
    restart: unless-stopped
    init: true
    read_only: true
    tmpfs: [/tmp]
    security_opt: ["no-new-privileges:true"]
    stop_grace_period: 10s
    healthcheck:
      test: ["CMD", "python", "-S", "/probe.py"]
      # What is slow is not sick: a machine of tests may be busy. A bad version says so at once.
      interval: 1s
      timeout: 30s
      retries: 2
      start_period: 1s
      start_interval: 200ms
    deploy:
      replicas: 3
      # The kernel of a test machine need not have IPVS, which virtual addresses stand on.
      endpoint_mode: dnsrr
      placement:
        preferences:
          - spread: node.id
    depends_on:
      migrate: {condition: service_completed_successfully}
  migrate:
    image: registry:5000/shop-web:${VERSION}
    command: ["python", "-c", "print('migrated')"]
  # They come before `web`: one has a port and a secret, one a place.
  side:
    image: registry:5000/shop-web:1.0.0
    init: true
    command: &waits ["python", "-c", "import signal; signal.pause()"]
    secrets: [key]
    ports: [{target: 8000, published: "${SIDE:-8001}", mode: host}]
    deploy: {endpoint_mode: dnsrr}
  place:
    image: registry:5000/shop-web:1.0.0
    init: true
    command: *waits
    deploy:
      endpoint_mode: dnsrr
      placement: {constraints: ["node.role == ${ROLE:-manager}"]}
networks:
  default: {attachable: true}
secrets:
  key: {file: ./secrets/key}
"""
SECRETS = ("secret", "ls", "-q", "--filter", "label=com.docker.stack.namespace=shop")
# What of `side` and `place` is no part of their containers.
ELSEWHERE = {"SIDE": "8002", "ROLE": "worker"}
READ_KEY = "print(open('/run/secrets/key').read(), end='')"
# A deployment whose migration waits until it is told to end.
HELD = """
name: NAME
services:
  web:
    image: registry:5000/shop-web:1.0.0
    deploy: {endpoint_mode: dnsrr}
    depends_on:
      migrate: {condition: service_completed_successfully}
  migrate:
    image: registry:5000/shop-web:1.0.0
    environment: {WHOSE: "${WHOSE:-}"}
    stop_grace_period: 2s
    command: ["python", "-c",
      "import os, time\\nwhile not os.path.exists('/tmp/go'): time.sleep(0.1)"]
    deploy:
      placement: {constraints: [node.role == manager]}
"""

# A service with data, at first on one machine.
KEEPER = """
name: keeper
services:
  keeper: &keeper
    image: registry:5000/shop-web:1.0.0
    init: true
    command: ["python", "-c", "import signal; signal.pause()"]
    volumes: ["data:/data"]
    deploy: {endpoint_mode: dnsrr}
volumes:
  data:
"""
# One more, whose file says where it runs, and later does not say it any more.
PLACED = """
  placed:
    <<: *keeper
    volumes: ["more:/data"]
    deploy: {endpoint_mode: dnsrr, placement: {constraints: [node.hostname == two]}}
volumes:
  more:
"""


@pytest.fixture(scope="module")
def swarm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    with three_nodes(tmp_path_factory.mktemp("swarm")) as swarm:
        for version in ("1.0.0", "2.0.0"):
            push(swarm, IMAGES / "app", f"shop-web:{version}", "--build-arg", f"VERSION={version}")
        push(swarm, IMAGES / "app", "shop-web:3.0.0", "--build-arg", "UNHEALTHY=yes")
        yield swarm


def a_repository(place: Path, swarm: Swarm, compose: str) -> Repository:
    """Make a repository whose prod is ``compose``, on the machine of an operator of the Swarm."""
    repository = Repository(place / "repo", place / "home", {**swarm.variables, "DOCKER_HOST": ""})
    (place / "home/run").mkdir(parents=True)
    repository.write("deploy/prod/docker-compose.yml", compose)
    repository.write("deploy/prod/secrets/key", "correct-horse-battery\n")
    subprocess.run(["git", "init", "-q", "-b", "main", str(repository.root)], check=True)
    return repository


@pytest.fixture(scope="module")
def shop(swarm: Swarm, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A stack that stands: version 1.0.0 on three nodes."""
    repository = a_repository(tmp_path_factory.mktemp("shop"), swarm, COMPOSE)
    began = time.monotonic()
    said = deploy(repository, "1.0.0")
    assert said.code == 0, said.all
    repository.variables["FIRST"] = f"{time.monotonic() - began:.1f} s"
    return repository


def deploy(repository: Repository, version: str, *words: str, **variables: str) -> Said:
    """Deploy to the Swarm, and watch each service for half a second."""
    options = ("--to", "swarm", "--context", CONTEXT, "--watch", "0.5")
    there = replace(repository, variables=repository.variables | variables)
    return there.seatrial("deploy", "prod", "--version", version, *options, *words)


def image(swarm: Swarm, service: str) -> str:
    """Return the image of a service."""
    container: dict[str, str] = swarm.service(service)["Spec"]["TaskTemplate"]["ContainerSpec"]
    return container["Image"]


def port(swarm: Swarm, service: str) -> int:
    """Return the one port that a service publishes."""
    (found,) = swarm.service(service)["Spec"]["EndpointSpec"]["Ports"]
    return int(found["PublishedPort"])


class Load:
    """A steady load on `web` from within the stack's network, on the manager."""

    def __init__(self, swarm: Swarm, network: str) -> None:
        self._swarm = swarm
        words = ("run", "-d", "--network", network, "registry:5000/shop-web:1.0.0")
        self._id = swarm.docker(*words, "python", "/load.py", "web", "0.02").strip()

    def sees(self, version: str) -> None:
        """Wait until a request was answered by that version."""
        first = json.dumps({"first": version})
        eventually(lambda: first in self._swarm.docker("logs", self._id), f"{version} seen")

    def ended(self) -> dict[str, Any]:
        """End it; return what came of all its requests."""
        self._swarm.docker("stop", self._id)
        counted: dict[str, Any] = json.loads(self._swarm.docker("logs", self._id).splitlines()[-1])
        return counted

    def remove(self) -> None:
        self._swarm.docker("rm", "-f", self._id)


@pytest.fixture
def load(swarm: Swarm, shop: Repository) -> Iterator[Load]:
    load = Load(swarm, "shop_default")
    try:
        yield load
    finally:
        load.remove()


class TestDeploying:
    """A stack from compose files."""

    def test_spreads_over_the_nodes_by_digest_after_the_migration(
        self, swarm: Swarm, shop: Repository, record_property: Callable[[str, object], None]
    ) -> None:
        assert swarm.running_on("shop_web") == ["manager", "one", "two"]
        named = r"registry:5000/shop-web:1\.0\.0@sha256:[0-9a-f]{64}"
        assert re.fullmatch(named, image(swarm, "shop_web"))
        jobs = swarm.docker("service", "ps", "shop_migrate", "-q").split()
        states = json.loads(swarm.docker("inspect", "--type", "task", *jobs))
        assert "complete" in {state["Status"]["State"] for state in states}
        record_property("measured", f"swarm: first deployment on 3 nodes {shop.variables['FIRST']}")

    def test_has_its_secrets_as_the_swarms_own(self, swarm: Swarm, shop: Repository) -> None:
        (grant,) = swarm.service("shop_side")["Spec"]["TaskTemplate"]["ContainerSpec"]["Secrets"]
        assert grant["SecretName"] in swarm.docker("secret", "ls", "--format", "{{.Name}}").split()
        assert grant["File"]["Name"] == "/run/secrets/key"
        told = swarm.exec("shop_side", "python", "-c", READ_KEY)
        assert told == "correct-horse-battery\n"

    def test_leaves_what_is_as_it_should_be(self, swarm: Swarm, shop: Repository) -> None:
        before = swarm.service("shop_web")["Version"]
        said = deploy(shop, "1.0.0")
        assert said.code == 0, said.all
        assert "nothing to do" in said.out
        assert swarm.service("shop_web")["Version"] == before

    def test_prints_its_whole_plan_and_touches_nothing(
        self, swarm: Swarm, shop: Repository
    ) -> None:
        before = swarm.service("shop_web")["Version"]
        shop.write("deploy/prod/secrets/key", "another-horse-battery\n")
        try:
            said = deploy(shop, "2.0.0", "--dry-run")
        finally:
            shop.write("deploy/prod/secrets/key", "correct-horse-battery\n")
        assert said.code == 0, said.all
        assert "web: dropped, security_opt" in said.out
        assert "security_opt (deploy/prod/docker-compose.yml:10): " in said.out
        assert "tmpfs" in said.out
        assert "what migrate does to the data is not rolled back" in said.out
        assert re.search(r"make secret key +because it is needed, shop_key-[0-9a-f]{10}", said.out)
        assert re.search(r"roll web +because its image changed", said.out)
        assert re.search(r"migrate migrate +because its image changed", said.out)
        assert "horse" not in said.all
        assert swarm.service("shop_web")["Version"] == before
        assert len(swarm.docker(*SECRETS).split()) == 1


class TestRolling:
    """A new version, from one task to the next."""

    def test_loses_no_request_of_a_steady_load(
        self,
        swarm: Swarm,
        shop: Repository,
        load: Load,
        record_property: Callable[[str, object], None],
    ) -> None:
        load.sees("1.0.0")
        began = time.monotonic()
        said = deploy(shop, "2.0.0", **ELSEWHERE)
        took = time.monotonic() - began
        assert said.code == 0, said.all
        load.sees("2.0.0")
        counted = load.ended()
        assert counted["failed"] == []
        assert set(counted["seen"]) == {"1.0.0", "2.0.0"}
        assert len(swarm.running_on("shop_web")) == 3
        assert port(swarm, "shop_side") == 8002
        assert swarm.running_on("shop_place") in (["one"], ["two"])
        assert re.search(r"web +registry:5000/shop-web:1\.0\.0@\S+ x3 → \S+:2\.0\.0@", said.out)
        served = sum(counted["seen"].values())
        record_property(
            "measured",
            f"swarm: migration and roll of 3 tasks {took:.1f} s, {served} requests,"
            f" {counted['again']} connections tried again, 0 failed",
        )

    def test_goes_back_where_it_is_told_to(self, swarm: Swarm, shop: Repository) -> None:
        said = deploy(shop, "", "--rollback")
        assert said.code == 0, said.all
        assert ":1.0.0@" in image(swarm, "shop_web")
        assert port(swarm, "shop_side") == 8001
        assert swarm.running_on("shop_place") == ["manager"]
        said = deploy(shop, "", "--rollback")
        assert said.code == 3, said.all
        assert "nothing to go back to" in said.err

    def test_goes_back_by_itself_from_a_bad_image(
        self,
        swarm: Swarm,
        shop: Repository,
        load: Load,
        record_property: Callable[[str, object], None],
    ) -> None:
        load.sees("1.0.0")
        began = time.monotonic()
        said = deploy(shop, "3.0.0", **ELSEWHERE)
        took = time.monotonic() - began
        assert said.code == 3, said.all
        assert "the new web did not stay up, and the Swarm went back" in said.err
        assert "healthy" in said.err
        assert "cannot reach the moon" in said.err
        assert "shop-web:1.0.0" in said.out
        assert "as before" in said.out
        assert "all is as before" in said.err
        assert ":1.0.0@" in image(swarm, "shop_web")
        # They had moved before the new `web` was tried.
        assert port(swarm, "shop_side") == 8001
        assert swarm.running_on("shop_place") == ["manager"]
        counted = load.ended()
        assert counted["failed"] == []
        assert set(counted["seen"]) == {"1.0.0"}
        # What failed may have taken the room of a task that went elsewhere.
        assert len(swarm.running_on("shop_web")) == 3
        record_property("measured", f"swarm: a bad image, found and gone back from {took:.1f} s")


class TestSecrets:
    """A secret with new content."""

    def test_rolls_what_uses_it_and_keeps_the_old_one_for_the_way_back(
        self, swarm: Swarm, shop: Repository
    ) -> None:
        (old,) = swarm.docker(*SECRETS).split()
        shop.write("deploy/prod/secrets/key", "another-horse-battery\n")
        # The environment says what --context says elsewhere.
        shop.variables["DOCKER_CONTEXT"] = CONTEXT
        words = ("--to", "swarm", "--version", "1.0.0", "--watch", "0.5")
        said = shop.seatrial("deploy", "prod", *words)
        assert said.code == 0, said.all
        assert re.search(r"replace side +because its settings changed", said.out)
        told = swarm.exec("shop_side", "python", "-c", READ_KEY)
        assert told == "another-horse-battery\n"
        kept = swarm.docker(*SECRETS).split()
        assert old in kept
        assert len(kept) == 2


class TestNewRepository:
    """What `seatrial new` makes, on three nodes."""

    def test_serves_from_a_database_that_was_migrated(
        self,
        swarm: Swarm,
        tmp_path: Path,
        record_property: Callable[[str, object], None],
    ) -> None:
        repository = new_repository(tmp_path, "api:fastapi")
        repository.variables |= {**swarm.variables, "DOCKER_HOST": ""}
        name = project_of(repository)
        folder = repository.root / "deploy/prod"
        compose = (folder / "docker-compose.yml").read_text()
        # The kernel need not have IPVS, and the nodes reach no registry but this one.
        compose = compose.replace("    deploy:\n", "    deploy:\n      endpoint_mode: dnsrr\n")
        compose = compose.replace("image: postgres:18", "image: registry:5000/postgres:18")
        repository.write("deploy/prod/docker-compose.yml", compose)
        repository.write("deploy/prod/secrets/api-database-password", "correct-horse-battery\n")
        image = ("-f", str(repository.root / "services/api/Dockerfile"), "--target", "service")
        push(swarm, repository.root, f"{name}-api:1.0.0", *image)
        push_as_it_is(swarm, "postgres:18")
        began = time.monotonic()
        said = deploy(repository, "1.0.0", "--registry", "registry:5000")
        took = time.monotonic() - began
        assert said.code == 0, said.all
        (node,) = swarm.running_on(f"{name}_api")
        with urllib.request.urlopen(f"http://{swarm.address(node)}:8000/health") as answer:
            assert answer.status == 200
        assert swarm.running_on(f"{name}_api-database") == ["manager"]
        record_property("measured", f"swarm: a new repository with PostgreSQL {took:.1f} s")


class TestMoving:
    """From Compose on one machine to a Swarm that this machine manages."""

    def test_finds_the_data_again_that_compose_had(self, swarm: Swarm, tmp_path: Path) -> None:
        repository = a_repository(tmp_path, swarm, KEEPER)
        repository.variables["DOCKER_CONTEXT"] = CONTEXT
        said = repository.seatrial("up", "prod")
        assert said.code == 0, said.all
        write = "open('/data/kept', 'w').write('since the beginning')"
        ours = ("--filter", "label=com.docker.compose.project=keeper")
        (container,) = swarm.docker("ps", "-q", *ours).split()
        swarm.docker("exec", container, "python", "-c", write)
        both = deploy(repository, "")
        assert both.code == 3, both.all
        assert "prod runs on Compose here" in both.err
        assert repository.seatrial("down", "prod").code == 0
        file = "deploy/prod/docker-compose.yml"
        placed = KEEPER.replace("\nvolumes:", PLACED.rstrip())
        repository.write(file, placed)
        said = deploy(repository, "")
        assert said.code == 0, said.all
        assert "keeper stays on one node: data is on manager, and does not move" in said.out
        read = "print(open('/data/kept').read())"
        told = swarm.exec("keeper_keeper", "python", "-c", read)
        assert told == "since the beginning\n"
        repository.write(file, placed.replace("[node.hostname == two]", "[]"))
        said = deploy(repository, "", "--force", "--dry-run")
        assert said.code == 0, said.all
        assert "placed stays on one node: more is on two, and does not move" in said.out


class TestRefusals:
    """What cannot be deployed, said before anything moves."""

    def test_an_engine_in_no_swarm(self, swarm: Swarm, shop: Repository) -> None:
        state = subprocess.run(
            ["docker", "info", "-f", "{{.Swarm.LocalNodeState}}"], capture_output=True, text=True
        )
        if state.stdout.strip() != "inactive":
            pytest.skip("this machine's engine is in a Swarm")
        shop.variables["DOCKER_HOST"] = os.environ.get("DOCKER_HOST", "")
        try:
            said = shop.seatrial("deploy", "prod", "--to", "swarm", "--version", "2.0.0")
        finally:
            shop.variables["DOCKER_HOST"] = ""
        assert said.code == 3, said.all
        assert "this engine is in no Swarm" in said.err
        assert "docker swarm init" in said.err

    def test_a_worker(self, swarm: Swarm, shop: Repository) -> None:
        shop.variables["DOCKER_HOST"] = f"unix://{swarm.sockets['one']}"
        try:
            said = shop.seatrial("deploy", "prod", "--to", "swarm", "--version", "2.0.0")
        finally:
            shop.variables["DOCKER_HOST"] = ""
        assert said.code == 3, said.all
        assert "only a manager takes deployments" in said.err
        assert ":2377" in said.err

    def test_a_secret_that_is_missing(self, swarm: Swarm, tmp_path: Path) -> None:
        compose = COMPOSE.replace("{file: ./secrets/key}", "{external: true, name: shop-key}")
        repository = a_repository(tmp_path, swarm, compose.replace("name: shop", "name: lacks", 1))
        said = deploy(repository, "1.0.0")
        assert said.code == 2, said.all
        assert "the Swarm lacks the secret shop-key" in said.err
        assert "openssl rand -hex 24 | docker secret create shop-key -" in said.err
        assert "lacks_" not in swarm.docker("service", "ls")

    def test_a_version_that_no_image_takes(self, swarm: Swarm, tmp_path: Path) -> None:
        said = deploy(a_repository(tmp_path, swarm, KEEPER), "7.0.0")
        assert said.code == 2, said.all
        assert "no image of prod has the version 7.0.0" in said.err

    def test_an_image_that_no_registry_has(self, swarm: Swarm, shop: Repository) -> None:
        before = swarm.service("shop_web")["Version"]
        said = deploy(shop, "9.9.9")
        assert said.code == 3, said.all
        assert "no registry gives registry:5000/shop-web:9.9.9" in said.err
        assert swarm.service("shop_web")["Version"] == before
        # What is not asked for may have no such version.
        alone = deploy(shop, "9.9.9", "side", "--dry-run")
        assert alone.code == 0, alone.all


class TestTwoAtOnce:
    """One deployment of a stack at a time, wherever they come from."""

    def test_the_second_is_refused_and_a_dead_one_is_taken_over(
        self, swarm: Swarm, tmp_path: Path
    ) -> None:
        compose = HELD.replace("NAME", "held", 1)
        first = a_repository(tmp_path / "first", swarm, compose)
        second = a_repository(tmp_path / "second", swarm, compose)
        words = ("deploy", "prod", "--to", "swarm", "--context", CONTEXT, "--watch", "0.5")
        with first.started(*words) as started:
            held = waits(swarm, "held_migrate")
            said = second.seatrial(*words)
            assert said.code == 3, said.all
            assert "held is being deployed by " in said.err
            assert "--take-over" in said.err
            started.signal(signal.SIGKILL)
            started.ended()
        second.variables["WHOSE"] = "another one, which the first must not run beside"
        with second.started(*words) as started:
            started.says("an earlier deployment was broken off")
            again = waits(swarm, "held_migrate", but=held)
            assert held not in swarm.docker("ps", "-q").split()
            # Detached: the container may end before what was started in it.
            swarm.docker("exec", "-d", again, "python", "-c", "open('/tmp/go', 'w')")
            assert started.ended() == 0, started.text()
        assert len(swarm.running_on("held_web")) == 1
        assert "held.deployment" not in swarm.docker("config", "ls")


class TestNodes:
    """Machines that vanish."""

    def test_runs_elsewhere_what_ran_on_a_node_that_is_gone(
        self, swarm: Swarm, shop: Repository, record_property: Callable[[str, object], None]
    ) -> None:
        # After a bad version the Swarm may have put what went back on two nodes of the three.
        gone = next(node for node in swarm.running_on("shop_web") if node != "manager")
        swarm.stop(gone)
        try:
            began = time.monotonic()

            def elsewhere() -> bool:
                nodes = swarm.running_on("shop_web")
                return len(nodes) == 3 and gone not in nodes

            eventually(elsewhere, "three tasks on two nodes")
            took = time.monotonic() - began
            said = deploy(shop, "2.0.0", "--dry-run")
            assert said.code == 0, said.all
            assert f"the node {gone} takes no work (down, active)" in said.out
        finally:
            swarm.start(gone)
        record_property("measured", f"swarm: tasks of a node that vanished run again {took:.1f} s")

    def test_are_needed(self, swarm: Swarm, shop: Repository) -> None:
        nodes = ("manager", "one", "two")
        for node in nodes:
            swarm.use(node, "pause")
        try:
            said = deploy(shop, "2.0.0")
        finally:
            for node in nodes:
                swarm.use(node, "active")
        assert said.code == 3, said.all
        assert "no node of the Swarm takes work: " in said.err
        assert "one ready/pause" in said.err


class TestLeftovers:
    """What a run of these tests left that was killed."""

    def test_go_once_their_run_is_dead_and_not_before(self, swarm: Swarm) -> None:
        with subprocess.Popen(["sleep", "600"]) as run:
            try:
                left = made_by(run.pid)
                remove_what_the_dead_left()
                assert {kind: is_there(kind, id) for kind, id in left.items()} == {
                    "container": True,
                    "network": True,
                }
            finally:
                run.kill()
        remove_what_the_dead_left()
        assert not any(is_there(kind, id) for kind, id in left.items())
        assert all(is_there("container", id) for id in swarm.nodes.values())


def made_by(pid: int) -> dict[str, str]:
    """Make a network and a container in it as a run of these tests does."""
    label = ("--label", owner(pid))
    network = docker("network", "create", *label, f"st-swarm-left-{pid}")
    container = docker("create", *label, "--network", network, "debian:trixie-slim")
    return {"network": network, "container": container}


def is_there(kind: str, id: str) -> bool:
    """Return whether this machine's engine has it."""
    words = ["docker", kind, "inspect", id]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def waits(swarm: Swarm, service: str, but: str = "") -> str:
    """Wait until a service runs on the manager, in another container than ``but``; return it."""
    filters = ("--filter", f"label=com.docker.swarm.service.name={service}")
    found: list[str] = []

    def runs() -> bool:
        found[:] = set(swarm.docker("ps", "-q", *filters).split()) - {but}
        return bool(found)

    eventually(runs, f"{service} running")
    return found[0]
