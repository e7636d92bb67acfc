"""A service over all files of its environment, and the places that share a node of one file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seatrial.composefile.tree import ListNode, MapNode, Node
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.model import Edit, Fix

_MOST_LISTED = 5
_OVERLAY = re.compile(r"(docker-)?compose[._-].+\.ya?ml", re.IGNORECASE)
# An example that is to be copied (`compose.override.yml.example`) counts as well.
_COMPOSE_NAME = re.compile(r"(docker-)?compose([.-].+)?\.ya?ml(\.\w+)?", re.IGNORECASE)


def trees(document: ComposeDocument) -> tuple[MapNode, ...]:
    """Return the trees of all files of the environment, the lowest first."""
    return (*document.base, document.root, *document.layers)


def all_services(document: ComposeDocument) -> dict[str, tuple[MapNode, ...]]:
    """Return every service of the environment, with what each file says of it, the lowest first."""
    found: dict[str, tuple[MapNode, ...]] = {}
    for tree in trees(document):
        section = tree.get("services")
        for name, node in section.items.items() if isinstance(section, MapNode) else ():
            if isinstance(node, MapNode):
                found[name] = (*found.get(name, ()), node)
    return found


def nodes(service: ComposeService) -> tuple[MapNode, ...]:
    """Return what each file says of a service, the lowest first."""
    return (*service.base, service.node, *service.layers)


def inner(service: ComposeService, *keys: str) -> Node | None:
    """Return the node at a path below a service, from the last file that has it."""
    found = [node for layer in nodes(service) if (node := _at(layer, keys)) is not None]
    return found[-1] if found else None


def items(service: ComposeService, key: str) -> Iterator[Node]:
    """Yield the items of a list that Compose joins over all files, such as ``volumes``."""
    for layer in nodes(service):
        value = layer.get(key)
        if isinstance(value, ListNode):
            yield from value.items


def with_key(document: ComposeDocument, key: str) -> Iterator[tuple[ComposeService, Node, str]]:
    """Yield each value of ``key`` in this file once, with a service that has it.

    An anchor gives one value to several services: the text names them all.
    """
    found: dict[int, tuple[list[ComposeService], Node]] = {}
    for service in document.services.values():
        value = service.node.get(key)
        if value is not None:
            found.setdefault(id(value), ([], value))[0].append(service)
    for services, value in found.values():
        yield services[0], value, listed([service.name for service in services])


def listed(names: Sequence[str]) -> str:
    """Return names as words: ``a, b and c``; of many the first three, and how many more."""
    *others, last = names
    if len(names) > _MOST_LISTED:
        others, last = [*names[:3]], f"{len(names) - 3} more"
    return f"{', '.join(others)} and {last}" if others else last


def extends(service: ComposeService) -> bool:
    """Return whether more is said of a service in a file that the rule does not see."""
    return any("extends" in layer.items for layer in nodes(service))


def includes(document: ComposeDocument) -> bool:
    """Return whether services may come from, or be used by, files that the rule does not see.

    That is so with ``include:``, and where the folder has compose files that Compose only reads
    when they are named with ``-f``.
    """
    if any("include" in tree.items for tree in trees(document)):
        return True
    names = document.repository.names_in(document.path.parent.as_posix())
    beside = [name for name in names if _COMPOSE_NAME.fullmatch(name)]
    return len(beside) > len(trees(document))


def whole(document: ComposeDocument) -> bool:
    """Return whether the rule sees all of the project: what is not there is not anywhere."""
    alone = not document.base and _OVERLAY.fullmatch(document.path.name)
    extended = any(
        "extends" in layer.items for layers in all_services(document).values() for layer in layers
    )
    return not (alone or extended or includes(document))


def places(root: MapNode, node: Node) -> tuple[tuple[str, ...], ...]:
    """Return the paths at which ``node`` stands: several where an anchor is used again."""
    return tuple(_places(root, node, ()))


def fix_of(
    document: ComposeDocument, node: Node, path: tuple[str, ...], *edits: Edit | None
) -> Fix | None:
    """Return a fix by ``edits`` of what stands at ``path``; ``None`` where one is ``None``.

    ``node`` is what the edits alter. Where an anchor puts it into other places as well, they are
    named with it, for they change too.
    """
    sure = tuple(edit for edit in edits if edit is not None)
    if not sure or len(sure) < len(edits):
        return None
    return Fix(sure, (path, *(place for place in places(document.root, node) if place != path)))


def _places(tree: Node, node: Node, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if tree is node:
        yield path
    elif isinstance(tree, MapNode):
        for key, value in tree.items.items():
            yield from _places(value, node, (*path, key))
    elif isinstance(tree, ListNode):
        for index, value in enumerate(tree.items):
            yield from _places(value, node, (*path, str(index)))


def _at(layer: MapNode, keys: tuple[str, ...]) -> Node | None:
    node: Node | None = layer
    for key in keys:
        node = node.get(key) if isinstance(node, MapNode) else None
    return node
