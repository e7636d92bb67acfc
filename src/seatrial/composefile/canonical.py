"""Short syntax to long, file by file: lists to mappings where Compose keys them, paths absolute.

After this step merging needs few rules, and nothing later asks how an author wrote it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from seatrial.composefile.scalars import go_text
from seatrial.composefile.schema import check_kind
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode, is_null
from seatrial.composefile.values import parse_ports, parse_volume
from seatrial.errors import ConfigError, Where

_PAIRS = ("environment", "labels", "annotations", "sysctls")
_STRINGS = ("dns", "dns_search", "tmpfs", "label_file")


def canonical(root: MapNode, folder: Path) -> MapNode:
    """Return a checked document in long syntax; relative paths are taken from ``folder``."""
    items = dict(root.items)
    services = items.get("services")
    if isinstance(services, MapNode):
        items["services"] = _each(services, lambda node: canonical_service(node, folder))
    for section in ("secrets", "configs"):
        if isinstance(node := items.get(section), MapNode):
            items[section] = _each(node, lambda entry: _with_paths(entry, ("file",), folder))
    return replace(root, items=items)


def canonical_service(service: MapNode, folder: Path) -> MapNode:
    """Return one service in long syntax."""
    items: dict[str, Node] = {}
    for key, node in service.items.items():
        tag = node.tag
        new = node if is_null(node) or tag == "!reset" else _value(key, node, folder)
        items[key] = replace(new, tag=tag) if tag and new.tag != tag else new
    return replace(service, items=items)


def _value(key: str, node: Node, folder: Path) -> Node:
    if key in _PAIRS:
        return pairs(node)
    if key == "extra_hosts":
        return pairs(node, separators="=:")
    if key in _STRINGS:
        return node if isinstance(node, ListNode) else ListNode((node,), node.where)
    if key == "build":
        return _build(node, folder)
    if key == "depends_on":
        return _keyed(node, _started)
    if key == "networks":
        return _keyed(node, lambda where: ScalarNode(None, where))
    if key == "env_file":
        node = node if isinstance(node, ListNode) else ListNode((node,), node.where)
        return _items(node, lambda item: _with_paths(_wrapped(item, "path"), ("path",), folder))
    if key == "extends":
        return _with_paths(_wrapped(node, "service"), ("file",), folder)
    if key in ("secrets", "configs"):
        return _items(node, lambda item: _wrapped(item, "source"))
    if key == "ports":
        return _ports(node)
    if key == "volumes":
        return _items(node, lambda item: _mount(item, folder))
    return node


def pairs(node: Node, separators: str = "=") -> Node:
    """Return ``NAME=value`` items as a mapping; a name alone gets null."""
    if not isinstance(node, ListNode):
        return node
    items: dict[str, Node] = {}
    keys: dict[str, ScalarNode] = {}
    for item in node.items:
        check_kind(item, "s", "an item of this list")
        text = scalar_text(item)
        found = [text.index(mark) for mark in separators if mark in text]
        cut = min(found, default=len(text))
        value = text[cut + 1 :] if found else None
        if not found and separators != "=":
            raise ConfigError(
                f"{text!r} names no address", where=item.where, mend="write name:address"
            )
        items[text[:cut]] = ScalarNode(value, item.where)
        keys[text[:cut]] = ScalarNode(text[:cut], item.where)
    return MapNode(items, node.where, node.tag, keys, node.span)


def scalar_text(node: Node | None) -> str:
    """Return a scalar as Compose writes it into a string."""
    return go_text(node.value) if isinstance(node, ScalarNode) else ""


def absolute(text: str, folder: Path) -> str:
    """Return ``text`` as an absolute path; ``~`` is the home folder, what is absolute stays."""
    path = Path(text).expanduser()
    # Not Path.resolve: Compose follows no symbolic links here.
    return text if Path(text).is_absolute() else os.path.normpath(folder / path)


def is_remote(context: str) -> bool:
    """Return whether a build context is a URL or a git repository, not a folder."""
    return "://" in context or context.startswith(("git@", "github.com/"))


def _each(node: MapNode, change: Callable[[MapNode], MapNode]) -> MapNode:
    items = {
        name: change(item) if isinstance(item, MapNode) else item
        for name, item in node.items.items()
    }
    return replace(node, items=items)


def _items(node: Node, change: Callable[[Node], Node]) -> Node:
    if not isinstance(node, ListNode):
        return node
    return replace(node, items=tuple(change(item) for item in node.items if item.tag != "!reset"))


def _wrapped(node: Node, key: str) -> MapNode:
    if isinstance(node, MapNode):
        return node
    check_kind(node, "sm", "this item")
    return MapNode({key: node}, node.where)


def _with_paths(node: MapNode, keys: tuple[str, ...], folder: Path) -> MapNode:
    items = dict(node.items)
    for key in keys:
        if not is_null(item := items.get(key)) and isinstance(item, ScalarNode):
            items[key] = replace(item, value=absolute(scalar_text(item), folder))
    return replace(node, items=items)


def _keyed(node: Node, default: Callable[[Where], Node]) -> Node:
    if not isinstance(node, ListNode):
        return node
    items: dict[str, Node] = {}
    keys: dict[str, ScalarNode] = {}
    for item in node.items:
        check_kind(item, "s", "an item of this list")
        name = scalar_text(item)
        items[name], keys[name] = default(item.where), ScalarNode(name, item.where)
    return MapNode(items, node.where, node.tag, keys, node.span)


def _started(where: Where) -> Node:
    return MapNode({"condition": ScalarNode("service_started", where)}, where)


def _build(node: Node, folder: Path) -> Node:
    build = _wrapped(node, "context")
    items = dict(build.items)
    for key in ("args", "labels", "additional_contexts"):
        if key in items:
            items[key] = pairs(items[key])
    build = replace(build, items=items)
    remote = is_remote(scalar_text(items.get("context")))
    return build if remote else _with_paths(build, ("context",), folder)


def _ports(node: Node) -> Node:
    if not isinstance(node, ListNode):
        return node
    items: list[Node] = []
    for item in node.items:
        if isinstance(item, MapNode):
            items.append(item)
            continue
        check_kind(item, "sn", "an item of ports")
        for spec in parse_ports(scalar_text(item), item.where):
            values = {
                "target": spec.target,
                "published": spec.published,
                "host_ip": spec.host_ip,
                "protocol": spec.protocol,
            }
            entries = {k: ScalarNode(v, item.where) for k, v in values.items() if v is not None}
            items.append(MapNode({**entries}, item.where))
    return replace(node, items=tuple(items))


def _mount(item: Node, folder: Path) -> Node:
    if isinstance(item, MapNode):
        is_bind = scalar_text(item.get("type")) == "bind"
        return _with_paths(item, ("source",), folder) if is_bind else item
    check_kind(item, "s", "an item of volumes")
    spec = parse_volume(scalar_text(item), item.where)
    source = spec.source
    if source is not None and spec.kind == "bind":
        source = absolute(source, folder)
    values = {"type": spec.kind, "source": source, "target": spec.target}
    entries: dict[str, Node] = {
        key: ScalarNode(value, item.where) for key, value in values.items() if value is not None
    }
    if spec.read_only:
        entries["read_only"] = ScalarNode(True, item.where)
    return MapNode(entries, item.where)
