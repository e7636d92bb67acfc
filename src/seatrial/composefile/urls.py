"""Which URL reaches a service: scheme from image or port, credentials from its environment.

The names are those of the official images (and Bitnami's), as their documentation gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from seatrial.composefile.model import ComposeService
from seatrial.model.environment import Endpoint

SQL = ("postgresql", "mysql")
_BY_PORT = {
    **{5432: "postgresql", 3306: "mysql", 6379: "redis", 27017: "mongodb", 5672: "amqp"},
    **{443: "https", 8443: "https", 4222: "nats", 11211: "memcached", 25: "smtp", 1025: "smtp"},
    # Consoles beside a server of another protocol.
    **{15672: "http", 8222: "http", 8025: "http", 8001: "http"},
}
_IMAGES = {
    "postgresql": "postgres postgresql postgis timescaledb timescaledb-ha pgvector",
    "mysql": "mysql mysql-server mariadb percona percona-server",
    "redis": "redis redis-stack redis-stack-server valkey valkey-bundle keydb dragonfly",
    "mongodb": "mongo mongodb mongodb-community-server",
    "amqp": "rabbitmq",
    "nats": "nats",
    "memcached": "memcached",
}
_BY_IMAGE = {name: scheme for scheme, names in _IMAGES.items() for name in names.split()}


def image_name(image: str | None) -> str:
    """Return the last word of an image's repository: ``postgres`` of ``docker.io/postgres:16``."""
    return (image or "").partition("@")[0].rpartition("/")[2].partition(":")[0]


def scheme_of(service: ComposeService, port: int) -> str:
    """Return the scheme of a container port: what the port says, else the image, else http."""
    return _BY_PORT.get(port) or _BY_IMAGE.get(image_name(service.image), "http")


def address(service: ComposeService | None, endpoint: Endpoint) -> str:
    """Return the URL of ``endpoint`` as it is shown: without user, password and path.

    A port that is not TCP has its protocol as scheme.
    """
    scheme = endpoint.protocol
    if scheme == "tcp" and service is not None:
        scheme = scheme_of(service, endpoint.container_port)
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    return f"{scheme}://{host}:{endpoint.port}"


def url(service: ComposeService, endpoint: Endpoint) -> str:
    """Return the URL of ``endpoint``, with user, password and database where the image has them."""
    scheme = scheme_of(service, endpoint.container_port)
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    login, path = _PARTS.get(scheme, _nothing)(service)
    return f"{scheme}://{login}{host}:{endpoint.port}{path}"


def _nothing(_service: ComposeService) -> tuple[str, str]:
    return "", ""


def _first(environment: Mapping[str, str | None], *names: str) -> str | None:
    return next((value for name in names if (value := environment.get(name))), None)


def _login(user: str | None, password: str | None) -> str:
    if user is None and password is None:
        return ""
    secret = "" if password is None else f":{quote(password, safe='')}"
    return f"{quote(user or '', safe='')}{secret}@"


def _postgresql(service: ComposeService) -> tuple[str, str]:
    found = service.environment
    user = _first(found, "POSTGRES_USER", "POSTGRESQL_USERNAME") or "postgres"
    password = _first(found, "POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD")
    database = _first(found, "POSTGRES_DB", "POSTGRESQL_DATABASE") or user
    return _login(user, password), f"/{quote(database, safe='')}"


def _mysql(service: ComposeService) -> tuple[str, str]:
    found = service.environment
    user = _first(found, "MYSQL_USER", "MARIADB_USER")
    password = _first(found, "MYSQL_PASSWORD", "MARIADB_PASSWORD")
    if user is None or user == "root":
        user = "root"
        password = _first(found, "MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD")
    database = _first(found, "MYSQL_DATABASE", "MARIADB_DATABASE") or ""
    return _login(user, password), f"/{quote(database, safe='')}"


def _redis(service: ComposeService) -> tuple[str, str]:
    password = _first(service.environment, "REDIS_PASSWORD", "VALKEY_PASSWORD")
    words = service.command or ()
    if "--requirepass" in words[:-1]:
        password = words[words.index("--requirepass") + 1]
    return _login(None, password), "/0"


def _mongodb(service: ComposeService) -> tuple[str, str]:
    found = service.environment
    user = _first(found, "MONGO_INITDB_ROOT_USERNAME")
    password = _first(found, "MONGO_INITDB_ROOT_PASSWORD")
    database = quote(_first(found, "MONGO_INITDB_DATABASE") or "", safe="")
    # The root user lives in the database admin, whatever database is named.
    return _login(user, password), f"/{database}" + ("?authSource=admin" if user else "")


def _amqp(service: ComposeService) -> tuple[str, str]:
    found = service.environment
    user = _first(found, "RABBITMQ_DEFAULT_USER") or "guest"
    password = _first(found, "RABBITMQ_DEFAULT_PASS") or "guest"
    vhost = _first(found, "RABBITMQ_DEFAULT_VHOST")
    return _login(user, password), f"/{quote(vhost, safe='')}" if vhost else "/"


_PARTS: Mapping[str, Callable[[ComposeService], tuple[str, str]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "redis": _redis,
    "mongodb": _mongodb,
    "amqp": _amqp,
}
