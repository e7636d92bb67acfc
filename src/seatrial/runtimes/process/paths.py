"""Container paths to host paths, as far as COPY lines and bind mounts make that certain."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.runtimes.process.dockerfile.model import Copy, Image

# A path inside a longer text; a colon, comma, quote or equals sign ends or begins one.
_TAIL = r"(/[\w.@+-]+(?:/[\w.@+-]+)*)"
_PATH = re.compile(r"(?:(?<=:///)|(?<![\w./:@~$})-]))" + _TAIL)
# What a toolchain installs, and never comes from a build's result.
INSTALLED = ("node_modules", ".venv", "venv", "__pycache__")
_MARKERS = ("pyproject.toml", "requirements.txt", "setup.py", "package.json")
_LIST_PATH = re.compile(r"(?:(?<=:///)|(?<![\w./@~$})-]))" + _TAIL)


@dataclass(frozen=True, slots=True)
class Entry:
    """``host`` (a file, or a folder with all in it) is at ``path`` in the container.

    In a ``fresh`` folder nothing is there yet, and any path below is one that the service, or a
    build, may make; ``under`` is what a build is given.
    """

    path: str
    host: Path
    fresh: bool = False
    under: tuple[Entry, ...] = ()

    def find(self, path: str) -> Path | None:
        """Return the host path of ``path`` where it is there."""
        if path == self.path:
            return self.host
        prefix = self.path.rstrip("/") + "/"
        if not path.startswith(prefix):
            return None
        host = self.host / path.removeprefix(prefix)
        return host if self.fresh or host.exists() else None


@dataclass(frozen=True, slots=True)
class Result:
    """What building a stage comes to: ``entries`` over those of its first ``copied`` copies."""

    copied: int
    entries: tuple[Entry, ...]


# Says what the build of a stage comes to, ``None`` where nothing of it is built.
Made = Callable[[Image], Result | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a container's working folder is on the host.

    ``folder`` where one host folder holds all of it; ``links`` (path below it, host path) where it
    must be put together from several, in this order, later ones over earlier ones.
    """

    folder: Path | None = None
    links: tuple[tuple[str, Path], ...] = ()

    @property
    def nearest(self) -> Path | None:
        """Return the host folder that comes closest."""
        if self.folder is not None:
            return self.folder
        return next((host for at, host in self.links if at == "." or host.is_dir()), None)


class PathMap:
    """The file system of one container; later entries lie over earlier ones."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)

    def host(self, path: str) -> Path | None:
        """Return the host path of a container path, ``None`` where that is not certain."""
        found = self.entry(path)
        return found.host if found is not None else None

    def entry(self, path: str) -> Entry | None:
        """Return the host path of a container path, as an entry of its own."""
        path = posixpath.normpath(path)
        for entry in reversed(self.entries):
            if (found := entry.find(path)) is not None:
                return Entry(path, found, entry.fresh, entry.under)
        return None

    def readable(self, path: str) -> Path | None:
        """Return a file with what ``path`` holds, though a build has not put it there yet."""
        found = self.entry(path)
        if found is not None and found.under and not found.host.exists():
            return PathMap(found.under).readable(path)
        return found.host if found is not None else None

    def translated(self, text: str, *, listed: bool = False) -> str:
        """Return ``text`` with each container path in it replaced that has a host path.

        ``listed`` takes a colon for the sign between two paths, as in PYTHONPATH.
        """

        def one(found: re.Match[str]) -> str:
            host = self.host(found.group(1))
            return str(host) if host is not None else found.group(1)

        return (_LIST_PATH if listed else _PATH).sub(one, text)

    @staticmethod
    def names(path: str, texts: Iterable[str]) -> bool:
        """Return whether a text holds ``path`` or one below it, where it would be translated."""
        below = PathMap([Entry(path.rstrip("/") or "/", Path("/\0"), fresh=True)])
        return any(below.translated(text) != text for text in texts)

    def layout(self, workdir: str) -> Layout:
        """Return where ``workdir`` is; empty where nothing was copied there."""
        inside = [e for e in self.entries if posixpath.commonpath([workdir, e.path]) == workdir]
        above = self.host(workdir) if not any(e.path == workdir for e in inside) else None
        roots = list(_roots(inside, workdir, above))
        for root in roots:
            if all(_agrees(root, entry, workdir) for entry in inside):
                return Layout(root)
        if not inside:
            return Layout(above)
        links = tuple((posixpath.relpath(e.path, workdir), e.host) for e in inside)
        return Layout(None, ((".", above), *links) if above else links)


def entries(image: Image, context: Path, made: Made | None = None) -> tuple[Entry, ...]:
    """Return what the image's COPY lines put where, and the results of the stages ``made``."""
    found: list[Entry] = []
    result = made(image) if made else None
    for i, copy in enumerate(image.copies):
        if result is not None and i == result.copied:
            found = _over(found, result)
        found.extend(copied(copy, image.workdir, context, found, made))
    if result is not None and result.copied == len(image.copies):
        found = _over(found, result)
    return tuple(found)


def _over(found: Iterable[Entry], result: Result) -> list[Entry]:
    kept = (e for e in found if not any(PathMap([r]).host(e.path) for r in result.entries))
    return [*kept, *result.entries]


def copied(
    copy: Copy, workdir: str, context: Path, before: Sequence[Entry], made: Made | None = None
) -> Iterator[Entry]:
    """Yield what one COPY line puts where, over what was there ``before``."""
    if copy.foreign:
        return
    target = copy.target.rstrip("/") or "/"
    folder = copy.target.endswith("/") or target == workdir
    folder = folder or any(e.path == target and e.host.is_dir() for e in before)
    for source in _sources(copy, context, made):
        if _is_folder(source):
            yield Entry(target, source.host, source.fresh, _moved(source, target))
        else:
            at = posixpath.join(target, source.host.name) if folder else target
            yield Entry(at, source.host, under=_moved(source, at))


def _moved(source: Entry, to: str) -> tuple[Entry, ...]:
    """Return what a build is given at ``source`` as it stands at ``to``."""
    prefix = source.path.rstrip("/") + "/"
    below = (e for e in source.under if e.path.startswith(prefix))
    whole = PathMap(source.under).host(source.path)
    moved = (Entry(posixpath.join(to, e.path.removeprefix(prefix)), e.host) for e in below)
    return (*((Entry(to, whole),) if whole is not None else ()), *moved)


def _is_folder(source: Entry) -> bool:
    """Return whether it is a folder; of what is to be built, the name must tell."""
    if source.host.exists() or not source.fresh:
        return source.host.is_dir()
    return not posixpath.splitext(source.path)[1]


def _sources(copy: Copy, context: Path, made: Made | None) -> Iterator[Entry]:
    if copy.origin is not None:
        origin = PathMap(entries(copy.origin, context, made))
        for source in copy.sources:
            found = origin.entry(posixpath.join("/", source))
            if found is not None and (found.host.exists() or _is_made(found)):
                yield found
        return
    for source in copy.sources:
        if "://" in source:
            continue
        relative = posixpath.normpath(source.lstrip("/")) if source.strip("/") else "."
        if any(sign in relative for sign in "*?["):
            yield from (Entry(str(one), one) for one in sorted(context.glob(relative)))
        elif (context / relative).exists():
            host = (context / relative).resolve()
            yield Entry(str(host), host)


def _is_made(entry: Entry) -> bool:
    parts = entry.path.split("/")
    installed = any(part in INSTALLED and part != "node_modules" for part in parts)
    return entry.fresh and not installed and not any(sign in entry.path for sign in "*?[")


def declaring(layout: Layout, paths: PathMap, context: Path) -> Path:
    """Return the folder whose files say what to install: at or above the working folder."""
    nearest = layout.nearest or context
    above = [nearest, *nearest.parents]
    inside = [folder for folder in above if folder == context or context in folder.parents]
    declared = [e.host.parent for e in paths.entries if e.host.name in _MARKERS]
    for folder in (*inside, *declared):
        if any((folder / marker).is_file() for marker in _MARKERS):
            return folder
    return nearest


def _roots(inside: Sequence[Entry], workdir: str, above: Path | None) -> Iterator[Path]:
    for entry in reversed(inside):
        if entry.path == workdir and (entry.fresh or entry.host.is_dir()):
            yield entry.host
    if above is not None and above.is_dir():
        yield above
    for entry in inside:
        below = posixpath.relpath(entry.path, workdir)
        if below != "." and str(entry.host).endswith("/" + below):
            yield Path(str(entry.host).removesuffix("/" + below))


def _agrees(root: Path, entry: Entry, workdir: str) -> bool:
    below = posixpath.relpath(entry.path, workdir)
    there = root if below == "." else root / below
    return there == entry.host or (
        there.exists() and entry.host.exists() and there.samefile(entry.host)
    )
