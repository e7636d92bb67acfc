"""What a service needs of others, in every way that a compose file can say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.composefile.tree import ListNode, MapNode, ScalarNode
from seatrial.lint.documents import ComposeDocument, scalar, words
from seatrial.lint.helpers.layers import all_services
from seatrial.lint.model import Span

COMPLETED = "service_completed_successfully"
HEALTHY = "service_healthy"
STARTED = "service_started"
_NAMESPACES = ("network_mode", "ipc", "pid", "uts", "cgroup")


@dataclass(frozen=True, slots=True)
class Need:
    """``service`` is needed. ``key`` says by which key, ``condition`` is only for ``depends_on``.

    ``explicit`` says that the file writes the condition. ``required`` is false for a dependency
    that may be absent.
    """

    service: str
    span: Span
    key: str
    condition: str = STARTED
    explicit: bool = False
    required: bool = True


def needs(node: MapNode) -> Iterator[Need]:
    """Yield what one file says that a service needs."""
    yield from depends_on(node)
    for item in words(node.get("links")):
        yield Need(item.text.partition(":")[0], Span(*item.span), "links")
    for item in words(node.get("volumes_from")):
        name = item.text.partition(":")[0]
        if name != "container":
            yield Need(name, Span(*item.span), "volumes_from")
    for key in _NAMESPACES:
        value = node.get(key)
        text = scalar(value) or ""
        if isinstance(value, ScalarNode) and text.startswith("service:"):
            yield Need(text.removeprefix("service:"), Span(*value.span), key)


def depends_on(node: MapNode) -> Iterator[Need]:
    """Yield the entries of ``depends_on`` in one file, both forms."""
    value = node.get("depends_on")
    if isinstance(value, ListNode):
        for item in words(value):
            yield Need(item.text, Span(*item.span), "depends_on")
    elif isinstance(value, MapNode):
        for name, entry in value.items.items():
            inside = entry if isinstance(entry, MapNode) else MapNode({}, entry.where)
            condition = scalar(inside.get("condition"))
            required = scalar(inside.get("required")) != "false"
            span = Span(*value.keys[name].span)
            yield Need(
                name, span, "depends_on", condition or STARTED, condition is not None, required
            )


def one_shots(document: ComposeDocument) -> frozenset[str]:
    """Return the services that end by themselves, as those say that wait for their end."""
    return frozenset(
        need.service
        for layers in all_services(document).values()
        for layer in layers
        for need in depends_on(layer)
        if need.condition == COMPLETED
    )


def waited_for(document: ComposeDocument) -> dict[str, str]:
    """Return which services others need while they run, each with one that needs it."""
    found: dict[str, str] = {}
    for name, layers in all_services(document).items():
        for layer in layers:
            for need in depends_on(layer):
                if need.condition != COMPLETED:
                    found.setdefault(need.service, name)
    return found
