"""Expressions of workflows, as far as ours use them, with the meaning that GitHub gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<sign>&&|\|\||==|!=|[!().,*\[\]]))"
)
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_WORDS = {"true": True, "false": False, "null": None}

Function = Callable[..., Any]


class Expressions:
    """Evaluates with ``contexts`` (github, env, matrix, …) and ``functions`` (always, …)."""

    def __init__(self, contexts: Mapping[str, Any], functions: Mapping[str, Function]) -> None:
        self._contexts = contexts
        self._functions: dict[str, Function] = {
            "fromjson": json.loads,
            "startswith": lambda text, start: shown(text).lower().startswith(start.lower()),
            "join": lambda items, by: by.join(shown(item) for item in items),
            "format": lambda text, *given: re.sub(
                r"\{(\d+)\}", lambda hole: shown(given[int(hole[1])]), text
            ),
            **{name.lower(): function for name, function in functions.items()},
        }

    def filled(self, node: Any) -> Any:
        """Return a value of a workflow with all expressions in it evaluated."""
        if isinstance(node, dict):
            return {key: self.filled(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self.filled(value) for value in node]
        if not isinstance(node, str):
            return node
        whole = _HOLE.fullmatch(node.strip())
        if whole and "${{" not in whole[1]:
            return self.value(whole[1])
        return _HOLE.sub(lambda hole: shown(self.value(hole[1])), node)

    def condition(self, text: str) -> bool:
        """Return what an ``if`` comes to; without a function of status it asks for success too."""
        inside = text.strip().removeprefix("${{").removesuffix("}}")
        asks = re.search(r"\b(?:always|failure|cancelled|success)\s*\(", inside)
        return truth(self.value(inside)) and (bool(asks) or self._functions["success"]())

    def value(self, text: str) -> Any:
        """Return what one expression comes to."""
        return _Parser(list(_tokens(text)), self._contexts, self._functions).whole()


def shown(value: Any) -> str:
    """Return a value as it is written into a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def truth(value: Any) -> bool:
    """Return whether a value counts as true."""
    return value not in ("", 0, None, False)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        assert found is not None, f"no expression: {text[at:]!r} in {text!r}"
        assert found.lastgroup is not None
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


class _Parser:
    def __init__(
        self,
        tokens: list[tuple[str, str]],
        contexts: Mapping[str, Any],
        functions: Mapping[str, Function],
    ) -> None:
        self._tokens = tokens
        self._contexts = contexts
        self._functions = functions

    def whole(self) -> Any:
        value = self._either()
        assert not self._tokens, f"left over: {self._tokens}"
        return value

    def _takes(self, *signs: str) -> str:
        if self._tokens and self._tokens[0][0] == "sign" and self._tokens[0][1] in signs:
            return self._tokens.pop(0)[1]
        return ""

    def _either(self) -> Any:
        value = self._both()
        while self._takes("||"):
            other = self._both()
            value = value if truth(value) else other
        return value

    def _both(self) -> Any:
        value = self._equal()
        while self._takes("&&"):
            other = self._equal()
            value = other if truth(value) else value
        return value

    def _equal(self) -> Any:
        value = self._not()
        while sign := self._takes("==", "!="):
            other = self._not()
            # Texts are equal whatever their case; nothing is an empty text.
            same = shown(value).lower() == shown(other).lower()
            value = same if sign == "==" else not same
        return value

    def _not(self) -> Any:
        return not truth(self._not()) if self._takes("!") else self._path()

    def _path(self) -> Any:
        value = self._primary()
        while sign := self._takes(".", "["):
            if sign == "[":
                key = self._either()
                assert self._takes("]")
                value = _of(value, key)
            elif self._takes("*"):
                value = list(value.values()) if isinstance(value, dict) else list(value or [])
            elif isinstance(value, list):
                key = self._tokens.pop(0)[1]
                value = [_of(one, key) for one in value]
            else:
                value = _of(value, self._tokens.pop(0)[1])
        return value

    def _primary(self) -> Any:
        if self._takes("("):
            value = self._either()
            assert self._takes(")")
            return value
        kind, text = self._tokens.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return json.loads(text)
        assert kind == "name", f"not expected: {text!r}"
        if self._takes("("):
            return self._functions[text.lower()](*self._arguments())
        return _WORDS[text] if text in _WORDS else self._contexts[text]

    def _arguments(self) -> Iterator[Any]:
        while not self._takes(")"):
            yield self._either()
            self._takes(",")


def _of(value: Any, key: Any) -> Any:
    return value.get(key) if isinstance(value, dict) else None
