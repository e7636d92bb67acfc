"""Parts of suites: which can be cut, and how the runner is told which files are its own. Pure.

The command stays what it is: a part of a suite must find the same configuration, the same
conftest.py and the same ids as the whole. What is in ``injected/`` leaves the other files out, from
inside the runner, where it is known what a test file is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.model.project import Suite
from seatrial.runners.base import RunPlace
from seatrial.runners.script import edited, shell_text
from seatrial.runners.words import scripts

_MARKS = {"pytest": "::", "vitest": " > "}
# A test in a worker of xdist may be who started us; our runner is none of those workers.
_OUTER = ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID")
_PROGRAMS = {"pytest": ("pytest", "py.test"), "vitest": ("vitest",)}


def reaches_runner(suite: Suite) -> bool:
    """Return whether the suite's own command starts a runner that we can speak to.

    make, tox or a container may keep from it what it is told.
    """
    programs = _PROGRAMS.get(suite.runner)
    if programs is None or suite.command is None:
        return programs is not None
    text = shell_text(suite.command, scripts(suite.folder) if suite.runner == "vitest" else {})
    return edited(text, programs, lambda words: [word.raw for word in words]) is not None


def file_of(runner: str, test: str) -> str:
    """Return the file that the id of a test names, from the folder of its suite."""
    return test.partition(_MARKS.get(runner, "::"))[0]


@dataclass(frozen=True, slots=True)
class Told:
    """What a runner is told of its share: by its environment, by a file, by words for itself.

    ``shown`` are the words with which a person would ask for the same.
    """

    env: Mapping[str, str | None] = field(default_factory=dict)
    files: Mapping[Path, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


def told_of(suite: Suite, place: RunPlace) -> Told:
    """Return what the runner of ``suite`` is told; nothing where it has all and no workers."""
    told: dict[str, object] = {}
    shown: tuple[str, ...] = ()
    if suite.piece is not None:
        piece = suite.piece
        files = piece.others if piece.rest else piece.files
        told = {"folder": str(suite.folder), "rest": piece.rest, "files": files}
    if suite.workers:
        names = (f"gw{number}" for number in range(suite.workers))
        told["workers"] = suite.workers
        told["tables"] = dict(zip(names, place.tables, strict=False))
        shown = ("-n", str(suite.workers), "--dist", "loadfile")
    if not told:
        return Told()
    path = place.scratch / "share.json"
    env = {"SEATRIAL_SHARE": str(path), **dict.fromkeys(_OUTER)}
    words = ("-p", "seatrial_share") if suite.runner == "pytest" else ()
    return Told(env, {path: json.dumps(told)}, words, shown)
