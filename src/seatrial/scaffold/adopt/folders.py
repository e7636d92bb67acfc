"""Which folders of a repository are services, whatever its layout."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.composefile.model import ComposeService
from seatrial.discover.services import MARKERS, kind_of
from seatrial.model.project import ServiceKind
from seatrial.scaffold.adopt.bases import base_of, image_of
from seatrial.scaffold.adopt.images import backing_of, helper, tester
from seatrial.scaffold.adopt.places import TEST_NAMES
from seatrial.scaffold.adopt.stack import Stack

_PYTHON = ("requirements.txt", "setup.py", "setup.cfg", "Pipfile", "manage.py")
# Folders that hold no service of the product.
_ASIDE = frozenset(
    (
        *("docs", "doc", "examples", "example", "samples", "scripts", "tests", "test"),
        *("e2e", "deploy", "deployment", "infra", "infrastructure", "k8s", "charts"),
        *("terraform", "ansible", "node_modules", "venv", "dist", "build", "target"),
        *("vendor", "public", "static", "assets", "migrations", "img", "images", "hooks"),
        *("compose", "docker", "nginx"),
    )
)
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that may be a service, with the compose services that are built from it."""

    path: Path
    kind: ServiceKind
    cause: str
    containers: tuple[str, ...] = field(default=())


def find_folders(root: Path, stacks: Sequence[Stack]) -> tuple[Folder, ...]:
    """Return the folders that compose files build, and those with a manifest, by their paths."""
    built = _built(stacks)
    found: dict[Path, Folder] = {}
    for path in dict.fromkeys((*built, *_with_manifest(root))):
        marker, kind = _marker(path)
        containers = tuple(name for name, _ in built.get(path, ()))
        if not containers and _is_workspace(path):
            continue
        cause = f"{marker}" if marker else f"compose service {containers[0]} is built from it"
        found[path] = Folder(path, kind, cause, containers)
    return tuple(found[path] for path in sorted(found))


def _built(stacks: Sequence[Stack]) -> dict[Path, list[tuple[str, ComposeService]]]:
    found: dict[Path, list[tuple[str, ComposeService]]] = {}
    for stack in stacks:
        for name, service in stack.services.items():
            if service.build is None or service.build.remote:
                continue
            image = image_of(service)
            if backing_of(image) or helper(image) or tester(name, image):
                continue
            folder = _home(name, service)
            if folder.is_dir() and folder.name not in _ASIDE:
                found.setdefault(folder, []).append((name, service))
    return found


def _home(name: str, service: ComposeService) -> Path:
    """Return the folder whose code a build is for.

    A Dockerfile may take its whole context for one folder in it: that of the Dockerfile, or the one
    that is called like the service.
    """
    assert service.build is not None
    beside = Path(os.path.normpath(service.build.dockerfile.parent))
    context = Path(os.path.normpath(service.build.context))
    if _is_manifest(context / name):
        return context / name
    return beside if beside != context and _is_manifest(beside) else context


def _is_manifest(folder: Path) -> bool:
    return _marker(folder)[0] not in ("", "Dockerfile")


def _with_manifest(folder: Path, depth: int = 0) -> Iterator[Path]:
    marker, _ = _marker(folder)
    if marker:
        if marker != "Dockerfile" or (_has_code(folder) and not backing_of(base_of(folder))):
            yield folder
        if depth:
            return
    if depth == _DEEPEST:
        return
    with os.scandir(folder) as entries:
        inner = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
    for name in inner:
        if not name.startswith(".") and name not in _ASIDE and name not in TEST_NAMES:
            yield from _with_manifest(folder / name, depth + 1)


def _has_code(folder: Path) -> bool:
    """Return whether a folder has more than Dockerfiles."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if not entry.name.startswith(".")]
    return any("dockerfile" not in name.lower() for name in names)


def _marker(folder: Path) -> tuple[str, ServiceKind]:
    """Return the file that makes ``folder`` a service, and what it is written in."""
    kind = kind_of(folder)
    python = next((name for name in _PYTHON if (folder / name).is_file()), "")
    if kind in (None, ServiceKind.DOCKER) and python:
        return python, ServiceKind.PYTHON
    marker = next((name for name, _ in MARKERS if (folder / name).is_file()), "")
    return marker, kind or ServiceKind.DOCKER


def _is_workspace(folder: Path) -> bool:
    """Return whether a manifest only holds others together."""
    if (folder / "Dockerfile").is_file():
        return False
    for name, pattern in (
        ("package.json", r'"workspaces"\s*:'),
        ("pyproject.toml", r"^\[tool\.uv\.workspace\]"),
        ("Cargo.toml", r"^\[workspace\]"),
    ):
        file = folder / name
        if file.is_file() and re.search(pattern, file.read_text(errors="replace"), re.MULTILINE):
            return True
    return any(
        (folder / name).is_file() for name in ("pnpm-workspace.yaml", "turbo.json", "go.work")
    )
