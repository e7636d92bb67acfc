"""``.env`` and ``env_file:`` as Compose v2 reads them (its ``dotenv`` package)."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path

from seatrial.composefile.interpolate import OnUnset, substitute
from seatrial.composefile.reading import read_text
from seatrial.errors import ConfigError, Where

_NOTHING: Mapping[str, str] = {}
_SPACE = " \t\v\f\r\x85\xa0"
_EXPORT = re.compile(r"export[ \t\v\f\r]+")
_NAME_END = re.compile(r"[=:\n]|\Z")
_BAD_IN_NAME = re.compile(r"[^\w.\-\[\]]")
_ESCAPE = re.compile(r'\\(?:([abcfnrtv$"\\])|0([0-7]{1,3}))')
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def read_env_file(
    path: Path,
    variables: Mapping[str, str],
    on_unset: OnUnset,
    earlier: Mapping[str, str] = _NOTHING,
) -> dict[str, str]:
    """Return ``earlier`` and what the file at ``path`` sets; see :func:`parse_env`.

    Raises ``ConfigError`` with file and line; no message ever holds a value.
    """
    return parse_env(read_text(path), path, variables, on_unset, earlier)


def parse_env(
    text: str,
    file: Path,
    variables: Mapping[str, str],
    on_unset: OnUnset,
    earlier: Mapping[str, str] = _NOTHING,
) -> dict[str, str]:
    """Return ``earlier`` (from files read before) and what ``text`` sets.

    ``$NAME`` means what ``variables`` say, else what an earlier line or file says.
    """
    found = dict(earlier)
    known = ChainMap(dict(variables), found)
    position = 0
    while (position := _statement(text, position)) < len(text):
        line = text.count("\n", 0, position) + 1
        where = Where(file, line)
        name, separator, position = _name(text, position, where)
        if separator in ("", "\n"):
            # A name alone takes the value that the environment has, if any.
            if name in variables:
                found[name] = variables[name]
            continue
        value, raw, position = _value(text, position, where)
        found[name] = value if raw else substitute(value, known, where, on_unset)
    return found


def parse_raw(text: str) -> dict[str, str]:
    """Return what ``text`` sets under ``format: raw``: no quotes, no interpolation."""
    found = {}
    for line in text.splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.lstrip().startswith("#"):
            found[name.strip()] = value
    return found


def _statement(text: str, position: int) -> int:
    """Return the offset of the next name: blank lines and comments are passed over."""
    while position < len(text):
        if text[position] == "#":
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
        elif text[position].isspace():
            position += 1
        else:
            break
    return position


def _name(text: str, position: int, where: Where) -> tuple[str, str, int]:
    if export := _EXPORT.match(text, position):
        position = export.end()
    end = _NAME_END.search(text, position)
    assert end is not None
    name = text[position : end.start()].strip()
    if _BAD_IN_NAME.search(name) or not name:
        raise ConfigError(
            "this line is not NAME=value",
            where=where,
            mend="write NAME=value, and quote a value of several lines",
        )
    return name, end.group(), end.end()


def _value(text: str, position: int, where: Where) -> tuple[str, bool, int]:
    """Return a value, whether it is taken as it is, and the offset after it."""
    while position < len(text) and text[position] in _SPACE:
        position += 1
    quote = text[position : position + 1]
    if quote in ("'", '"'):
        body, position = _quoted(text, position + 1, quote, where)
        return (body, True, position) if quote == "'" else (_unescape(body), False, position)
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    value = text[position:end].partition(" #")[0].rstrip()
    return value, False, end


def _quoted(text: str, start: int, quote: str, where: Where) -> tuple[str, int]:
    """Return what stands in quotes (only the quote itself unescaped), and the offset after."""
    pieces, position = [], start
    while position < len(text):
        character = text[position]
        if character == "\\" and text[position + 1 : position + 2] == quote:
            pieces.append(quote)
            position += 2
        elif character == "\\":
            pieces.append(text[position : position + 2])
            position += 2
        elif character == quote:
            return "".join(pieces), position + 1
        else:
            pieces.append(character)
            position += 1
    raise ConfigError("a quote is never closed", where=where, mend=f"close it with {quote}")


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[2]:
            return chr(int(match[2], 8))
        # ``\$`` becomes ``$$``, which interpolation turns into one dollar sign.
        return "$$" if match[1] == "$" else _ESCAPES.get(match[1], match[1])

    return _ESCAPE.sub(one, text)
