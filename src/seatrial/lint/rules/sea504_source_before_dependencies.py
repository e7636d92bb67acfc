"""A stage copies all of the source before it installs the dependencies.

## Why

A layer is built anew when anything above it changes. With the source above, every changed line of
code installs all dependencies again; with only the lock file above, that happens when it changes.

## Example

```dockerfile
FROM node:24-slim
WORKDIR /app
COPY . .
RUN npm ci
```

## Better

```dockerfile
FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
```

## Mend

Copy the files that name the dependencies, install, then copy the rest. A project that installs
itself with its dependencies can do so in two steps: `uv sync --no-install-project`,
`poetry install --no-root`.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument, Instruction
from seatrial.lint.helpers.dockerfiles import Stage, copied, copies_all, installs, stages
from seatrial.lint.model import Category, Hit, Rule, Severity

_SOURCES = ("src", "app", "lib", "source")


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    for stage in stages(document):
        yield from _in_stage(stage)


def _in_stage(stage: Stage) -> Iterator[Hit]:
    done = {tool for line in _below(stage) for tool, _ in installs(line)}
    source: Instruction | None = None
    for line in stage.steps:
        for tool, command in installs(line):
            if source is not None and tool not in done:
                what = f"every change of the source runs `{_short(command)}` again"
                yield Hit(source.span, what)
                return
            done.add(tool)
        if source is None and _is_source(line):
            source = line


def _below(stage: Stage) -> tuple[Instruction, ...]:
    return stage.parent.chain if stage.parent else ()


def _is_source(line: Instruction) -> bool:
    return copies_all(line) or any(path.strip("./") in _SOURCES for path in copied(line))


def _short(command: str) -> str:
    words = command.split()
    return " ".join(words[:3]) + (" …" if len(words) > 3 else "")


RULE = Rule(
    code="SEA504",
    name="source-before-dependencies",
    severity=Severity.WARNING,
    category=Category.DOCKERFILE,
    mend="copy the lock file, install, then copy the source",
    of=DockerfileDocument,
    check=_check,
)
