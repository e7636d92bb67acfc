"""What a service is built from: the folder and the Dockerfile, as paths of the repository."""

from __future__ import annotations

import posixpath

from seatrial.composefile.tree import MapNode, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService, DockerfileDocument, scalar
from seatrial.lint.helpers.layers import inner
from seatrial.lint.helpers.variables import references, with_defaults


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
    if not folder or unsettled(name):
        return ""
    return posixpath.normpath(posixpath.join(folder, with_defaults(name)))


def context_folder(document: ComposeDocument, context: str) -> str:
    """Return a build context relative to the repository; empty where it is none of its folders.

    Remote ones, absolute ones and those with a variable that has no default cannot be told.
    """
    text = with_defaults(context)
    if unsettled(context) or "://" in text or text.startswith(("/", "~", "git@")):
        return ""
    folder = posixpath.normpath(posixpath.join(document.path.parent.as_posix(), text))
    return "" if folder.startswith("..") else folder


def unsettled(text: str) -> bool:
    """Return whether ``text`` has a variable without a default."""
    return any(not reference.optional for reference in references(text))
