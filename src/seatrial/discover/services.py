"""Which folders are services, and of which kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from seatrial.config import Config
from seatrial.errors import ConfigError
from seatrial.model.project import Service, ServiceKind

# The first that a folder holds decides its kind; a Dockerfile says least.
MARKERS = (
    ("pyproject.toml", ServiceKind.PYTHON),
    ("package.json", ServiceKind.NODE),
    ("go.mod", ServiceKind.GO),
    ("Cargo.toml", ServiceKind.RUST),
    ("Dockerfile", ServiceKind.DOCKER),
)


def kind_of(folder: Path) -> ServiceKind | None:
    """Return what ``folder`` is written in; ``None`` where it is no service."""
    return next((kind for name, kind in MARKERS if (folder / name).is_file()), None)


def has_services(folder: Path) -> bool:
    """Return whether any sub-folder of ``folder`` is a service; unreadable ones are none."""
    try:
        return any(kind_of(path) for path in _folders(folder))
    except OSError:
        return False


def find_services(root: Path, config: Config) -> tuple[Service, ...]:
    """Return the services in the order of their names.

    Raises ``ConfigError`` for a service that seatrial.toml names and nobody finds.
    """
    found: dict[str, Service] = {}
    renamed = _named_folders(root, config)
    known = {service.path.resolve() for service in renamed}
    for parent in config.paths.services or ("services",):
        for path in _folders(root / parent):
            skipped = path.name in config.services and config.services[path.name].skip
            if skipped or path.resolve() in known:
                continue
            kind = kind_of(path)
            if kind is None:
                continue
            if path.name in found:
                raise _twice(config, found[path.name], path)
            known.add(path.resolve())
            found[path.name] = Service(path.name, path, kind)
    found |= {service.name: service for service in renamed}
    for name, service_config in config.services.items():
        if name not in found and not service_config.skip:
            raise _unknown(config, name, list(found))
    return tuple(found[name] for name in sorted(found))


def _folders(parent: Path) -> Iterator[Path]:
    """Yield the sub-folders, real ones before links: a link to a service is not another one."""
    if not parent.is_dir():
        return
    with os.scandir(parent) as entries:
        visible = [e for e in entries if not e.name.startswith(".") and e.name != "node_modules"]
    for entry in sorted(visible, key=lambda e: (e.is_symlink(), e.name)):
        path = parent / entry.name
        if path.is_dir():
            yield path


def _named_folders(root: Path, config: Config) -> list[Service]:
    services = []
    for name, service in config.services.items():
        if service.path is None or service.skip:
            continue
        folder = root / service.path
        if not folder.is_dir():
            raise ConfigError(
                f"services.{name}.path: there is no folder {service.path!r}",
                where=service.where,
                mend="mend the path; it is relative to the root",
            )
        services.append(Service(name, folder, kind_of(folder) or ServiceKind.DOCKER))
    return services


def _unknown(config: Config, name: str, found: list[str]) -> ConfigError:
    near = get_close_matches(name, found, 1, 0.5)
    meant = f"did you mean {near[0]!r}? " if near else ""
    there = ", ".join(found) if found else "none"
    markers = ", ".join(marker for marker, _ in MARKERS)
    return ConfigError(
        f"there is no service {name!r}",
        where=config.services[name].where,
        mend=f"{meant}found: {there} (folders with {markers}); or give its path",
    )


def _twice(config: Config, first: Service, second: Path) -> ConfigError:
    return ConfigError(
        f"two services are called {first.name!r}: {first.path} and {second}",
        where=config.paths.where,
        mend=f"give one another name: [services.OTHER-NAME] path = …, or rename {second}",
    )
