"""Gives pytest its share: the files of one piece of a suite, some workers, a database for each.

As ``seatrial_report`` it runs in the user's pytest, and in each of xdist's workers: standard
library, Python of pytest 7. SEATRIAL_SHARE names a file of JSON::

    folder    of the suite; ``files`` are seen from there
    files     those of this piece, or with ``rest`` those of all others
    workers   how many xdist workers to start where nobody asked for another number
    tables    variables by the name of a worker, set before anything of the user's is imported
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

_VARIABLE = "SEATRIAL_SHARE"
_WORKER = "PYTEST_XDIST_WORKER"
# What everything else of its package needs, whoever has the tests.
_SHARED = ("conftest.py", "__init__.py")


def pytest_addoption() -> None:
    """Set the variables of this worker: it is the first hook that a plugin hears of."""
    tables = _told().get("tables") or {}
    os.environ.update(tables.get(os.environ.get(_WORKER, ""), {}))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: Any, args: list[str]) -> None:
    """Ask for workers, and leave out what is not ours."""
    told = _told()
    if told.get("workers") and _may_spread(early_config):
        # As if the user had asked: before what is asked for by name.
        args[:] = ["-n", str(told["workers"]), "--dist", "loadfile", *args]
    elif not _spreads(early_config):
        # The workers read it as well, and start after this.
        os.environ.pop(_VARIABLE, None)
    if "files" in told:
        piece = Piece(told["folder"], told["files"], told["rest"])
        early_config.pluginmanager.register(piece, "seatrial-piece")


def _told() -> dict[str, Any]:
    try:
        with open(os.environ[_VARIABLE], encoding="utf-8") as file:
            told: dict[str, Any] = json.load(file)
            return told
    except (KeyError, OSError, ValueError):
        return {}


def _may_spread(config: Any) -> bool:
    """Return whether xdist is here and neither the command nor the project's files set it up."""
    known = config.known_args_namespace
    return (
        config.pluginmanager.hasplugin("xdist")
        and _WORKER not in os.environ
        and getattr(known, "numprocesses", 0) is None
        and not getattr(known, "tx", None)
        and getattr(known, "dist", "no") == "no"
        and not getattr(known, "usepdb", False)
    )


def _spreads(config: Any) -> bool:
    known = config.known_args_namespace
    return _WORKER not in os.environ and bool(
        getattr(known, "numprocesses", None) or getattr(known, "tx", None)
    )


class Piece:
    """The files of one piece; no file of another one is even imported."""

    def __init__(self, folder: str, files: list[str], rest: bool) -> None:
        self._folder = folder
        self._files = frozenset(files)
        self._rest = rest

    def _is_ours(self, path: Any) -> bool:
        return (os.path.relpath(str(path), self._folder) in self._files) is not self._rest

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Any) -> Any:
        """Leave out the files of others. Folders are looked into: ours may be there."""
        path = str(collection_path)
        if os.path.basename(path) in _SHARED or os.path.isdir(path) or self._is_ours(path):
            return None
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Leave out the tests of files that were named, which pytest never ignores."""
        theirs = [item for item in items if not self._is_ours(item.path)]
        if theirs:
            config.hook.pytest_deselected(items=theirs)
            items[:] = [item for item in items if self._is_ours(item.path)]
