"""A Dockerfile to what its target stage comes to. Builds nothing."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from seatrial.composefile.model import Build
from seatrial.errors import ConfigError, Where
from seatrial.runtimes.process.dockerfile.instructions import HANDLERS, Step
from seatrial.runtimes.process.dockerfile.model import Copy, Image
from seatrial.runtimes.process.dockerfile.words import dequoted, expand, options, words

_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
# Arguments that BuildKit defines in every build:
# https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
_PLATFORM = {"TARGETPLATFORM": "linux/amd64", "TARGETOS": "linux", "TARGETARCH": "amd64"}


def read(build: Build) -> Image:
    """Return what ``build`` would make.

    Raises ``ConfigError`` for a missing or broken file, an unknown target or an unset base.
    """
    if build.inline is not None:
        text, file, first = build.inline, build.where.file, build.where.line
    else:
        file, first = build.dockerfile, 0
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"the Dockerfile {file} cannot be read",
                where=build.where,
                mend="set build.dockerfile to the file's path, seen from build.context",
            ) from error
    return _Reader(file, first, dict(build.args)).image(text, build)


class _Reader:
    def __init__(self, file: Path, first: int, given: Mapping[str, str | None]) -> None:
        self._file = file
        self._first = first
        self._given = {name: value for name, value in given.items() if value is not None}
        self._global: dict[str, str] = dict(_PLATFORM)
        self._args: dict[str, str] = {}
        self._stages: dict[str, Image] = {}
        self._current: Image | None = None

    def image(self, text: str, build: Build) -> Image:
        last = ""
        for step in _structure(text):
            where = Where(self._file, self._first + step["startline"] + 1)
            name, value = step["instruction"], step["value"]
            if name == "FROM":
                last = self._begin(value, where)
            elif self._current is None:
                if name == "ARG":
                    self._argument(value, self._global)
            else:
                self._current = self._apply(self._current, name, value, where)
                self._stages[last] = self._current
                self._stages[_number(self._stages, last)] = self._current
        if not self._stages:
            raise ConfigError("no FROM in the Dockerfile", where=Where(self._file))
        if build.target is None:
            return self._stages[last]
        return self._stage(build.target, build.where)

    def _stage(self, name: str, where: Where) -> Image:
        try:
            return self._stages[name.lower()]
        except KeyError:
            names = ", ".join(s for s in self._stages if not s.isdigit()) or "none with a name"
            raise ConfigError(
                f"{self._file.name} has no stage {name!r}",
                where=where,
                mend=f"its stages are: {names}",
            ) from None

    def _begin(self, value: str, where: Where) -> str:
        given = [w for w in value.split() if not w.startswith("--")]
        base = dequoted(expand(given[0], self._global)) if given else ""
        if not base:
            raise ConfigError(
                f"FROM {value} names no image", where=where, mend="give its ARG a default value"
            )
        count = sum(name.isdigit() for name in self._stages)
        self._args = {}
        parent = self._stages.get(base.lower())
        self._current = replace(parent, cmd_inherited=True) if parent else Image(base, where)
        name = given[2].lower() if len(given) > 2 else str(count)
        self._stages[str(count)] = self._stages[name] = self._current
        return name

    def _apply(self, image: Image, name: str, value: str, where: Where) -> Image:
        handler = HANDLERS.get(name)
        if name == "ARG":
            self._argument(value, self._args, {**self._global, **self._args})
            return image
        if name in ("COPY", "ADD"):
            return replace(image, copies=(*image.copies, *self._copy(image, value, where)))
        if handler is None:
            return image
        return handler(image, Step(value, {**self._args, **image.env}, where))

    def _argument(
        self, value: str, into: dict[str, str], seen: Mapping[str, str] | None = None
    ) -> None:
        for word in words(value):
            name, given, default = word.partition("=")
            if name in self._given:
                into[name] = self._given[name]
            elif given:
                into[name] = dequoted(expand(default, seen if seen is not None else into))
            elif name in self._global:
                into[name] = self._global[name]

    def _copy(self, image: Image, value: str, where: Where) -> Iterator[Copy]:
        seen = {**self._args, **image.env}
        given, rest = options(value)
        paths = (
            [str(w) for w in json.loads(rest)]
            if rest.startswith("[")
            else [dequoted(expand(w, seen)) for w in words(rest)]
        )
        sources = tuple(w for w in paths[:-1] if not w.startswith("<<"))
        if not sources:
            return
        target = posixpath.join(image.workdir, paths[-1])
        folder = target.endswith(("/", "/.")) or len(sources) > 1
        target = posixpath.normpath(target).rstrip("/") + ("/" if folder else "")
        origin = self._stages.get(expand(given.get("from", ""), seen).lower())
        foreign = given.get("from", "") if origin is None else ""
        yield Copy(sources, target, where, origin, foreign)


def _number(stages: Mapping[str, Image], last: str) -> str:
    return str(sum(name.isdigit() for name in stages) - 1) if stages else last


def _structure(text: str) -> list[dict[str, Any]]:
    from io import BytesIO

    from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped]  # ships none

    parser = DockerfileParser(fileobj=BytesIO(_without_heredocs(text).encode()))
    steps: list[dict[str, Any]] = parser.structure
    return steps


def _without_heredocs(text: str) -> str:
    """Return ``text`` with the bodies of here-documents blank: dockerfile-parse knows none."""
    lines, ends = [], ""
    for line in text.splitlines():
        if ends:
            ends = "" if line.strip() == ends else ends
            lines.append("")
            continue
        found = _HEREDOC.search(line)
        if found and line.lstrip()[:4].upper() in ("RUN ", "COPY", "ADD "):
            ends = found.group(2)
        lines.append(line)
    return "\n".join(lines) + "\n"
