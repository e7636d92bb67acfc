"""What becomes of a service's volumes: data into memory, sources out, configuration kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.model import ComposeService, Mount
from seatrial.scaffold.adopt.images import Backing
from seatrial.scaffold.adopt.model import Difference

_PACKAGES = ("node_modules", ".venv", "venv", ".next", "__pycache__")
_SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True, slots=True)
class Mounts:
    """``kept`` stay as they are, ``memory`` are paths of memory file systems."""

    kept: tuple[Mount, ...]
    memory: tuple[str, ...]
    differences: tuple[Difference, ...]


def sort_out(
    service: ComposeService,
    backing: Backing | None,
    shared: Collection[str],
    image_has: Callable[[Path], bool],
) -> Mounts:
    """Return what to do with each mount of ``service``.

    ``shared`` are the named volumes that several services use; ``image_has`` says whether the
    service's image holds a folder of the build context by itself.
    """
    kept: list[Mount] = []
    memory = list(backing.data) if backing else []
    told: list[Difference] = []
    if backing and backing.data:
        told.append(_of_data(service, backing))
    for mount in service.volumes:
        if _is_data(mount, backing):
            continue
        why = _dropped(service, mount, image_has)
        if why:
            told.append(Difference(service.name, f"no mount on {mount.target}", why))
        else:
            kept.append(mount)
            if mount.kind == "volume" and mount.source and mount.source not in shared:
                cause = "its name is this environment's own, so it begins empty and goes with it"
                told.append(Difference(service.name, f"volume {mount.source} is fresh", cause))
    return Mounts(tuple(kept), tuple(memory), tuple(told))


def _of_data(service: ComposeService, backing: Backing) -> Difference:
    was = [mount.source or "a volume" for mount in service.volumes if _is_data(mount, backing)]
    source = f" in place of {', '.join(_short(name) for name in was)}" if was else ""
    return Difference(
        service.name,
        f"{', '.join(backing.data)} in memory{source}",
        "data that stays makes tests slow, and dependent on each other",
    )


def _short(source: str) -> str:
    return Path(source).name if source.startswith("/") else source


def _is_data(mount: Mount, backing: Backing | None) -> bool:
    if backing is None or mount.kind == "tmpfs":
        return False
    target = f"{mount.target}/"
    return any(target.startswith(f"{path}/") or path.startswith(target) for path in backing.data)


def _dropped(service: ComposeService, mount: Mount, image_has: Callable[[Path], bool]) -> str:
    """Return why a mount is left out; empty where it is kept."""
    packages = mount.target.rpartition("/")[2] in _PACKAGES
    if mount.kind == "volume" and service.build and (packages or mount.source is None):
        return "it kept a folder of the image in view beside the mounted sources"
    if mount.kind != "bind" or mount.source is None:
        return ""
    if mount.source == _SOCKET:
        return ""
    source = Path(mount.source)
    if not source.exists():
        return "its source is not in the repository"
    if service.build is None or service.build.remote:
        return ""
    inside = source.is_relative_to(service.build.context) or source == service.build.context
    if inside and image_has(source):
        return "sources are mounted for development; the image has its own"
    return ""


def image_holds(service: ComposeService) -> Callable[[Path], bool]:
    """Return what says whether a path of the build context is copied into the service's image."""
    from seatrial.errors import SeatrialError
    from seatrial.runtimes.process.dockerfile.model import Copy, Image
    from seatrial.runtimes.process.dockerfile.reader import read

    build = service.build
    image: Image | None = None
    if build is not None and build.remote is None:
        try:
            image = read(build)
        except SeatrialError:
            image = None

    def origins(copies: tuple[Copy, ...]) -> list[Path]:
        found: list[Path] = []
        for copy in copies:
            if copy.origin is not None:
                found += origins(copy.origin.copies)
            elif not copy.foreign and build is not None:
                found += [
                    Path(os.path.normpath(build.context / text.lstrip("/")))
                    for text in copy.sources
                ]
        return found

    copied = origins(image.copies) if image else []

    def holds(path: Path) -> bool:
        # A pattern copies some of a folder; that is not the folder.
        return any(path.is_relative_to(one) or _most(one, path) for one in copied)

    return holds


def _most(copied: Path, mounted: Path) -> bool:
    """Return whether what was copied is a source folder below the mounted one."""
    return copied.is_relative_to(mounted) and copied.is_dir()
