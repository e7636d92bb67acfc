"""A lock file is copied, and the install does not hold to it.

## Why

`npm install` may write a newer lock and install from that: the image then has versions that nobody
tested. `npm ci` installs what is locked, or fails where the lock does not fit.

## Example

```dockerfile
FROM node:24-slim
COPY package.json package-lock.json ./
RUN npm install
```

## Better

```dockerfile
FROM node:24-slim
COPY package.json package-lock.json ./
RUN npm ci
```

## Mend

`npm ci`, `yarn install --immutable` (Yarn 1: `--frozen-lockfile`), `uv sync --locked` (or
`--frozen`), `pnpm install --frozen-lockfile`, `bun install --frozen-lockfile`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument, Instruction
from seatrial.lint.helpers.dockerfiles import copied, installs, stages
from seatrial.lint.model import Category, Hit, Rule, Severity

# The tool: its lock files, what holds it to them (an option, a variable), the better command.
_TOOLS = {
    "npm": (("package-lock.json", "npm-shrinkwrap.json"), r"\bnpm ci\b", "npm ci"),
    "yarn": (
        ("yarn.lock",),
        r"--(?:immutable|frozen-lockfile|pure-lockfile)\b",
        "yarn install --immutable (Yarn 1: --frozen-lockfile)",
    ),
    "pnpm": (
        ("pnpm-lock.yaml",),
        r"--frozen-lockfile(?!=false)|\bpnpm fetch\b|--offline|\bCI=",
        "pnpm install --frozen-lockfile",
    ),
    "bun": (("bun.lock", "bun.lockb"), r"--frozen-lockfile", "bun install --frozen-lockfile"),
    "uv": (("uv.lock",), r"--(?:locked|frozen)\b|\buv pip\b", "uv sync --locked"),
}
_VARIABLES = re.compile(r"\b(?:UV_LOCKED|UV_FROZEN|CI|NPM_CONFIG_FROZEN_LOCKFILE)[= ]")


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    seen: set[Instruction] = set()
    for stage in stages(document):
        files: set[str] = set()
        held = False
        for line in stage.chain:
            files |= {path.rpartition("/")[2].rstrip("*") for path in copied(line)}
            held |= line.word in ("ENV", "ARG") and _VARIABLES.search(line.value) is not None
            if line not in seen and not held:
                seen.add(line)
                yield from _loose(document, line, files)


def _loose(document: DockerfileDocument, line: Instruction, files: set[str]) -> Iterator[Hit]:
    for tool, command in installs(line):
        if tool not in _TOOLS:
            continue
        locks, holds, better = _TOOLS[tool]
        if not re.search(holds, command) and _has(document, files, locks):
            yield Hit(line.span, f"`{command}` may leave the lock file aside", f"write {better}")


def _has(document: DockerfileDocument, files: set[str], locks: tuple[str, ...]) -> bool:
    if files & set(locks):
        return True
    # `package*.json` takes the lock along where there is one.
    return "package-lock.json" in locks and "package*.json" in files and _locked(document)


def _locked(document: DockerfileDocument) -> bool:
    folder = document.path.parent.as_posix()
    near = "package-lock.json" if folder == "." else f"{folder}/package-lock.json"
    return bool({near, "package-lock.json"} & document.repository.paths)


RULE = Rule(
    code="SEA505",
    name="unlocked-install",
    severity=Severity.WARNING,
    category=Category.DOCKERFILE,
    mend="use the install that holds to the lock file",
    of=DockerfileDocument,
    check=_check,
)
