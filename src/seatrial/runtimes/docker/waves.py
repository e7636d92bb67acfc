"""In which order services may be created and started. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.errors import Refused
from seatrial.runtimes.docker.healthchecks import is_off


def early(project: ComposeProject, built: Collection[str]) -> tuple[str, ...]:
    """Return the services that can be created while images are still being built.

    Those are the ones that neither run a built image nor refer to a service that does.
    """
    late = set(built)
    changed = True
    while changed:
        more = {
            name
            for name, service in project.services.items()
            if name not in late and _references(service) & late
        }
        late |= more
        changed = bool(more)
    return tuple(name for name in project.services if name not in late)


def checked_together(project: ComposeProject) -> Mapping[str, int]:
    """Return for each service how many health checks may run while it starts.

    Services start in waves, each one wave after the last of what it waits for; only those of one
    wave are probed at the same time.
    """
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            waits_for = [d for d in project.services[name].depends_on if d in project.services]
            depths[name] = 1 + max(map(depth, waits_for), default=0)
        return depths[name]

    checks: dict[int, int] = {}
    for name, service in project.services.items():
        checked = service.healthcheck is not None and not is_off(service.healthcheck)
        checks[depth(name)] = checks.get(depth(name), 0) + checked
    return {name: checks[depth(name)] for name in project.services}


def must_end(project: ComposeProject) -> frozenset[str]:
    """Return the services for whose end with 0 another one waits: the one-shots."""
    return frozenset(
        dependency.service
        for service in project.services.values()
        for dependency in service.depends_on.values()
        if dependency.condition == "service_completed_successfully"
    )


def needs_compose(project: ComposeProject, service: ComposeService) -> bool:
    """Return whether Compose itself must start the service.

    It runs hooks, and puts secrets and configs that are no files into the container, when it
    starts one, not when it creates it.
    """
    if {"post_start", "pre_start"} & set(service.keys):
        return True
    granted = [project.secrets.get(grant.source) for grant in service.secrets]
    granted += [project.configs.get(grant.source) for grant in service.configs]
    return any(one is not None and not one.external and one.file is None for one in granted)


def refuse_impossible(project: ComposeProject) -> None:
    """Raise ``Refused`` for what this runtime cannot start."""
    for service in project.services.values():
        if "provider" in service.keys:
            raise Refused(
                f"service {service.name} is no container but a Compose provider",
                where=service.keys["provider"],
                mend="give it an image: or build: in the compose file of the tests",
            )


def _references(service: ComposeService) -> set[str]:
    """Return the services that must exist as containers before this one is created."""
    found = {link.split(":")[0] for link in service.links}
    kind, _, name = (service.network_mode or "").partition(":")
    if kind == "service":
        found.add(name)
    if {"volumes_from", "ipc", "pid"} & set(service.keys):
        # The model does not say which ones: as if it were all that it depends on.
        found |= set(service.depends_on)
    return found
