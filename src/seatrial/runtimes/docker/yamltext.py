"""Plain data to the YAML that Compose reads, with its merge tags. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under one of Compose's merge tags, ``!override`` or ``!reset``."""

    tag: str
    value: Any


RESET = Tagged("!reset", None)


def override(value: Any) -> Tagged:
    """Return ``value`` as one that replaces a list instead of being appended to it."""
    return Tagged("!override", value)


def text(value: Any) -> str:
    """Return ``value`` in YAML's flow style, which is JSON but for the tags.

    A ``$`` is doubled, so that Compose does not take it for a variable.
    """
    if isinstance(value, Tagged):
        return f"{value.tag} {text(value.value)}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{text(str(k))}: {text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(text, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value.replace("$", "$$"), ensure_ascii=False)
    return json.dumps(value)
