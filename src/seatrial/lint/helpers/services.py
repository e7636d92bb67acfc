"""The services of a repository: folders, and what environments have of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, Repository, scalar
from seatrial.lint.helpers.builds import dockerfile_path
from seatrial.lint.helpers.images import image_of
from seatrial.lint.helpers.layers import inner
from seatrial.lint.helpers.places import resolved
from seatrial.model.project import Service

# A whole folder of `services/` in a text, not a pattern such as `services/%` or `services/$(NAME)`.
_NAMED = re.compile(
    r"(?<![\w.$}%*/-])(?:(?:\.{1,2}|\$\([A-Z_]+\)|\$\{[A-Z_]+\}|\$[A-Z_]+)/)*"
    r"services/(?P<name>[A-Za-z0-9][\w.-]*)(?=[/\s\"'`;:,)\]]|$)",
    re.MULTILINE,
)


def folder_of(repository: Repository, service: Service) -> str:
    """Return the folder of a service, relative to the repository."""
    root = repository.root.resolve()
    path = service.path.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""


def names(repository: Repository) -> frozenset[str]:
    """Return all that is called a service: folders, and services of compose files."""
    return frozenset(service.name for service in repository.services) | repository.composed


def composes(repository: Repository) -> Iterator[ComposeDocument]:
    """Yield the compose files of the repository that can be read."""
    for path in repository.documents:
        document = repository.documents.get(path)
        if isinstance(document, ComposeDocument):
            yield document


def missing_folders(repository: Repository, text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the folders ``services/<name>`` that ``text`` names and nobody has, with their span.

    Only where the repository has a folder ``services`` at all.
    """
    if "services" not in repository.folders:
        return
    for match in _NAMED.finditer(text):
        path = f"services/{match['name']}"
        beside = any(folder.endswith(f"/{path}") for folder in repository.folders)
        if path not in repository.folders and path not in repository.paths and not beside:
            yield path, match.start("name") - len("services/"), match.end("name")


def built_in(document: ComposeDocument, folder: str) -> bool:
    """Return whether a service of ``document`` is built from ``folder``, or is its image."""
    name = posixpath.basename(folder)
    image = re.compile(rf"(?:^|[/_-]){re.escape(name)}(?:[:@]|$)")
    for service in document.services.values():
        if service.name == name or image.search(image_of(service)):
            return True
        build = service.get("build")
        if build is not None:
            places = {dockerfile_path(document, service), *contexts(document, service.name)}
            if any(f"{place}/".startswith(f"{folder}/") for place in places):
                return True
    return False


def contexts(document: ComposeDocument, service: str) -> tuple[str, ...]:
    """Return the build context of a service, relative to the repository; none if unknown."""
    found = document.services[service]
    text = scalar(found.get("build")) or scalar(inner(found, "build", "context"))
    return resolved(document, text) if text else ()
