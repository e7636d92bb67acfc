"""Which line of a TOML text each key stands on.

``tomllib`` keeps no positions. This reads text that ``tomllib`` has accepted, so it may be
lenient: it only has to find keys, and must not be misled by strings and comments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """Return the line (from 1) of every key, table header and list item, by its full path."""
    return _Reader(text).lines


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.lines: dict[KeyPath, int] = {}
        self._lengths: dict[KeyPath, int] = {}
        self._document()

    def _document(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            before = self._at
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
            if self._at == before:
                return

    def _header(self) -> KeyPath:
        line, many = self._line(), self._peek("[[")
        self._at += 2 if many else 1
        *parents, last = self._key()
        path = (*self._resolve((), parents, line), last)
        self._skip(_SPACE)
        self._at += 2 if many else 1
        self.lines.setdefault(path, line)
        if many:
            index = self._lengths.get(path, 0)
            self._lengths[path] = index + 1
            path = (*path, index)
            self.lines[path] = line
        return path

    def _resolve(self, base: KeyPath, names: list[str], line: int) -> KeyPath:
        # Below an array of tables a header speaks of its newest element.
        for name in names:
            base = (*base, name)
            self.lines.setdefault(base, line)
            if base in self._lengths:
                base = (*base, self._lengths[base] - 1)
        return base

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for name in self._key():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self._skip(_SPACE)
        if self._peek("="):
            self._at += 1
            self._skip(_SPACE)
            self._value(path)

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip(_SPACE)
            quoted = self._peek('"') or self._peek("'")
            word = self._skip(_STRING if quoted else _BARE)
            names.append(_unquoted(word) if quoted else word)
            self._skip(_SPACE)
            if not self._peek("."):
                return names
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        if self._peek("{"):
            self._at += 1
            self._items(path, "}")
        elif self._peek("["):
            self._at += 1
            self._items(path, "]")
        elif not self._skip(_STRING):
            self._skip(_SCALAR)

    def _items(self, path: KeyPath, end: str) -> None:
        index = 0
        self._skip(_BLANK)
        while self._at < len(self._text):
            before = self._at
            if self._peek(end) or self._peek(","):
                self._at += 1
                if self._text[self._at - 1] == end:
                    return
                index += 1
            elif end == "}":
                self._pair(path)
            else:
                self.lines[(*path, index)] = self._line()
                self._value((*path, index))
            self._skip(_BLANK)
            if self._at == before:
                return

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match.group()


def _unquoted(word: str) -> str:
    if word.startswith("'"):
        return word[1:-1]
    import tomllib

    name: str = tomllib.loads(f"name = {word}")["name"]
    return name
