"""A compose file for tests, out of one that was not made for them."""

from __future__ import annotations

import pytest

from seatrial.errors import ConfigError
from tests.unit.scaffold.adopt.conftest import Derive

APP = """\
    services:
      app:
        build: .
    """


def test_names_and_ports_are_left_to_the_run(derived: Derive) -> None:
    made = derived(
        """\
        name: shop
        services:
          app:
            image: app
            container_name: shop-app
            ports: ["127.0.0.1:8000:80", "53:53/udp", 9000]
            networks: [shop]
        networks:
          shop: {name: shop-net}
        """
    )
    assert made.document["name"] == "shop-test-${TEST_INSTANCE_ID:-local}"
    assert made.service("app") == {"image": "app", "ports": ["80", "53/udp", "9000"]}
    assert "networks" not in made.document
    assert made.why("no container_name shop-app") == "a fixed name would clash between runs"
    assert made.why("127.0.0.1:8000:80, 53:53/udp") == "two runs would want the same one"


@pytest.mark.parametrize(
    ("image", "folders"),
    [
        ("postgres:16", ["/var/lib/postgresql/data"]),
        ("postgres:18-alpine", ["/var/lib/postgresql"]),
        ("postgres", ["/var/lib/postgresql"]),
        ("postgis/postgis:16-3.4", ["/var/lib/postgresql/data"]),
        ("pgvector/pgvector:pg17", ["/var/lib/postgresql/data"]),
        ("mysql:8", ["/var/lib/mysql"]),
        ("docker.io/library/mongo:7", ["/data/db", "/data/configdb"]),
        ("valkey/valkey:8", ["/data"]),
    ],
)
def test_data_is_kept_in_memory(derived: Derive, image: str, folders: list[str]) -> None:
    made = derived(
        f"""\
        services:
          store:
            image: {image}
            volumes:
              - kept:{folders[0]}
              - ./tables.sql:/docker-entrypoint-initdb.d/tables.sql
        volumes:
          kept: {{name: kept-for-good}}
        """,
        {"tables.sql": ""},
    )
    store = made.service("store")
    assert store["tmpfs"] == folders
    assert store["volumes"] == ["../../tables.sql:/docker-entrypoint-initdb.d/tables.sql"]
    assert "volumes" not in made.document
    assert "slow" in made.why("in memory in place of kept")


def test_a_built_server_is_known_by_the_image_that_it_begins_with(derived: Derive) -> None:
    made = derived(
        "services: {db: {build: ./db, environment: {POSTGRES_PASSWORD: x}}}",
        {"db/Dockerfile": "FROM postgres:16 AS tables\nCOPY tables.sql /\n"},
    )
    db = made.service("db")
    assert db["build"] == {"context": "../../db"}
    assert (db["tmpfs"], db["ports"]) == (["/var/lib/postgresql/data"], ["5432"])
    assert db["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert "command" not in db


@pytest.mark.parametrize(
    ("image", "test"),
    [
        ("postgres:16", ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "me", "-d", "mine"]),
        ("redis:7", ["CMD", "redis-cli", "-h", "127.0.0.1", "ping"]),
        ("mariadb:11", ["CMD", "mariadb-admin", "ping", "-h", "127.0.0.1", "--silent"]),
        ("mariadb:10.6", ["CMD", "mysqladmin", "ping", "-h", "127.0.0.1", "--silent"]),
        ("rabbitmq:4", ["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"]),
    ],
)
def test_a_server_without_a_check_gets_its_own_clients(
    derived: Derive, image: str, test: list[str]
) -> None:
    made = derived(
        f"""\
        services:
          app: {{image: app, depends_on: [store]}}
          store:
            image: {image}
            environment: {{POSTGRES_USER: me, POSTGRES_DB: mine, POSTGRES_PASSWORD: x}}
        """
    )
    assert made.service("store")["healthcheck"] == {
        "test": test,
        "interval": "5s",
        "timeout": "3s",
        "retries": 10,
        "start_period": "20s",
        "start_interval": "200ms",
    }
    assert made.service("app")["depends_on"] == {"store": {"condition": "service_healthy"}}


def test_a_servers_own_port_comes_before_its_consoles(derived: Derive) -> None:
    made = derived(
        "services: {queue: {image: 'rabbitmq:4-management', ports: ['15672:15672', '5672:5672']}}"
    )
    assert made.service("queue")["ports"] == ["5672", "15672"]


def test_an_image_without_a_client_gets_no_check(derived: Derive) -> None:
    made = derived("services: {app: {image: app, depends_on: [bus]}, bus: {image: 'nats:2'}}")
    assert "healthcheck" not in made.service("bus")
    assert made.service("app")["depends_on"] == {"bus": {"condition": "service_started"}}
    assert "no client" in made.why("no health check")


def test_checks_that_are_there_are_kept_asked_sooner_and_over_tcp(derived: Derive) -> None:
    made = derived(
        """\
        services:
          db:
            image: postgres:16
            environment: {POSTGRES_PASSWORD: x}
            healthcheck:
              test: pg_isready -U $$POSTGRES_USER
              interval: 30s
              timeout: 10s
              retries: 3
              start_period: 1m
          old:
            image: mysql:8
            environment: {MYSQL_ROOT_PASSWORD: x}
            healthcheck: {test: [CMD, mysqladmin, ping, -h, localhost]}
          off: {image: app, healthcheck: {disable: true}}
        """
    )
    check = made.service("db")["healthcheck"]
    assert check["test"] == ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $$POSTGRES_USER"]
    assert (check["interval"], check["retries"], check["start_period"]) == ("5s", 10, "60s")
    assert made.service("old")["healthcheck"]["test"][-1] == "127.0.0.1"
    assert made.service("off")["healthcheck"] == {"disable": True}
    assert "only after the interval" in made.why("in place of every 30s")


def test_sources_are_not_mounted_where_the_image_has_them(derived: Derive) -> None:
    made = derived(
        """\
        services:
          app:
            build: .
            volumes: [".:/srv", /srv/node_modules, "kept:/srv/.venv", "./gone:/gone"]
          bare:
            build: {context: ., target: dev}
            volumes: [".:/srv"]
          page:
            image: nginx
            volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro", "shared:/static"]
          maker: {image: maker, volumes: ["shared:/static"]}
        volumes: {kept: {}, shared: {driver: local}}
        """,
        {
            "Dockerfile": "FROM python AS dev\nRUN true\nFROM dev\nCOPY . /srv\n",
            "nginx.conf": "",
        },
    )
    assert "volumes" not in made.service("app")
    assert made.service("bare")["volumes"] == ["../..:/srv"]
    assert made.service("page")["volumes"] == [
        "../../nginx.conf:/etc/nginx/nginx.conf:ro",
        "shared:/static",
    ]
    assert made.document["volumes"] == {"shared": None}
    assert "not in the repository" in made.why("no mount on /gone")


def test_what_only_development_and_production_want_goes(derived: Derive) -> None:
    made = derived(
        """\
        services:
          app:
            build: {context: app, dockerfile: Other, args: {A: b}, cache_from: [x]}
            image: registry/app
            command: uvicorn app:app --reload --reload-dir /srv --port 80
            restart: always
            labels: {traefik.enable: "true"}
            logging: {driver: json-file}
            deploy: {resources: {limits: {memory: 1G}}}
            pid: host
            tty: true
            shm_size: 64m
            ports: ["80", "9229:9229"]
        """,
        {"app/Other": "FROM python\n"},
    )
    assert made.service("app") == {
        "build": {"context": "../../app", "dockerfile": "Other", "args": {"A": "b"}},
        "command": "uvicorn app:app --port 80",
        "ports": ["80"],
        "shm_size": "64m",
    }
    assert "debugger" in made.why("no port 9229")
    assert {"no restart always", "no labels", "no deploy"} <= {d.what for d in made.differences}


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ('["flask", "run", "--reload"]', ["flask", "run"]),
        ('["fastapi", "dev", "--host", "0.0.0.0"]', ["fastapi", "run", "--host", "0.0.0.0"]),
        ('["sh", "-c", "sleep 1 && gunicorn --reload x"]', ["sh", "-c", "sleep 1 && gunicorn x"]),
        ('["app", "--reload-dir", "src", "--reloaded"]', ["app", "--reloaded"]),
    ],
)
def test_reloading_is_taken_out_of_commands(derived: Derive, command: str, left: object) -> None:
    made = derived(f"services: {{app: {{image: app, command: {command}}}}}")
    assert made.service("app")["command"] == left


def test_services_for_people_and_with_profiles_are_left_out_with_a_word(derived: Derive) -> None:
    made = derived(
        """\
        services:
          app:
            image: app
            environment: {SMTP_HOST: mail}
            depends_on: {adminer: {condition: service_started, required: false}}
          mail: {image: axllent/mailpit}
          unused: {image: "mailhog/mailhog:v1"}
          tool: {image: tool, profiles: [tools]}
          adminer: {image: adminer}
          sut: {image: tests, depends_on: [app]}
        """
    )
    assert list(made.document["services"]) == ["app", "mail", "adminer"]
    said = {d.service: d.cause for d in made.differences if d.what == "left out"}
    assert set(said) == {"unused", "tool", "sut"}
    assert "profile tools" in said["tool"]


def test_a_stack_of_helpers_alone_is_kept(derived: Derive) -> None:
    made = derived("services: {prometheus: {image: prom/prometheus}}")
    assert list(made.document["services"]) == ["prometheus"]


def test_a_services_own_file_has_what_it_stands_on(derived: Derive) -> None:
    made = derived(
        """\
        services:
          api:
            image: api
            depends_on: [db, jaeger]
            environment: {QUEUE: "amqp://u:p@queue:5672/", WEB: "http://web:80"}
          web: {build: web, depends_on: [api]}
          db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: x}}
          queue: {image: "rabbitmq:4"}
          jaeger: {image: jaegertracing/all-in-one}
        """,
        only="api",
    )
    assert list(made.document["services"]) == ["api", "db", "queue"]
    assert set(made.service("api")["depends_on"]) == {"db", "queue"}
    assert made.why("waits for queue") == "its environment names it"
    assert made.why("does not wait for jaeger") == "that one is left out"


def test_the_workers_of_a_service_are_parts_of_it(derived: Derive) -> None:
    made = derived(
        """\
        services:
          web: {build: ., depends_on: [redis]}
          worker: {build: ., command: celery -A app worker, depends_on: [redis, web]}
          dashboard: {build: ., command: celery flower --port=5555, depends_on: [redis]}
          clock: {build: ., command: [sh, -c, "celery -A app beat"], depends_on: [redis]}
          redis: {image: "redis:7"}
        """,
        only="web worker dashboard clock",
    )
    assert list(made.document["services"]) == ["web", "worker", "redis"]
    left = {d.service: d.cause for d in made.differences if d.what == "left out"}
    assert left["dashboard"] == "it watches"
    assert "by the clock" in left["clock"]


def test_variables_become_values_that_a_commit_may_hold(derived: Derive) -> None:
    made = derived(
        """\
        services:
          app:
            image: app:${TAG:-1}
            environment:
              - URL=postgresql://u:${DB_PASSWORD:?give one}@db/x
              - GIVEN=${GIVEN}
              - DEFAULTED=${DEFAULTED:-plain}
              - UNKNOWN=${UNKNOWN}
              - APP_SECRET=${APP_SECRET}
              - MONEY=$$5
              - PASSED
        """,
        GIVEN="given",
        TAG="2",
    )
    app = made.service("app")
    assert app["image"] == "app:${TAG:-2}"
    assert app["environment"] == {
        "URL": "postgresql://u:test@db/x",
        "GIVEN": "given",
        "DEFAULTED": "plain",
        "UNKNOWN": "${UNKNOWN:-}",
        "APP_SECRET": "test",
        "MONEY": "$$5",
        "PASSED": None,
    }


def test_a_database_that_nobody_gave_a_password_does_without(derived: Derive) -> None:
    made = derived("services: {db: {image: 'postgres:16', env_file: [{path: x, required: false}]}}")
    assert made.service("db")["environment"] == {"POSTGRES_HOST_AUTH_METHOD": "trust"}


def test_aliases_and_files_keep_their_meaning(derived: Derive) -> None:
    made = derived(
        """\
        services:
          app:
            image: app
            secrets: [key]
            configs: [{source: conf, target: /conf}]
            networks: {back: {aliases: [app.local]}}
            links: ["db:database"]
          db: {image: "mysql:8", environment: {MYSQL_ROOT_PASSWORD: x}}
        networks: {back: {}}
        secrets: {key: {file: ./key.txt}, other: {file: ./other.txt}}
        configs: {conf: {content: "a: 1"}}
        """
    )
    app = made.service("app")
    assert app["networks"] == {"default": {"aliases": ["app.local"]}}
    assert (app["secrets"], app["configs"]) == (["key"], [{"source": "conf", "target": "/conf"}])
    assert app["links"] == ["db:database"]
    assert made.document["secrets"] == {"key": {"file": "../../key.txt"}}
    assert made.document["configs"] == {"conf": {"content": "a: 1"}}


def test_a_broken_file_is_told_by_its_line(derived: Derive) -> None:
    with pytest.raises(ConfigError) as caught:
        derived("services:\n  app:\n    imag: x\n")
    assert caught.value.where is not None
    assert caught.value.where.line == 3
