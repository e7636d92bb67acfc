"""Lets pytest run the tests that a file names, and no others: ``--seatrial-only=FILE``.

Ids on the command line would end the run where one of them is gone. Here the tests of its file run
in its place, and all tests where the file is gone too, for the test may have another name by now;
not so where the file says ``strict``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from seatrial_report import name_of


def pytest_addoption(parser: Any) -> None:
    """Take the file's name; as an option it also gets to the workers of xdist."""
    parser.addoption("--seatrial-only", metavar="FILE", help="run the tests that FILE names")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Leave out what was not asked for, before -k and -m look at the rest."""
    path = config.getoption("--seatrial-only")
    if not path:
        return
    asked = json.loads(Path(path).read_text(encoding="utf-8"))
    names = [name_of(config, item.nodeid) for item in items]
    wanted = set(asked["tests"])
    gone = set() if asked["strict"] else {_file(name) for name in wanted.difference(names)}
    if gone - {_file(name) for name in names}:
        return
    left_out = []
    kept = []
    for item in items:
        name = name_of(config, item.nodeid)
        (kept if name in wanted or _file(name) in gone else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def _file(name: str) -> str:
    return name.partition("::")[0]
