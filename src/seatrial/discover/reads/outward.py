"""Paths in the files of a folder that lead out of it: ``../../libs/common`` and links."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from seatrial.discover.look import FOREIGN
from seatrial.discover.reads.model import Dependency, called
from seatrial.discover.services import MARKERS

_TYPESCRIPT = re.compile(r"[tj]sconfig.*\.json")
_NOWHERE = ".nowhere"
_LARGEST = 512 * 1024
_WRITTEN = re.compile(rb"(?<![\w.])(?:\.\./)+[\w.@+/-]*|(?<![\w./])\.\.(?:/\.\.)*(?![\w./])")
# Files that say what a package needs: there `../..` alone means the package above, too.
_NEEDS = re.compile(
    r"pyproject\.toml|(?:requirements|constraints).*\.(?:txt|in)|package\.json|go\.mod|Cargo\.toml"
)
# Files that say how a package is built, installed and tested.
_MANIFESTS = re.compile(
    r"pyproject\.toml|setup\.(?:py|cfg)|\.?pytest\.ini|tox\.ini|uv\.toml|Pipfile|conftest\.py"
    r"|(?:requirements|constraints).*\.(?:txt|in)|package\.json|pnpm-workspace\.yaml|\.npmrc"
    r"|[tj]sconfig.*\.json|(?:vite|vitest|jest)\.config\.\w+|go\.(?:mod|work)|Cargo\.toml|Makefile"
)
_SOURCE = re.compile(
    r".+\.(?:py|[cm]?[jt]sx?|vue|svelte|go|rs|sh|toml|json|ya?ml|ini|cfg|s?css|proto|sql|graphql|html)"
)
# Locks repeat what manifests say; compose files are read with the environments that they describe.
_PASSED_OVER = re.compile(
    r"package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|(?:docker-)?compose.*\.ya?ml"
)
# Code that works out where it lies may name folders of the root.
_FINDS_ITSELF = re.compile(
    rb"\.parents\[|\.parent\.parent|__dirname|import\.meta|dirname\(|\$0|show-toplevel|root(?:path|dir)\b"
)
_LONGEST = 255
_QUOTED = re.compile(rb"[\"']((?:\./)?\w[\w.-]*(?:/[\w.-]+)*)(?:/\*{0,2})?[\"']")
_IMPORTED = re.compile(
    rb"^[ \t]*(?:from[ \t]+([A-Za-z_][\w.]*)|import[ \t]+([A-Za-z_][\w., \t]*))", re.MULTILINE
)
_PLUGINS = re.compile(rb"^pytest_plugins\b[^=\n]*=\s*(\[[^\]]*\]|\([^)]*\)|.*)", re.MULTILINE)
_MODULE = re.compile(rb"[\"']([A-Za-z_][\w.]*)[\"']")


def is_manifest(name: str) -> bool:
    """Return whether a file of that name says how a package is built, installed or tested."""
    return _MANIFESTS.fullmatch(name) is not None


def files(folder: Path) -> Iterator[Path]:
    """Yield the files and links below ``folder``, without hidden folders and dependencies."""
    for at, folders, names in os.walk(folder):
        yield from (Path(at, name) for name in folders if Path(at, name).is_symlink())
        folders[:] = [n for n in folders if n not in FOREIGN and not n.startswith(".")]
        yield from (Path(at, name) for name in names)


def leading_out(folder: Path, root: Path, gone: Collection[str] = ()) -> Iterator[Dependency]:
    """Yield what the files of ``folder`` name outside of it; each file is read once.

    ``gone`` are names in ``root`` that stand for nothing any more: in quotes they are still named.
    """
    for file in files(folder):
        if file.is_symlink():
            target = file.resolve()
            if not target.is_relative_to(folder.resolve()):
                yield Dependency(target, f"{_shown(file, root)} links to it")
        if file.is_file():
            yield from _named_by(file, folder, root, gone)


def named_from(
    folder: Path, start: Path, root: Path, gone: Collection[str] = ()
) -> Iterator[Dependency]:
    """Yield what the files of ``folder`` name as it is seen from ``start``, where they are run."""
    for file in files(folder):
        if _SOURCE.fullmatch(file.name) and not _PASSED_OVER.fullmatch(file.name):
            why = f"{_shown(file, root)} names it"
            for path, word in quoted(_text(file), start):
                # Without a slash a word is just a word, unless a file is called so.
                if b"/" in word or path.is_file() or os.fsdecode(word) in gone:
                    yield from _outside(path, folder, why, above=False)


def quoted(text: bytes, start: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield the words in quotes that may be paths from ``start``, with what each means."""
    for word in dict.fromkeys(_QUOTED.findall(text)):
        if len(word) <= _LONGEST:
            yield Path(os.path.normpath(start / os.fsdecode(word))), word


def imports(file: Path) -> Iterator[tuple[str, ...]]:
    """Yield the parts of the names of modules that a Python file imports, or has pytest import."""
    text = _text(file)
    lines = [some for pair in _IMPORTED.findall(text) for some in pair]
    lines += [name for said in _PLUGINS.findall(text) for name in _MODULE.findall(said)]
    names = (name.split() for line in lines for name in line.split(b","))
    for word in dict.fromkeys(name[0] for name in names if name):
        yield tuple(word.decode().split("."))


def _text(file: Path) -> bytes:
    try:
        return file.read_bytes() if file.stat().st_size <= _LARGEST else b""
    except OSError:
        return b""


def named_by(file: Path, root: Path) -> Iterator[Dependency]:
    """Yield what one manifest names outside of its own folder."""
    yield from _named_by(file, file.parent, root)
    if _TYPESCRIPT.fullmatch(file.name):
        # Its paths lead on to packages that no manifest has to name.
        for word in dict.fromkeys(_QUOTED.findall(file.read_bytes())):
            path = Path(os.path.normpath(file.parent / os.fsdecode(word)))
            if len(word) <= _LONGEST and b"/" in word and path.is_relative_to(root):
                yield from _outside(
                    path, file.parent / _NOWHERE, f"{file.name} names it", above=False
                )


def _named_by(
    file: Path, folder: Path, root: Path, gone: Collection[str] = ()
) -> Iterator[Dependency]:
    if _PASSED_OVER.fullmatch(file.name):
        return
    if not (is_manifest(file.name) or _SOURCE.fullmatch(file.name)):
        return
    above = _NEEDS.fullmatch(file.name) is not None
    text = _text(file)
    why = f"{_shown(file, root)} names it"
    for written in dict.fromkeys(_WRITTEN.findall(text) if b".." in text else ()):
        if len(written) > _LONGEST:
            continue
        for start in dict.fromkeys((file.parent, folder)):
            path = Path(os.path.normpath(start / os.fsdecode(written)))
            yield from _outside(path, folder, why, above=above)
    if _FINDS_ITSELF.search(text) or _TYPESCRIPT.fullmatch(file.name):
        for path, word in quoted(text, root):
            # What is deleted is still named: a path is told from a word by its slash.
            if b"/" in word or path.exists() or os.fsdecode(word) in gone:
                yield from _outside(path, folder, why, above=False)
    if file.suffix == ".py":
        yield from _imported(file, folder, root, why)


def _outside(path: Path, folder: Path, why: str, *, above: bool) -> Iterator[Dependency]:
    if path.is_relative_to(folder):
        return
    if folder.is_relative_to(path) and not above:
        # A mere "..", as in `make -C ../..`: it names no file, and everything would be too much.
        return
    package = next((p for p in (path, *path.parents) if _is_package(p)), None)
    if package is not None and not folder.is_relative_to(package):
        yield Dependency(package, why)
    elif path.is_file() and not folder.is_relative_to(path.parent):
        # What it needs itself most likely lies beside it.
        yield Dependency(path.parent, why)
    else:
        yield called(path, why)


def _is_package(folder: Path) -> bool:
    return any((folder / name).is_file() for name, _ in MARKERS)


def _imported(file: Path, folder: Path, root: Path, why: str) -> Iterator[Dependency]:
    """Yield the modules that Python finds from the root, where tests of the whole start."""
    for parts in imports(file):
        at = root
        for part in parts:
            if not (at / part).is_dir():
                break
            at = at / part
        if at == root and folder.parent == root:
            # Gone, or a package from elsewhere.
            yield Dependency(root / parts[0], why)
        elif at != root and not at.is_relative_to(folder) and not folder.is_relative_to(at):
            yield Dependency(at, why)


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
