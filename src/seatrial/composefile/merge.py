"""Compose's rules for laying one canonical document over another (its ``override`` package).

Mappings merge, scalars are replaced, lists are appended; some lists hold one entry a key, the
later one in the earlier one's place. ``!reset`` removes what was there, ``!override`` replaces it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import replace

from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode, is_null
from seatrial.errors import ConfigError

_Path = tuple[str, ...]
_ROOT: _Path = ()
_REPLACED = ("command", "entrypoint", "healthcheck.test")


def merge(base: MapNode, over: MapNode, path: _Path = _ROOT) -> MapNode:
    """Return ``over`` laid over ``base``, both canonical; ``path`` is where in a document."""
    items, keys = dict(base.items), dict(base.keys)
    for key, node in over.items.items():
        if node.tag == "!reset":
            items.pop(key, None)
            keys.pop(key, None)
            continue
        below = (*path, key)
        items[key] = _merge_node(items[key], node, below) if key in items else tidy(node, below)
        if key in over.keys:
            keys[key] = over.keys[key]
    return MapNode(items, over.where, base.tag, keys, over.span)


def tidy(node: Node, path: _Path = _ROOT) -> Node:
    """Return ``node`` without what ``!reset`` marks, each keyed list with one entry a key."""
    if isinstance(node, MapNode):
        left = {
            key: tidy(item, (*path, key))
            for key, item in node.items.items()
            if item.tag != "!reset"
        }
        return replace(node, items=left)
    if isinstance(node, ListNode):
        kept = tuple(item for item in node.items if item.tag != "!reset")
        return _unique(replace(node, items=kept), path)
    return node


def _merge_node(base: Node, over: Node, path: _Path) -> Node:
    rule = _rule(path)
    if rule in _REPLACED:
        return over
    if over.tag == "!override" or is_null(base):
        return tidy(over, path)
    if is_null(over):
        return base
    if isinstance(base, MapNode) and isinstance(over, MapNode):
        if rule == "logging" and _drivers_differ(base, over):
            return over
        return merge(base, over, path)
    if isinstance(base, ListNode) and isinstance(over, ListNode):
        return _unique(replace(over, items=(*base.items, *over.items)), path)
    if isinstance(base, ScalarNode) and isinstance(over, ScalarNode):
        return over
    raise ConfigError(
        f"{path[-1]} cannot be merged with the one at {base.where}",
        where=over.where,
        mend="write both in the same form, or mark this one !override",
    )


def _rule(path: _Path) -> str:
    """Return the dotted key below a service, the name of a network left out; else nothing."""
    if len(path) < 3 or path[0] != "services":
        return ""
    below = path[2:3] + path[4:] if path[2] == "networks" else path[2:]
    return ".".join(below)


def _drivers_differ(base: MapNode, over: MapNode) -> bool:
    mine, theirs = base.get("driver"), over.get("driver")
    return bool(mine and theirs) and scalar_text(mine) != scalar_text(theirs)


def _unique(node: ListNode, path: _Path) -> ListNode:
    identify = _IDENTITIES.get(_rule(path))
    if identify is None:
        return node
    found: dict[str, Node] = {}
    for item in node.items:
        found[identify(item)] = item
    return replace(node, items=tuple(found.values()))


def _name(node: Node) -> str:
    return scalar_text(node).partition("=")[0]


def _port(node: Node) -> str:
    if not isinstance(node, MapNode):
        return scalar_text(node)
    ip = scalar_text(node.get("host_ip")) or "0.0.0.0"
    published, target = scalar_text(node.get("published")), scalar_text(node.get("target"))
    return f"{ip}:{published}:{target}/{scalar_text(node.get('protocol')) or 'tcp'}"


def _field(*names: str) -> Callable[[Node], str]:
    def identify(node: Node) -> str:
        if not isinstance(node, MapNode):
            return scalar_text(node)
        return next((scalar_text(node.get(name)) for name in names if node.get(name)), "")

    return identify


def _target(node: Node) -> str:
    return posixpath.normpath(_field("target")(node))


def _device(node: Node) -> str:
    parts = scalar_text(node).split(":")
    return parts[1] if len(parts) > 1 else _field("target")(node)


_IDENTITIES: dict[str, Callable[[Node], str]] = {
    **dict.fromkeys(("cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "links"), _name),
    **dict.fromkeys(("tmpfs", "profiles", "build.tags"), _name),
    **dict.fromkeys(("networks.aliases", "networks.link_local_ips"), _name),
    "expose": scalar_text,
    "env_file": _field("path"),
    "ports": _port,
    "secrets": _field("target", "source"),
    "configs": _field("target", "source"),
    "volumes": _target,
    "devices": _device,
}
