"""A service's name, added to the line ``SERVICES := …`` of a Makefile."""

from __future__ import annotations

import re
from pathlib import Path

from seatrial.errors import ConfigError, Where
from seatrial.scaffold.wiring.base import Wiring

# The words may go on over lines that end with a backslash; a comment ends them.
_LIST = re.compile(
    r"^(?P<head>SERVICES[ \t]*(?::{0,3}|\?|\+)=)(?P<words>(?:[^\n#\\]|\\\r?\n)*)", re.MULTILINE
)


def lists_services(text: str) -> bool:
    """Return whether a Makefile has the line."""
    return _LIST.search(text) is not None


def wire(text: str, service: str, path: str) -> Wiring:
    """Add ``service`` behind the last word; where it is there already, nothing changes.

    Where several lines add to the list, the last one gets it. Raises ``ConfigError`` where there
    is none.
    """
    found = list(_LIST.finditer(text))
    if not found:
        raise ConfigError(
            "no line says SERVICES := …",
            where=Where(Path(path)),
            mend=f"add the line `SERVICES := {service}` with all services, then start again",
        )
    if any(service in _words(match["words"]) for match in found):
        return Wiring(text, (), (service,))
    last = found[-1]
    words = last["words"].rstrip(" \t\r\n\\")
    at = last.end("head") + len(words)
    return Wiring(f"{text[:at]} {service}{text[at:]}", (service,))


def _words(text: str) -> list[str]:
    return text.replace("\\", " ").split()
