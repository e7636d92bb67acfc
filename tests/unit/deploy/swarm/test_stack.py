"""From a compose file to a stack: what is kept, what becomes something else, what is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from seatrial.composefile.load import load
from seatrial.deploy.swarm.keys import (
    CONVERTED,
    DROPPED,
    KEPT,
    REFUSED,
    WITHOUT_EFFECT,
    Change,
    together,
)
from seatrial.deploy.swarm.stack import Known, Stack, convert, unescaped
from seatrial.errors import ConfigError, Where
from tests.unit.deploy.swarm.reading import config_of


def stack_of(tmp_path: Path, text: str, **known: Any) -> Stack:
    """Convert a compose file; images have no digests and nothing is on a node unless said."""
    file = tmp_path / "docker-compose.yml"
    file.write_text(text)
    project = load([file], {})
    facts: dict[str, Any] = {
        "images": {},
        "secrets": {key: f"{key}-1" for key in project.secrets},
        "configs": {key: f"{key}-1" for key in project.configs},
        "jobs": frozenset(),
        "pins": {},
        "watch": 5.0,
    }
    return convert("shop", config_of(file), project, Known(**{**facts, **known}))


def web(tmp_path: Path, lines: str, **known: Any) -> Mapping[str, Any]:
    """Convert one service that has these lines beside its image."""
    return stack_of(tmp_path, service(lines), **known).services["web"]


def service(lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return f"services:\n  web:\n    image: web:1\n{body}"


def told(tmp_path: Path, lines: str, **known: Any) -> dict[str, Change]:
    return {c.key: c for c in stack_of(tmp_path, service(lines), **known).changes}


class TestKeys:
    """Every key of a compose service has its place."""

    def test_every_key_that_compose_knows_is_in_one_table(self) -> None:
        from seatrial.composefile.schema import known_keys

        tables = (KEPT, CONVERTED, WITHOUT_EFFECT, REFUSED, frozenset(DROPPED))
        for key in known_keys("service"):
            assert sum(key in table for table in tables) == 1, key

    def test_what_is_dropped_is_told_with_its_place(self, tmp_path: Path) -> None:
        change = told(tmp_path, 'restart: always\nsecurity_opt: ["no-new-privileges:true"]')[
            "security_opt"
        ]
        assert change.dropped
        assert change.service == "web"
        assert change.where == Where(tmp_path / "docker-compose.yml", 5, 5)
        assert "security_opt" not in web(tmp_path, 'security_opt: ["no-new-privileges:true"]')

    @pytest.mark.parametrize(
        "line", ["privileged: true", "network_mode: host", "devices: ['/dev/fuse:/dev/fuse']"]
    )
    def test_what_cannot_work_is_refused_with_its_place(self, tmp_path: Path, line: str) -> None:
        with pytest.raises(ConfigError, match=r"service 'web' says \w+") as caught:
            web(tmp_path, line)
        assert caught.value.where == Where(tmp_path / "docker-compose.yml", 4, 5)

    def test_privileged_that_is_false_is_no_reason(self, tmp_path: Path) -> None:
        assert "privileged" not in web(tmp_path, "privileged: false")

    def test_one_change_of_several_services_is_told_once(self) -> None:
        one = Change("api", "build", "images come from a registry", Where(Path("f"), 3), True)
        other = Change("jobs", "build", "images come from a registry", Where(Path("f"), 9), True)
        kept = Change("api", "ports", "published on every node", Where(Path("f"), 5))
        (first, second) = together([one, kept, other])
        assert (first.change.key, first.services) == ("ports", ("api",))
        assert second.services == ("api", "jobs")
        assert second.places == (Where(Path("f"), 3), Where(Path("f"), 9))


class TestPlaces:
    """Volumes and temporary folders."""

    def test_a_tmpfs_becomes_a_mount(self, tmp_path: Path) -> None:
        node = web(tmp_path, 'tmpfs: ["/tmp", "/run:size=64m,mode=1777"]')
        assert node["volumes"] == [
            {"type": "tmpfs", "target": "/tmp"},
            {"type": "tmpfs", "target": "/run", "tmpfs": {"size": 64 * 1024 * 1024}},
        ]
        assert "tmpfs" not in node

    def test_shared_memory_becomes_a_mount_of_its_size(self, tmp_path: Path) -> None:
        node = web(tmp_path, "shm_size: 128m")
        assert node["volumes"] == [
            {"type": "tmpfs", "target": "/dev/shm", "tmpfs": {"size": 128 * 1024 * 1024}}
        ]

    def test_a_service_with_data_stays_on_its_node(self, tmp_path: Path) -> None:
        text = service("volumes: [data:/data]") + "volumes:\n  data:\n"
        stack = stack_of(tmp_path, text, pins={"web": "abc"})
        deploy = stack.services["web"]["deploy"]
        assert deploy["placement"] == {"constraints": ["node.id == abc"]}
        assert deploy["update_config"]["order"] == "stop-first"
        assert "does not move" in next(c.why for c in stack.changes if c.key == "volumes")

    def test_a_folder_of_the_machine_must_be_on_every_node(self, tmp_path: Path) -> None:
        change = told(tmp_path, "volumes: ['./conf:/etc/conf:ro']")["volumes"]
        assert change.why == f"{tmp_path / 'conf'} must be on every node that may run it"


class TestDeploy:
    """Replicas, resources, restarts, rolls."""

    def test_older_limits_become_resources(self, tmp_path: Path) -> None:
        node = web(tmp_path, "mem_limit: 64m\ncpus: 0.5\nmem_reservation: 32m\npids_limit: 100")
        assert node["deploy"]["resources"] == {
            "limits": {"memory": str(64 * 1024 * 1024), "cpus": "0.5", "pids": 100},
            "reservations": {"memory": str(32 * 1024 * 1024)},
        }

    def test_deploy_says_more_than_older_limits(self, tmp_path: Path) -> None:
        lines = "mem_limit: 64m\ndeploy: {resources: {limits: {memory: 64m, cpus: '2'}}}"
        node = web(tmp_path, lines)
        assert node["deploy"]["resources"]["limits"] == {
            "memory": str(64 * 1024 * 1024),
            "cpus": "2",
        }

    @pytest.mark.parametrize(
        ("lines", "policy"),
        [
            ("restart: unless-stopped", {"condition": "any"}),
            ("restart: on-failure:5", {"condition": "on-failure", "max_attempts": 5}),
            ("init: true", {"condition": "any"}),
            ("deploy: {restart_policy: {condition: none}}", {"condition": "none"}),
        ],
    )
    def test_restarts(self, tmp_path: Path, lines: str, policy: Mapping[str, Any]) -> None:
        assert web(tmp_path, lines)["deploy"]["restart_policy"] == policy

    def test_a_job_that_fails_is_not_tried_for_ever(self, tmp_path: Path) -> None:
        deploy = web(tmp_path, "restart: on-failure", jobs=frozenset({"web"}))["deploy"]
        assert deploy["mode"] == "replicated-job"
        assert deploy["restart_policy"] == {"condition": "on-failure", "max_attempts": 3}
        assert "update_config" not in deploy

    def test_a_job_that_is_not_to_restart_runs_once(self, tmp_path: Path) -> None:
        deploy = web(tmp_path, "init: true", jobs=frozenset({"web"}))["deploy"]
        assert deploy["restart_policy"] == {"condition": "none"}

    def test_a_job_of_every_node_stays_one(self, tmp_path: Path) -> None:
        lines = "deploy: {mode: global-job}"
        assert web(tmp_path, lines, jobs=frozenset({"web"}))["deploy"]["mode"] == "global-job"

    def test_rolls_by_one_and_goes_back_by_itself(self, tmp_path: Path) -> None:
        deploy = web(tmp_path, "deploy: {replicas: 3}")["deploy"]
        assert deploy["replicas"] == 3
        assert deploy["update_config"] == {
            "parallelism": 1,
            "failure_action": "rollback",
            "order": "start-first",
        }
        assert deploy["rollback_config"]["order"] == "start-first"

    def test_stops_first_where_a_node_has_no_room_for_one_more(self, tmp_path: Path) -> None:
        lines = "deploy: {replicas: 3, placement: {max_replicas_per_node: 1}}"
        deploy = web(tmp_path, lines)["deploy"]
        assert deploy["update_config"]["order"] == "stop-first"
        assert deploy["rollback_config"]["order"] == "stop-first"

    def test_keeps_what_the_file_says_of_rolls(self, tmp_path: Path) -> None:
        lines = "deploy: {update_config: {parallelism: 2, order: stop-first, delay: 3s}}"
        update = web(tmp_path, lines)["deploy"]["update_config"]
        assert update["parallelism"] == 2
        assert update["order"] == "stop-first"
        assert update["delay"] == "3s"
        assert update["failure_action"] == "rollback"

    def test_is_watched_as_long_as_the_file_says_or_else_the_deployment(
        self, tmp_path: Path
    ) -> None:
        stack = stack_of(tmp_path, service("init: true"), watch=2.5)
        text = stack.file(["web"], "run-1")
        assert text.count('"monitor": "2500ms"') == 2
        lines = "deploy: {update_config: {monitor: 30s}}"
        text = stack_of(tmp_path, service(lines), watch=2.5).file(["web"], "run-1")
        assert text.count('"monitor": "30s"') == 2

    def test_is_no_other_service_where_it_is_watched_longer(self, tmp_path: Path) -> None:
        short, long = (stack_of(tmp_path, service("init: true"), watch=w) for w in (1.0, 60.0))
        assert short.made_of("web") == long.made_of("web")

    def test_no_replicas_are_no_replicas(self, tmp_path: Path) -> None:
        assert web(tmp_path, "deploy: {replicas: 0}")["deploy"]["replicas"] == 0


class TestPorts:
    """What is published where."""

    def test_a_port_of_this_machine_is_not_opened_to_the_world(self, tmp_path: Path) -> None:
        assert "ports" not in web(tmp_path, 'ports: ["127.0.0.1:5432:5432"]')
        change = told(tmp_path, 'ports: ["127.0.0.1:5432:5432"]')["ports"]
        assert change.dropped
        assert "this machine only (127.0.0.1)" in change.why

    def test_a_fixed_port_is_that_of_every_node(self, tmp_path: Path) -> None:
        (port,) = web(tmp_path, 'ports: ["8080:80"]')["ports"]
        assert port == {"target": 80, "published": 8080, "protocol": "tcp", "mode": "ingress"}

    def test_without_virtual_addresses_a_port_is_the_nodes(self, tmp_path: Path) -> None:
        node = web(tmp_path, 'ports: ["8080:80"]\ndeploy: {endpoint_mode: dnsrr}')
        assert node["ports"][0]["mode"] == "host"
        assert node["deploy"]["update_config"]["order"] == "stop-first"


class TestFiles:
    """The stack file of one wave."""

    TEXT = service(
        'environment: {PRICE: "5$$", NAME: web}\nnetworks: [inner]\nsecrets: [key]\n'
        "volumes: [data:/data]"
    ) + (
        "  other:\n    image: other:1\n"
        "networks:\n  inner: {driver: bridge, internal: true}\nvolumes:\n  data:\n  unused:\n"
        "secrets:\n  key: {environment: KEY}\n"
    )

    def test_names_only_what_its_services_need(self, tmp_path: Path) -> None:
        text = stack_of(tmp_path, self.TEXT).file(["web"], "run-1")
        assert '"key": {"external": true, "name": "key-1"}' in text
        assert '"inner": {"driver": "overlay", "internal": true}' in text
        assert "unused" not in text
        assert "other" not in text

    def test_a_dollar_is_a_dollar(self, tmp_path: Path) -> None:
        stack = stack_of(tmp_path, self.TEXT)
        assert stack.services["web"]["environment"]["PRICE"] == "5$"
        assert '"PRICE": "5$$"' in stack.file(["web"], "run-1")

    def test_a_driver_of_one_machine_becomes_an_overlay_and_is_told(self, tmp_path: Path) -> None:
        (change,) = (c for c in stack_of(tmp_path, self.TEXT).changes if c.key == "driver")
        assert change.service == "network inner"

    def test_what_a_service_is_made_of_changes_with_its_secrets(self, tmp_path: Path) -> None:
        before = stack_of(tmp_path, self.TEXT)
        after = stack_of(tmp_path, self.TEXT, secrets={"key": "key-2"})
        assert before.made_of("web") == stack_of(tmp_path, self.TEXT).made_of("web")
        assert before.made_of("web") != after.made_of("web")
        assert before.made_of("other") == after.made_of("other")


def test_doubled_dollars_are_undone_everywhere() -> None:
    assert unescaped({"a": ["$$x", {"b": "$$$$"}], "n": 1}) == {"a": ["$x", {"b": "$$"}], "n": 1}
