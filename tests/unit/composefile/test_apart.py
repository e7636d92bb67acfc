"""Which parts of an environment each worker can have for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.composefile.apart import Apart, apart, database_of, with_database
from seatrial.composefile.load import load

DB = "  db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: x}, ports: ['5432']}\n"
CACHE = "  cache: {image: 'valkey/valkey:8', ports: ['6379']}\n"


def found(
    folder: Path, services: str, exports: dict[str, str] | None = None, *, filled: bool = False
) -> Apart:
    file = folder / "compose.yml"
    file.write_text(f"services:\n{services}")
    return apart(load((file,), {}), exports or {}, filled=filled)


def test_postgres_is_cloned_and_a_cache_has_numbers(tmp_path: Path) -> None:
    own = found(tmp_path, DB + CACHE)
    assert own == Apart(("db",), ("cache",))
    assert own.variables == (
        *("TEST_DB_HOST", "TEST_DB_PORT", "TEST_CACHE_HOST", "TEST_CACHE_PORT"),
    )


@pytest.mark.parametrize(
    "service",
    [
        "  web: {build: ., ports: ['80']}\n",
        "  web: {image: 'nginx:1', ports: ['80']}\n",
        "  web: {image: 'mysql:8', ports: ['3306']}\n",
        "  web: {image: 'timescale/timescaledb:latest-pg16'}\n",
        "  web: {image: 'redis:8', command: [redis-server, --databases, '1']}\n",
    ],
)
def test_whatever_else_serves_the_tests_is_shared(tmp_path: Path, service: str) -> None:
    assert found(tmp_path, DB + service).shared == "web, which all workers would ask"


def test_what_ends_before_the_tests_does_not_count(tmp_path: Path) -> None:
    done = "    depends_on: {migrate: {condition: service_completed_successfully}}\n"
    services = (
        f"  migrate: {{build: .}}\n  extra: {{image: 'nginx:1', profiles: [more]}}\n"
        f"  db:\n    image: postgres:16\n{done}"
    )
    assert found(tmp_path, services) == Apart(("db",))


def test_what_set_up_may_have_put_into_a_cache_would_be_missing(tmp_path: Path) -> None:
    assert found(tmp_path, DB, filled=True) == Apart(("db",))
    shared = found(tmp_path, DB + CACHE, filled=True).shared
    assert shared == "cache, which set-up commands may have filled"


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ("{db.url}", ""),
        ("{db.url}?sslmode=disable", ""),
        ("{other.host}", ""),
        ("{db.host}", "db, whose address is in NAME"),
        ("postgresql+asyncpg://x@{db.host}:{db.port}/y", "db, whose address is in NAME"),
        ("{db.url}_test", "db, whose address is in NAME"),
    ],
)
def test_a_variable_of_the_users_own_must_be_a_whole_url(
    tmp_path: Path, text: str, shared: str
) -> None:
    assert found(tmp_path, DB, {"NAME": text}).shared == shared


def test_another_database_of_the_same_server() -> None:
    url = "postgresql://me:p%40ss@127.0.0.1:5432/my%20shop"
    assert database_of(url) == "my shop"
    assert with_database(url, "x_gw0") == "postgresql://me:p%40ss@127.0.0.1:5432/x_gw0"
