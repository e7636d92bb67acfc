"""The table of ``ps`` and what ``up`` says at its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject
from seatrial.model.environment import Endpoint, ServiceState
from seatrial.render.choose import Choice, Display
from seatrial.render.ps import age, ps_json, ps_lines
from seatrial.render.standing import up_lines

NOW = 1000.0
PLAIN = Choice(Display.PLAIN)
STATES = (
    ServiceState(
        "database",
        1,
        "running",
        "healthy",
        None,
        870.0,
        (Endpoint("database", 5432, "localhost", 15432),),
    ),
    ServiceState("migrate", 1, "exited", "", 0, 900.0, one_shot=True),
    ServiceState("api", 1, "running", "", None, 940.0, (Endpoint("api", 8000, "::1", 8001),)),
    ServiceState("api", 2, "exited", "", 3, 955.0),
    ServiceState("worker", 1, "missing"),
)


@pytest.fixture
def project(tmp_path: Path) -> ComposeProject:
    file = tmp_path / "docker-compose.yml"
    file.write_text(
        """
services:
  database: {image: "postgres:16"}
  migrate: {image: x}
  api: {image: x}
  worker: {image: x}
"""
    )
    return load([file], {})


def test_the_table_has_a_row_for_each_container_and_each_that_is_missing(
    project: ComposeProject,
) -> None:
    assert ps_lines(STATES, project, NOW, PLAIN) == [
        "SERVICE   STATE     HEALTH   ADDRESS                       AGE",
        "database  running   healthy  postgresql://localhost:15432  2m",
        "migrate   done      -        -                             1m",
        "api 1     running   -        http://[::1]:8001             1m",
        "api 2     exited 3  -        -                             45s",
        "worker    missing   -        -                             -",
    ]


def test_colours_say_what_is_as_it_should_be(project: ComposeProject) -> None:
    lines = ps_lines(STATES, project, NOW, Choice(Display.LIVE, colour=True))
    assert "\x1b[32mrunning" in lines[1]
    assert "\x1b[31mexited 3" in lines[4]


def test_json_has_the_same_facts(project: ComposeProject) -> None:
    document = json.loads(ps_json("dev", "docker", STATES, project, NOW))
    assert (document["v"], document["environment"], document["runtime"]) == (1, "dev", "docker")
    database, migrate, *_, worker = document["services"]
    assert database["addresses"] == ["postgresql://localhost:15432"]
    assert (database["age"], database["good"]) == (130.0, True)
    assert (migrate["one_shot"], migrate["code"], migrate["good"]) == (True, 0, True)
    assert (worker["age"], worker["good"]) == (None, False)


def test_up_names_the_addresses_of_what_has_one(project: ComposeProject) -> None:
    assert up_lines("dev", STATES[:3], project, Choice(Display.PLAIN, ascii=True)) == [
        "+ dev is up",
        "  database  postgresql://localhost:15432",
        "  api       http://[::1]:8001",
    ]


@pytest.mark.parametrize(
    ("seconds", "said"), [(-1.0, "0s"), (59.9, "59s"), (60, "1m"), (7300, "2h"), (200_000, "2d")]
)
def test_an_age_is_told_in_its_largest_unit(seconds: float, said: str) -> None:
    assert age(seconds) == said
