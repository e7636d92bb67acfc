"""Rules and counts as plain lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from seatrial.lint.model import Report, Rule
from seatrial.render.lint.explain import environments


def rule_lines(rules: Sequence[Rule[Any]]) -> Iterator[str]:
    """Yield one line a rule: code, name, severity, where it applies."""
    width = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        yield f"{rule.code}  {rule.name:<{width}}  {rule.severity:<7}  {environments(rule)}"


def statistics_lines(report: Report) -> Iterator[str]:
    """Yield how often each rule found something, most often first."""
    counted = Counter((finding.code, finding.name) for finding in report.findings)
    width = len(str(max(counted.values(), default=0)))
    for (code, name), count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>{width}}  {code}  {name}"
