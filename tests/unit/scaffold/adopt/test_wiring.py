"""What tests on the host are told of a container's environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.composefile.load import default_files
from seatrial.scaffold.adopt.selection import whole
from seatrial.scaffold.adopt.stack import read_stack
from seatrial.scaffold.adopt.wiring import addresses, mentioned, plain_values, reachable
from tests.unit.scaffold.adopt.conftest import Lay

COMPOSE = """\
    services:
      app: {build: ., ports: ["8000", "9000"]}
      db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: x}}
      queue: {image: "rabbitmq:4", ports: ["15672:15672", "5672:5672"]}
    """


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (
            {"URL": "postgresql+asyncpg://u:p@db:5432/x?ssl=0"},
            {"URL": "postgresql+asyncpg://u:p@{db.host}:{db.port}/x?ssl=0"},
        ),
        ({"URL": "postgresql://u:p@db/x"}, {"URL": "postgresql://u:p@{db.host}:{db.port}/x"}),
        ({"RMQ": "amqp://u:p@queue:5672/"}, {"RMQ": "amqp://u:p@{queue.host}:{queue.port}/"}),
        ({"API": "http://app:8000"}, {"API": "http://{app.host}:{app.port}"}),
        ({"DB_HOST": "db"}, {"DB_HOST": "{db.host}", "DB_PORT": "{db.port}"}),
        (
            {"SQL_HOST": "db", "SQL_PORT": "5432"},
            {"SQL_HOST": "{db.host}", "SQL_PORT": "{db.port}"},
        ),
        # Another port than the first has no placeholder.
        ({"ADMIN_HOST": "app", "ADMIN_PORT": "9000"}, {}),
        ({"API": "http://app:9000"}, {}),
        ({"POSTGRES_DB": "db", "USER": "app", "X": "https://db.example.org"}, {}),
    ],
)
def test_addresses_become_placeholders(
    lay: Lay, environment: dict[str, str], expected: dict[str, str]
) -> None:
    root = lay({"compose.yml": COMPOSE})
    stack = read_stack(default_files(root), {})
    assert addresses(environment, stack, whole(stack)) == expected


def test_only_what_the_code_names_is_passed_on(lay: Lay) -> None:
    root = lay(
        {
            "app.py": "settings.secret_key\n",
            "src/a.ts": "process.env.MODE\n",
            "node_modules/x.js": "OTHER",
        }
    )
    names = mentioned(root, ["SECRET_KEY", "MODE", "OTHER", "NOT A NAME"])
    assert names == {"SECRET_KEY", "MODE"}
    values = {"SECRET_KEY": "s", "MODE": "m", "OTHER": "o", "PGUSER": "u", "PORT": "1"}
    assert plain_values(values, ("MODE",), names | {"PORT"}) == {"SECRET_KEY": "s", "PGUSER": "u"}


def test_names_of_other_containers_lead_nowhere_from_the_host() -> None:
    environment = {"SMTP_HOST": "mail", "OTLP": "jaeger:4317", "PGUSER": "mail", "X": "y"}
    environment |= {"DB_PASSWORD": "/run/secrets/db"}
    assert reachable(environment, ("mail", "jaeger")) == {"PGUSER": "mail", "X": "y"}


def test_a_folder_without_sources_names_nothing(tmp_path: Path) -> None:
    assert mentioned(tmp_path, ["A"]) == set()
