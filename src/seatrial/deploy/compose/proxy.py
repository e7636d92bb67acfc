"""A reverse proxy in front of a service with a fixed host port: two files, written when asked for.

The proxy takes the port over and looks the service's name up again and again, so that the service
itself has no fixed port any more and can be rolled without a gap. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.model import ComposeProject, ComposeService, Port
from seatrial.errors import ConfigError, UsageError, Where

NAME = "proxy"
IMAGE = "nginx:1.29-alpine"
SETTINGS = "proxy.conf"
_OVERRIDE = "docker-compose.override.yml"
# Docker's own name server, as every container on a network of its own has it.
_RESOLVER = "127.0.0.11"
# Where a service is that names no network.
_DEFAULT = ["default"]
# A scalar of YAML on one line: quoted, or plain in a list of either style.
_SCALAR = re.compile(r"""\s*(?:-\s+)?(?:"([^"]*)"|'([^']*)'|([^\s,\]#]+))""")


@dataclass(frozen=True, slots=True)
class Front:
    """One port of one service that the proxy stands in front of."""

    service: str
    port: Port


def fronts(project: ComposeProject, services: Sequence[str]) -> tuple[Front, ...]:
    """Return the fixed TCP ports of ``services``, or of all.

    Raises ``UsageError`` where there is none, or for a service that the files do not have.
    """
    unknown = [name for name in services if name not in project.services]
    if unknown:
        raise UsageError(
            f"there is no service {unknown[0]!r}", mend=f"there are: {', '.join(project.services)}"
        )
    found = tuple(
        Front(name, port)
        for name in services or project.services
        for port in project.services[name].ports
        if is_fixed(port) and port.protocol == "tcp"
    )
    if not found:
        raise UsageError(
            "no service has a fixed host port, so none needs a proxy",
            mend="deploy as it is: what has no fixed port is rolled without a gap",
        )
    return found


def is_fixed(port: Port) -> bool:
    """Return whether a port is published at one certain number."""
    return bool(port.published) and "-" not in (port.published or "")


def files(project: ComposeProject, found: Sequence[Front]) -> Mapping[Path, str]:
    """Return the files to write, with their text.

    Raises ``ConfigError`` where a file or a service of that name is there already.
    """
    over, settings = project.folder / _OVERRIDE, project.folder / SETTINGS
    taken = [*project.files[1:], *(file for file in (over, settings) if file.exists())]
    if taken:
        raise ConfigError(
            "this file is there already, and it is yours",
            where=Where(taken[0]),
            mend="move it away, let --proxy write, and bring back what you need of it",
        )
    if NAME in project.services:
        raise ConfigError(
            f"a service is called {NAME!r} already",
            where=project.services[NAME].where,
            mend="it may stand in front of the others itself: take their fixed ports away",
        )
    return {over: _compose(project, found), settings: _nginx(found)}


def _compose(project: ComposeProject, found: Sequence[Front]) -> str:
    names = tuple(dict.fromkeys(front.service for front in found))
    lines = [
        "# A proxy in front of what has a fixed host port. It has the port, and looks the name of",
        "# the service up anew all the time, so that a deployment rolls the service without a gap.",
        "# Without this file and proxy.conf beside it, all is as before.",
        "services:",
    ]
    for name in names:
        lines += [f"  {name}:", *_left(project.services[name], found), ""]
    lines += [
        f"  {NAME}:",
        f"    image: {IMAGE}",
        f'    command: ["nginx", "-c", "/etc/nginx/{SETTINGS}", "-g", "daemon off;"]',
        "    restart: unless-stopped",
        '    user: "101:101"',
        "    read_only: true",
        "    tmpfs: [/tmp]",
        "    cap_drop: [ALL]",
        '    security_opt: ["no-new-privileges:true"]',
        "    ports:",
        *(f'      - "{_written(front.port)}"' for front in found),
        "    volumes:",
        f"      - ./{SETTINGS}:/etc/nginx/{SETTINGS}:ro",
        *_networks(project, names),
        "    healthcheck:",
        f'      test: ["CMD", "nginx", "-c", "/etc/nginx/{SETTINGS}", "-t", "-q"]',
        "      interval: 30s",
        "      timeout: 10s",
        "      retries: 3",
        "      start_period: 60s",
        "      start_interval: 1s",
        "    deploy:",
        "      resources:",
        '        limits: {memory: 128M, cpus: "1"}',
        "        reservations: {memory: 16M}",
        "    logging:",
        "      driver: json-file",
        '      options: {max-size: 100m, max-file: "10"}',
        "    depends_on:",
        *(f"      {name}: {{condition: {_condition(project.services[name])}}}" for name in names),
    ]
    return "\n".join(lines) + "\n"


def _left(service: ComposeService, found: Sequence[Front]) -> list[str]:
    """Return what a service keeps of its ports."""
    gone = [front.port for front in found if front.service == service.name]
    kept = [port for port in service.ports if port not in gone]
    if not kept:
        return ["    ports: !reset []"]
    return ["    ports: !override", *(f'      - "{_written(port)}"' for port in kept)]


def _networks(project: ComposeProject, names: Sequence[str]) -> Iterator[str]:
    joined = sorted({net for name in names for net in project.services[name].networks or _DEFAULT})
    if joined != _DEFAULT:
        yield f"    networks: [{', '.join(joined)}]"


def _condition(service: ComposeService) -> str:
    checked = service.healthcheck is not None and not service.healthcheck.disable
    return "service_healthy" if checked else "service_started"


def _written(port: Port) -> str:
    """Return a port as its file has it, variables and all; else as it was read."""
    lines = port.where.file.read_text().splitlines()
    line = lines[port.where.line - 1] if 0 < port.where.line <= len(lines) else ""
    match = _SCALAR.match(line, max(port.where.column - 1, 0))
    raw = (match[1] or match[2] or match[3]).strip() if match else ""
    if raw.endswith(f":{port.target}"):
        return raw
    host = f"{port.host_ip}:" if port.host_ip else ""
    protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
    published = f"{port.published}:" if port.published else ""
    return f"{host}{published}{port.target}{protocol}"


def _nginx(found: Sequence[Front]) -> str:
    servers = "\n".join(_server(front) for front in found)
    return f"""\
# nginx in front of {", ".join(dict.fromkeys(front.service for front in found))}.
worker_processes auto;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;

events {{
    worker_connections 1024;
}}

http {{
    access_log off;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    client_max_body_size 0;

    # A name in a variable is looked up again when its answer is two seconds old at most.
    resolver {_RESOLVER} valid=1s ipv6=off;
    # A container that has just gone refuses, or does not answer: the next one is asked.
    proxy_next_upstream error timeout;
    proxy_connect_timeout 2s;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        "" "";
    }}
{servers}
}}
"""


def _server(front: Front) -> str:
    return f"""
    server {{
        listen {front.port.target};
        location / {{
            set $service {front.service};
            proxy_pass http://$service:{front.port.target};
        }}
    }}"""
