"""What a plain YAML scalar means to Compose, and how Go writes such a value as text.

The rules are those of yaml.v3, the reader inside Compose (its ``resolve.go``): YAML 1.2 plus
octal with a leading 0 and ``_`` between digits.
"""

from __future__ import annotations

import re
from typing import TypeAlias


class Timestamp(str):
    """A plain scalar that YAML takes for a date; Compose refuses it where it wants a string."""

    __slots__ = ()


Value: TypeAlias = str | int | float | bool | None

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_INT = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)"
    r"|(?P<dec>0|[1-9][0-9]*))"
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TIMESTAMP = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}"
    r"([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d{2}:\d{2})?)?"
)
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
_BASES = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}


def plain_value(text: str) -> Value:
    """Return what an unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if _TIMESTAMP.fullmatch(text):
        return Timestamp(text)
    digits = text.replace("_", "")
    if match := _INT.fullmatch(digits):
        base = match.lastgroup or "dec"
        number = int(match["sign"] + match[base], _BASES[base])
        return number if _SMALLEST <= number <= _LARGEST else float(number)
    return float(digits) if _FLOAT.fullmatch(digits) else text


def tagged_value(text: str, tag: str) -> Value:
    """Return what a scalar with an explicit core tag (``!!str 5``) means."""
    if tag == "str":
        return text
    if tag == "null":
        return None
    return plain_value(text)


def go_text(value: Value) -> str:
    """Return ``value`` as Go's ``%v`` writes it: how Compose turns it into a string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(value)]
    return _go_float(value)


def _go_float(value: float) -> str:
    """Return the shortest digits that give ``value`` back, with an exponent where ``%g`` has it."""
    if 1e-4 <= abs(value) < 1e6 or value == 0:
        return repr(value).removesuffix(".0")
    # 17 digits always give a double back.
    shapes = (f"{value:.{precision}e}" for precision in range(17))
    return next(text for text in shapes if float(text) == value)
