"""Test files sorted into places that need a server and places that do not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

UNIT_NAMES = ("unit", "units", "unit_tests", "unit-tests", "unittests")
DEEP_NAMES = (
    *("integration", "integrations", "integration_tests", "integration-tests", "integration-test"),
    *("integration_test", "e2e", "end2end", "functional", "system", "acceptance", "smoke"),
)
TEST_NAMES = ("tests", "test", "__tests__", "spec", "specs", *UNIT_NAMES, *DEEP_NAMES)

Needs = Callable[[Path], str]
_PLAIN = "no test of it needs a server"


@dataclass(frozen=True, slots=True)
class Places:
    """``unit`` and ``deep`` are places relative to the service, each with why it is there.

    ``apart`` are the unit places that lie below a deep one.
    """

    unit: Mapping[str, str]
    deep: Mapping[str, str]
    apart: tuple[str, ...] = ()


def sort_places(folder: Path, files: Iterable[Path], needs: Needs) -> Places:
    """Return where the test files of ``folder`` belong; ``needs`` says why one needs a server."""
    unit: dict[str, str] = {}
    deep: dict[str, str] = {}
    apart: list[str] = []
    for top, inside in _tops(folder, files).items():
        reasons = {file: _reason(folder, file, needs) for file in inside}
        if (folder / top).is_file():
            why = reasons[folder / top]
            (deep if why else unit)[top] = f"{top}: {why}" if why else _PLAIN
            continue
        below = _children(folder / top, reasons)
        plain = [place for place, (_, why) in below.items() if not why]
        needing = {place: (file, why) for place, (file, why) in below.items() if why}
        shown = [_join(top, place) for place in plain]
        if all(_by_name(place) for place in below):
            unit |= dict.fromkeys(shown, _PLAIN)
            deep |= {_join(top, p): _told(folder, said) for p, said in needing.items()}
        elif not needing:
            unit[top] = _PLAIN
        else:
            # What is added later is found here: a suite too many rather than one too few.
            deep[top] = _told(folder, next(iter(needing.values())))
            unit |= dict.fromkeys(shown, _PLAIN)
            apart += shown
    return Places(unit, deep, tuple(apart))


def _tops(folder: Path, files: Iterable[Path]) -> dict[str, list[Path]]:
    """Return the test files by the topmost test folder that they lie in, else by their own."""
    found: dict[str, list[Path]] = {}
    for file in files:
        if file.stem == "tests":
            # Django's own name for it, which no runner finds by its folder.
            found[file.relative_to(folder).as_posix()] = [file]
            continue
        parts = file.relative_to(folder).parts[:-1]
        at = next((i for i, part in enumerate(parts) if part in TEST_NAMES), len(parts) - 1)
        found.setdefault("/".join(parts[: at + 1]) or ".", []).append(file)
    return found


def _children(top: Path, reasons: Mapping[Path, str]) -> dict[str, tuple[Path, str]]:
    """Return what lies directly in ``top``, each with the first of its files that needs a server.

    A name that says what is in a folder holds for all that is below it.
    """
    found: dict[str, tuple[Path, str]] = {}
    for file, why in reasons.items():
        child = file.relative_to(top).parts[0]
        if child not in found or (why and not found[child][1]):
            found[child] = (file, why)
    return found


def _by_name(place: str) -> bool:
    return place in UNIT_NAMES or place in DEEP_NAMES


def _reason(folder: Path, file: Path, needs: Needs) -> str:
    parts = file.relative_to(folder).parts
    for part in parts[:-1]:
        if part in UNIT_NAMES:
            return ""
        if part in DEEP_NAMES:
            return f"its folder is called {part}"
    if "unit" in parts[-1].replace(".", "_").replace("-", "_").split("_"):
        return ""
    return needs(file)


def _told(folder: Path, said: tuple[Path, str]) -> str:
    file, why = said
    return f"{os.path.relpath(file, folder)}: {why}"


def _join(top: str, place: str) -> str:
    return place if top == "." else f"{top}/{place}"
