"""Files above a package that its tools look for: locks, workspaces, settings of test runners."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from seatrial.discover.reads.model import Dependency, named
from seatrial.discover.reads.python_path import SETTINGS, from_above

_PYTHON_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements*.txt")
_NODE_LOCKS = (
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.loc*",
)
_PYTEST = (*SETTINGS, "conftest.py")
_PYTHON = (*_PYTEST, *_PYTHON_LOCKS, "setup.py", "uv.toml", "Pipfile", "requirements*.in")
_NODE = ("package.json", *_NODE_LOCKS, "pnpm-workspace.yaml", ".npmrc", ".yarnrc*", "*.config.*")
_GO = ("go.mod", "go.sum", "go.work", "go.work.sum")
_RUST = ("Cargo.toml", "Cargo.lock", "rust-toolchain*")
# Whoever pins the version of a language does it for all below.
_VERSIONS = (".python-version", ".nvmrc", ".node-version", ".tool-versions", "mise.toml", ".envrc")
_MARKERS = {
    "python": "pyproject.toml",
    "node": "package.json",
    "go": "go.mod",
    "rust": "Cargo.toml",
}
_ALL: Mapping[str, tuple[str, ...]] = {
    "python": _PYTHON,
    "node": (*_NODE, "tsconfig*.json"),
    "go": _GO,
    "rust": _RUST,
}
_PYTEST_SETTINGS = re.compile(rb"^\s*\[(?:tool\.pytest|pytest|tool:pytest)", re.MULTILINE)
_WORKSPACE = re.compile(rb"^\s*\[tool\.uv\.workspace", re.MULTILINE)
_INWARD = re.compile(
    rb"(?:\bpath\s*=\s*|\bfile:|\blink:|-[erc]\s+|--editable[ =])[\"']?(?:\./)?([\w@.][\w@./-]*)"
)
_PYTHONPATH = re.compile(rb"\b(?:pythonpath|testpaths)\s*=\s*(\[[^\]]*\]|[^\n]+)")


def above(folder: Path, root: Path) -> Iterator[Dependency]:
    """Yield the files between ``folder`` and ``root`` that tools find from ``folder``."""
    if folder == root or not folder.is_relative_to(root):
        return
    patterns = tuple(dict.fromkeys((*_VERSIONS, *_patterns(folder, root))))
    for at in folder.parents:
        yield named(at, patterns, f"found from {folder.relative_to(root)}")
        if at == root:
            break
    if "conftest.py" in patterns:
        yield from from_above(folder, root)


def _patterns(folder: Path, root: Path) -> Iterator[str]:
    languages = [name for name, marker in _MARKERS.items() if (folder / marker).is_file()]
    for language in languages or _ALL:
        if language == "python" and languages:
            yield from _python(folder, root)
        elif language == "node" and _has(folder, _NODE_LOCKS):
            continue
        else:
            yield from _ALL[language]


def _python(folder: Path, root: Path) -> Iterator[str]:
    shared = any(_says(at / "pyproject.toml", _WORKSPACE) for at in _between(folder, root))
    if shared or not _has(folder, _PYTHON_LOCKS):
        yield from _PYTHON
    elif not any(_says(folder / name, _PYTEST_SETTINGS) for name in _PYTEST):
        yield from _PYTEST


def _between(folder: Path, root: Path) -> Iterator[Path]:
    return (at for at in folder.parents if at.is_relative_to(root))


def _has(folder: Path, patterns: tuple[str, ...]) -> bool:
    return any(True for pattern in patterns for _ in folder.glob(pattern))


def _says(file: Path, pattern: re.Pattern[bytes]) -> bool:
    try:
        return pattern.search(file.read_bytes()) is not None
    except OSError:
        return False


def inward(root: Path) -> Iterator[Path]:
    """Yield the folders of the repository that the manifests right in ``root`` name by path."""
    for file in sorted(root.iterdir()):
        if not _is_of_packages(file.name) or not file.is_file():
            continue
        text = file.read_bytes()
        words = [*_INWARD.findall(text)]
        words += [w for said in _PYTHONPATH.findall(text) for w in re.findall(rb"[\w./-]+", said)]
        for word in dict.fromkeys(words):
            path = Path(os.path.normpath(root / os.fsdecode(word)))
            if path != root and path.is_relative_to(root):
                yield path


def _is_of_packages(name: str) -> bool:
    return name in ("pyproject.toml", "package.json", "pytest.ini", "setup.cfg", "tox.ini") or (
        name.startswith(("requirements", "constraints")) and name.endswith((".txt", ".in"))
    )
