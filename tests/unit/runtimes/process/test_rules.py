"""References are translated by rule, and nothing else is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from seatrial.runtimes.process.isolation.base import Address, Dressed
from seatrial.runtimes.process.isolation.rules import Rules

OWN = Address("127.64.0.9", {8000: 8000})
SIBLINGS = {
    "db": Address("127.64.0.2", {5432: 5432}),
    "postgres": Address("127.64.0.3", {5432: 5432}),
    "cache": Address("127.64.0.4", {6379: 40001}),
    "kafka-1": Address("127.64.0.5", {9092: 9092}),
    "kafka-2": Address("127.64.0.6", {9092: 9092}),
    "web": Address("127.64.0.7", {80: 40080}),
    "api": OWN,
}


def dressed(
    *argv: str,
    probe: tuple[str, ...] = (),
    own: Address = OWN,
    env: Mapping[str, str] | None = None,
) -> Dressed:
    return Rules(own, SIBLINGS).dress(argv, probe, env or {})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("postgresql://u:p@db:5432/app", "postgresql://u:p@127.64.0.2:5432/app"),
        ("postgresql+psycopg://u:p@db/app", "postgresql+psycopg://u:p@127.64.0.2/app"),
        # The service's name is also the user, the password and the database.
        (
            "postgres://postgres:postgres@postgres/postgres",
            "postgres://postgres:postgres@127.64.0.3/postgres",
        ),
        ("redis://:hush@cache:6379/0", "redis://:hush@127.64.0.4:40001/0"),
        # A port that is not written but moved must be written now.
        ("redis://cache/0", "redis://127.64.0.4:40001/0"),
        ("http://web/path?next=http://db", "http://127.64.0.7:40080/path?next=http://127.64.0.2"),
        ("jdbc:postgresql://db:5432/app", "jdbc:postgresql://127.64.0.2:5432/app"),
        ("kafka-1:9092,kafka-2:9092", "127.64.0.5:9092,127.64.0.6:9092"),
        ("mongodb://kafka-1:9092,kafka-2:9092/x", "mongodb://127.64.0.5:9092,127.64.0.6:9092/x"),
        ("user:pass@tcp(db:5432)/app", "user:pass@tcp(127.64.0.2:5432)/app"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://db.example.com/", "http://db.example.com/"),
        ("my-db:5432", "my-db:5432"),
        ("postgres:16", "postgres:16"),
        ("db", "db"),
        ("postgres", "postgres"),
        ('{"hosts": ["http://db:5432"]}', '{"hosts": ["http://127.64.0.2:5432"]}'),
    ],
)
def test_a_variable_keeps_all_but_the_hosts_of_siblings(before: str, after: str) -> None:
    assert dressed(env={"SETTING": before}).env["SETTING"] == after


@pytest.mark.parametrize("name", ["DB_HOST", "PGHOST", "REDIS_ADDR", "MAIL_SERVER"])
def test_the_whole_value_of_a_hosts_name_is_translated(name: str) -> None:
    assert dressed(env={name: "db"}).env[name] == "127.64.0.2"


def test_a_port_beside_a_hosts_name_follows_it() -> None:
    given = {"CACHE_HOST": "cache", "CACHE_PORT": "6379", "OTHER_PORT": "6379"}
    env = dressed(env=given).env
    assert env == {"CACHE_HOST": "127.64.0.4", "CACHE_PORT": "40001", "OTHER_PORT": "6379"}


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("HOST", "0.0.0.0", "127.64.0.9"),
        ("BIND", "0.0.0.0:8000", "127.64.0.9:8000"),
        ("LISTEN_ADDR", "::", "127.64.0.9"),
        ("LISTEN", ":8000", "127.64.0.9:8000"),
        ("RATIO", "3:20", "3:20"),
        ("GUNICORN_CMD_ARGS", "--bind 0.0.0.0:8000 -w 2", "--bind 127.64.0.9:8000 -w 2"),
        ("SERVER_HOST", "localhost", "127.64.0.9"),
        ("ALLOWED_HOSTS", "0.0.0.0", "0.0.0.0"),
        ("CORS_ORIGINS", "http://localhost:3000", "http://localhost:3000"),
        ("TRUSTED_HOSTS", "localhost", "localhost"),
    ],
)
def test_where_a_service_binds_is_its_own_address(name: str, before: str, after: str) -> None:
    assert dressed(env={name: before}).env[name] == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("uvicorn", "a:b", "--host", "0.0.0.0"), ("uvicorn", "a:b", "--host", "127.64.0.9")),
        (("gunicorn", "-b", "0.0.0.0:8000"), ("gunicorn", "-b", "127.64.0.9:8000")),
        (("serve", "--host=0.0.0.0"), ("serve", "--host=127.64.0.9")),
        (("gunicorn", "-b", ":8000"), ("gunicorn", "-b", "127.64.0.9:8000")),
        (("gunicorn", "--bind=:8000"), ("gunicorn", "--bind=127.64.0.9:8000")),
        (("sh", "-c", "g -b :$PORT app:app"), ("sh", "-c", "g -b 127.64.0.9:$PORT app:app")),
        (("manage.py", "runserver", "0:8000"), ("manage.py", "runserver", "127.64.0.9:8000")),
        (("celery", "-c", "10:30", "a::20"), ("celery", "-c", "10:30", "a::20")),
        (("hypercorn", "--bind", "[::]:8000"), ("hypercorn", "--bind", "127.64.0.9:8000")),
        (("sh", "-c", "wait-for db:5432 && run"), ("sh", "-c", "wait-for 127.64.0.2:5432 && run")),
        (("sh", "-c", "nc -z cache 6379"), ("sh", "-c", "nc -z 127.64.0.4 40001")),
        (("psql", "-h", "db", "-c", "x"), ("psql", "-h", "127.64.0.2", "-c", "x")),
        (("psql", "--host=db"), ("psql", "--host=127.64.0.2")),
        (("sh", "-c", "redis-cli -h cache"), ("sh", "-c", "redis-cli -h 127.64.0.4")),
        (("app", "--cors", "http://localhost:3000"), ("app", "--cors", "http://localhost:3000")),
        (("python", "db.py", "db"), ("python", "db.py", "db")),
        (("celery", "-A", "db", "worker"), ("celery", "-A", "db", "worker")),
    ],
)
def test_a_command_is_translated(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    assert dressed(*before).argv == after


def test_a_health_check_asks_the_services_own_address() -> None:
    probe = ("sh", "-c", "curl -f http://localhost:8000/health || curl 127.0.0.1:9000")
    expected = ("sh", "-c", "curl -f http://127.64.0.9:8000/health || curl 127.64.0.9:9000")
    assert dressed(probe=probe).probe == expected


MOVED = Address("127.64.0.9", {8000: 40002})


@pytest.mark.parametrize(
    ("argv", "env", "spoken"),
    [
        (("uvicorn", "--port", "8000"), {}, ("uvicorn", "--port", "40002")),
        (("uvicorn", "--port=8000"), {}, ("uvicorn", "--port=40002")),
        (("serve", "-p", "8000"), {}, ("serve", "-p", "40002")),
        (("serve", "-b", "0.0.0.0:8000"), {}, ("serve", "-b", "127.64.0.9:40002")),
        (("serve",), {"PORT": "8000"}, ("serve",)),
    ],
)
def test_a_moved_port_is_told_wherever_the_service_is_told_its_port(
    argv: tuple[str, ...], env: dict[str, str], spoken: tuple[str, ...]
) -> None:
    result = dressed(*argv, own=MOVED, env=env)
    assert result.argv == spoken
    assert result.unmoved == ()
    assert all(value == "40002" for value in result.env.values())


def test_a_moved_port_that_nothing_tells_is_reported() -> None:
    assert dressed("serve", own=MOVED).unmoved == (8000,)


def test_a_change_names_the_reference_and_never_the_value() -> None:
    changes = dressed(env={"DATABASE_URL": "postgres://me:hunter2@db:5432/app"}).changes
    assert changes == ("DATABASE_URL: db:5432 → 127.64.0.2:5432 (host of a URL)",)


def test_each_command_change_has_its_cause() -> None:
    changes = dressed("wait-for", "db:5432", "--host", "0.0.0.0").changes
    assert changes == (
        "command: db:5432 → 127.64.0.2:5432 (host:port)",
        "command: 0.0.0.0 → 127.64.0.9 (its own address)",
    )


def test_a_sibling_at_the_machines_own_address_is_not_taken_for_oneself() -> None:
    siblings = {"api": OWN, "cache": Address("127.0.0.1", {6379: 6379})}
    words = ("celery", "-b", "redis://cache:6379/0", "--host", "cache")
    done = Rules(Address(OWN.host), siblings).dress(words, ("sh", "-c", "ping -h cache"), {})
    assert done.argv == ("celery", "-b", "redis://127.0.0.1:6379/0", "--host", "127.0.0.1")
    assert done.probe == ("sh", "-c", "ping -h 127.0.0.1")
