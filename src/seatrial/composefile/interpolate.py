"""``$A``, ``${A:-b}`` and their kin, by the rules of Compose's ``template`` package.

Values are interpolated, keys are not. A ``$`` that begins neither a name, a brace nor ``$$`` stays
as it is, as in Compose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.errors import ConfigError, Where

_DOLLAR = re.compile(r"\$(?:(?P<escaped>\$)|(?P<name>[_a-zA-Z]\w*)|(?P<brace>\{))", re.ASCII)
_INSIDE = re.compile(r"(?P<name>[_a-zA-Z]\w*)(?:(?P<operator>:?[-+?])(?P<rest>.*))?", re.ASCII)


class MissingVariable(ConfigError):
    """A file asks for a value of the variable ``name`` (``${NAME:?…}``) and there is none."""

    def __init__(self, name: str, said: str, where: Where) -> None:
        super().__init__(
            f"required variable {name} is missing a value" + (f": {said}" if said else ""),
            where=where,
            mend=f"set {name} in the environment or in the .env file",
        )
        self.name = name


OnUnset = Callable[[str, Where], None]


def interpolate(node: Node, variables: Mapping[str, str], on_unset: OnUnset) -> Node:
    """Return ``node`` with every string value interpolated.

    ``on_unset`` is told of each variable that is used without a value or default, which then is
    empty. Raises ``ConfigError`` for a bad format or a missing required variable.
    """
    if isinstance(node, ScalarNode):
        if isinstance(node.value, str) and "$" in node.value:
            text = substitute(node.value, variables, node.where, on_unset)
            return replace(node, value=text)
        return node
    if isinstance(node, ListNode):
        items = tuple(interpolate(item, variables, on_unset) for item in node.items)
        return replace(node, items=items)
    entries = {key: interpolate(item, variables, on_unset) for key, item in node.items.items()}
    return MapNode(entries, node.where, node.tag, node.keys, node.span)


def substitute(text: str, variables: Mapping[str, str], where: Where, on_unset: OnUnset) -> str:
    """Return ``text`` with its variables replaced; see :func:`interpolate`."""
    pieces, position = [], 0
    while match := _DOLLAR.search(text, position):
        pieces.append(text[position : match.start()])
        position = match.end()
        if match["escaped"]:
            pieces.append("$")
        elif name := match["name"]:
            pieces.append(_plain(name, variables, where, on_unset))
        else:
            inside, position = _braced(text, position, where)
            pieces.append(_expression(inside, variables, where, on_unset))
    return "".join((*pieces, text[position:]))


def _braced(text: str, start: int, where: Where) -> tuple[str, int]:
    """Return what stands in the braces opened before ``start``, and the offset after them."""
    depth = 1
    for offset in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[offset], 0)
        if depth == 0:
            return text[start:offset], offset + 1
    # More braces open than close: Compose then takes everything up to the last one.
    last = text.rfind("}")
    if last < start:
        raise _bad_format(where)
    return text[start:last], last + 1


def _expression(inside: str, variables: Mapping[str, str], where: Where, on_unset: OnUnset) -> str:
    match = _INSIDE.fullmatch(inside)
    if match is None:
        raise _bad_format(where)
    name, operator = match["name"], match["operator"] or ""
    value = variables.get(name)
    if not operator:
        return _plain(name, variables, where, on_unset)
    given = value is not None and (value != "" or ":" not in operator)
    if operator[-1] == "+":
        return substitute(match["rest"], variables, where, on_unset) if given else value or ""
    if given:
        return value or ""
    rest = substitute(match["rest"], variables, where, on_unset)
    if operator[-1] == "-":
        return rest
    raise MissingVariable(name, rest, where)


def _plain(name: str, variables: Mapping[str, str], where: Where, on_unset: OnUnset) -> str:
    value = variables.get(name)
    if value is None:
        on_unset(name, where)
    return value or ""


def _bad_format(where: Where) -> ConfigError:
    # The text itself is not shown: it may be a password with a dollar sign in it.
    return ConfigError(
        "bad interpolation format: what follows ${ is no variable",
        where=where,
        mend="write ${NAME} or ${NAME:-default}, and $$ for a dollar sign",
    )
