"""A service does not hear that it is to stop, so every `down` waits 10 s and kills it.

## Why

The first process of a container ignores SIGTERM where it has not asked for it. `sleep` and `tail`
never ask; a shell that runs commands one after the other does not pass it on. Compose then waits
for the whole `stop_grace_period` (10 s) and kills. A grace period of 0 is the other extreme:
nothing can finish what it is doing.

## Example

```yaml
services:
  tools:
    image: example/tools:2.1
    command: ["sleep", "infinity"]
```

## Better

```yaml
services:
  tools:
    image: example/tools:2.1
    init: true
    command: ["sleep", "infinity"]
```

## Mend

Add `init: true`: a small first process then takes the signals. In a `sh -c` text write `exec`
before the last command, so that the program takes the shell's place and hears the signal itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService, scalar
from seatrial.lint.helpers.commands import run_by, shell_text
from seatrial.lint.helpers.dependencies import one_shots
from seatrial.lint.helpers.durations import seconds
from seatrial.lint.helpers.layers import extends
from seatrial.lint.helpers.mending import added
from seatrial.lint.helpers.once import once
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_IDLE = re.compile(r"(?:sleep (?:infinity|inf|\d{4,}|\d+d)|tail -[fF] /dev/null)\s*;?\s*")
_ONE_AFTER_ANOTHER = re.compile(r"&&|;|\n")
_GRACE, _SOON = 10.0, 3.0  # seconds: Compose's own patience, and what nobody minds
_SEES_TO_IT = re.compile(r"\bexec\b|\btrap\b|\bwait\b|(?<!&)&(?!&)|\|")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        grace = service.node.get("stop_grace_period")
        if isinstance(grace, ScalarNode) and seconds(grace) == 0:
            what = f"{service.name} is killed at once and cannot finish what it is doing"
            yield Hit(Span(*grace.span), what, mend="give it the seconds that its work may take")
        key = _deaf_by(service)
        if not key or service.name in one_shots(document) or extends(service):
            continue
        if scalar(service.get("init")) in ("true", "True") or service.get("stop_signal"):
            continue
        if (seconds(service.get("stop_grace_period")) or _GRACE) < _SOON:
            continue
        idle = _is_idle(run_by(service))
        path = ("services", service.name)
        yield Hit(
            service.key_span(key),
            f"{service.name} does not hear that it is to stop, and is killed after 10 s",
            mend="" if idle else "write exec before the last command, or add init: true",
            fix=added(document, path, key, "init: true") if idle else None,
        )


def _deaf_by(service: ComposeService) -> str:
    """Return the key of this file whose command hears no signal; empty for none."""
    words = run_by(service)
    if not _is_idle(words) and not _is_sequence(shell_text(words)):
        return ""
    own = (key for key in ("command", "entrypoint") if key in service.node.items)
    return next(own, "")


def _is_idle(words: tuple[str, ...]) -> bool:
    if not words:
        return False
    text = shell_text(words) or " ".join((posixpath.basename(words[0]), *words[1:]))
    return _IDLE.fullmatch(text.strip()) is not None


def _is_sequence(text: str) -> bool:
    """Return whether a shell runs a last command that is a long-running child of it."""
    if not text or _SEES_TO_IT.search(text):
        return False
    parts = [part.strip() for part in _ONE_AFTER_ANOTHER.split(text.strip()) if part.strip()]
    return len(parts) > 1 and _is_server(parts[-1])


def _is_server(command: str) -> bool:
    name = posixpath.basename(command.split()[0])
    return name in (
        *("uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "celery", "flask", "node"),
        *(
            "python",
            "python3",
            "npm",
            "yarn",
            "pnpm",
            "fastapi",
            "java",
            "rails",
            "puma",
            "php-fpm",
        ),
    )


RULE = Rule(
    code="SEA206",
    name="slow-stop",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="add init: true",
    of=ComposeDocument,
    check=once(_check),
)
