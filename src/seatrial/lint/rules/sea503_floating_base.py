"""A Dockerfile builds upon an image without a tag, or with `latest`.

## Why

`latest` is another image tomorrow: the same commit builds into something else, a cached layer hides
it, and nobody can say which version a running service has.

## Example

```dockerfile
FROM python
COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/uv
```

## Better

```dockerfile
FROM python:3.13-slim
COPY --from=ghcr.io/astral-sh/uv:0.9.7 /uv /bin/uv
```

## Mend

Name the version that you mean, down to the minor number at least; a digest (`@sha256:…`) never
moves. Defaults of arguments are followed; an argument without one is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument
from seatrial.lint.helpers.dockerfiles import Stage, arguments, resolved, stages
from seatrial.lint.model import Category, Hit, Rule, Severity
from seatrial.runtimes.process.dockerfile.words import options


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    known = arguments(document)
    names: set[str] = set()
    for stage in stages(document):
        if stage.parent is None and _floats(stage.base):
            yield Hit(stage.start.span, f"the base {stage.base} {_why(stage.base)}")
        yield from _foreign(stage, known, names)
        names |= {stage.name, str(stage.number)}


def _foreign(stage: Stage, known: dict[str, str], names: set[str]) -> Iterator[Hit]:
    for line in stage.steps:
        if line.word == "COPY":
            image = resolved(options(line.value)[0].get("from", ""), known)
            # A name alone may be a context that the build is given.
            if image.lower() not in names and ("/" in image or ":" in image) and _floats(image):
                yield Hit(line.span, f"the image {image} {_why(image)}")


def _floats(image: str) -> bool:
    if not image or image.lower() == "scratch" or "@" in image or "$" in image:
        return False
    tag = image.rpartition("/")[2].partition(":")[2]
    return tag in ("", "latest")


def _why(image: str) -> str:
    return "is another one tomorrow" if image.endswith(":latest") else "has no tag"


RULE = Rule(
    code="SEA503",
    name="floating-base",
    severity=Severity.WARNING,
    category=Category.DOCKERFILE,
    mend="name the version in the tag, or a digest",
    of=DockerfileDocument,
    check=_check,
)
