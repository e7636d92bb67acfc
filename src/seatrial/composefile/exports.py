"""The ``TEST_…`` variables that tests of an environment see. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.composefile.schema import nearest
from seatrial.composefile.urls import SQL, scheme_of, url
from seatrial.errors import ConfigError, Where
from seatrial.model.environment import Endpoint

INSTANCE = "TEST_INSTANCE_ID"
# Braces around anything else, such as a piece of JSON, are left as they are.
_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_][A-Za-z0-9_.-]*)\}")


@dataclass(frozen=True, slots=True)
class _Reached:
    """A service with the endpoint that stands for it."""

    service: ComposeService
    endpoint: Endpoint
    scheme: str
    url: str


def exports(
    project: ComposeProject,
    endpoints: Iterable[Endpoint],
    *,
    instance: str,
    subject: str | None = None,
    extra: Mapping[str, str] | None = None,
    where: Where | None = None,
    prefix: str = "TEST",
) -> dict[str, str]:
    """Return the variables for the tests of an environment.

    Every service with a published port gives ``TEST_<SERVICE>_HOST``, ``_PORT`` and ``_URL`` of
    the port that its file lists first. ``TEST_API_URL``, ``TEST_DATABASE_URL`` and
    ``TEST_REDIS_URL`` stand for the one such service; ``subject`` (the service under test) decides
    between several HTTP services. A service that really is called ``api``, ``database`` or
    ``redis`` keeps the name for itself. ``extra`` adds names from ``seatrial.toml``, whose
    ``{service.host}``, ``{service.port}`` and ``{service.url}`` are filled in; ``where`` is its
    place. Another ``prefix`` than TEST is for an environment that stands; TEST_INSTANCE_ID is only
    among the variables of tests. Raises ``ConfigError`` for an unknown placeholder or two services
    of one variable name.
    """
    reached = _reached(project, tuple(endpoints))
    variables = _per_service(reached.values(), prefix)
    for name, url_ in _aliases(tuple(reached.values()), subject):
        variables.setdefault(f"{prefix}_{name}", url_)
    if INSTANCE.startswith(f"{prefix}_"):
        variables[INSTANCE] = instance
    for name, template in (extra or {}).items():
        variables[name] = _filled(name, template, project, reached, where)
    return variables


def variable_prefix(service: str, prefix: str = "TEST") -> str:
    """Return ``TEST_<SERVICE>``: in capitals, ``-`` and ``.`` as ``_``."""
    return f"{prefix}_" + service.upper().replace("-", "_").replace(".", "_")


def _reached(project: ComposeProject, endpoints: tuple[Endpoint, ...]) -> dict[str, _Reached]:
    found = {}
    for service in project.services.values():
        order = [(port.target, port.protocol) for port in service.ports]
        mine = [e for e in endpoints if e.service == service.name]
        # TCP first: a URL means nothing to UDP. What the file does not list comes last.
        mine.sort(
            key=lambda e: (
                e.protocol != "tcp",
                _rank(order, (e.container_port, e.protocol)),
                e.container_port,
            )
        )
        if mine:
            scheme = scheme_of(service, mine[0].container_port)
            found[service.name] = _Reached(service, mine[0], scheme, url(service, mine[0]))
    return found


def _rank(order: list[tuple[int, str]], port: tuple[int, str]) -> int:
    return order.index(port) if port in order else len(order)


def _per_service(reached: Iterable[_Reached], start: str) -> dict[str, str]:
    variables: dict[str, str] = {}
    owners: dict[str, str] = {}
    for one in reached:
        prefix = variable_prefix(one.service.name, start)
        if prefix in owners:
            raise ConfigError(
                f"services {owners[prefix]!r} and {one.service.name!r} both export {prefix}_URL",
                where=one.service.where,
                mend="rename one of the two",
            )
        owners[prefix] = one.service.name
        variables[f"{prefix}_HOST"] = one.endpoint.host
        variables[f"{prefix}_PORT"] = str(one.endpoint.port)
        variables[f"{prefix}_URL"] = one.url
    return variables


def _aliases(reached: tuple[_Reached, ...], subject: str | None) -> list[tuple[str, str]]:
    apis = [one for one in reached if one.service.build and one.scheme in ("http", "https")]
    if len(apis) > 1:
        apis = [one for one in apis if one.service.name == subject]
    groups = {
        "API_URL": apis,
        "DATABASE_URL": [one for one in reached if one.scheme in SQL],
        "REDIS_URL": [one for one in reached if one.scheme == "redis"],
    }
    return [(name, found[0].url) for name, found in groups.items() if len(found) == 1]


def _filled(
    name: str,
    template: str,
    project: ComposeProject,
    reached: Mapping[str, _Reached],
    where: Where | None,
) -> str:
    def one(match: re.Match[str]) -> str:
        service, _, field = match[1].rpartition(".")
        if field not in ("host", "port", "url") or not service:
            raise ConfigError(
                f"{name}: unknown name {match[0]}",
                where=where,
                mend="write {service.host}, {service.port} or {service.url}",
            )
        if service not in reached:
            known = service in project.services
            raise ConfigError(
                f"{name}: service {service!r} "
                + ("publishes no port" if known else "is not in the compose file"),
                where=where,
                mend="add it to the service's ports:"
                if known
                else nearest(service, reached) or "name one of its services",
            )
        found = reached[service]
        values = {"host": found.endpoint.host, "port": str(found.endpoint.port), "url": found.url}
        return values[field]

    return _PLACEHOLDER.sub(one, template)


def _unreached(
    name: str, service: str, project: ComposeProject, where: Where | None
) -> ConfigError:
    if service in project.services:
        what, mend = "publishes no port", f"list a port under ports: of {service}"
    else:
        what = "is not in the compose file"
        mend = nearest(service, project.services) or "name one of its services"
    return ConfigError(f"{name}: service {service!r} {what}", where=where, mend=mend)
