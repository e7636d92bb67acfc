"""Which files and folders a repository has, where that can be told."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase

from seatrial.lint.documents import ComposeDocument, Repository
from seatrial.lint.helpers.variables import settled, with_defaults
from seatrial.lint.kinds import FOREIGN


def resolved(document: ComposeDocument, text: str) -> tuple[str, ...]:
    """Return where a path in a compose file may lead, relative to the repository; none if unknown.

    The first is what the path means where Compose reads the file alone, or over the files below
    it. The others are from the folders above: Compose reads paths from the folder of its first
    file, which may be one of those.
    """
    path = with_defaults(text)
    if not path or not settled(text) or "://" in path or path.startswith(("/", "~", "git@", "\\")):
        return ()
    first = document.base[0].where.file if document.base else document.path
    folders = [(first or document.path).parent.as_posix()]
    while not document.tier and folders[-1] != ".":
        folders.append(posixpath.dirname(folders[-1]) or ".")
    return tuple(posixpath.normpath(posixpath.join(folder, path)) for folder in folders)


def lacks(repository: Repository, paths: tuple[str, ...]) -> bool:
    """Return whether surely none of ``paths`` is a file or a folder of the repository.

    The first must be one that lint would see; the others only count where they are there.
    """
    if not paths or not _told(paths[0]):
        return False
    return not any(path in repository.paths or path in repository.folders for path in paths)


def ignored(repository: Repository, path: str) -> bool:
    """Return whether a ``.gitignore`` seems to name ``path``: it is made, not checked in."""
    parts = path.split("/")
    upper = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return any(_matches(repository, at, each) for each in upper for at in _folders(each))


def _told(path: str) -> bool:
    """Return whether lint would see ``path`` if it were there."""
    if "\\" in path or ":" in path:
        return False
    *folders, _ = path.split("/")
    return (
        ".." not in path.split("/")
        and not any(part in FOREIGN or (part.startswith(".") and len(part) > 1) for part in folders)
        and path.rpartition("/")[2] not in FOREIGN
    )


def _folders(path: str) -> Iterator[str]:
    """Yield the folders that ``path`` lies in, the root as an empty text."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _matches(repository: Repository, folder: str, path: str) -> bool:
    name = f"{folder}/.gitignore" if folder else ".gitignore"
    if name not in repository.paths:
        return False
    below = path[len(folder) + 1 :] if folder else path
    for line in repository.texts.get(name, "").splitlines():
        pattern = line.strip().removesuffix("/**").removesuffix("/*").rstrip("/")
        if not pattern or pattern.startswith(("#", "!")):
            continue
        anchored = "/" in pattern
        pattern = pattern.removeprefix("/").replace("**/", "*")
        subject = below if anchored else below.rpartition("/")[2]
        if fnmatchcase(subject, pattern):
            return True
    return False
