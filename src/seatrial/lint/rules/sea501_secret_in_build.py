"""A Dockerfile writes a secret into the image: an `ARG`, an `ENV` or a key in a `RUN`.

## Why

Build arguments and variables stay in the image's history: `docker history` shows them to everybody
who can pull it, even if a later line removes the file or the variable.

## Example

```dockerfile
FROM node:24-slim
ARG NPM_TOKEN
RUN echo "//registry.example.com/:_authToken=$NPM_TOKEN" > .npmrc && npm ci && rm .npmrc
```

## Better

```dockerfile
FROM node:24-slim
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
```

## Mend

Mount the secret while the line runs (`RUN --mount=type=secret`), and hand it in with
`docker build --secret` or `build.secrets` of compose. What the service itself needs comes from its
environment when it starts. A key that was in an image has been seen: replace it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument, Instruction
from seatrial.lint.helpers.environment import Variable
from seatrial.lint.helpers.secrets import looks_real, names_secret
from seatrial.lint.model import Category, Hit, Rule, Severity
from seatrial.runtimes.process.dockerfile.words import dequoted, words

# What stands in for a secret while something is built that only asks whether there is one.
_STAND_IN = re.compile(
    r"(?:dummy|fake|placeholder|build|ci|test|unused|none|null|example|not|change|your|insecure|x+)"
    r"[\w -]*|.|..|true|false|/\S*",
    re.IGNORECASE,
)


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    for line in document.instructions:
        if looks_real(line.value):
            yield Hit(line.span, f"this {line.word} holds a key that some provider gave out")
        elif line.word in ("ARG", "ENV"):
            for name in _secrets(line):
                yield Hit(line.span, f"the value of {name} stays in the image's history")


def _secrets(line: Instruction) -> Iterator[str]:
    for name, value in _pairs(line):
        given = Variable(name, value or None, line.span)
        if not names_secret(given) or "$" in value or _STAND_IN.fullmatch(value):
            continue
        if value or line.word == "ARG":
            yield name


def _pairs(line: Instruction) -> Iterator[tuple[str, str]]:
    given = words(line.value)
    if line.word == "ENV" and given and "=" not in given[0]:
        name, _, value = line.value.partition(" ")
        yield name, dequoted(value.strip())
        return
    for word in given:
        name, _, value = word.partition("=")
        yield name, dequoted(value)


RULE = Rule(
    code="SEA501",
    name="secret-in-build",
    severity=Severity.ERROR,
    category=Category.DOCKERFILE,
    mend="mount it with RUN --mount=type=secret, or give it to the service when it starts",
    of=DockerfileDocument,
    check=_check,
)
