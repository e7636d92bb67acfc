"""Lets pytest run the tests that a file names, and no others: ``--seatrial-only=FILE``.

Ids on the command line would end the run where one of them is gone, and could change pytest's root.
Here the tests of its file run in its place, and all tests where the file is gone too, for the test
may have another name by now; not so where FILE says ``strict``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from seatrial_report import name_of

# What everything else of its package needs, whoever has the tests.
_SHARED = ("conftest.py", "__init__.py")


def pytest_addoption(parser: Any) -> None:
    """Take the file's name; as an option it also gets to the workers of xdist."""
    parser.addoption("--seatrial-only", metavar="FILE", help="run the tests that FILE names")


def pytest_configure(config: Any) -> None:
    """Read the file before anything is collected."""
    path = config.getoption("--seatrial-only")
    if path:
        asked = json.loads(Path(path).read_text(encoding="utf-8"))
        only = Only(str(config.invocation_params.dir), set(asked["tests"]), asked["strict"])
        config.pluginmanager.register(only, "seatrial-only-these")


class Only:
    """The tests that shall run."""

    def __init__(self, folder: str, tests: set[str], strict: bool) -> None:
        self._folder = folder
        self._tests = tests
        self._strict = strict
        self._files = {_file(test) for test in tests}
        gone = [file for file in self._files if not os.path.isfile(os.path.join(folder, file))]
        self._all = bool(gone) and not strict

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Any) -> Any:
        """Leave out other files. Folders are looked into: ours may be there."""
        path = str(collection_path)
        if self._all or os.path.basename(path) in _SHARED or os.path.isdir(path):
            return None
        return None if os.path.relpath(path, self._folder) in self._files else True

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Leave out what was not asked for, before -k and -m look at the rest."""
        if self._all:
            return
        names = [name_of(config, item.nodeid) for item in items]
        gone = set() if self._strict else {_file(name) for name in self._tests.difference(names)}
        kept: list[Any] = []
        left_out: list[Any] = []
        for item in items:
            name = name_of(config, item.nodeid)
            (kept if name in self._tests or _file(name) in gone else left_out).append(item)
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = kept


def _file(name: str) -> str:
    return name.partition("::")[0]
