"""Schemas of other people's formats, where the package that ships them is installed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from seatrial.composefile.tree import ListNode, MapNode, Node
from seatrial.lint.model import Span


def violations(root: MapNode, schema: str) -> Iterator[tuple[Span, str]]:
    """Yield where ``root`` breaks a schema that check-jsonschema ships, and how.

    Nothing where that package is not installed.
    """
    validator = _validator(schema)
    if validator is None:
        return
    from jsonschema.exceptions import best_match

    for error in validator.iter_errors(_without_expressions(plain(root))):
        deepest = best_match(iter((error,))) or error
        node: Node = root
        for step in deepest.absolute_path:
            node = _below(node, step)
        place = ".".join(str(step) for step in deepest.absolute_path) or "the workflow"
        message = str(deepest.message)
        yield _first_line(node), f"{place}: {message[:160]}{'…' if len(message) > 160 else ''}"


def _without_expressions(workflow: Any) -> Any:
    """Return ``workflow`` without strategies that are computed, which schemas know no form for."""
    jobs = workflow.get("jobs") if isinstance(workflow, dict) else None
    for job in jobs.values() if isinstance(jobs, dict) else ():
        strategy = job.get("strategy") if isinstance(job, dict) else None
        if isinstance(strategy, str) and strategy.startswith("${{"):
            del job["strategy"]
    return workflow


def plain(node: Node) -> Any:
    """Return a tree as plain Python values."""
    if isinstance(node, MapNode):
        return {name: plain(value) for name, value in node.items.items()}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return node.value


@cache
def _validator(schema: str) -> Any:
    try:
        import json
        from importlib.resources import files

        from jsonschema import Draft7Validator

        folder = files("check_jsonschema") / "builtin_schemas" / "vendor"
        text = (folder / f"{schema}.json").read_text(encoding="utf-8")
        return Draft7Validator(json.loads(text))
    except (ImportError, OSError, ValueError):
        return None


def _below(node: Node, step: str | int) -> Node:
    if isinstance(node, MapNode) and isinstance(step, str):
        return node.items.get(step, node)
    if isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return node


def _first_line(node: Node) -> Span:
    """Return where a node begins: its first key for a mapping."""
    key = next(iter(node.keys.values()), None) if isinstance(node, MapNode) else None
    found = key or node
    if isinstance(node, ListNode):
        return Span(node.span[0], node.span[0] + 1)
    return Span(*found.span)
