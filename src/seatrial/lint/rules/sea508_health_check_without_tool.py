r"""A Dockerfile's `HEALTHCHECK` calls a program that the image does not have.

## Why

The check fails for ever: the container never becomes healthy, and `up --wait` and everything that
depends on it fail, although the service runs. Slim images have no `curl` and no `wget`.

## Example

```dockerfile
FROM python:3.13-slim
HEALTHCHECK CMD curl -f http://localhost:8000/health
CMD ["python", "app.py"]
```

## Better

```dockerfile
FROM python:3.13-slim
HEALTHCHECK CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["python", "app.py"]
```

## Mend

Ask with what the image has: Python's `urllib`, Node's `fetch`, BusyBox's `wget` on Alpine, the
server's own client. Else install the program.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument
from seatrial.lint.helpers.dockerfiles import Stage, stages
from seatrial.lint.helpers.probes import Probe
from seatrial.lint.helpers.tools import lacks
from seatrial.lint.model import Category, Hit, Rule, Severity
from seatrial.runtimes.process.dockerfile.words import form, options

_SHELLS = ("sh", "bash", "ash", "dash")
# What a script of their own installs is not known.
_SCRIPT = r"\.sh\b|/(?:install|setup|provision|bootstrap)\b"


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    for stage in stages(document):
        for line in stage.steps:
            command = options(line.value)[1] if line.word == "HEALTHCHECK" else ""
            if not command.upper().startswith("CMD"):
                continue
            for program in sorted(_probe(command[3:].strip()).programs()):
                if lacks(stage.image, program) and not _brought(stage, program):
                    yield Hit(
                        line.span, f"{stage.image} has no {program}, so the check always fails"
                    )


def _probe(command: str) -> Probe:
    words, shell = form(command, ())
    if shell:
        return Probe((), command, True)
    if len(words) > 2 and posixpath.basename(words[0]) in _SHELLS:
        return Probe(words, words[2], True)
    return Probe(words)


def _brought(stage: Stage, program: str) -> bool:
    """Return whether any line may have brought ``program`` into the image."""
    named = re.compile(rf"\b{re.escape(program)}\b|{_SCRIPT}")
    return any(
        line.word in ("RUN", "COPY", "ADD") and named.search(line.value) for line in stage.chain
    )


RULE = Rule(
    code="SEA508",
    name="health-check-without-tool",
    severity=Severity.ERROR,
    category=Category.DOCKERFILE,
    mend="ask with a program that the image has, or install it",
    of=DockerfileDocument,
    check=_check,
)
