"""Env files: which are examples to copy."""

from __future__ import annotations

import re

_WORDS = ("example", "sample", "template", "dist")


def is_example(name: str) -> bool:
    """Return whether a file is an example to copy, by its name."""
    return any(word in _WORDS for word in re.split(r"[._-]", name))
