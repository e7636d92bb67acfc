"""A rule's own page for the terminal."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

from seatrial.lint.model import Rule
from seatrial.render.lint.text import STYLES
from seatrial.render.style import Span, Style, line, paint


def rule_text(rule: Rule[Any]) -> str:
    """Return the docstring of the rule's module: Markdown with second-level headings."""
    return inspect.cleandoc(importlib.import_module(rule.module).__doc__ or "")


def has_fix(rule: Rule[Any]) -> bool:
    """Return whether there are findings of the rule that ``--fix`` can mend."""
    module = importlib.import_module(rule.module)
    words = ("fix=", "import Fix", ", Fix", "lint --fix")
    return any(word in inspect.getsource(module) for word in words)


def environments(rule: Rule[Any]) -> str:
    """Return where the rule applies: ``test``, ``dev, prod``, ``all``."""
    return ", ".join(sorted(rule.tiers)) or "all"


def explain_lines(rule: Rule[Any], *, colour: bool = False) -> Iterator[str]:
    """Yield what a rule finds, why, an example of bad and good, and the mend."""
    head = Span(f"{rule.code} {rule.name}", Style.HEADING)
    severity = Span(str(rule.severity), STYLES[rule.severity])
    fix = "; --fix mends it where that is certain" if has_fix(rule) else ""
    where = f"; environments: {environments(rule)}{fix}"
    yield paint(line(head, ": ", severity, Span(where, Style.QUIET)), colour)
    yield ""
    fenced = False
    for text in rule_text(rule).splitlines():
        if text.startswith("```"):
            fenced = not fenced
        elif fenced:
            yield f"    {text}".rstrip()
        elif text.startswith("## "):
            yield paint(line(Span(text.removeprefix("## "), Style.HEADING)), colour)
        else:
            yield text
