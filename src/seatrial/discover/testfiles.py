"""The test files of a suite, as far as a look at its folder tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

from seatrial.discover.look import walk
from seatrial.model.project import Suite

# What the runners take for tests where nothing else is set.
_NAMES: Mapping[str, re.Pattern[str]] = {
    "pytest": re.compile(r"test_.*\.py|.*_test\.py"),
    "vitest": re.compile(r".+\.(?:test|spec)\.[cm]?[jt]sx?"),
}


def test_files(suite: Suite) -> tuple[str, ...]:
    """Return the paths, from the folder of ``suite``, of what looks like its test files, sorted.

    A runner that is set otherwise may find others, and none in some of these.
    """
    name = _NAMES.get(suite.runner)
    if name is None:
        return ()
    left_out = _excluded(suite.command or ())
    found = {
        path.relative_to(suite.folder).as_posix()
        for target in suite.targets or (".",)
        for path in _below(suite.folder / target)
        if name.fullmatch(path.name) and path.is_relative_to(suite.folder)
    }
    return tuple(sorted(f for f in found if not any(fnmatchcase(f, p) for p in left_out)))


def _below(place: Path) -> Iterator[Path]:
    return iter((place,)) if place.is_file() else walk(place)


def _excluded(command: Sequence[str]) -> list[str]:
    """Return the patterns that a command hands to ``--exclude``."""
    return [after for word, after in pairwise(command) if word == "--exclude"]
