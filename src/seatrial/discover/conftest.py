"""Whether a project's conftest defines ``--integration``, read without running it."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

OPTION = "--integration"


def defines_integration(folder: Path, targets: Iterable[str]) -> bool:
    """Return whether a conftest.py between a target and ``folder`` adds the option.

    Those are the files that pytest reads before it looks at its arguments.
    """
    return any(_defines(file) for target in targets for file in _upwards(folder, target))


def _upwards(folder: Path, target: str) -> Iterator[Path]:
    start = folder / target
    for place in (start, *start.parents):
        yield place / "conftest.py"
        if place == folder:
            return


def _defines(file: Path) -> bool:
    with contextlib.suppress(OSError, SyntaxError, ValueError):
        source = file.read_bytes()
        if OPTION.encode() in source:
            return any(_adds_option(node) for node in ast.walk(ast.parse(source)))
    return False


def _adds_option(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("addoption", "_addoption")
        and any(isinstance(word, ast.Constant) and word.value == OPTION for word in node.args)
    )
