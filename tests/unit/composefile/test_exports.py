from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.composefile.exports import exports
from seatrial.composefile.model import ComposeProject
from seatrial.composefile.urls import address
from seatrial.errors import ConfigError, Where
from seatrial.model.environment import Endpoint
from tests.unit.composefile.conftest import Load


def reached(project: ComposeProject, host: str = "localhost") -> list[Endpoint]:
    """Return an endpoint for each published port, 30000 above it, the last one first."""
    return [
        Endpoint(service.name, port.target, host, 30000 + port.target, port.protocol)
        for service in project.services.values()
        for port in reversed(service.ports)
    ]


def exported(load_text: Load, services: str, **options: str) -> dict[str, str]:
    project = load_text(f"services: {{{services}}}")
    return exports(project, reached(project), instance="id1", **options)  # type: ignore[arg-type]


def test_every_published_service_gives_host_port_and_url(load_text: Load) -> None:
    found = exported(load_text, "price-api.v2: {image: web, ports: ['8000', '9000']}")
    assert found == {
        "TEST_PRICE_API_V2_HOST": "localhost",
        "TEST_PRICE_API_V2_PORT": "38000",
        "TEST_PRICE_API_V2_URL": "http://localhost:38000",
        "TEST_INSTANCE_ID": "id1",
    }


def test_an_environment_that_stands_has_a_prefix_of_its_own(load_text: Load) -> None:
    found = exported(load_text, "web: {image: x, build: ., ports: ['80']}", prefix="DEV")
    assert found == {
        "DEV_WEB_HOST": "localhost",
        "DEV_WEB_PORT": "30080",
        "DEV_WEB_URL": "http://localhost:30080",
        "DEV_API_URL": "http://localhost:30080",
    }


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        (Endpoint("db", 5432, "localhost", 15432), "postgresql://localhost:15432"),
        (Endpoint("db", 53, "::1", 5353, "udp"), "udp://[::1]:5353"),
    ],
)
def test_an_address_that_is_shown_has_no_password(
    load_text: Load, endpoint: Endpoint, shown: str
) -> None:
    text = "services: {db: {image: postgres, environment: {POSTGRES_PASSWORD: geheim}}}"
    assert address(load_text(text).services["db"], endpoint) == shown


def test_a_service_without_a_published_port_gives_nothing(load_text: Load) -> None:
    assert set(exported(load_text, "a: {image: x, expose: [80]}")) == {"TEST_INSTANCE_ID"}


@pytest.mark.parametrize(
    ("service", "url"),
    [
        (
            "image: 'postgres:16', environment: {POSTGRES_USER: u, POSTGRES_PASSWORD: 'p@/:'},"
            " ports: ['5432']",
            "postgresql://u:p%40%2F%3A@localhost:35432/u",
        ),
        (
            "image: 'docker.io/postgis/postgis@sha256:abc', ports: ['5432'],"
            " environment: {POSTGRES_PASSWORD: p, POSTGRES_DB: 'my db'}",
            "postgresql://postgres:p@localhost:35432/my%20db",
        ),
        (
            "image: 'host:5000/postgres', ports: ['7777']",
            "postgresql://postgres@localhost:37777/postgres",
        ),
        ("image: 'nats:2-alpine', ports: ['4222', '8222']", "nats://localhost:34222"),
        (
            "image: mariadb, ports: ['3306'], environment: {MARIADB_ROOT_PASSWORD: r,"
            " MARIADB_DATABASE: d}",
            "mysql://root:r@localhost:33306/d",
        ),
        (
            "image: mysql, ports: ['3306'], environment: {MYSQL_USER: u, MYSQL_PASSWORD: p,"
            " MYSQL_ROOT_PASSWORD: r}",
            "mysql://u:p@localhost:33306/",
        ),
        ("image: 'valkey/valkey:8', ports: ['6379']", "redis://localhost:36379/0"),
        (
            "image: redis, ports: ['6379'], command: redis-server --requirepass 'a b'",
            "redis://:a%20b@localhost:36379/0",
        ),
        ("image: rabbitmq, ports: ['5672', '15672']", "amqp://guest:guest@localhost:35672/"),
        ("image: rabbitmq, ports: ['15672']", "http://localhost:45672"),
        (
            "image: mongo, ports: ['27017'], environment: {MONGO_INITDB_ROOT_USERNAME: u,"
            " MONGO_INITDB_ROOT_PASSWORD: p, MONGO_INITDB_DATABASE: d}",
            "mongodb://u:p@localhost:57017/d?authSource=admin",
        ),
        ("image: nginx, ports: ['443']", "https://localhost:30443"),
        ("image: postgrest/postgrest, ports: ['3000']", "http://localhost:33000"),
        ("image: 'mongo-express', ports: ['8081']", "http://localhost:38081"),
        ("image: dns, ports: ['53/udp', '80']", "http://localhost:30080"),
    ],
)
def test_a_url_has_the_scheme_and_login_of_its_image(
    load_text: Load, service: str, url: str
) -> None:
    assert exported(load_text, f"one: {{{service}}}")["TEST_ONE_URL"] == url


def test_an_ipv6_host_stands_in_brackets(load_text: Load) -> None:
    project = load_text("services: {a: {image: x, ports: ['80']}}")
    found = exports(project, reached(project, "::1"), instance="i")
    assert found["TEST_A_URL"] == "http://[::1]:30080"
    assert found["TEST_A_HOST"] == "::1"


def test_the_one_api_database_and_cache_have_names_of_their_own(load_text: Load) -> None:
    found = exported(
        load_text,
        "web: {build: ., ports: ['8000']}, proxy: {image: nginx, ports: ['80']},"
        "pg: {image: postgres, ports: ['5432']}, kv: {image: valkey, ports: ['6379']}",
    )
    assert found["TEST_API_URL"] == found["TEST_WEB_URL"]
    assert found["TEST_DATABASE_URL"] == found["TEST_PG_URL"]
    assert found["TEST_REDIS_URL"] == found["TEST_KV_URL"]


def test_of_several_apis_the_service_under_test_is_the_one(load_text: Load) -> None:
    two = "a: {build: ., ports: ['80']}, b: {build: ., ports: ['81']}"
    assert "TEST_API_URL" not in exported(load_text, two)
    assert "TEST_API_URL" not in exported(load_text, two, subject="c")
    assert exported(load_text, two, subject="b")["TEST_API_URL"] == "http://localhost:30081"


def test_two_databases_have_no_common_name(load_text: Load) -> None:
    found = exported(
        load_text, "a: {image: postgres, ports: ['5432']}, b: {image: mysql, ports: ['3306']}"
    )
    assert "TEST_DATABASE_URL" not in found


def test_a_service_called_api_keeps_the_name(load_text: Load) -> None:
    found = exported(
        load_text, "api: {image: x, ports: ['80']}, web: {build: ., ports: ['81']}", subject="web"
    )
    assert found["TEST_API_URL"] == "http://localhost:30080"


def test_two_services_of_one_variable_name_are_refused(load_text: Load) -> None:
    with pytest.raises(ConfigError, match="both export TEST_A_B_URL"):
        exported(load_text, "a-b: {image: x, ports: ['80']}, a_b: {image: x, ports: ['81']}")


def test_extra_exports_are_filled_in_and_other_braces_left_alone(load_text: Load) -> None:
    project = load_text("services: {my-api: {image: x, ports: ['80']}}")
    found = exports(
        project,
        reached(project),
        instance="i",
        extra={"A": "{my-api.url}/v1", "B": "{my-api.host}:{my-api.port}", "C": '{"a": {}}'},
    )
    assert found["A"] == "http://localhost:30080/v1"
    assert found["B"] == "localhost:30080"
    assert found["C"] == '{"a": {}}'


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{app.url}", "service 'app' is not in the compose file"),
        ("{api.adress}", "unknown name {api.adress}"),
        ("{api}", "unknown name {api}"),
        ("{quiet.url}", "service 'quiet' publishes no port"),
    ],
)
def test_an_unknown_name_in_an_extra_export_is_refused_with_its_place(
    load_text: Load, template: str, words: str
) -> None:
    project = load_text("services: {api: {image: x, ports: ['80']}, quiet: {image: x}}")
    where = Where(Path("seatrial.toml"), 4)
    with pytest.raises(ConfigError) as caught:
        exports(project, reached(project), instance="i", extra={"A": template}, where=where)
    assert words in caught.value.what
    assert caught.value.where == where
    assert caught.value.mend
