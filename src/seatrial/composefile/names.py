"""What two environments of one compose file would share, and so fight over. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.composefile.model import ComposeProject
from seatrial.errors import Where


@dataclass(frozen=True, slots=True)
class FixedName:
    """A name that does not depend on the instance; ``kind``: container, network, volume, port.

    ``owner`` is the service or the top-level key that has it. A port's name is
    ``[address:]port/protocol``.
    """

    kind: str
    name: str
    owner: str
    where: Where


def clashing_names(project: ComposeProject, instance: str) -> tuple[FixedName, ...]:
    """Return the names fixed in the file that lack ``instance``, then the fixed host ports.

    External networks and volumes are shared on purpose; a range of host ports lets the engine
    choose: neither is listed.
    """
    return (*_containers(project, instance), *_resources(project, instance), *_ports(project))


def _shared(name: str, instance: str) -> bool:
    return not instance or instance not in name


def _containers(project: ComposeProject, instance: str) -> Iterator[FixedName]:
    for service in project.services.values():
        name = service.container_name
        if name and _shared(name, instance):
            yield FixedName("container", name, service.name, service.keys["container_name"])


def _resources(project: ComposeProject, instance: str) -> Iterator[FixedName]:
    for kind, resources in (("network", project.networks), ("volume", project.volumes)):
        for resource in resources.values():
            if resource.name and not resource.external and _shared(resource.name, instance):
                yield FixedName(kind, resource.name, resource.key, resource.where)


def _ports(project: ComposeProject) -> Iterator[FixedName]:
    for service in project.services.values():
        for port in service.ports:
            if port.published and port.published != "0" and "-" not in port.published:
                address = f"{port.host_ip}:" if port.host_ip else ""
                name = f"{address}{port.published}/{port.protocol}"
                yield FixedName("port", name, service.name, port.where)
