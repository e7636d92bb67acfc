"""Compose files to a :class:`ComposeProject`, the way ``docker compose config`` reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from seatrial.composefile import consistency, typed
from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.envfile import parse_raw, read_env_file
from seatrial.composefile.fields import Fields
from seatrial.composefile.gather import Gatherer
from seatrial.composefile.interpolate import OnUnset
from seatrial.composefile.model import ComposeProject, ComposeService, Resource
from seatrial.composefile.reading import read_text
from seatrial.composefile.tree import ListNode, MapNode
from seatrial.errors import ConfigError, UsageError, Where

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


def default_files(folder: Path) -> tuple[Path, ...]:
    """Return what ``docker compose`` would read in ``folder``: a file and its override, if any."""
    base = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if base is None:
        return ()
    override = next((folder / name for name in _OVERRIDES if (folder / name).is_file()), None)
    return (base,) if override is None else (base, override)


def load(
    files: Sequence[Path], variables: Mapping[str, str], profiles: Sequence[str] = ()
) -> ComposeProject:
    """Return the project that ``files`` (at least one) describe together.

    ``variables`` win over the ``.env`` file beside the first file. Without ``profiles`` those of
    ``COMPOSE_PROFILES`` are active. Raises ``ConfigError`` with file and line.
    """
    if not files:
        raise UsageError("no compose file given")
    folder = files[0].absolute().parent
    unset: dict[tuple[str, Where], None] = {}

    def on_unset(name: str, where: Where) -> None:
        unset[name, where] = None

    known = dict(variables)
    if (folder / ".env").is_file():
        known = read_env_file(folder / ".env", variables, on_unset) | known
    root = Gatherer(folder, known, on_unset).gather(files)
    services = _services(root, folder)
    wanted = tuple(profiles) or _words(known.get("COMPOSE_PROFILES", ""))
    enabled = consistency.active(services, wanted)
    project = ComposeProject(
        files=tuple(files),
        folder=folder,
        services=enabled,
        name=scalar_text(root.get("name")) or None,
        networks=_resources(root, "networks"),
        volumes=_resources(root, "volumes"),
        secrets=_resources(root, "secrets"),
        configs=_resources(root, "configs"),
    )
    disabled = {name: service for name, service in services.items() if name not in enabled}
    consistency.check(project, disabled)
    resolved = {
        name: _with_environment(service, root, known, on_unset) for name, service in enabled.items()
    }
    return replace(project, services=resolved, unset=tuple(unset))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _section(root: MapNode, name: str) -> MapNode:
    node = root.get(name)
    return node if isinstance(node, MapNode) else MapNode({}, root.where)


def _services(root: MapNode, folder: Path) -> dict[str, ComposeService]:
    section = _section(root, "services")
    found = {}
    for name, node in section.items.items():
        if name.startswith("x-"):
            continue
        assert isinstance(node, MapNode)
        service = typed.service(name, node, folder)
        found[name] = replace(service, where=section.where_of(name))
    if not found:
        raise ConfigError(
            "the file declares no services", where=root.where, mend="add services: with an entry"
        )
    return found


def _resources(root: MapNode, name: str) -> dict[str, Resource]:
    section = _section(root, name)
    return {
        key: replace(typed.resource(name, key, node), where=section.where_of(key))
        for key, node in section.items.items()
        if not key.startswith("x-")
    }


def _with_environment(
    service: ComposeService, root: MapNode, variables: Mapping[str, str], on_unset: OnUnset
) -> ComposeService:
    """Return ``service`` with env files below, and values of the caller's for bare names."""
    own = {
        name: variables.get(name) if value is None else value
        for name, value in service.environment.items()
    }
    node = _section(root, "services").items[service.name]
    entries = node.get("env_file") if isinstance(node, MapNode) else None
    lookup = {name: value for name, value in own.items() if value is not None} | dict(variables)
    found: dict[str, str] = {}
    for entry in entries.items if isinstance(entries, ListNode) else ():
        assert isinstance(entry, MapNode)
        found = _env_file(entry, lookup, on_unset, found)
    return replace(service, environment={**found, **own})


def _env_file(
    entry: MapNode, variables: Mapping[str, str], on_unset: OnUnset, earlier: Mapping[str, str]
) -> dict[str, str]:
    path = Path(scalar_text(entry.get("path")))
    required = Fields(entry, "env_file").boolean("required") is not False
    if not path.is_file():
        if not required:
            return dict(earlier)
        raise ConfigError(
            f"{path} is no file" if path.exists() else f"env_file {path} does not exist",
            where=entry.where,
            mend="create it, or list it as {path: …, required: false}",
        )
    if scalar_text(entry.get("format")) == "raw":
        return {**earlier, **parse_raw(read_text(path))}
    return read_env_file(path, variables, on_unset, earlier)
