"""The reference of the rules: a page with the table of all, and a page each, from its docstring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from seatrial.lint.model import Category, Rule
from seatrial.render.lint.explain import environments, has_fix, rule_text

FOLDER = "docs/reference/lint"
_TITLES: Mapping[Category, str] = {
    Category.PATTERN: "The pattern",
    Category.RUNTIME: "What bites at run time",
    Category.SECURITY: "Security",
    Category.TESTS: "Tests",
    Category.DOCKERFILE: "Dockerfiles",
    Category.WORKFLOW: "Workflows",
    Category.REPOSITORY: "The repository as a whole",
    Category.LINT: "Lint itself",
}
_INTRODUCTION = """\
# Rules of `seatrial lint`

Written by `make docs` from the rules themselves. `seatrial lint --explain CODE` prints a rule's
page. Errors and warnings make lint end with 1, notes do not. *Environments* are the folders
`deploy/dev`, `deploy/test` and `deploy/prod`; a rule for all looks at compose files anywhere.
*Fix* marks what `--fix` mends where the mend is certain.
"""


def rule_pages(rules: Sequence[Rule[Any]]) -> dict[str, str]:
    """Return each page of the reference by its path in the repository."""
    pages = {f"{FOLDER}/{rule.code}.md": _page(rule) for rule in rules}
    return {f"{FOLDER}/index.md": "\n".join(_index(rules)), **pages}


def _index(rules: Iterable[Rule[Any]]) -> Iterator[str]:
    yield _INTRODUCTION
    # By the first digit of the code, which is the category.
    for category, found in groupby(rules, key=lambda rule: rule.category):
        yield f"## {_TITLES[category]}"
        yield ""
        yield "| code | name | severity | environments | fix |"
        yield "|---|---|---|---|---|"
        yield from (_row(rule) for rule in found)
        yield ""


def _row(rule: Rule[Any]) -> str:
    link = f"[{rule.code}]({rule.code}.md)"
    fix = "yes" if has_fix(rule) else ""
    return f"| {link} | {rule.name} | {rule.severity} | {environments(rule)} | {fix} |"


def _page(rule: Rule[Any]) -> str:
    facts = [f"severity {rule.severity}", f"environments {environments(rule)}"]
    facts += ["`--fix` mends it where that is certain"] if has_fix(rule) else []
    lines = [f"# {rule.code}: {rule.name}", "", rule_text(rule).rstrip(), ""]
    lines += [f"[All rules](index.md) · {_TITLES[rule.category]} · {', '.join(facts)}", ""]
    return "\n".join(lines)
