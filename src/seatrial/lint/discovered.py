"""What discovery finds in a repository; lint goes on where tests could not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from seatrial.config import FILE_NAME, Config
from seatrial.discover.services import find_services
from seatrial.discover.suites import Finder
from seatrial.errors import ConfigError, Where
from seatrial.model.project import Service, Suite

T = TypeVar("T")


@dataclass
class Discovered:
    """Services and suites, and what kept some of them from being found."""

    services: tuple[Service, ...] = ()
    suites: list[Suite] = field(default_factory=list)
    problems: list[ConfigError] = field(default_factory=list)


def discovered(root: Path, config: Config) -> Discovered:
    """Return what is found; raises ``ConfigError`` for what seatrial.toml says wrongly."""
    found = Discovered()
    finder = Finder(root, config)
    found.services = tuple(_kept(found, partial(find_services, root, config)))
    for service in found.services:
        found.suites += _kept(found, partial(finder.of_service, service))
    found.suites += _kept(found, finder.of_root)
    return found


def _kept(found: Discovered, ask: Callable[[], Iterable[T]]) -> list[T]:
    try:
        return list(ask())
    except ConfigError as error:
        if error.where is None or error.where.file.name == FILE_NAME:
            raise
        found.problems.append(error)
    except PermissionError as error:
        where = Where(Path(error.filename))
        found.problems.append(
            ConfigError("cannot be read: permission denied", where=where, mend="make it readable")
        )
    return []
