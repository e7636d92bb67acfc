"""Whether each of several workers can have a part of an environment for itself. Pure.

A PostgreSQL server has many databases, and a Redis or Valkey server numbered ones: there a worker
can have its own. A service that serves the tests has one database behind it, whoever asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from seatrial.composefile.backing import backing_of
from seatrial.composefile.exports import variable_prefix
from seatrial.composefile.model import ComposeProject
from seatrial.composefile.urls import image_name

# Redis has sixteen databases where nobody says otherwise; the first one stays the environment's.
MOST_WORKERS = 15
_NUMBERED = ("redis", "valkey")
# A URL may have further parameters; all else that is made of an address stays the same for all.
_WHOLE = re.compile(r"\{[A-Za-z0-9_.-]+\.url\}(?:\?[^{}]*)?")
_PARTS = re.compile(r"\{([A-Za-z0-9_.-]+)\.(?:host|port|url)\}")


@dataclass(frozen=True, slots=True)
class Apart:
    """The servers of which each worker gets its own database; ``shared`` says why none can be had.

    ``numbered`` are those whose databases have numbers: they are empty at first.
    """

    cloned: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()
    shared: str = ""

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the variables by which tests would reach a server and not their own database."""
        prefixes = [variable_prefix(name) for name in (*self.cloned, *self.numbered)]
        return tuple(f"{one}_{part}" for one in prefixes for part in ("HOST", "PORT"))


def apart(project: ComposeProject, exports: Mapping[str, str], *, filled: bool) -> Apart:
    """Return what each worker can have for itself.

    ``exports`` are the further variables that the tests want; ``filled`` says that set-up commands
    run before them: what they put into a numbered database would be missing in the others.
    """
    cloned, numbered = [], []
    ending = _one_shots(project)
    for service in project.services.values():
        if service.profiles or service.name in ending:
            continue
        image = service.image or ""
        backing = None if service.build else backing_of(image)
        kind = backing.kind if backing else ""
        if kind == "postgres" and not image_name(image).startswith("timescaledb"):
            cloned.append(service.name)
        elif kind in _NUMBERED and not _few_databases(service.command or ()):
            numbered.append(service.name)
        else:
            return Apart(shared=f"{service.name}, which all workers would ask")
    if numbered and filled:
        return Apart(shared=f"{numbered[0]}, which set-up commands may have filled")
    for name, text in exports.items():
        named = set(_PARTS.findall(text)) & {*cloned, *numbered}
        if named and not _WHOLE.fullmatch(text):
            return Apart(shared=f"{min(named)}, whose address is in {name}")
    return Apart(tuple(cloned), tuple(numbered))


def with_database(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{quote(name, safe='')}").geturl()


def database_of(url: str) -> str:
    """Return the database that a URL names."""
    return unquote(urlsplit(url).path.removeprefix("/"))


def _one_shots(project: ComposeProject) -> set[str]:
    return {
        dependency.service
        for service in project.services.values()
        for dependency in service.depends_on.values()
        if dependency.condition == "service_completed_successfully"
    }


def _few_databases(command: Iterable[str]) -> bool:
    return "--databases" in command
