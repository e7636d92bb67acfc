"""Whether a service tells how it is: by its compose file, its Dockerfile or its image."""

from __future__ import annotations

from enum import Enum

from seatrial.composefile.tree import ListNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService, scalar
from seatrial.lint.helpers.images import brings_check, image_of
from seatrial.lint.helpers.layers import extends, inner
from seatrial.lint.helpers.stages import chain_of


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
    chain = chain_of(document, service)
    if chain is None:
        return Checked.UNKNOWN
    check = chain.last("HEALTHCHECK")
    if check is not None:
        return Checked.DISABLED if check.value.strip().upper() == "NONE" else Checked.YES
    if brings_check(chain.base):
        return Checked.YES
    timed = service.get("healthcheck") is not None
    return Checked.UNKNOWN if timed or not chain.base else Checked.NO
