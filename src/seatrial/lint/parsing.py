"""Texts to documents."""

from __future__ import annotations

import ast
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
from seatrial.lint.kinds import Kind, tier_of


def document(
    path: str, text: str, kind: Kind, repository: Repository, stages: Mapping[str, str]
) -> Document:
    """Return the document that ``text`` is, without the layers of other compose files.

    Raises ``ConfigError`` with the line where it is broken.
    """
    file = Path(path)
    if kind is Kind.COMPOSE:
        first, *others = parse(text, file)
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
