"""Where Python finds modules besides a package's own: what pytest puts on its path from above.

The settings that pytest finds above a package name folders (``pythonpath``), and each
``conftest.py`` there brings its own folder, what it adds to ``sys.path``, and what it reads itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from seatrial.discover.reads.model import Dependency, called
from seatrial.discover.reads.outward import files, imports, quoted
from seatrial.discover.services import MARKERS

SETTINGS = ("pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
_PYTHONPATH = re.compile(rb"\bpythonpath\s*=\s*(\[[^\]]*\]|[^\n]+)")
_CONFTEST = "conftest.py"


def from_above(folder: Path, root: Path) -> Iterator[Dependency]:
    """Yield the modules and files to which pytest leads ``folder`` from above, up to ``root``."""
    above = [at for at in folder.parents if at.is_relative_to(root)]
    conftests = [at / _CONFTEST for at in above if (at / _CONFTEST).is_file()]
    starts = [path for at in above for path in _settings(at)]
    for file in conftests:
        starts.append(file.parent)
        for path, word in quoted(file.read_bytes(), file.parent):
            if not (path.is_dir() or b"/" in word) or folder.is_relative_to(path):
                continue
            starts.append(path)
            if not any((path / name).is_file() for name, _ in MARKERS):
                yield called(path, f"{file.relative_to(root)} names it")
    if starts:
        outside = [at for at in dict.fromkeys(starts) if not at.is_relative_to(folder)]
        yield from _modules(folder, outside, conftests)


def _settings(folder: Path) -> Iterator[Path]:
    """Yield the folders that ``pythonpath`` in the settings in ``folder`` names."""
    for name in SETTINGS:
        file = folder / name
        if file.is_file():
            for said in _PYTHONPATH.findall(file.read_bytes()):
                for word in re.findall(rb"[\w./-]+", said):
                    yield Path(os.path.normpath(folder / os.fsdecode(word)))


def _modules(
    folder: Path, starts: Iterable[Path], conftests: Iterable[Path]
) -> Iterator[Dependency]:
    why = "its code imports it"
    python = (file for file in files(folder) if file.suffix == ".py")
    names = dict.fromkeys(parts for file in (*conftests, *python) for parts in imports(file))
    for start in starts:
        found = dict.fromkeys(_folder(start, parts) for parts in names)
        yield from (Dependency(at, why) for at in found if at and not folder.is_relative_to(at))
        # A file, or what is there no more.
        others = frozenset(parts[0] for parts in names if not (start / parts[0]).is_dir())
        yield Dependency(start, why, _is_one_of(others))


def _folder(start: Path, parts: Iterable[str]) -> Path | None:
    """Return the innermost folder of a module below ``start``."""
    at = start
    for part in parts:
        if not (at / part).is_dir():
            break
        at = at / part
    return at if at != start else None


def _is_one_of(modules: Collection[str]) -> Callable[[str], bool]:
    def counts(inside: str) -> bool:
        first, slash, _ = inside.partition("/")
        return (first if slash else first.removesuffix(".py")) in modules

    return counts
