"""The override that is laid over an environment's compose files, which stay as they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.composefile.model import ComposeProject, ComposeService, Port
from seatrial.composefile.names import clashing_names
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.docker import labels, waves
from seatrial.runtimes.docker.healthchecks import quickened
from seatrial.runtimes.docker.yamltext import RESET, override


@dataclass(frozen=True, slots=True)
class Override:
    """``document`` is what Compose gets; ``changes`` says why, service by service.

    ``patience`` holds the seconds that a service's own health check timings allow.
    """

    document: Mapping[str, Any]
    changes: Mapping[str, tuple[str, ...]]
    patience: Mapping[str, float] = field(default_factory=dict)


def plan(
    project: ComposeProject,
    request: EnvironmentRequest,
    images: Mapping[str, str],
    *,
    start_interval: bool = True,
) -> Override:
    """Return the override that starts ``project``.

    ``images`` gives the image (an id) of each service that is started from one built for this run;
    ``start_interval`` says whether the engine knows it.
    """
    fixed = {(name.kind, name.owner) for name in clashing_names(project, request.instance)}
    ours = labels.of(request)
    together = waves.checked_together(project)
    services: dict[str, Any] = {}
    changes: dict[str, tuple[str, ...]] = {}
    patience: dict[str, float] = {}
    for name, service in project.services.items():
        settings: dict[str, Any] = {"labels": ours}
        said = [*_image(service, settings, images.get(name)), *_names(service, settings, fixed)]
        check = quickened(service, together[name], request.boot_timeout, supported=start_interval)
        if check.settings:
            settings["healthcheck"] = check.settings
        if check.patience is not None:
            patience[name] = check.patience
        services[name] = settings
        changes[name] = (*said, *check.changes)
    document = {"services": services, **_resources(project, request, fixed)}
    return Override(document, changes, patience)


def build_plan(request: EnvironmentRequest, tags: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the override with which the services of ``tags`` are built, each under its tag."""
    image_labels = dict(labels.of_image(request))
    return {
        "services": {
            name: {"image": tag, "build": {"labels": image_labels}} for name, tag in tags.items()
        }
    }


def _image(service: ComposeService, settings: dict[str, Any], image: str | None) -> list[str]:
    if service.build is None and image is None:
        return []
    if image is not None:
        settings |= {"image": image, "pull_policy": "never"}
        if service.build is not None:
            settings["build"] = RESET
    return ["started by the id of the image built for this run: a tag may be somebody else's"]


def _names(
    service: ComposeService, settings: dict[str, Any], fixed: set[tuple[str, str]]
) -> list[str]:
    said = []
    if ("container", service.name) in fixed:
        settings["container_name"] = RESET
        said.append(
            f"container_name {service.container_name!r} dropped: it lacks TEST_INSTANCE_ID and"
            " would clash between runs"
        )
    taken = [port for port in service.ports if port.published and port.published != "0"]
    if taken:
        settings["ports"] = override([_dynamic(port) for port in service.ports])
        numbers = ", ".join(f"{port.published}" for port in taken)
        said.append(f"host port {numbers} left to the engine: a fixed one clashes between runs")
    return said


def _dynamic(port: Port) -> dict[str, Any]:
    entry: dict[str, Any] = {"target": port.target, "protocol": port.protocol}
    if port.host_ip:
        entry["host_ip"] = port.host_ip
    return entry


def _resources(
    project: ComposeProject, request: EnvironmentRequest, fixed: set[tuple[str, str]]
) -> dict[str, Any]:
    ours = labels.of(request)
    found: dict[str, Any] = {}
    for section, kind, resources in (
        ("networks", "network", project.networks),
        ("volumes", "volume", project.volumes),
    ):
        entries: dict[str, Any] = {}
        for key, resource in resources.items():
            if resource.external:
                continue
            entries[key] = {"labels": ours}
            if (kind, key) in fixed:
                entries[key]["name"] = f"{request.project}_{key}"
        if kind == "network" and "default" not in resources and _uses_default(project):
            entries["default"] = {"labels": ours}
        if entries:
            found[section] = entries
    return found


def _uses_default(project: ComposeProject) -> bool:
    return any(
        not service.network_mode and (not service.networks or "default" in service.networks)
        for service in project.services.values()
    )
