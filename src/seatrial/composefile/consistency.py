"""What must hold between the parts of a project, after profiles are applied."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from seatrial.composefile.model import ComposeProject, ComposeService, Resource
from seatrial.composefile.schema import nearest
from seatrial.errors import ConfigError, Where


def active(
    services: Mapping[str, ComposeService], profiles: Collection[str]
) -> dict[str, ComposeService]:
    """Return the services without profiles and those of an active one; ``*`` activates all."""
    return {
        name: service
        for name, service in services.items()
        if not service.profiles or "*" in profiles or set(service.profiles) & set(profiles)
    }


def check(project: ComposeProject, disabled: Mapping[str, ComposeService]) -> None:
    """Raise ``ConfigError`` for the first thing that does not hold.

    ``disabled`` are the services that their profiles keep out.
    """
    for service in project.services.values():
        _check_source(service)
        _check_dependencies(service, project.services, disabled)
        _check_references(service, project)
        _check_mounts(service)
    for secret in project.secrets.values():
        if not (secret.external or secret.file or secret.environment):
            raise ConfigError(
                f"secret {secret.key!r} has no content",
                where=secret.where,
                mend="add file: or environment:",
            )
    _check_cycles(project.services)


def _check_source(service: ComposeService) -> None:
    if service.image is None and service.build is None and "provider" not in service.keys:
        raise ConfigError(
            f"service {service.name!r} has neither image nor build",
            where=service.where,
            mend="add image: or build:",
        )
    if service.replicas > 1 and service.container_name:
        raise ConfigError(
            f"service {service.name!r} has a container_name and {service.replicas} replicas",
            where=service.keys["container_name"],
            mend="remove container_name",
        )


def _check_dependencies(
    service: ComposeService,
    services: Mapping[str, ComposeService],
    disabled: Mapping[str, ComposeService],
) -> None:
    for name, dependency in service.depends_on.items():
        if name in services or (name in disabled and not dependency.required):
            continue
        where = _place(service, "depends_on", "links", "network_mode")
        if name in disabled:
            profiles = " or ".join(disabled[name].profiles)
            raise ConfigError(
                f"service {service.name!r} depends on {name!r}, whose profile is not active",
                where=where,
                mend=f"activate {profiles} (COMPOSE_PROFILES), or set required: false",
            )
        raise ConfigError(
            f"service {service.name!r} depends on undefined service {name!r}",
            where=where,
            mend=nearest(name, services) or "define it, or remove the dependency",
        )


def _check_references(service: ComposeService, project: ComposeProject) -> None:
    if service.network_mode and service.networks:
        raise ConfigError(
            f"service {service.name!r} has both network_mode and networks",
            where=service.keys["network_mode"],
            mend="keep one of the two",
        )
    networks = {**project.networks, "default": None}
    for name in service.networks:
        _require(service, "network", name, networks, service.keys["networks"])
    for mount in service.volumes:
        if mount.kind == "volume" and mount.source:
            _require(service, "volume", mount.source, project.volumes, mount.where)
    for kind, grants, known in (
        ("secret", service.secrets, project.secrets),
        ("config", service.configs, project.configs),
    ):
        for grant in grants:
            _require(service, kind, grant.source, known, grant.where)


def _require(
    service: ComposeService,
    kind: str,
    name: str,
    known: Mapping[str, Resource | None],
    where: Where,
) -> None:
    if name not in known:
        raise ConfigError(
            f"service {service.name!r} refers to undefined {kind} {name!r}",
            where=where,
            mend=nearest(name, known) or f"declare it under the top-level {kind}s:",
        )


def _check_mounts(service: ComposeService) -> None:
    seen = {path.partition(":")[0] for path in service.tmpfs}
    for mount in service.volumes:
        if mount.target in seen:
            raise ConfigError(
                f"service {service.name!r} mounts {mount.target} twice",
                where=mount.where,
                mend="remove one of the two",
            )
        seen.add(mount.target)


def _check_cycles(services: Mapping[str, ComposeService]) -> None:
    done: set[str] = set()
    for name in services:
        cycle = _cycle(name, services, done, ())
        if cycle:
            raise ConfigError(
                f"services depend on each other in a circle: {' -> '.join(cycle)}",
                where=_place(services[cycle[0]], "depends_on", "links", "network_mode"),
                mend="remove one of these dependencies",
            )


def _cycle(
    name: str, services: Mapping[str, ComposeService], done: set[str], path: tuple[str, ...]
) -> tuple[str, ...]:
    if name in path:
        return (*path[path.index(name) :], name)
    if name in done or name not in services:
        return ()
    found = _first(
        _cycle(below, services, done, (*path, name)) for below in services[name].depends_on
    )
    done.add(name)
    return found


def _first(cycles: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return next((cycle for cycle in cycles if cycle), ())


def _place(service: ComposeService, *keys: str) -> Where:
    return next((service.keys[key] for key in keys if key in service.keys), service.where)
