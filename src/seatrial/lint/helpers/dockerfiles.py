"""A Dockerfile's stages with their bases resolved, and what its lines copy and install."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seatrial.lint.documents import DockerfileDocument, Instruction
from seatrial.runtimes.process.dockerfile.words import dequoted, expand, options, words

_PARTS = re.compile(r"&&|\|\||[;|\n]")
_INSTALLS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("pip", re.compile(r"(?<!uv )\bpip3?\s+install\b.*\s(?:-r|--requirement)\b")),
    ("uv", re.compile(r"\buv\s+sync\b|\buv\s+pip\s+(?:install|sync)\b.*\s(?:-r\b|\S+\.txt)")),
    ("poetry", re.compile(r"\bpoetry\s+install\b")),
    ("pipenv", re.compile(r"\bpipenv\s+(?:install|sync)\b")),
    ("npm", re.compile(r"\bnpm\s+(?:ci|install|i)\b(?!\s+(?:-\S+\s+)*(?:-g\b|--global\b|[@\w]))")),
    ("yarn", re.compile(r"^(?:then\s+)?yarn(?:\s+install\b|\s+--\S+|$)")),
    ("pnpm", re.compile(r"\bpnpm\s+(?:install|i|fetch)\b(?!\s+(?:-\S+\s+)*(?:-g\b|[@\w]))")),
    ("bun", re.compile(r"\bbun\s+(?:install|i)\b(?!\s+(?:-\S+\s+)*(?:-g\b|[@\w]))")),
    ("go", re.compile(r"\bgo\s+mod\s+download\b")),
    ("bundle", re.compile(r"\bbundle\s+install\b")),
    ("composer", re.compile(r"\bcomposer\s+install\b")),
)


@dataclass(frozen=True)
class Stage:
    """One stage. ``base`` is its image, arguments filled in by their defaults.

    ``base`` is empty where an argument without a default decides; ``parent`` is the stage that it
    is built upon.
    """

    number: int
    name: str
    base: str
    parent: Stage | None
    steps: tuple[Instruction, ...]

    @property
    def start(self) -> Instruction:
        """Return the stage's ``FROM``."""
        return self.steps[0]

    @property
    def chain(self) -> tuple[Instruction, ...]:
        """Return the lines of the stages below it, and its own."""
        return tuple(line for stage in reversed(self._below) for line in stage.steps)

    @property
    def image(self) -> str:
        """Return the image that the whole chain begins with; empty where it cannot be told."""
        return self._below[-1].base

    @property
    def _below(self) -> list[Stage]:
        """Return this stage and those that it is built upon, this one first."""
        found = [self]
        while (parent := found[-1].parent) is not None:
            found.append(parent)
        return found


def stages(document: DockerfileDocument) -> tuple[Stage, ...]:
    """Return the stages of a Dockerfile, in order."""
    known = arguments(document)
    found: list[Stage] = []
    named: dict[str, Stage] = {}
    own: dict[int, list[Instruction]] = {}
    for line in document.instructions:
        own.setdefault(line.stage, []).append(line)
    for start in document.instructions:
        if start.word != "FROM":
            continue
        parts = [part for part in start.value.split() if not part.startswith("--")]
        base = resolved(parts[0], known) if parts else ""
        name = parts[2].lower() if len(parts) > 2 else ""
        parent = named.get(base.lower()) if base else None
        found.append(Stage(start.stage, name, base, parent, tuple(own[start.stage])))
        named.setdefault(name, found[-1])
    return tuple(found)


def arguments(document: DockerfileDocument) -> dict[str, str]:
    """Return the arguments in front of the first ``FROM`` that have a default."""
    known: dict[str, str] = {}
    for line in document.instructions:
        if line.word == "ARG" and line.stage < 0:
            for word in words(line.value):
                name, given, default = word.partition("=")
                if given:
                    known[name] = dequoted(resolved(default, known))
    return known


def resolved(text: str, known: Mapping[str, str]) -> str:
    """Return ``text`` with arguments filled in; empty where one has no value."""
    for name, _operator in re.findall(r"\$\{?(\w+)(:?[-+])?", text):
        if name not in known and not _operator:
            return ""
    return dequoted(expand(text, known))


def copied(line: Instruction) -> tuple[str, ...]:
    """Return what a ``COPY`` or ``ADD`` takes from the build context; nothing for other lines."""
    if line.word not in ("COPY", "ADD"):
        return ()
    given, rest = options(line.value)
    if "from" in given or "<<" in rest:
        return ()
    if rest.startswith("["):
        try:
            return tuple(str(word) for word in json.loads(rest))[:-1]
        except ValueError:
            return ()
    return tuple(dequoted(word) for word in words(rest))[:-1]


def copies_all(line: Instruction) -> bool:
    """Return whether a line copies the whole build context."""
    return any(source in (".", "./", "*", "./*", "/") for source in copied(line))


def installs(line: Instruction) -> Iterator[tuple[str, str]]:
    """Yield the installs of a project's dependencies in a ``RUN``: the tool, and the command."""
    if line.word != "RUN":
        return
    for part in _PARTS.split(options(line.value)[1]):
        command = part.strip()
        yield from ((tool, command) for tool, pattern in _INSTALLS if pattern.search(command))
