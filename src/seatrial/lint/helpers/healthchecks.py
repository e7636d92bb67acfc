"""Whether a service tells how it is: by its compose file, its Dockerfile or its image."""

from __future__ import annotations

import posixpath
from enum import Enum

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService, DockerfileDocument, scalar
from seatrial.lint.helpers.images import brings_check, image_of
from seatrial.lint.helpers.layers import extends, inner
from seatrial.lint.helpers.variables import with_defaults


class Checked(Enum):
    """What is known of a service's health check."""

    YES = "yes"
    NO = "no"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


def checked(document: ComposeDocument, service: ComposeService) -> Checked:
    """Return whether ``service`` has a health check, from whichever place."""
    if value(inner(service, "healthcheck", "disable")) == "true":
        return Checked.DISABLED
    test = inner(service, "healthcheck", "test")
    if test is not None:
        return Checked.DISABLED if _none(test) else Checked.YES
    if extends(service):
        return Checked.UNKNOWN
    if service.get("build") is not None:
        return _built(document, service)
    if brings_check(image_of(service)):
        return Checked.YES
    # Timings alone say that the image has the test.
    return Checked.UNKNOWN if service.get("healthcheck") is not None else Checked.NO


def value(node: Node | None) -> str:
    """Return a scalar's text in small letters; empty for anything else."""
    return (scalar(node) or "").lower()


def _none(test: Node) -> bool:
    if isinstance(test, ListNode):
        first = test.items[0] if test.items else None
        return isinstance(first, ScalarNode) and first.text == "NONE"
    return scalar(test) == "NONE"


def _built(document: ComposeDocument, service: ComposeService) -> Checked:
    dockerfile = dockerfile_of(document, service)
    if dockerfile is None:
        return Checked.UNKNOWN
    target = scalar(inner(service, "build", "target"))
    found = _in_stage(dockerfile, target and with_defaults(target))
    if found is Checked.NO and service.get("healthcheck") is not None:
        return Checked.UNKNOWN
    return found


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
    from seatrial.lint.helpers.variables import references

    return any(not reference.optional for reference in references(text))


def _in_stage(dockerfile: DockerfileDocument, target: str | None) -> Checked:
    """Return whether the stage ``target`` (the last one for none) has a HEALTHCHECK."""
    froms = [line for line in dockerfile.instructions if line.word == "FROM"]
    if not froms:
        return Checked.UNKNOWN
    stages = {name: line.stage for line in froms if (name := _stage_name(line.value))}
    stage: int | None = froms[-1].stage
    if target:
        stage = stages.get(target.lower())
        if stage is None and target.isdecimal():
            stage = int(target)
    while stage is not None:
        checks = [
            line
            for line in dockerfile.instructions
            if line.word == "HEALTHCHECK" and line.stage == stage
        ]
        if checks:
            none = checks[-1].value.strip().upper() == "NONE"
            return Checked.DISABLED if none else Checked.YES
        base = next((_base(line.value) for line in froms if line.stage == stage), "")
        if base.lower() not in stages:
            return _of_base(base)
        below = stages[base.lower()]
        stage = below if below < stage else None
    return Checked.UNKNOWN


def _of_base(image: str) -> Checked:
    if "$" in image:
        return Checked.UNKNOWN
    return Checked.YES if brings_check(image) else Checked.NO


def _base(value: str) -> str:
    """Return the image of ``FROM [--platform=…] image [AS name]``."""
    parts = [part for part in value.split() if not part.startswith("--")]
    return parts[0] if parts else ""


def _stage_name(value: str) -> str:
    parts = value.split()
    return parts[-1].lower() if len(parts) > 2 and parts[-2].upper() == "AS" else ""
