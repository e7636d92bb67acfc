"""A test target prints every test, or the logs of all containers.

## Why

Whoever runs tests wants to know what failed. A line for each of 2,000 that passed hides it, and for
a coding agent it is context that is gone: the reading costs more than the tests.

## Example

```sh
# file: scripts/test-unit.sh
uv run pytest -v tests/unit
```

## Better

```sh
# file: scripts/test-unit.sh
uv run pytest ${VERBOSE:+-v} tests/unit
```

## Mend

Drop the flag, and let who wants to see more say so (`make test VERBOSE=1`, a target
`test-verbose`). `docker compose up` in a test wants `-d --wait`. A command whose output goes into a
file or another program may say as much as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import MakefileDocument
from seatrial.lint.helpers.recipes import Line, lines
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span

# A test runner with a flag, up to the end of its command.
_FLAG = re.compile(
    r"(?:\b(?:pytest|py\.test)\b[^|;&>]*?(?P<pytest>\s(?:-v+|--verbose))(?=\s|$))"
    r"|(?:\bgo\s+test\b[^|;&>]*?(?P<go>\s-v)(?=\s|$))"
    r"|(?:\b(?:vitest|jest)\b[^|;&>]*?(?P<node>\s(?:--verbose|--reporter[= ]verbose))(?=\s|$))"
)
_PROGRESS = re.compile(
    r"\bdocker(?:-|\s+)(?:compose|build)\b[^|;&>]*?\s--progress[= ]plain(?=\s|$)"
)
_UP = re.compile(r"\bdocker(?:-|\s+)compose\b[^|;&>]*?\sup(?=\s|$)(?P<rest>[^|;&>]*)")
_QUIET_UP = re.compile(
    r"(?:^|\s)(?:-\w*d\w*|--detach|--wait|--no-start|--attach\S*|--abort-on-container-exit"
    r"|--exit-code-from\S*)(?=\s|=|$)"
)
_LOUD_TARGET = re.compile(r"verbose|debug|watch|ci\b|loud|all-output")


def _check(document: MakefileDocument) -> Iterator[Hit]:
    for line in lines(document):
        shown = "VERBOSE" in line.text or re.search(r"[|>]|\btee\b", line.text)
        if not line.recipe or not line.tests or shown or _LOUD_TARGET.search(line.target):
            continue
        yield from _in_line(line)


def _in_line(line: Line) -> Iterator[Hit]:
    for match in _FLAG.finditer(line.text):
        group = next(name for name, text in match.groupdict().items() if text)
        start, end = (line.start + at for at in match.span(group))
        flag = match[group].strip()
        fix = Fix((Edit(Span(start, end), ""),), ((line.target,),))
        yield Hit(Span(start + 1, end), f"{line.target} prints every test ({flag})", fix=fix)
    for match in _PROGRESS.finditer(line.text):
        start, end = (line.start + at for at in match.span())
        yield Hit(Span(start, end), f"{line.target} prints every step of every build")
    for match in _UP.finditer(line.text):
        if not _QUIET_UP.search(match["rest"]):
            start = line.start + match.start()
            what = f"{line.target} prints the logs of all containers, and does not come back"
            yield Hit(Span(start, start + len(match[0].rstrip())), what, "add -d --wait")


RULE = Rule(
    code="SEA121",
    name="verbose-test-target",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="drop the flag, or put it behind VERBOSE=1",
    of=MakefileDocument,
    check=_check,
)
