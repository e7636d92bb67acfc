"""Lays the files of a stage out in a folder, as its COPY lines would; and names what they are."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from seatrial.errors import EnvironmentFailure, Where
from seatrial.host.worktree import FOLDER
from seatrial.runtimes.process.dockerignore import ignored
from seatrial.runtimes.process.paths import INSTALLED, Entry
from seatrial.runtimes.process.stages import StageBuild

# What a container never needs, whatever .dockerignore says; our own folder changes with every run.
_LEFT = frozenset((*INSTALLED, ".git", FOLDER))
_HIDDEN_KEPT = (".bin", ".pnpm", ".prisma", ".package-lock.json")


def sources(
    build: StageBuild, entries: Iterable[Entry], origins: Mapping[Path, Path]
) -> dict[str, Path]:
    """Return each file that ``entries`` put somewhere, by its path in the container.

    ``origins`` says where the results of other stages are, by what the plan calls their folders.
    Raises ``EnvironmentFailure`` where a build did not make what is copied from it.
    """
    leaves_out = ignored(build.context, build.dockerfile)
    found: dict[str, Path] = {}
    for entry in entries:
        host = _real(entry, build, origins)
        for path, file in _files(host, host, build.context, leaves_out):
            found[_joined(entry.path, path)] = file
    return found


def _real(entry: Entry, build: StageBuild, origins: Mapping[Path, Path]) -> Path:
    for planned, real in origins.items():
        if entry.host == planned or planned in entry.host.parents:
            host = real / entry.host.relative_to(planned)
            if not host.exists() and host.name not in INSTALLED:
                raise missing(_joined("/", str(entry.host.relative_to(planned))), build.where)
            return host
    return entry.host


def missing(path: str, where: Where) -> EnvironmentFailure:
    """Return the error for a path that a build should have made."""
    return EnvironmentFailure(
        f"the image copies {path}, which the build did not make",
        where=where,
        mend="see what the line makes when it is run by hand, or use --runtime docker",
    )


def _files(
    path: Path, top: Path, context: Path, leaves_out: Callable[[str], bool]
) -> Iterator[tuple[str, Path]]:
    """Yield (path below ``top``, file); a link to a folder is taken for a file, as COPY does."""
    if path.name in _LEFT:
        return
    if path.is_dir() and (path == top or not path.is_symlink()):
        for child in sorted(path.iterdir()):
            yield from _files(child, top, context, leaves_out)
    elif path.is_symlink() or path.is_file():
        sent = path.is_relative_to(context)
        if not (sent and leaves_out(path.relative_to(context).as_posix())):
            yield ("" if path == top else path.relative_to(top).as_posix()), path


def _joined(folder: str, below: str) -> str:
    return f"{folder.rstrip('/')}/{below}".rstrip("/")


def lay(files: Mapping[str, Path], root: Path) -> None:
    """Copy each file to its place below ``root``, links as links."""
    for path, source in files.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink() or target.is_file():
            target.unlink()
        shutil.copy2(source, target, follow_symlinks=False)


def fingerprint(files: Mapping[str, Path]) -> str:
    """Return a hash of paths, contents and the right to be executed."""
    total = hashlib.sha256()
    for path, file in sorted(files.items()):
        if file.is_symlink():
            kind, content = "link", os.fsencode(file.readlink())
        else:
            kind = "program" if os.access(file, os.X_OK) else "file"
            content = file.read_bytes()
        total.update(f"{kind} {len(path)} {path} {len(content)}\n".encode() + content)
    return total.hexdigest()


def link_modules(modules: Path, folder: Path) -> None:
    """Make ``folder/node_modules``, each package in it a link.

    A folder of its own, since tools write their caches into ``node_modules``.
    """
    own = folder / "node_modules"
    if own.exists() or not modules.is_dir():
        return
    own.mkdir(parents=True)
    for child in modules.iterdir():
        if not child.name.startswith(".") or child.name in _HIDDEN_KEPT:
            (own / child.name).symlink_to(child)
