"""The reference of the rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from seatrial.lint.registry import all_rules
from seatrial.render.lint.explain import has_fix
from seatrial.render.lint.pages import rule_pages

MDTESTS = Path(__file__).resolve().parents[3] / "mdtest"


def test_there_is_a_table_of_all_rules_and_a_page_for_each() -> None:
    pages = rule_pages(all_rules())
    table = pages["docs/reference/lint/index.md"]
    for rule in all_rules():
        assert f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity} |" in table
        page = pages[f"docs/reference/lint/{rule.code}.md"]
        assert page.startswith(f"# {rule.code}: {rule.name}\n\n")
        assert re.findall(r"^## .*", page, re.MULTILINE) == [
            "## Why",
            "## Example",
            "## Better",
            "## Mend",
        ]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_the_table_says_fix_where_cases_show_one(rule: Any) -> None:
    cases = MDTESTS / f"{rule.code}.md"
    text = cases.read_text() if cases.exists() else ""
    shown = re.search(r"^(#|//) fixed:", text, re.MULTILINE)
    assert has_fix(rule) == bool(shown)
