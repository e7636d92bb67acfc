"""What the build of an image reads: its Dockerfile, and the parts of its context that it copies."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.model import Build
from seatrial.discover.reads.model import Dependency
from seatrial.runtimes.process.dockerignore import ignored

_LINE_ENDS = re.compile(r"\\[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*")
_COPIES = re.compile(r"^\s*(?:ONBUILD\s+)?(?:COPY|ADD)\s+(.*)$", re.IGNORECASE | re.MULTILINE)
_OPTIONS = re.compile(r"(?:--[\w-]+(?:=\S*)?\s+)+")
_MOUNTS = re.compile(r"--mount=(\S*)")
_ESCAPE = re.compile(r"^#\s*escape\s*=\s*`", re.IGNORECASE | re.MULTILINE)
_HERE = re.compile(r"^<<-?['\"]?\w")


@dataclass(frozen=True, slots=True)
class Taken:
    """What the Dockerfile takes from its context: paths or patterns, ``None`` for all."""

    sources: tuple[str, ...] | None


def of_build(build: Build, name: str) -> Iterator[Dependency]:
    """Yield what the image of the compose service ``name`` is built from."""
    if build.remote is not None:
        return
    file, context = Path(os.path.normpath(build.dockerfile)), build.context
    if build.inline is None:
        yield Dependency(file, f"the Dockerfile of {name}")
    for ignoring in (file.with_name(f"{file.name}.dockerignore"), context / ".dockerignore"):
        yield Dependency(ignoring, f"it says what is left out of the image of {name}")
    out = ignored(context, file)
    sources = _taken(build.inline, file).sources
    if sources is None:
        why = f"the build context of {name}"
        yield Dependency(context, why, lambda path: not out(path))
        return
    for source in sources:
        why = f"copied into the image of {name}"
        yield Dependency(context, why, _below(source, out))


def _below(source: str, out: Callable[[str], bool]) -> Callable[[str], bool]:
    pattern = re.compile(_expression(source) + r"(?:/.*)?\Z")

    def counts(path: str) -> bool:
        # A changed folder (a submodule) may hold what is copied.
        inside = pattern.match(path) is not None or source.startswith(f"{path}/")
        return inside and not out(path)

    return counts


def _expression(source: str) -> str:
    """Return a pattern of COPY as a regular expression; what has brackets matches anything."""
    if "[" in source:
        return ".*"
    table = {"*": "[^/]*", "?": "[^/]"}
    return "".join(table.get(letter, re.escape(letter)) for letter in source)


def _taken(inline: str | None, file: Path) -> Taken:
    try:
        text = inline or file.read_text(encoding="utf-8")
        return Taken(tuple(dict.fromkeys(_sources(text))))
    except (OSError, ValueError, LookupError):
        return Taken(None)


def _sources(text: str) -> Iterator[str]:
    """Yield what is copied from the context. Raises ``ValueError`` where that cannot be told."""
    if _ESCAPE.search(text):
        raise ValueError("lines may go on in another way")
    text = _LINE_ENDS.sub(" ", text.replace("\r\n", "\n"))
    for found in _COPIES.finditer(text):
        yield from filter(None, map(_normal, _copied(found[1])))
    for found in _MOUNTS.finditer(text):
        given = dict(part.partition("=")[::2] for part in found[1].split(","))
        if given.get("type", "bind") == "bind" and "from" not in given:
            yield from filter(None, [_normal(given.get("source") or given.get("src") or ".")])


def _copied(value: str) -> list[str]:
    options = _OPTIONS.match(value)
    given, rest = (options[0], value[options.end() :]) if options else ("", value)
    if "--from=" in given:
        return []
    words: list[str] = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
    return [str(word) for word in words[:-1] if not _HERE.match(str(word))]


def _normal(source: str) -> str:
    """Return a source seen from the context; empty for a URL. Raises ``ValueError`` for all."""
    if "://" in source or source.startswith("git@"):
        return ""
    path = posixpath.normpath(posixpath.join("/", source)).lstrip("/")
    if "$" in path or not path:
        raise ValueError("it may be all of the context")
    return path
