"""Which shape a report is printed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from seatrial.lint.model import Report, Rule
from seatrial.render.choose import Choice


def report_lines(
    report: Report, rules: Sequence[Rule[Any]], shape: str, choice: Choice
) -> Iterator[str]:
    """Yield the lines of ``report`` in a shape: text, agent, json, sarif, github or junit.

    ``rules`` are those that looked.
    """
    if shape == "json":
        from seatrial.render.lint.json_document import lint_json

        yield lint_json(report).rstrip("\n")
    elif shape == "sarif":
        from seatrial.render.lint.sarif import sarif

        yield sarif(report, rules).rstrip("\n")
    elif shape == "junit":
        from seatrial.render.lint.junit import lint_junit

        yield lint_junit(report).rstrip("\n")
    elif shape == "github":
        from seatrial.render.lint.github import github_lines

        yield from github_lines(report)
    elif shape == "agent":
        from seatrial.render.lint.agent import agent_lines

        yield from agent_lines(report)
    else:
        from seatrial.render.lint.text import text_lines

        yield from text_lines(report, width=choice.width, colour=choice.colour, ascii=choice.ascii)
