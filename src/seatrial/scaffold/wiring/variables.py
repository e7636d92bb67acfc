"""Variables with their comments, added to a ``.env.example``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.scaffold.wiring.base import Wiring, ended, line_end

# A variable that is commented out is there too: it shows a default.
_VARIABLE = re.compile(r"[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", re.ASCII)


def wire(text: str, fragment: str, _path: str) -> Wiring:
    """Append the variables of ``fragment`` that ``text`` has not, each with the comments above it.

    Those that it has stay as they are, commented out or not.
    """
    known = {match[1] for line in text.split("\n") if (match := _VARIABLE.match(line))}
    end = line_end(text)
    added: list[str] = []
    there: list[str] = []
    for name, block in _blocks(fragment):
        if name in known:
            there.append(name)
            continue
        gap = end if text.strip() and len(block) > 1 else ""
        text = ended(text, end) + gap + "".join(line + end for line in block)
        added.append(name)
    return Wiring(text, tuple(added), tuple(there))


def _blocks(fragment: str) -> Iterator[tuple[str, list[str]]]:
    comments: list[str] = []
    for line in fragment.splitlines():
        if match := _VARIABLE.match(line):
            yield match[1], [*comments, line]
            comments = []
        elif line.strip():
            comments.append(line)
        else:
            comments = []
