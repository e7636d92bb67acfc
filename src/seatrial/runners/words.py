"""Which words on a runner's command line name tests, and which are options with their values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

# Options of pytest, vitest and jest whose value is the next word.
_TAKE_A_VALUE = frozenset(
    [
        "-k",
        "-m",
        "-p",
        "-c",
        "-o",
        "-n",
        "-r",
        "-W",
        "-t",
        "--tb",
        "--maxfail",
        "--durations",
        "--rootdir",
        "--ignore",
        "--deselect",
        "--confcutdir",
        "--basetemp",
        "--dist",
        "--cov",
        "--cov-report",
        "--cov-config",
        "--log-level",
        "--junitxml",
        "--junit-xml",
        "--import-mode",
        "--config",
        "--root",
        "--dir",
        "--project",
        "--rootDir",
        "--testNamePattern",
        "--reporter",
        "--reporters",
        "--outputFile",
        "--environment",
        "--mode",
        "--pool",
        "--selectProjects",
        "--override-ini",
        "--shard",
        "--bail",
        "--testPathIgnorePatterns",
        "--exclude",
    ]
)


def naming(words: Sequence[str], folder: Path) -> list[int]:
    """Return the positions of ``words`` that name a test, a file or a folder below ``folder``."""
    found = []
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        if word.startswith("-") or before in _TAKE_A_VALUE:
            continue
        if "::" in word or (folder / word).exists():
            found.append(index)
    return found


def targets(own: Sequence[str], arguments: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Return the targets of a suite, or none where the user's own arguments name some."""
    return () if naming(arguments, folder) else tuple(own)


def scripts(folder: Path) -> Mapping[str, str]:
    """Return the scripts of the package.json in ``folder``; none where it says nothing useful."""
    try:
        document = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        found = document.get("scripts", {})
        return {name: text for name, text in found.items() if isinstance(text, str)}
    except (OSError, ValueError, AttributeError):
        return {}
