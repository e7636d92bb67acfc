"""Compose files as people write them: strategies of Hypothesis for their texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

_IMAGES = (
    *("postgres:17", "postgres", "redis:8-alpine", "valkey/valkey", "nginx:latest", "nats:2"),
    *("ghcr.io/own/er/api:1.4", "${IMAGE:-postgres:16}", "mysql:8", "example/größe:1"),
)
_PORTS: tuple[Any, ...] = (
    *("5432:5432", "8000", "127.0.0.1:8080:80", "${API_PORT:-8000}:8000", "3000-3002:3000-3002"),
    *(22, "53:53/udp", "[::1]:9:9", "80:80"),
    {"target": 80, "published": "8080"},
    {"target": 5432, "published": 5432, "host_ip": "127.0.0.1", "protocol": "tcp"},
)
_VOLUMES: tuple[Any, ...] = (
    *("data:/var/lib/postgresql/data", "./conf:/etc/app:ro", "/cache", "../..:/src"),
    "/var/run/docker.sock:/var/run/docker.sock",
    {"type": "volume", "source": "data", "target": "/data"},
    {"type": "tmpfs", "target": "/tmp"},
)
_CHECKS: tuple[Any, ...] = (
    {"test": ["CMD", "pg_isready", "-U", "app"], "interval": "5s", "start_interval": "1s"},
    {"test": "curl -f http://localhost:8000/health || exit 0", "interval": "30s"},
    {"test": ["CMD-SHELL", "true"], "retries": 3, "timeout": "10s", "start_period": "1m30s"},
    {"disable": True},
    {"test": ["NONE"]},
    {"interval": "1s", "start_period": "60s", "start_interval": "250ms"},
)
_ENVIRONMENTS: tuple[Any, ...] = (
    {"POSTGRES_PASSWORD": "quite-secret-7", "LEVEL": "debug", "EMPTY": None},
    ["DATABASE_URL=postgres://app:quite-secret-7@db/app", "TOKEN", "PRICE=5$$"],
    {"NAME": "Zoë", "FLAG": "yes", "NUMBER": 1, "LINK": "${LINK:?needed}"},
)
_COMMANDS: tuple[Any, ...] = (
    "postgres -c fsync=off",
    ["postgres", "-c", "synchronous_commit=off"],
    "sh -c 'migrate && exit'",
)
_KEYS: dict[str, st.SearchStrategy[Any]] = {
    "ports": st.lists(st.sampled_from(_PORTS), max_size=3),
    "volumes": st.lists(st.sampled_from(_VOLUMES), max_size=3, unique_by=str),
    "healthcheck": st.sampled_from(_CHECKS),
    "environment": st.sampled_from(_ENVIRONMENTS),
    "command": st.sampled_from(_COMMANDS),
    "restart": st.sampled_from(["always", "no", "unless-stopped", "on-failure:3"]),
    "container_name": st.sampled_from(["db", "db-${TEST_INSTANCE_ID}", "größe"]),
    "privileged": st.booleans(),
    "init": st.booleans(),
    "user": st.sampled_from(["root", "1000:1000", "0"]),
    "tmpfs": st.sampled_from(["/run", ["/tmp", "/var/lib/postgresql/data"]]),
    "stop_grace_period": st.sampled_from(["1m", "10s"]),
    "network_mode": st.sampled_from(["host", "bridge"]),
    "cap_add": st.just(["SYS_ADMIN"]),
    "profiles": st.just(["tools"]),
    "logging": st.just({"driver": "json-file", "options": {"max-size": "10m"}}),
    "deploy": st.just({"resources": {"limits": {"memory": "1G", "cpus": "0.5"}}}),
    "labels": st.just({"a.b": "c"}),
    "build": st.sampled_from([".", {"context": "../..", "args": {"API_KEY": "quite-secret-7"}}]),
}
_NAMES = ("db", "api", "cache-1", "wörker", "migrate")


@st.composite
def models(draw: Draw) -> dict[str, Any]:
    """Return a compose file as plain values; ``depends_on`` names services that there are."""
    names = draw(st.lists(st.sampled_from(_NAMES[:3]), min_size=1, max_size=3, unique=True))
    services: dict[str, Any] = {}
    for name in names:
        keys = draw(st.lists(st.sampled_from(sorted(_KEYS)), max_size=6, unique=True))
        service = {"image": draw(st.sampled_from(_IMAGES))}
        service |= {key: draw(_KEYS[key]) for key in keys}
        others = [other for other in services if draw(st.booleans())]
        if others:
            long = {other: {"condition": "service_started"} for other in others}
            service["depends_on"] = draw(st.sampled_from([others, long]))
        services[name] = service
    model: dict[str, Any] = {"services": services}
    if draw(st.booleans()):
        model = {"name": "shop-${TEST_INSTANCE_ID:-x}", **model}
    if draw(st.booleans()):
        model = {"version": "3.8", **model}
    model["volumes"] = {"data": draw(st.sampled_from([None, {}, {"name": "shop-data"}]))}
    return model


class Writer:
    """Values to YAML in the many ways in which it is written; comments are numbered."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._step = draw(st.sampled_from([2, 4, 3]))
        self._dash = draw(st.booleans())
        self._anchors = 0
        self.comments = 0

    def text(self, model: dict[str, Any]) -> str:
        lines = [*self._comment(0), *self._mapping(model, 0)]
        end: str = self._draw(st.sampled_from(["\n", "\n", "\r\n"]))
        last: str = self._draw(st.sampled_from([end, ""]))
        return end.join(lines) + last

    def _odd(self) -> bool:
        """Return true now and then, and never in the simplest example."""
        return bool(self._draw(st.integers(0, 5)) == 5)

    def _comment(self, indent: int) -> list[str]:
        if not self._odd():
            return []
        self.comments += 1
        return [f"{' ' * indent}# c{self.comments}. ü: {{x}}"]

    def _trail(self) -> str:
        if not self._odd():
            return ""
        self.comments += 1
        return f"  # c{self.comments}."

    def _mapping(self, values: dict[str, Any], indent: int) -> list[str]:
        lines: list[str] = []
        for key, value in values.items():
            lines += self._comment(indent)
            if self._odd():
                lines.append("")
            lines += self._entry(f"{' ' * indent}{key}:", value, indent)
        return lines

    def _entry(self, head: str, value: Any, indent: int) -> list[str]:
        """Return the lines of a value behind ``head``, in block or flow style."""
        if not isinstance(value, dict | list):
            return [f"{head} {self._scalar(value)}{self._trail()}".rstrip()]
        if not value or self._odd():
            return [f"{head} {self._flow(value)}{self._trail()}"]
        anchor = ""
        if self._odd():
            self._anchors += 1
            anchor = f" &a{self._anchors}"
        first = f"{head}{anchor}{self._trail()}"
        if isinstance(value, dict):
            return [first, *self._mapping(value, indent + self._step)]
        below = indent if self._dash else indent + self._step
        lines = [first]
        for item in value:
            lines += self._comment(below)
            lines += self._item(item, below)
        return lines

    def _item(self, item: Any, indent: int) -> list[str]:
        dash = f"{' ' * indent}- "
        if isinstance(item, dict):
            inner = self._mapping(item, indent + 2)
            # The dash takes the place of two spaces before the first key.
            at = next(n for n, line in enumerate(inner) if line.strip()[:1] not in ("", "#"))
            inner[at] = dash + inner[at].lstrip()
            return inner
        return [f"{dash}{self._scalar(item)}{self._trail()}"]

    def _scalar(self, value: Any) -> str:
        if value is None:
            return str(self._draw(st.sampled_from(["", "~", "null"])))
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        plain = value[:1] not in "[{" and ": " not in value and value not in ("yes", "no", "0")
        plain = plain and not value.replace(".", "").isdecimal()
        styles = ['"', "'"] if not plain or "," in value else ["", '"', "'"]
        if "'" in value:
            styles = ['"']
        quote = self._draw(st.sampled_from(styles))
        return f"{quote}{value}{quote}"

    def _flow(self, value: Any) -> str:
        if isinstance(value, dict):
            pairs = (f"{key}: {self._flow(inner)}" for key, inner in value.items())
            return "{" + ", ".join(pairs) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self._flow(inner) for inner in value) + "]"
        if not isinstance(value, str):
            return {None: "null", True: "true", False: "false"}.get(value, str(value))
        return f'"{value}"'


@st.composite
def texts(draw: Draw) -> str:
    """Return a compose file as text."""
    return Writer(draw).text(draw(models()))


# A base that services merge, with an anchor in a list and one on a value.
MERGED = """\
x-base: &base  # c1.
  restart: always
  privileged: true
  healthcheck: &check
    test: ["CMD", "true"]
    start_interval: 1s
services:
  api:
    <<: *base
    image: &image example/api
    ports: &ports
      - "8000:8000"  # c2.
  db:
    <<: [*base]
    image: *image
    ports: *ports
    healthcheck:
      <<: *check
      interval: 5s
"""
