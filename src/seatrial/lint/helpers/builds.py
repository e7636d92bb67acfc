"""What a service is built from: the folder and the Dockerfile, as paths of the repository."""

from __future__ import annotations

import posixpath

from seatrial.composefile.tree import MapNode, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService, DockerfileDocument, scalar
from seatrial.lint.helpers.layers import inner
from seatrial.lint.helpers.places import resolved
from seatrial.lint.helpers.variables import settled, with_defaults


def dockerfile_of(document: ComposeDocument, service: ComposeService) -> DockerfileDocument | None:
    """Return the Dockerfile that ``service`` is built from, where lint has it."""
    path = dockerfile_path(document, service)
    found = document.repository.documents.get(path) if path else None
    return found if isinstance(found, DockerfileDocument) else None


def dockerfile_path(document: ComposeDocument, service: ComposeService) -> str:
    """Return the path of the Dockerfile of ``service``; empty where it cannot be told."""
    build = service.get("build")
    context = build if isinstance(build, ScalarNode) else inner(service, "build", "context")
    if isinstance(build, MapNode) and inner(service, "build", "dockerfile_inline") is not None:
        return ""
    folder = context_folder(document, scalar(context) or ".")
    name = scalar(inner(service, "build", "dockerfile")) or "Dockerfile"
    if not folder or not settled(name):
        return ""
    return posixpath.normpath(posixpath.join(folder, with_defaults(name)))


def context_folder(document: ComposeDocument, context: str) -> str:
    """Return a build context relative to the repository; empty where it is none of its folders.

    Remote ones, absolute ones and those with a variable that has no default cannot be told.
    """
    folder = next(iter(resolved(document, context)), "..")
    return "" if folder.startswith("..") else folder
