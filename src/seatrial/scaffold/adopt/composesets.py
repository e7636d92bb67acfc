"""The compose files of a repository, and which of them tests are derived from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from seatrial.discover.look import compose_files
from seatrial.scaffold.adopt.model import ComposeSet

_NAME = re.compile(
    r"(?:docker-)?compose(?:[.-](?P<before>[\w.-]+?))?\.ya?ml|(?P<word>local|dev)\.ya?ml"
)
_OVERRIDE = re.compile(r"\boverride\b")
# What comes first serves tests best, where a folder has no file of Compose's own name.
_RANKS = ("dev", "development", "local", "", "test", "tests", "testing", "ci")
_FOR_OTHERS = ("prod", "production", "deploy", "staging", "stage", "swarm", "release", "docs")
_SKIPPED = frozenset(
    ["node_modules", "venv", "dist", "build", "target", "vendor", "examples", "example", "docs"]
)
_DEEPEST = 3


def find_sets(root: Path) -> tuple[tuple[ComposeSet, ...], tuple[tuple[Path, str], ...]]:
    """Return the sets to derive from, the root's first, and the other files with why not."""
    by_folder: dict[Path, list[Path]] = {}
    for file in sorted(_files(root, 0)):
        by_folder.setdefault(file.parent, []).append(file)
    sets: list[ComposeSet] = []
    others: list[tuple[Path, str]] = []
    for folder, files in sorted(by_folder.items(), key=lambda item: (len(item[0].parts), item[0])):
        place = folder.relative_to(root).as_posix()
        if place == "deploy/test" or place.endswith("/deploy/test"):
            continue
        chosen = compose_files(folder) or _best(files)
        if chosen:
            sets.append(ComposeSet(place, chosen))
        others += [(file, _why_not(file, chosen)) for file in files if file not in chosen]
    return tuple(sets), tuple(others)


def main_set(sets: Iterable[ComposeSet], services: Iterable[str]) -> ComposeSet | None:
    """Return the set that describes the whole: the first that is not a service's own."""
    own = set(services) - {"."}

    def is_own(folder: str) -> bool:
        return any(folder == path or folder.startswith(f"{path}/") for path in own)

    candidates = [one for one in sets if not is_own(one.folder)]
    ranked = sorted(candidates, key=lambda one: _place_rank(one.folder))
    return ranked[0] if ranked else None


def _place_rank(folder: str) -> tuple[bool, bool, int]:
    words = folder.split("/")
    production = any(word in _FOR_OTHERS for word in words)
    return production, folder != ".", len(words)


def _files(folder: Path, depth: int) -> Iterable[Path]:
    for entry in folder.iterdir():
        if entry.is_file() and _NAME.fullmatch(entry.name):
            if "compose" in entry.name or re.search(rb"^services:", entry.read_bytes(), re.M):
                yield entry
        elif depth < _DEEPEST and entry.is_dir() and _is_walked(entry):
            yield from _files(entry, depth + 1)


def _is_walked(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.is_symlink()
    return not hidden and folder.name not in _SKIPPED


def _best(files: list[Path]) -> tuple[Path, ...]:
    known = [f for f in files if _word(f) not in _FOR_OTHERS and not _OVERRIDE.search(f.name)]
    ranked = sorted(known, key=lambda f: (_rank(_word(f)), f.name))
    return tuple(ranked[:1])


def _rank(word: str) -> int:
    return _RANKS.index(word) if word in _RANKS else _RANKS.index("")


def _word(file: Path) -> str:
    match = _NAME.fullmatch(file.name)
    words = re.split(r"[.-]", (match["before"] or match["word"] or "") if match else "")
    return next((w for w in words if w in _RANKS + _FOR_OTHERS and w), words[0] if words else "")


def _why_not(file: Path, chosen: tuple[Path, ...]) -> str:
    word = _word(file)
    if word in _FOR_OTHERS:
        return f"it is for {word}"
    if word in ("test", "tests", "testing", "ci") and chosen:
        return "tests can run against it: name it as `compose` in seatrial.toml"
    return f"{chosen[0].name} is what `docker compose` reads there" if chosen else "no base for it"
