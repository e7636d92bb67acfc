"""Which images a repository releases: those that prod builds, or one for each Dockerfile."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.gather import Gatherer
from seatrial.composefile.lenient import dotenv, load_leniently
from seatrial.composefile.model import Build, ComposeService
from seatrial.composefile.tree import ListNode, MapNode, Node, is_null
from seatrial.config.model import Config
from seatrial.discover.services import find_services
from seatrial.errors import ConfigError, UsageError, Where
from seatrial.host.registry_names import split_repository
from seatrial.model.project import Service
from seatrial.pipeline.standing_request import PROD, environments

REGISTRY, VERSION = "REGISTRY", "VERSION"
# Where no registry is named; an image of that name cannot be pushed.
NO_REGISTRY = "localhost"
REPOSITORY = "{project}-{service}"
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9A-Fa-f:]+\](?::[0-9]+)?")
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a release. ``repository`` is its name without a tag.

    ``owners`` are the names by which one service is released alone: compose services that run it,
    and the folder of its service. ``recipe`` is its ``build:`` in words of data, paths relative to
    the root.
    """

    name: str
    repository: str
    build: Build
    owners: tuple[str, ...]
    recipe: Mapping[str, Any]

    @property
    def recipe_digest(self) -> str:
        """Return what is equal for equal recipes."""
        text = json.dumps(self.recipe, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def images(
    root: Path, config: Config, environment: Mapping[str, str], registry: str, version: str
) -> tuple[Image, ...]:
    """Return the images that a release of ``root`` is made of; none where nothing builds one.

    ``registry`` is what ``--registry`` says, empty without. Raises ``ConfigError``; ``UsageError``
    where images do not go where ``registry`` says.
    """
    registry = registry.rstrip("/")
    services = find_services(root, config)
    files = environments(root, config).get(PROD)
    if files is not None:
        variables = dict(environment)
        known = {**dotenv(files[0].parent, variables), **variables}
        variables[REGISTRY] = registry or known.get(REGISTRY) or config.release.registry or ""
        if not variables[REGISTRY]:
            del variables[REGISTRY]
        variables[VERSION] = version
        found = tuple(_of_compose(root, files, variables, services))
        where = Where(files[0])
    else:
        host = registry or environment.get(REGISTRY) or config.release.registry or NO_REGISTRY
        found = tuple(_of_folders(root, config, host, services))
        where = Where(root)
    if registry and not all(one.repository.startswith(f"{registry}/") for one in found):
        raise UsageError(
            f"--registry {registry}: the images of prod name their registry themselves",
            where=where,
            mend="let each image: begin with ${REGISTRY:-localhost}/",
        )
    for image in found:
        _check_name(image)
    return _unique(found)


def _check_name(image: Image) -> None:
    """Raise ``ConfigError`` for a name that no registry takes."""
    host, path = split_repository(image.repository)
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(path):
        raise ConfigError(
            f"{image.repository} is no name of an image",
            where=image.build.where,
            mend="a name is HOST[:PORT]/PATH, without https://, and its path has small letters",
        )


def _of_compose(
    root: Path, files: tuple[Path, ...], variables: Mapping[str, str], services: tuple[Service, ...]
) -> Iterator[Image]:
    read = load_leniently(files, variables)
    folder = files[0].absolute().parent
    known = {**dotenv(folder, read.variables), **read.variables}
    tree = Gatherer(folder, known, lambda _name, _where: None).gather(files)
    for service in read.project.services.values():
        if service.build is None:
            continue
        if service.image is None:
            raise ConfigError(
                f"{service.name} has a build: and no image: to push it as",
                where=service.where,
                mend=f"write image: ${{REGISTRY:-localhost}}/NAME-{service.name}:${{VERSION:-dev}}",
            )
        owner = _owner(service.build, services)
        build = _filled(service.build, known)
        yield Image(
            name=service.name,
            repository=_untagged(service.image),
            build=build,
            owners=tuple(dict.fromkeys((service.name, *([owner.name] if owner else [])))),
            recipe=_recipe(build, _raw(tree, service), tree, folder, root),
        )


def _filled(build: Build, known: Mapping[str, str]) -> Build:
    """Return the section with arguments that are only named taken from what is ``known``."""
    args = {name: known.get(name) if one is None else one for name, one in build.args.items()}
    return replace(build, args={name: one for name, one in args.items() if one is not None})


def _of_folders(
    root: Path, config: Config, registry: str, services: tuple[Service, ...]
) -> Iterator[Image]:
    pattern = config.release.repository or REPOSITORY
    project = config.name or root.name or "root"
    for service in services:
        file = service.path / "Dockerfile"
        if not file.is_file():
            continue
        context = root if config.release.context == "root" else service.path
        build = Build(context=context, dockerfile=file, where=Where(file))
        nothing = MapNode({}, build.where)
        name = pattern.replace("{project}", project).replace("{service}", service.name).lower()
        yield Image(
            name=service.name,
            repository=f"{registry.rstrip('/')}/{name}",
            build=build,
            owners=(service.name,),
            recipe=_recipe(build, nothing, nothing, root, root),
        )


def _unique(found: tuple[Image, ...]) -> tuple[Image, ...]:
    """Return one image for each repository: several services may run the same one."""
    by_repository: dict[str, Image] = {}
    for image in found:
        first = by_repository.get(image.repository)
        if first is None:
            by_repository[image.repository] = image
        elif first.recipe != image.recipe:
            raise ConfigError(
                f"{first.name} and {image.name} build {image.repository} in two ways",
                where=image.build.where,
                mend="give one of them another image:",
            )
        else:
            owners = tuple(dict.fromkeys((*first.owners, *image.owners)))
            by_repository[image.repository] = replace(first, owners=owners)
    return tuple(by_repository.values())


def _owner(build: Build, services: tuple[Service, ...]) -> Service | None:
    places = (Path(os.path.normpath(build.dockerfile)).parent, build.context)
    return next((one for place in places for one in services if one.path == place), None)


def _untagged(image: str) -> str:
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def _raw(tree: MapNode, service: ComposeService) -> MapNode:
    services = tree.get("services")
    node = services.get(service.name) if isinstance(services, MapNode) else None
    build = node.get("build") if isinstance(node, MapNode) else None
    return build if isinstance(build, MapNode) else MapNode({}, service.where)


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _recipe(build: Build, raw: MapNode, tree: MapNode, where: Path, root: Path) -> dict[str, Any]:
    """Return the target of a bake file that builds this, but for names and labels of a release."""
    target: dict[str, Any] = {"context": build.remote or _relative(build.context, root)}
    if build.inline is not None:
        target["dockerfile-inline"] = build.inline
    elif build.remote is None:
        # bake takes it from the context, whatever the folder it runs in.
        target["dockerfile"] = _relative(build.dockerfile, build.context)
    else:
        target["dockerfile"] = scalar_text(raw.get("dockerfile")) or "Dockerfile"
    if build.target:
        target["target"] = build.target
    if build.args:
        target["args"] = dict(build.args)
    for key, node in raw.items.items():
        if key not in _READ and not is_null(node):
            target |= _other(key, node, tree, where, root)
    return target


_READ = frozenset(("context", "dockerfile", "dockerfile_inline", "target", "args", "tags"))
_LISTS = {
    "cache_from": "cache-from",
    "cache_to": "cache-to",
    "platforms": "platforms",
    "ssh": "ssh",
    "entitlements": "entitlements",
}
_SCALARS = {"network": "network", "no_cache": "no-cache", "pull": "pull", "shm_size": "shm-size"}


def _other(key: str, node: Node, tree: MapNode, where: Path, root: Path) -> dict[str, Any]:
    if key in _LISTS:
        items = node.items if isinstance(node, ListNode) else (node,)
        return {_LISTS[key]: [scalar_text(item) for item in items]}
    if key in _SCALARS and not isinstance(node, MapNode | ListNode):
        return {_SCALARS[key]: node.value if isinstance(node.value, bool) else scalar_text(node)}
    if key == "labels" and isinstance(node, MapNode):
        return {"labels": {name: scalar_text(one) for name, one in node.items.items()}}
    if key == "secrets" and isinstance(node, ListNode):
        return {"secret": [_secret(item, tree, root) for item in node.items]}
    if key == "additional_contexts" and isinstance(node, MapNode):
        found = {name: scalar_text(one) for name, one in node.items.items()}
        if not any(text.startswith("service:") for text in found.values()):
            return {"contexts": {name: _context(text, where, root) for name, text in found.items()}}
    raise ConfigError(
        f"build.{key} is nothing that a release can hand on to bake",
        where=node.where,
        mend="leave it out of the prod file",
    )


def _context(text: str, where: Path, root: Path) -> str:
    return text if ":" in text else _relative(where / text, root)


def _secret(item: Node, tree: MapNode, root: Path) -> str:
    """Return where bake reads a build secret; never what is in it."""
    source = scalar_text(item.get("source") if isinstance(item, MapNode) else item)
    target = scalar_text(item.get("target")) if isinstance(item, MapNode) else ""
    secrets = tree.get("secrets")
    entry = secrets.get(source) if isinstance(secrets, MapNode) else None
    if not isinstance(entry, MapNode) or not (entry.get("file") or entry.get("environment")):
        raise ConfigError(
            f"the build secret {source!r} is neither a file nor a variable",
            where=item.where,
            mend="describe it at the top level under secrets:",
        )
    name = f"id={target.rpartition('/')[2] or source}"
    if entry.get("file"):
        return f"{name},src={_relative(Path(scalar_text(entry.get('file'))), root)}"
    return f"{name},env={scalar_text(entry.get('environment'))}"
