"""An install of dependencies has no cache mount, so one changed line of the lock fetches all again.

## Why

When the lock file changes, its layer starts from nothing: every package is fetched once more. A
cache mount keeps what was fetched between builds, and is no part of the image.

## Example

```dockerfile
FROM node:24-slim
COPY package.json package-lock.json ./
RUN npm ci
```

## Better

```dockerfile
FROM node:24-slim
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
```

## Mend

Mount the tool's cache: `/root/.npm`, `/root/.cache/uv`, `/root/.cache/pip`, `/go/pkg/mod`,
`/usr/local/share/.cache/yarn`. Builders without BuildKit cannot do so; an install that forbids its
cache (`--no-cache-dir`) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument
from seatrial.lint.helpers.dockerfiles import installs, stages
from seatrial.lint.model import Category, Hit, Rule, Severity

_DECIDED = re.compile(r"--mount=|--no-cache\b|--no-cache-dir\b|\bcache clean\b|NO_CACHE|rm -rf")
_FORBIDDEN = re.compile(r"\b(?:PIP_NO_CACHE_DIR|UV_NO_CACHE)[= ]")
_TOOLS = ("pip", "uv", "npm", "yarn", "pnpm", "bun", "go")


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    for stage in stages(document):
        if any(line.word == "ENV" and _FORBIDDEN.search(line.value) for line in stage.chain):
            continue
        for line in stage.steps:
            tools = [tool for tool, _ in installs(line) if tool in _TOOLS]
            if tools and not _DECIDED.search(line.value):
                yield Hit(line.span, f"{tools[0]} fetches everything again when one line changes")


RULE = Rule(
    code="SEA510",
    name="no-cache-mount",
    severity=Severity.NOTE,
    category=Category.DOCKERFILE,
    mend="put --mount=type=cache,target=… with the tool's cache behind RUN",
    of=DockerfileDocument,
    check=_check,
)
