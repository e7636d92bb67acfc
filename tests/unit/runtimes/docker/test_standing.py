"""What is known of a standing environment's containers, and what is said about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject
from seatrial.host.processes import Completed
from seatrial.runtimes.docker.containers import Container
from seatrial.runtimes.docker.standing import ports
from seatrial.runtimes.docker.standing.look import Stood, states
from seatrial.runtimes.docker.standing.needs import closure
from seatrial.runtimes.docker.standing.ready import blamed, trouble
from seatrial.runtimes.docker.waves import must_end

COMPOSE = """
services:
  api:
    image: x
    ports:
      - "127.0.0.1:${API_PORT:-8000}:8000"
      - target: 9000
        published: "${ADMIN_PORT:-9000}"
      - "7000-7010:7000"
      - "6000"
    depends_on: {migrate: {condition: service_completed_successfully}}
  migrate: {image: x, depends_on: [database]}
  database: {image: x}
  worker: {image: x, ports: ["127.0.0.1:5000:5000"]}
"""

Made = Callable[..., Stood]


@pytest.fixture
def project(tmp_path: Path) -> ComposeProject:
    file = tmp_path / "docker-compose.yml"
    file.write_text(COMPOSE)
    return load([file], {})


def stood(
    service: str,
    status: str = "running",
    code: int = 0,
    health: str = "",
    policy: str = "no",
    restarts: int = 0,
) -> Stood:
    facts = Container("1", service, 1, 7, status, code, False, health, (), "", ())
    started = "2026-01-31T12:00:00.5Z"
    return Stood(facts, f"shop-{service}-1", "/shop", False, policy, restarts, started)


def test_services_bring_along_what_they_need(project: ComposeProject) -> None:
    assert closure(project, ["api"]) == ("api", "migrate", "database")
    assert closure(project, []) == ("api", "migrate", "database", "worker")


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (stood("database"), ""),
        (stood("database", health="starting"), ""),
        (stood("database", health="unhealthy"), "is unhealthy"),
        (stood("database", "exited", 3), "exited with 3"),
        (stood("migrate", "exited", 0), ""),
        (stood("database", "exited", 0, policy="on-failure"), ""),
        (stood("database", "exited", 0, policy="always"), "exited with 0"),
        (stood("api", "exited", 0), "exited with 0"),
        (stood("database", "restarting", 1, restarts=2), ""),
        (stood("database", "restarting", 1, restarts=9), "exited 9 times, last with 1"),
    ],
)
def test_trouble_is_what_will_not_mend_itself(
    project: ComposeProject, one: Stood, said: str
) -> None:
    assert trouble(one, project, must_end(project)) == said


def test_states_have_the_files_order_what_is_missing_and_what_is_more(
    project: ComposeProject,
) -> None:
    seen = [stood("old"), stood("migrate", "exited", 0), stood("database", health="healthy")]
    rows = states(seen, project, "localhost")
    assert [(row.service, row.state, row.good) for row in rows] == [
        ("api", "missing", False),
        ("migrate", "exited", True),
        ("database", "running", True),
        ("worker", "missing", False),
        ("old", "running", True),
    ]
    assert rows[1].one_shot
    assert rows[2].started == 1769860800.5


@pytest.mark.parametrize(
    "words",
    [
        "Bind for 127.0.0.1:8000 failed: port is already allocated",
        "failed to bind host port for 127.0.0.1:8000:172.18.0.2:8000/tcp: address already in use",
        "failed to bind host port 127.0.0.1:8000/tcp: address already in use",
        "listen tcp4 0.0.0.0:8000: bind: address already in use",
        "Bind for [::1]:8000 failed: port is already allocated",
    ],
)
def test_the_engines_words_about_a_port_are_understood(project: ComposeProject, words: str) -> None:
    (want,) = ports.said(f"Error response from daemon: {words}", project, ["api"])
    assert (want.service, want.number) == ("api", 8000)
    assert ports.said(words, project, ["worker"]) == []


def test_the_variable_that_moves_a_port_is_found_in_the_file(project: ComposeProject) -> None:
    wants = list(ports.wanted(project, project.services))
    assert [(want.service, want.number) for want in wants] == [
        ("api", 8000),
        ("api", 9000),
        ("worker", 5000),
    ]
    variables = [ports.variable(want.port) for want in wants]
    assert variables == ["API_PORT", "ADMIN_PORT", ""]


def test_the_service_that_compose_gave_up_for_is_blamed(project: ComposeProject) -> None:
    done = Completed((), 1, "", "dependency failed to start: container shop-database-1 exited (3)")
    seen = [stood("database", "exited", 3), stood("worker", "exited", 4)]
    culprit = blamed(done, seen, project, project.services)
    assert culprit is not None
    assert (culprit.service.name, culprit.what) == ("database", "exited with 3")
    assert blamed(Completed((), 1, "", "no such image"), seen, project, project.services) is None
