"""Texts to documents."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from seatrial.composefile.reading import parse
from seatrial.composefile.tree import MapNode
from seatrial.errors import ConfigError, Where
from seatrial.lint.dockerfile import instructions
from seatrial.lint.documents import (
    ComposeDocument,
    DockerfileDocument,
    Document,
    EnvFileDocument,
    MakefileDocument,
    Repository,
    TestDocument,
    WorkflowDocument,
)
from seatrial.lint.kinds import VARIANT, Kind, tier_of

_CONFLICT = re.compile(r"^(?:(<{7}) |(={7})\r?$|>{7} )", re.MULTILINE)
# A line that is more than a comment or the mark of a document.
_WRITTEN = re.compile(r"^[ \t]*(?!---|\.\.\.)[^\s#]", re.MULTILINE)
_SECTIONS = ("services", "include", "volumes", "networks", "configs", "secrets", "name", "version")


def document(
    path: str, text: str, kind: Kind, repository: Repository, stages: Mapping[str, str]
) -> Document:
    """Return the document that ``text`` is, without the layers of other compose files.

    Raises ``ConfigError`` with the line where it is broken.
    """
    file = Path(path)
    _refuse_conflicts(text, file)
    if kind is Kind.COMPOSE:
        if VARIANT.fullmatch(file.name) and not _WRITTEN.search(text):
            # Compose takes an empty file where there is another beside it.
            return ComposeDocument(file, text, MapNode({}, Where(file)), repository, tier_of(path))
        first, *others = parse(text, file)
        _refuse_other_yaml(first, file)
        return ComposeDocument(file, text, first, repository, tier_of(path), tuple(others))
    if kind is Kind.DOCKERFILE:
        return DockerfileDocument(file, text, instructions(text), repository)
    if kind is Kind.WORKFLOW:
        return WorkflowDocument(file, text, parse(text, file)[0], repository)
    if kind is Kind.MAKEFILE:
        return MakefileDocument(file, text, repository)
    if kind is Kind.ENV:
        return EnvFileDocument(file, text, repository, tier_of(path))
    tree = _python(text, file) if path.endswith(".py") else None
    return TestDocument(file, text, stages.get(path, "unit"), repository, tree)


def with_layers(
    compose: ComposeDocument, above: tuple[MapNode, ...], below: tuple[MapNode, ...]
) -> ComposeDocument:
    """Return ``compose`` with the trees that Compose lays over it and under it."""
    return replace(compose, layers=(*compose.layers, *above), base=below)


def _refuse_conflicts(text: str, file: Path) -> None:
    begun, halved = -1, False
    for mark in _CONFLICT.finditer(text) if "<<<<<<<" in text else ():
        if mark[1]:
            begun, halved = mark.start(), False
        elif mark[2]:
            halved = begun >= 0
        elif halved:
            where = Where(file, text.count("\n", 0, begun) + 1, 1)
            mend = "settle the conflict; nothing is looked at or mended here before"
            raise ConfigError("marks of an unsettled git conflict", where=where, mend=mend)


def _refuse_other_yaml(root: MapNode, file: Path) -> None:
    if not any(key in _SECTIONS or key.startswith("x-") for key in root.items):
        mend = "declare services: or, if it is no compose file, ignore SEA901 for its path"
        raise ConfigError(
            "this is no compose file: it has no services", where=Where(file), mend=mend
        )


def _python(text: str, file: Path) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        where = Where(file, error.lineno or 1, error.offset or 1)
        what = f"broken Python: {error.msg}"
        raise ConfigError(what, where=where, mend="correct it there") from None
    except (ValueError, RecursionError, MemoryError) as error:
        what = f"broken Python: {error}"
        raise ConfigError(what, where=Where(file), mend="correct it") from None
