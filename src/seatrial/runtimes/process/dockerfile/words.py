"""The words of a Dockerfile's instructions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|us|ns|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def words(value: str) -> list[str]:
    """Return the words of ``value``, quotes left on."""
    from dockerfile_parse.util import WordSplitter  # type: ignore[import-untyped]  # ships none

    return list(WordSplitter(value).split(dequote=False))


def dequoted(word: str) -> str:
    """Return ``word`` with quotes and escapes taken away."""
    from dockerfile_parse.util import WordSplitter

    text: str = WordSplitter(word).dequote()
    return text


def expand(text: str, seen: Mapping[str, str]) -> str:
    """Return ``text`` with ``$A``, ``${A}``, ``${A:-b}`` and ``${A:+b}`` replaced."""
    if text.startswith("'"):
        return text

    def one(found: re.Match[str]) -> str:
        if found.group(0) == r"\$":
            return "$"
        name, rule, word = found.group(1) or found.group(2), found.group(3) or "", found.group(4)
        value = seen.get(name)
        if rule.endswith("+"):
            return word or "" if value else ""
        missing = not value if rule.startswith(":") else value is None
        if rule.endswith("-") and missing:
            return expand(word or "", seen)
        return value or ""

    return _VARIABLE.sub(one, text)


def options(value: str) -> tuple[dict[str, str], str]:
    """Return the ``--name=value`` options in front, and the rest."""
    options: dict[str, str] = {}
    rest = value.strip()
    while found := re.match(r"--([\w-]+)(?:=(\S+))?\s+", rest):
        options[found.group(1)] = found.group(2) or ""
        rest = rest[found.end() :]
    return options, rest


def form(value: str, shell: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the command of an exec or a shell form, and whether it was a shell form."""
    if value.lstrip().startswith("["):
        try:
            return tuple(str(word) for word in json.loads(value)), False
        except ValueError:
            pass  # Docker, too, takes a broken exec form as a shell form.
    return (*shell, value), True


def seconds(text: str) -> float:
    """Return a Go duration such as ``1m30s`` in seconds."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))
