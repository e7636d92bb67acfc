"""The packages of a repository by name, and which of them another one asks for."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.discover.reads.outward import files

_NAME = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")
_GO = re.compile(r"^\s*(?:require\s+|replace\s+)?([\w.~/-]+)\s+(?:v\d|=>)", re.MULTILINE)
_GO_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)
_NODE_TABLES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_CARGO_TABLES = ("dependencies", "dev-dependencies", "build-dependencies")
_REQUIREMENTS = re.compile(r"(?:requirements|constraints).*\.(?:txt|in)")


class Unreadable(Exception):
    """A manifest cannot be understood; the message is its path."""


@dataclass(slots=True)
class Packages:
    """Every package below ``root``: its language and name, and where it is."""

    root: Path
    _folders: dict[tuple[str, str], list[Path]] | None = field(default=None)

    def asked_for(self, folder: Path) -> Iterator[Path]:
        """Yield the folders of this repository's packages that the manifests of ``folder`` name.

        Raises ``Unreadable`` where one of them cannot be understood.
        """
        known = self._known()
        for language, name in _wanted(folder):
            yield from (at for at in known.get((language, name), ()) if at != folder)

    def _known(self) -> Mapping[tuple[str, str], list[Path]]:
        if self._folders is None:
            self._folders = {}
            for file in files(self.root):
                if file.name in _OWN_NAME and (name := _own(file)):
                    self._folders.setdefault(name, []).append(file.parent)
        return self._folders


def is_renamed(file: Path, before: bytes) -> bool:
    """Return whether the package of the manifest ``file`` had another name ``before``."""
    known = _OWN_NAME.get(file.name)
    return known is not None and _name(known[1], before) not in ("", (_own(file) or ("", ""))[1])


def _own(file: Path) -> tuple[str, str] | None:
    language, read = _OWN_NAME[file.name]
    try:
        name = _name(read, file.read_bytes())
    except OSError:
        return None
    return (language, name) if name else None


def _name(read: Callable[[str], str], content: bytes) -> str:
    try:
        return read(content.decode(errors="replace"))
    except ValueError:
        return ""


def _wanted(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not file.is_file():
            continue
        if file.name == "pyproject.toml":
            yield from (("python", name) for name in _python_names(_toml(file)))
        elif _REQUIREMENTS.fullmatch(file.name):
            lines = file.read_text(errors="replace").splitlines()
            yield from (("python", name) for name in map(_normal, lines) if name)
        elif file.name == "package.json":
            tables = (_table(_json(file), key) for key in _NODE_TABLES)
            yield from (("node", name) for table in tables for name in table)
        elif file.name == "go.mod":
            yield from (("go", name) for name in _GO.findall(file.read_text(errors="replace")))
        elif file.name == "Cargo.toml":
            tables = (_table(_toml(file), key) for key in _CARGO_TABLES)
            yield from (("rust", _crate(n, entry)) for t in tables for n, entry in t.items())


def _python_names(document: Mapping[str, Any]) -> Iterator[str]:
    project = _table(document, "project")
    groups = [_table(project, "optional-dependencies"), _table(document, "dependency-groups")]
    entries = [project.get("dependencies"), *(e for group in groups for e in group.values())]
    tool = _table(document, "tool")
    entries.append(_table(tool, "uv").get("dev-dependencies"))
    for entry in entries:
        if isinstance(entry, list):
            yield from (_normal(text) for text in entry if isinstance(text, str))
    yield from map(_normal, _table(_table(tool, "uv"), "sources"))
    poetry = _table(tool, "poetry")
    yield from map(_normal, _table(poetry, "dependencies"))
    for group in _table(poetry, "group").values():
        yield from map(_normal, _table(group, "dependencies") if isinstance(group, dict) else ())


def _normal(requirement: str) -> str:
    """Return the name in a requirement as PEP 503 compares names."""
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def _crate(name: str, entry: object) -> str:
    renamed = entry.get("package") if isinstance(entry, dict) else None
    return renamed if isinstance(renamed, str) else name


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Unreadable(str(file)) from None


def _json(file: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError):
        document = None
    if not isinstance(document, dict):
        raise Unreadable(str(file))
    return document


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _python_name(text: str) -> str:
    document = tomllib.loads(text)
    poetry = _table(_table(document, "tool"), "poetry")
    return _normal(str(_table(document, "project").get("name") or poetry.get("name") or ""))


def _node_name(text: str) -> str:
    document = json.loads(text)
    return str(document.get("name") or "") if isinstance(document, dict) else ""


def _go_name(text: str) -> str:
    found = _GO_MODULE.search(text)
    return found[1] if found else ""


def _crate_name(text: str) -> str:
    return str(_table(tomllib.loads(text), "package").get("name") or "")


_OWN_NAME = {
    "pyproject.toml": ("python", _python_name),
    "package.json": ("node", _node_name),
    "go.mod": ("go", _go_name),
    "Cargo.toml": ("rust", _crate_name),
}
