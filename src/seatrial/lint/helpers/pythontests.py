"""Tests in Python: their functions, and what a call is the call of."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = ("body", "orelse", "finalbody")


def imported(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for, in full: ``sleep`` for ``time.sleep``."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def called(call: ast.Call, names: Mapping[str, str]) -> str:
    """Return the full name of what is called; empty where it is no plain name."""
    parts: list[str] = []
    node = call.func
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((names.get(node.id, node.id), *reversed(parts)))


def calls(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls in a node."""
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def functions(tree: ast.Module) -> Iterator[Function]:
    """Yield the test functions of a file, those of classes too."""
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name.startswith("test"):
            yield node


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of statements that stand in a statement, handlers' and cases' too."""
    for name in _BLOCKS:
        if block := getattr(statement, name, None):
            yield block
    for holder in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield holder.body


def text(node: ast.AST | None) -> str:
    """Return a literal string; empty for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def number(node: ast.AST | None) -> float | None:
    """Return a literal number."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)  # type: ignore[arg-type]  # one of the two, as just asked
    return None


def arguments(call: ast.Call) -> Sequence[ast.expr]:
    """Return all that a call is given, by position or by name."""
    return (*call.args, *(keyword.value for keyword in call.keywords))
