"""`seatrial deploy prod` where one container must make room for the next, and where numbers change.

The images are on the engine alone, so none of these needs a registry.
"""

from __future__ import annotations

import secrets
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from seatrial.deploy.lock import machine
from tests.support.deploying import Prod, docker, leave_claim
from tests.support.program import Repository, Said, until
from tests.support.standing import free_port

pytestmark = pytest.mark.engine

# Nobody answers there.
REGISTRY = "127.0.0.1:1"
STACK = """
name: ${STAND}

x-app: &app
  image: ${REGISTRY}/${STAND}-app:1
  init: true
  command: [sh, -c, 'test "$$SETTING" != bad && exec sleep infinity']
  stop_grace_period: 2s
  healthcheck:
    test: [CMD, test, "!", -e, /dev/shm/sick]
    interval: 1s
    retries: 1
    start_period: 20s
    start_interval: 200ms

services:
  api:
    <<: *app
    container_name: ${STAND}-fixed
    environment: {SETTING: "${API:-one}"}
    secrets: [{source: token, mode: 0400}]
    post_start:
      - command: [sh, -c, 'echo "$$SETTING $$HOOK" >> /hooks']
        environment: {HOOK: "a hook's $$own"}

  web:
    <<: *app
    environment: {SETTING: "${WEB:-one}"}
    env_file: [./web.env]
    deploy: {replicas: "${WEBS:-1}"}
    depends_on: [api]

  door:
    <<: *app
    environment: {SETTING: "${DOOR:-one}"}
    ports: ["127.0.0.1:${WEB_PORT}:8000"]
    networks: {default: {ipv4_address: "${SUBNET}.200"}}
    depends_on: [web]

networks:
  default: {ipam: {config: [{subnet: "${SUBNET}.0/24"}]}}

secrets:
  token: {environment: TOKEN}
"""

BESIDE = """\
  beside:
    <<: *app
    environment: {SETTING: "${BESIDE:-one}"}
    network_mode: service:door

"""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prod]:
    place = tmp_path_factory.mktemp("aside")
    stand, port = f"st{secrets.token_hex(4)}", free_port()
    repository = Repository(place / "repo", place / "home")
    (repository.home / "run").mkdir(parents=True)
    repository.write("deploy/prod/docker-compose.yml", STACK.lstrip("\n"))
    subnet = f"10.{100 + port % 100}.{port // 100 % 250}"
    settings = {"STAND": stand, "REGISTRY": REGISTRY, "WEB_PORT": port, "SUBNET": subnet}
    lines = [f"{name}={value}" for name, value in {**settings, "TOKEN": "not-a-file"}.items()]
    repository.write("deploy/prod/web.env", "GREETING=it costs $$5\n")
    repository.write("deploy/prod/.env", "\n".join(lines) + "\n")
    docker("tag", "python:3.13-slim", f"{REGISTRY}/{stand}-app:1")
    found = Prod(repository, stand, REGISTRY, port)
    try:
        assert deployed(found).code == 0
        yield found
    finally:
        found.leave_nothing()


def deployed(found: Prod, *words: str, code: int = 0, **variables: str) -> Said:
    said = found.deploy("--timeout", "30", *words, **variables)
    assert said.code == code, said.all
    return said


def setting(facts: dict[str, Any]) -> str:
    found: str = dict(word.split("=", 1) for word in facts["Config"]["Env"])["SETTING"]
    return found


def named(found: Prod) -> str:
    """Return the setting of the container that has the fixed name and runs."""
    ones = [one for one in found.containers("api") if one["State"]["Running"]]
    return next((setting(one) for one in ones if one["Name"] == f"/{found.stand}-fixed"), "")


def address(facts: dict[str, Any]) -> str:
    (network,) = facts["NetworkSettings"]["Networks"].values()
    found: str = network["IPAddress"]
    return found


def inside(facts: dict[str, Any], *words: str) -> str:
    return docker("exec", facts["Id"], *words)


def test_a_container_with_a_fixed_name_comes_back_with_its_settings(one: Prod) -> None:
    before = one.ids()
    api, web = one.the("api"), one.the("web")
    assert api["Name"] == f"/{one.stand}-fixed"
    said = deployed(one, code=3, API="two", WEB="bad")
    assert "prod is back at what ran before" in said.err
    assert one.ids() == before
    assert len(one.containers()) == 3
    # As it was: its settings, what it was given, and its hook, which runs at each start.
    assert setting(one.the("api")) == "one"
    assert inside(api, "cat", "/hooks").splitlines() == ["one a hook's $own"] * 2
    assert inside(api, "cat", "/run/secrets/token") == "not-a-file"
    assert inside(web, "getent", "hosts", f"{one.stand}-fixed").split()[0] == address(api)


def test_the_next_one_gets_the_name_and_all_that_compose_gives(one: Prod) -> None:
    before = one.the("api")["Id"]
    said = deployed(one, API="two")
    assert f"api has the fixed container_name {one.stand}-fixed" in said.out
    api, web = one.the("api"), one.the("web")
    assert api["Id"] != before
    assert api["Name"] == f"/{one.stand}-fixed"
    assert setting(api) == "two"
    assert inside(api, "cat", "/hooks") == "two a hook's $own"
    assert inside(api, "stat", "-c", "%a", "/run/secrets/token") == "400"
    assert inside(api, "cat", "/run/secrets/token") == "not-a-file"
    assert inside(web, "getent", "hosts", f"{one.stand}-fixed").split()[0] == address(api)
    assert "nothing to do" in deployed(one, API="two").out
    assert "not-a-file" not in said.all


def test_what_is_in_a_file_of_variables_counts_as_settings(one: Prod) -> None:
    api = setting(one.the("api"))
    file = one.repository.root / "deploy/prod/web.env"
    kept = file.read_text()
    assert "nothing to do" in deployed(one, "--dry-run", API=api).out
    file.write_text(kept + "MORE=1\n")
    try:
        said = deployed(one, "--dry-run", API=api)
    finally:
        file.write_text(kept)
    assert "roll web because its settings changed" in " ".join(said.out.split())


def test_after_kill_9_the_one_that_made_room_has_its_name_again(one: Prod) -> None:
    deployed(one, API="two")
    before = one.the("api")["Id"]
    words = ("deploy", "prod", "api", "--watch", "3")
    with one.called(API="three").started(*words) as deployment:
        until(lambda: named(one) == "three", "the next one under the fixed name")
        deployment.process.kill()
        assert deployment.process.wait() == -signal.SIGKILL
    said = deployed(one, "--rollback", API="two")
    assert "an earlier deployment was broken off" in said.out
    assert one.the("api")["Id"] == before
    assert one.the("api")["Name"] == f"/{one.stand}-fixed"


def test_what_is_too_many_ends_only_when_all_is_good(one: Prod) -> None:
    deployed(one, WEBS="3")
    before = one.ids()
    assert len(one.containers("web")) == 3
    said = deployed(one, code=3, WEBS="1", DOOR="bad")
    assert "door has the fixed" in said.out
    assert one.ids() == before
    less = deployed(one, WEBS="1")
    assert "because the files want another number of containers" in less.out
    assert one.ids().items() < before.items()
    assert len(one.containers("web")) == 1
    none = deployed(one, WEBS="0")
    assert "remove web because the files want another number" in " ".join(none.out.split())
    assert one.containers("web") == []


def test_what_runs_and_is_not_well_is_started_again(one: Prod) -> None:
    deployed(one)
    web = one.the("web")
    inside(web, "touch", "/dev/shm/sick")
    until(lambda: one.the("web")["State"]["Health"]["Status"] == "unhealthy", "an unhealthy web")
    said = deployed(one)
    assert "start web" in said.out
    assert one.the("web")["Id"] == web["Id"]
    assert one.the("web")["State"]["Health"]["Status"] == "healthy"


def test_a_service_that_is_called_otherwise_gets_the_port_of_the_old_one(one: Prod) -> None:
    deployed(one)
    before = one.ids()
    door = one.the("door")["Id"]
    renamed = (
        STACK.replace("  door:", "  gate:").replace("service:door", "service:gate").lstrip("\n")
    )
    one.repository.write("deploy/prod/docker-compose.yml", renamed)
    try:
        deployed(one, code=3, DOOR="bad")
        assert one.ids() == before
        said = deployed(one)
    finally:
        one.repository.write("deploy/prod/docker-compose.yml", STACK.lstrip("\n"))
    assert said.out.index("remove door") < said.out.index("start gate")
    assert one.containers("door") == []
    (binding,) = one.the("gate")["NetworkSettings"]["Ports"]["8000/tcp"]
    assert binding["HostPort"] == str(one.port)
    deployed(one)
    assert one.the("door")["Id"] != door


def test_who_has_the_network_of_another_service_goes_with_it_and_comes_back(one: Prod) -> None:
    joined = STACK.replace("networks:\n  default:", f"{BESIDE}networks:\n  default:", 1)
    one.repository.write("deploy/prod/docker-compose.yml", joined.lstrip("\n"))
    try:
        deployed(one)
        before = one.ids()
        for bad in ({"DOOR": "bad"}, {"DOOR": "two", "BESIDE": "bad"}):
            deployed(one, "door", code=3, **bad)
            assert one.ids() == before
            assert inside(one.the("beside"), "getent", "hosts", "api")
        deployed(one, "door", DOOR="two")
    finally:
        one.repository.write("deploy/prod/docker-compose.yml", STACK.lstrip("\n"))
    door, beside = one.the("door"), one.the("beside")
    assert setting(door) == "two"
    assert beside["HostConfig"]["NetworkMode"] == f"container:{door['Id']}"


def test_what_an_earlier_deployment_made_and_never_started_is_not_started(one: Prod) -> None:
    deployed(one)
    scaled = ("up", "--no-start", "--no-deps", "--no-recreate", "--scale", "web=2", "web")
    one.compose(*scaled, WEB="two")
    (never,) = (facts["Id"] for facts in one.containers("web") if setting(facts) == "two")
    events = ("docker", "events", "--since", "1s", "--format", "{{.Action}}")
    filters = (f"container={never}", "event=start", "event=destroy")
    words = [word for one_filter in filters for word in ("--filter", one_filter)]
    with subprocess.Popen([*events, *words], stdout=subprocess.PIPE, text=True) as stream:
        deployed(one, "web", WEB="three")
        assert stream.stdout is not None
        assert stream.stdout.readline() == "destroy\n"
        stream.terminate()
    assert setting(one.the("web")) == "three"


def test_who_lost_the_claim_touches_nothing_more(one: Prod) -> None:
    deployed(one)
    claim = f"{one.stand}-deploying"
    with one.called(API="two", WEB="two").started("deploy", "prod", "--watch", "1") as deployment:
        until(lambda: named(one) == "two", "the next one under the fixed name")
        docker("volume", "rm", claim)
        leave_claim(one.stand, "other", machine())
        web = one.the("web")["Id"]
        assert deployment.ended() == 3, deployment.text()
        assert "prod was taken over by process 7 on elsewhere" in deployment.text()
    assert one.the("web")["Id"] == web
    assert named(one) == "two"
    # The other one is dead, and did nothing: what is there is gone on from.
    said = deployed(one, API="two")
    assert "because an earlier deployment got half way" in said.out
    assert len(one.containers("api")) == 1
    # Nor does a dead claim stay where there is nothing to do.
    leave_claim(one.stand, "dead", machine())
    assert "nothing to do" in deployed(one, API="two").out
    assert one.claim() == ""


def test_a_stack_of_the_same_name_is_not_deployed_over(one: Prod) -> None:
    label = f"com.docker.stack.namespace={one.stand}"
    task = docker("run", "-d", "--label", label, "python:3.13-slim", "sleep", "infinity")
    before = one.ids()
    try:
        said = deployed(one, code=3, API="four")
    finally:
        docker("rm", "-f", task)
    assert f"prod runs on a Swarm here, as the stack {one.stand}" in said.err
    assert f"docker stack rm {one.stand}" in said.err
    assert one.ids() == before
