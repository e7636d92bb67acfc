"""What is laid over a compose file, and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from ruamel.yaml import YAML

from seatrial.composefile.load import load
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.override import Override, build_plan, plan
from seatrial.runtimes.docker.yamltext import RESET, override, text

Planner = Callable[..., Override]


def request(root: Path) -> EnvironmentRequest:
    return EnvironmentRequest(
        key="integration",
        run="r1",
        root=root,
        files=(root / "docker-compose.yml",),
        instance="main-1a2b",
        project="shop-main-1a2b",
        variables={"TEST_INSTANCE_ID": "main-1a2b"},
        labels={"dev.seatrial.worktree": "main-1a2b"},
        boot_timeout=90.0,
    )


@pytest.fixture
def planned(tmp_path: Path) -> Planner:
    def make(compose: str, images: dict[str, str] | None = None, **more: Any) -> Override:
        (tmp_path / "docker-compose.yml").write_text(dedent(compose))
        asked = request(tmp_path)
        return plan(load(asked.files, asked.variables), asked, images or {}, **more)

    return make


def test_everything_made_carries_the_labels_of_the_run(planned: Planner) -> None:
    document = planned(
        """
        services: {db: {image: redis, volumes: ["data:/data"]}}
        volumes: {data: , theirs: {external: true}}
        """
    ).document
    marked = (
        document["services"]["db"],
        document["volumes"]["data"],
        document["networks"]["default"],
    )
    assert all(one["labels"][labels.RUN] == "r1" for one in marked)
    assert "theirs" not in document["volumes"]


def test_a_fixed_host_port_becomes_dynamic_and_keeps_its_address(planned: Planner) -> None:
    made = planned(
        'services: {db: {image: redis, ports: ["127.0.0.1:6379:6379", "53/udp"]}}',
    )
    assert made.document["services"]["db"]["ports"] == override(
        [
            {"target": 6379, "protocol": "tcp", "host_ip": "127.0.0.1"},
            {"target": 53, "protocol": "udp"},
        ]
    )
    assert "host port 6379 left to the engine" in made.changes["db"][0]


def test_dynamic_ports_stay_as_they_are(planned: Planner) -> None:
    made = planned('services: {db: {image: redis, ports: ["6379"]}}')
    assert "ports" not in made.document["services"]["db"]
    assert made.changes["db"] == ()


def test_names_without_the_instance_are_dropped_and_those_with_it_stay(planned: Planner) -> None:
    made = planned(
        """
        services:
          a: {image: redis, container_name: mydb}
          b: {image: redis, container_name: "mydb-${TEST_INSTANCE_ID}"}
        networks: {default: {name: net}, other: {name: "net-${TEST_INSTANCE_ID}"}}
        """
    )
    services, networks = made.document["services"], made.document["networks"]
    assert services["a"]["container_name"] == RESET
    assert "container_name" not in services["b"]
    assert networks["default"]["name"] == "shop-main-1a2b_default"
    assert "name" not in networks["other"]
    assert made.changes["b"] == ()


def test_a_built_service_starts_by_its_images_id(planned: Planner) -> None:
    made = planned("services: {api: {build: .}}", {"api": "sha256:1"})
    api = made.document["services"]["api"]
    assert (api["image"], api["build"], api["pull_policy"]) == ("sha256:1", RESET, "never")


def test_a_service_that_names_a_built_image_gets_its_id_and_no_build(planned: Planner) -> None:
    made = planned("services: {worker: {image: mine}}", {"worker": "sha256:1"})
    worker = made.document["services"]["worker"]
    assert worker["image"] == "sha256:1"
    assert "build" not in worker


def test_a_health_check_is_probed_fast_for_as_long_as_its_own_timings_allow(
    planned: Planner,
) -> None:
    made = planned(
        "services: {a: {image: x, healthcheck: {test: 'true', interval: 5s, retries: 10,"
        " start_period: 10s}}}"
    )
    check = made.document["services"]["a"]["healthcheck"]
    assert check == {"start_interval": "30ms", "start_period": "60s"}
    assert made.patience == {"a": 60.0}


def test_a_start_interval_of_the_file_stays_and_gets_its_period(planned: Planner) -> None:
    made = planned(
        "services: {a: {image: x, healthcheck: {test: 'true', interval: 2s, retries: 5,"
        " start_interval: 1s}}}"
    )
    assert made.document["services"]["a"]["healthcheck"] == {"start_period": "10s"}


def test_more_checks_are_probed_less_often(planned: Planner) -> None:
    check = "{test: 'true', interval: 5s}"
    services = ", ".join(f"s{n}: {{image: x, healthcheck: {check}}}" for n in range(10))
    made = planned(f"services: {{{services}}}")
    assert made.document["services"]["s0"]["healthcheck"]["start_interval"] == "450ms"


def test_checks_that_wait_for_each_other_are_not_probed_together(planned: Planner) -> None:
    check = "{test: 'true', interval: 5s}"
    services = ", ".join(
        f"s{n}: {{image: x, healthcheck: {check}, depends_on: [{f's{n - 1}' if n else ''}]}}"
        for n in range(5)
    )
    made = planned(f"services: {{{services}}}")
    assert made.document["services"]["s4"]["healthcheck"]["start_interval"] == "30ms"


def test_an_older_engine_gets_the_file_as_it_is(planned: Planner) -> None:
    made = planned(
        "services: {a: {image: x, healthcheck: {test: 'true'}}, b: {image: y}}",
        start_interval=False,
    )
    assert all("healthcheck" not in one for one in made.document["services"].values())


def test_a_check_that_is_off_stays_off(planned: Planner) -> None:
    made = planned("services: {a: {image: x, healthcheck: {disable: true}}}")
    assert "healthcheck" not in made.document["services"]["a"]


@pytest.mark.parametrize(
    ("test", "becomes"),
    [
        ("pg_isready -U me", ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U me"]),
        ("[CMD, pg_isready]", ["CMD", "pg_isready", "-h", "127.0.0.1"]),
        (
            "pg_isready -U me || exit 1",
            ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U me || exit 1"],
        ),
        ("pg_isready -h db", None),
        ("[CMD, pg_isready, --host=db]", None),
        ("[CMD, pg_isready, -hdb]", None),
        ("'true'", None),
    ],
)
def test_pg_isready_is_pointed_away_from_the_socket(
    planned: Planner, test: str, becomes: list[str] | None
) -> None:
    made = planned(f"services: {{a: {{image: postgres, healthcheck: {{test: {test}}}}}}}")
    assert made.document["services"]["a"]["healthcheck"].get("test") == becomes


def test_the_text_is_yaml_with_composes_tags_and_no_variables() -> None:
    written = text({"a": RESET, "b": override([1, "p$x"]), "c": {"é": None}, "d": True})
    assert written == '{"a": !reset null, "b": !override [1, "p$$x"], "c": {"é": null}, "d": true}'


def test_the_text_of_plain_data_reads_back_as_it_was() -> None:
    document = {"services": {"a": {"labels": {"k: #": 'v"\\\n\t☃'}, "n": [1, 2.5, None, False]}}}
    assert YAML(typ="safe").load(text(document)) == document


def test_an_image_carries_no_label_that_differs_between_runs(tmp_path: Path) -> None:
    made = build_plan(request(tmp_path), {"api": "tag"})
    assert made["services"]["api"] == {
        "image": "tag",
        "build": {"labels": {labels.WORKTREE: "main-1a2b"}},
    }
