"""Looking at folders: which files are tests, which compose files there are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from seatrial.model.project import ServiceKind

# In Compose's own order of preference (compose-go, cli.DefaultFileNames and
# DefaultOverrideFileNames); the second list is what plain `docker compose up` lays over the first.
COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
# Folders that hold other people's tests.
FOREIGN = {"node_modules", "__pycache__", "venv", "site-packages", "dist", "build", "target"}
# pytest's `python_files` can be anything, so every module counts that is not plainly a helper; a
# suite that then finds no test says so, while one that was never found would say nothing.
_TEST_FILES: Mapping[ServiceKind, re.Pattern[str]] = {
    ServiceKind.PYTHON: re.compile(r"(?!__init__\.py$|conftest\.py$).+\.py$"),
    ServiceKind.NODE: re.compile(r".+\.(?:test|spec)\.[cm]?[jt]sx?$"),
    ServiceKind.GO: re.compile(r".+_test\.go$"),
}


def walk(folder: Path) -> Iterator[Path]:
    """Yield the files below ``folder`` in order, without hidden folders and dependencies."""
    for at, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(f for f in folders if f not in FOREIGN and not f.startswith("."))
        yield from (Path(at, name) for name in sorted(files))


def _unreadable(error: OSError) -> None:
    if isinstance(error, PermissionError):
        raise error


def languages(place: Path) -> set[ServiceKind]:
    """Return the languages of the tests below a folder, or of one test file; empty for none."""
    files = [place] if place.is_file() else walk(place)
    found: set[ServiceKind] = set()
    for file in files:
        found |= {kind for kind, pattern in _TEST_FILES.items() if pattern.match(file.name)}
        if len(found) == len(_TEST_FILES):
            break
    return found


def compose_files(folder: Path) -> tuple[Path, ...]:
    """Return what ``docker compose up`` would read in ``folder``: one file and its override."""
    main = next((folder / name for name in COMPOSE_NAMES if (folder / name).is_file()), None)
    if main is None:
        return ()
    over = (folder / name for name in OVERRIDE_NAMES if (folder / name).is_file())
    return (main, *list(over)[:1])


def shown(path: Path, root: Path) -> str:
    """Return ``path`` as it is told to the user: relative to the root where it lies below."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
