"""What fixes would change, as a unified diff that `git apply` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from seatrial.render.lint.excerpt import masked
from seatrial.render.style import Span as Painted
from seatrial.render.style import Style, line, paint

_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.BUSY}


def diff_lines(
    file: Path, before: str, after: str, *, colour: bool = False, hide: bool = False
) -> Iterator[str]:
    """Yield the difference of one file, given by its path relative to the root.

    ``hide`` is for a terminal: no secret is shown, and `git apply` would not take it.
    """
    name = file.as_posix()
    found = difflib.unified_diff(
        _lines(before), _lines(after), f"a/{name}", f"b/{name}", lineterm="\n"
    )
    for text in found:
        body, end, _ = text.partition("\n")
        body = masked(body) if hide else body
        style = Style.HEADING if body.startswith(("---", "+++")) else _STYLES.get(body[:1])
        yield paint(line(Painted(body, style or Style.PLAIN)), colour)
        if not end:
            yield "\\ No newline at end of file"


def _lines(text: str) -> list[str]:
    """Return the lines as git counts them: only a line feed ends one."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
