"""Container paths to host paths, as far as COPY lines and bind mounts make that certain."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.runtimes.process.dockerfile.model import Copy, Image

# A path inside a longer text; a colon, comma, quote or equals sign ends or begins one.
_TAIL = r"(/[\w.@+-]+(?:/[\w.@+-]+)*)"
_PATH = re.compile(r"(?:(?<=:///)|(?<![\w./:@~$})-]))" + _TAIL)
_LIST_PATH = re.compile(r"(?:(?<=:///)|(?<![\w./@~$})-]))" + _TAIL)


@dataclass(frozen=True, slots=True)
class Entry:
    """``host`` (a file, or a folder with all in it) is at ``path`` in the container.

    In a ``fresh`` folder nothing is there yet, and any path below is one that the service may make.
    """

    path: str
    host: Path
    fresh: bool = False

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
        return next((host for at, host in self.links if host.is_dir()), None)


class PathMap:
    """The file system of one container; later entries lie over earlier ones."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)

    def host(self, path: str) -> Path | None:
        """Return the host path of a container path, ``None`` where that is not certain."""
        path = posixpath.normpath(path)
        for entry in reversed(self.entries):
            if (found := entry.find(path)) is not None:
                return found
        return None

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


def entries(image: Image, context: Path) -> tuple[Entry, ...]:
    """Return what the image's COPY lines put where; what a RUN made is not among it."""
    found: list[Entry] = []
    for copy in image.copies:
        found.extend(_copied(copy, image.workdir, context, found))
    return tuple(found)


def _copied(copy: Copy, workdir: str, context: Path, before: Sequence[Entry]) -> Iterator[Entry]:
    if copy.foreign:
        return
    target = copy.target.rstrip("/") or "/"
    folder = copy.target.endswith("/") or target == workdir
    folder = folder or any(e.path == target and e.host.is_dir() for e in before)
    for source in _sources(copy, context):
        if source.is_dir():
            yield Entry(target, source)
        else:
            yield Entry(posixpath.join(target, source.name) if folder else target, source)


def _sources(copy: Copy, context: Path) -> Iterator[Path]:
    if copy.origin is not None:
        origin = PathMap(entries(copy.origin, context))
        for source in copy.sources:
            host = origin.host(posixpath.join("/", source))
            if host is not None and host.exists():
                yield host
        return
    for source in copy.sources:
        if "://" in source:
            continue
        relative = posixpath.normpath(source.lstrip("/")) if source.strip("/") else "."
        if any(sign in relative for sign in "*?["):
            yield from sorted(context.glob(relative))
        elif (context / relative).exists():
            yield (context / relative).resolve()


def _roots(inside: Sequence[Entry], workdir: str, above: Path | None) -> Iterator[Path]:
    for entry in reversed(inside):
        if entry.path == workdir and entry.host.is_dir():
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
