"""Events as lines of JSON, and back."""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from seatrial.events.facts import Event

SCHEMA_VERSION = 1
# The last second of the year 9999: no calendar of Python goes further.
_LATEST = 253_402_300_799
_KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in typing.get_args(Event)}
_TYPES: Mapping[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (float, int),
    bool: (bool,),
}


def to_json(event: Event) -> str:
    """Return ``event`` as one line of JSON: ``{"v": 1, "event": "TestFinished", …}``."""
    document = {"v": SCHEMA_VERSION, "event": type(event).__name__, **_plain(event)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def from_json(line: str) -> Event:
    """Return the event that :func:`to_json` wrote.

    Unknown fields are dropped, so that a line of a newer minor writer can be read. Raises
    ``ValueError`` for a kind that this version does not know, and for a value of another type.
    """
    document = json.loads(line, parse_float=_finite, parse_constant=_finite)
    kind = _KINDS.get(document.pop("event", ""))
    if kind is None or document.pop("v", 0) > SCHEMA_VERSION:
        raise ValueError("not an event of a known kind and version")
    event: Event = _build(kind, document)
    return event


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value


@cache
def _known(kind: Any) -> dict[str, Any]:
    """Return the fields of a dataclass with their types; finding them takes longer than JSON."""
    hints = typing.get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}


def _build(kind: Any, value: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        known = _known(kind)
        return kind(**{k: _build(known[k], v) for k, v in value.items() if k in known})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_build(arguments[0], v) for v in value)
        return tuple(_build(a, v) for a, v in zip(arguments, value, strict=True))
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _build(next(a for a in arguments if a is not type(None)), value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if kind in _TYPES and not isinstance(value, _TYPES[kind]):
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value


def _finite(number: str) -> float:
    """Refuse NaN and the infinities, for which JSON has no word though Python writes them.

    And what no calendar has a day for: times are the greatest numbers here.
    """
    value = float(number)
    if not math.isfinite(value) or abs(value) > _LATEST:
        raise ValueError(f"{number} is no number")
    return value
