"""Volumes, tmpfs, secrets and configs of a service, as far as their container paths can be met.

A process sees the host's files. A container path is met where a variable, the command or the health
check names it, because there it can be replaced; where only code knows it, the service is refused.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.composefile.model import (
    ComposeProject,
    ComposeService,
    FileGrant,
    Mount,
    Resource,
)
from seatrial.errors import Where
from seatrial.runtimes.process.keys import refusal
from seatrial.runtimes.process.paths import Entry, PathMap

# What a toolchain installs: a volume there only hides the host's copy from the container.
_INSTALLED = ("node_modules", ".venv", "venv", "__pycache__", ".next", ".mypy_cache")
_PRIVATE = ("/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm", "/var/cache", "/root/.cache")
_DATA = ("/var/lib/postgresql/data", "/var/lib/postgresql", "/data")
_SECRETS = "/run/secrets"


@dataclass(slots=True)
class Met:
    """What was found: ``entries`` over the image's, ``folders`` to make, ``files`` to write.

    ``data`` is the folder of a server's data where that is kept.
    """

    entries: list[Entry] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    files: list[tuple[Path, str]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    data: Path | None = None


class Mounts:
    """Meets the mounts of one environment's services.

    ``scratch`` is where fresh folders go, ``kept`` where named volumes are, if they are kept.
    """

    def __init__(
        self,
        project: ComposeProject,
        variables: Mapping[str, str],
        scratch: Path,
        kept: Path | None = None,
    ) -> None:
        self._project = project
        self._variables = variables
        self._scratch = scratch
        self._kept = kept

    def of_server(self, service: ComposeService) -> Met:
        """Return what a provider may read, and where its data is; that is fresh if not kept."""
        met = Met()
        for mount in service.volumes:
            if self._kept is not None and met.data is None and (name := _volume(service, mount)):
                met.data = self._kept / name
                met.changes.append(f"volumes: {mount.target} → {met.data} (kept)")
            elif mount.kind == "bind" and mount.source:
                met.entries.append(Entry(mount.target.rstrip("/"), Path(mount.source)))
            else:
                met.changes.append(f"volumes: {mount.target} is fresh (removed with it)")
        for grant, path, resource in self._grants(service):
            self._grant(met, grant, path, resource)
        return met

    def of_process(
        self, service: ComposeService, image: PathMap, workdir: str, texts: Sequence[str]
    ) -> Met:
        """Return what a process sees. Raises ``Refused`` for a path that only code knows."""
        met = Met()
        for mount in service.volumes:
            if mount.kind == "bind" and mount.source is not None:
                self._bind(met, service, mount, Path(mount.source), image, workdir, texts)
            elif mount.kind == "tmpfs":
                self._tmpfs(met, service, mount.target, mount.where, texts)
            else:
                self._volume(met, service, mount, workdir, texts)
        for target in service.tmpfs:
            where = service.keys.get("tmpfs", service.where)
            self._tmpfs(met, service, target.partition(":")[0], where, texts)
        for grant, path, resource in self._grants(service):
            if not PathMap.names(path, texts):
                raise _unknown(service, path, grant.where)
            self._grant(met, grant, path, resource)
            met.changes.append(f"{path} → {met.entries[-1].host} (named)")
        return met

    def _bind(
        self,
        met: Met,
        service: ComposeService,
        mount: Mount,
        source: Path,
        image: PathMap,
        workdir: str,
        texts: Sequence[str],
    ) -> None:
        target = mount.target.rstrip("/") or "/"
        if source.name == "docker.sock":
            raise refusal(service, "it is given the engine's socket", mount.where)
        copied = image.host(target)
        there = copied is not None and copied.exists() and source.exists()
        if there and copied is not None and copied.samefile(source):
            met.changes.append(f"volumes: {target} is the source itself")
        elif target == workdir or target.startswith(workdir.rstrip("/") + "/"):
            met.entries.append(Entry(target, source))
            met.changes.append(f"volumes: {target} → {source} (its working folder)")
        elif PathMap.names(target, texts):
            met.entries.append(Entry(target, source))
            met.changes.append(f"volumes: {target} → {source} (named)")
        else:
            raise _unknown(service, target, mount.where)

    def _volume(
        self, met: Met, service: ComposeService, mount: Mount, workdir: str, texts: Sequence[str]
    ) -> None:
        target = mount.target.rstrip("/")
        inside = target.startswith(workdir.rstrip("/") + "/")
        if posixpath.basename(target) in _INSTALLED or (mount.source is None and inside):
            met.changes.append(f"volumes: {target} is left out (the toolchain's own is used)")
            return
        if not PathMap.names(target, texts):
            raise _unknown(service, target, mount.where)
        if mount.source is not None and self._kept is not None:
            folder = self._kept / mount.source
            met.entries.append(Entry(target, folder, fresh=True))
            met.folders.append(folder)
            met.changes.append(f"volumes: {target} → {folder} (kept)")
            return
        name = mount.source or f"{service.name}-{target.strip('/').replace('/', '-')}"
        self._fresh(met, target, self._scratch / "volumes" / name, "volumes")

    def _tmpfs(
        self, met: Met, service: ComposeService, target: str, where: Where, texts: Sequence[str]
    ) -> None:
        target = target.rstrip("/")
        if PathMap.names(target, texts):
            name = f"{service.name}-{target.strip('/').replace('/', '-')}"
            self._fresh(met, target, self._scratch / "volumes" / name, "tmpfs")
        elif target not in _PRIVATE:
            raise _unknown(service, target, where)

    @staticmethod
    def _fresh(met: Met, target: str, folder: Path, key: str) -> None:
        met.entries.append(Entry(target, folder, fresh=True))
        met.folders.append(folder)
        met.changes.append(f"{key}: {target} → a fresh folder (named)")

    def _grants(self, service: ComposeService) -> list[tuple[FileGrant, str, Resource | None]]:
        secrets = (
            (grant, posixpath.join(_SECRETS, grant.target or grant.source), self._project.secrets)
            for grant in service.secrets
        )
        configs = (
            (grant, posixpath.join("/", grant.target or grant.source), self._project.configs)
            for grant in service.configs
        )
        return [
            (grant, path, found.get(grant.source)) for grant, path, found in (*secrets, *configs)
        ]

    def _grant(self, met: Met, grant: FileGrant, path: str, resource: Resource | None) -> None:
        if resource is not None and resource.file is not None:
            met.entries.append(Entry(path, resource.file))
            return
        text = resource.content if resource is not None else None
        if resource is not None and resource.environment is not None:
            text = self._variables.get(resource.environment, "")
        host = self._scratch / "granted" / grant.source
        met.files.append((host, text or ""))
        met.entries.append(Entry(path, host))


def _volume(service: ComposeService, mount: Mount) -> str | None:
    """Return the name of the volume that holds a server's data, ``None`` for another mount.

    A folder of the host that a container has its data in is not used: whom its files belong to
    and how they were made is the image's affair. It counts as a volume of the service's own.
    """
    if mount.kind == "volume":
        return mount.source
    target = mount.target.rstrip("/")
    return f"{service.name}-data" if mount.kind == "bind" and target in _DATA else None


def _unknown(service: ComposeService, path: str, where: Where) -> Exception:
    return refusal(
        service,
        f"only its code knows the container path {path}",
        where,
        also="name the path in a variable that the service reads",
    )
