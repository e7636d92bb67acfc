"""What a document says, without what a fix may change: equal before and after, the fix is sound."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from seatrial.composefile.tree import ListNode, MapNode, Node
from seatrial.lint.documents import (
    ComposeDocument,
    DockerfileDocument,
    Document,
    EnvFileDocument,
    MakefileDocument,
    TestDocument,
    WorkflowDocument,
)

Path = tuple[str, ...]


def essence(document: Document, changes: Iterable[Path]) -> Any:
    """Return what ``document`` says beside ``changes``, as plain values that can be compared.

    In YAML a change is a path of keys, numbers for items of a list. In a Dockerfile its first word
    is the instruction's, in an env file the variable's. Other files: any change frees the text
    outside of comments.
    """
    changes = tuple(changes)
    if isinstance(document, ComposeDocument):
        return [_plain(tree, changes) for tree in (document.root, *document.layers)]
    if isinstance(document, WorkflowDocument):
        return _plain(document.root, changes)
    freed = {change[0] for change in changes if change}
    if isinstance(document, DockerfileDocument):
        found = document.instructions
        return [(i.word, i.value) for i in found if i.word not in freed]
    if isinstance(document, EnvFileDocument):
        pairs = (line.partition("=") for line in _lines(document.text))
        return [pair for pair in pairs if pair[0].removeprefix("export ").strip() not in freed]
    if isinstance(document, TestDocument) and document.tree is not None:
        return None if freed else ast.dump(document.tree)
    if isinstance(document, TestDocument | MakefileDocument):
        return None if freed else _lines(document.text)
    return document.text


def _plain(node: Node, changes: tuple[Path, ...]) -> Any:
    """Return a tree without spans; entries keep their order, and numbers their type."""
    if () in changes:
        return None
    if isinstance(node, MapNode):
        entries = ((name, inner, _below(changes, name)) for name, inner in node.items.items())
        own = [(name, _plain(inner, below)) for name, inner, below in entries if () not in below]
        return ("map", node.tag, own)
    if isinstance(node, ListNode):
        items = ((inner, _below(changes, str(at))) for at, inner in enumerate(node.items))
        return (
            "list",
            node.tag,
            [_plain(inner, below) for inner, below in items if () not in below],
        )
    return (node.tag, type(node.value).__name__, node.text)


def _below(changes: tuple[Path, ...], name: str) -> tuple[Path, ...]:
    return tuple(change[1:] for change in changes if change[:1] == (name,))


def _lines(text: str) -> list[str]:
    """Return the lines that are more than a comment, without comments at their end."""
    lines = (line.split(" #")[0].split(" //")[0].rstrip() for line in text.splitlines())
    return [line for line in lines if line and not line.lstrip().startswith(("#", "//"))]
