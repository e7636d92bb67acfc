"""Which files of a build context are not sent to a build; pure but for reading one file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path


def ignored(context: Path, dockerfile: Path) -> Callable[[str], bool]:
    """Return whether a path, seen from ``context``, is left out; see
    https://docs.docker.com/build/concepts/context/#dockerignore-files.

    A file beside the Dockerfile, named after it, goes before the context's own.
    """
    for file in (
        dockerfile.with_name(f"{dockerfile.name}.dockerignore"),
        context / ".dockerignore",
    ):
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        return _matcher([line.strip() for line in lines if not line.startswith("#")])
    return lambda _: False


def _matcher(lines: Sequence[str]) -> Callable[[str], bool]:
    rules = []
    for line in lines:
        kept = line.startswith("!")
        if pattern := line.removeprefix("!").strip().strip("/").removeprefix("./"):
            # A pattern that names a folder takes all in it.
            rules.append((re.compile(_expression(pattern) + r"(?:/.*)?\Z"), not kept))

    def one(path: str) -> bool:
        verdict = False
        for expression, leaves_out in rules:
            if expression.match(path):
                verdict = leaves_out
        return verdict

    return one


def _expression(pattern: str) -> str:
    found, i = "", 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            found, i = found + "(?:.*/)?", i + 3
        elif pattern.startswith("**", i):
            found, i = found + ".*", i + 2
        elif pattern[i] == "*":
            found, i = found + "[^/]*", i + 1
        elif pattern[i] == "?":
            found, i = found + "[^/]", i + 1
        else:
            found, i = found + re.escape(pattern[i]), i + 1
    return found
