"""Lines of Makefiles and shell scripts, with the target that they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.lint.documents import MakefileDocument

_TARGET = re.compile(r"(?P<names>[\w./%$(){}-]+(?:[ \t]+[\w./%$(){}-]+)*)[ \t]*::?(?!=)")
_TESTS = re.compile(r"(?:^|[-_./])(?:tests?|e2e|pytest)(?:$|[-_./])")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, continuation lines joined. ``start`` is where it begins in the text.

    ``target`` is the target of a Makefile whose recipe it is in, or the script's own name. Joined
    lines keep their length: a backslash and the line's end are blanks.
    """

    text: str
    start: int
    target: str
    recipe: bool

    @property
    def tests(self) -> bool:
        """Return whether the target or script is one of tests, by its name."""
        return bool(_TESTS.search(self.target))


def lines(document: MakefileDocument) -> Iterator[Line]:
    """Yield the lines of ``document`` without comments and blank ones."""
    script = document.path.suffix in (".sh", ".bash")
    target = document.path.stem if script else ""
    for start, text in _joined(document.text):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        recipe = script or text.startswith("\t")
        if not recipe:
            match = _TARGET.match(text)
            target = match["names"] if match else ""
        yield Line(text, start, target, recipe)


def _joined(text: str) -> Iterator[tuple[int, str]]:
    joined = re.sub(r"\\\r?\n", lambda found: " " * len(found[0]), text)
    at = 0
    for line in joined.split("\n"):
        yield at, line.rstrip("\r")
        at += len(line) + 1
