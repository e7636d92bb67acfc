"""Lengths of time, read and written."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
PATTERN = re.compile("".join(rf"(?:(?P<{unit}>\d{{1,6}}){unit})?" for unit in UNITS))


class BadDurationError(ValueError):
    """A text that is no length of time."""


def parse_duration(text: str) -> timedelta:
    """Read `2d`, `1h30m` or `45s`: units in this order, each once. Raises `BadDurationError`."""
    match = PATTERN.fullmatch(text.strip())
    if match is None or not match[0]:
        raise BadDurationError(f"{text!r} is no length of time: write 1h30m, for example")
    seconds = sum(int(match[unit] or 0) * length for unit, length in UNITS.items())
    return timedelta(seconds=seconds)


def write_duration(duration: timedelta) -> str:
    """Return what `parse_duration` reads back; parts of a second are left out.

    Raises `BadDurationError` for a negative length.
    """
    rest = duration // timedelta(seconds=1)
    if rest < 0:
        raise BadDurationError("a length of time cannot be negative")
    parts = []
    for unit, length in UNITS.items():
        number, rest = divmod(rest, length)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
