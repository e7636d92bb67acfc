"""Comments that silence, and the baseline; ``tests/mdtest`` has the findings about comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.errors import ConfigError
from seatrial.lint import baseline
from seatrial.lint.documents import MakefileDocument, TestDocument
from seatrial.lint.model import Category, Hit, Rule, Severity, Span
from seatrial.lint.registry import all_rules
from tests.unit.lint.workbench import PRIVILEGED, PROBE, Bench

HEAD = "services:\n  agent:\n    image: example/agent:1.4\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}    privileged: true  # seatrial: ignore SEA303 -- why\n",
        f"{HEAD}    privileged: true # seatrial:ignore SEA201,SEA303 --why\n",
        f"{HEAD}    # seatrial: ignore SEA303 -- why\n    privileged: true\n",
        f"{HEAD}    # seatrial: ignore SEA303 -- why\n    # more of it\n    privileged: true\n",
        f"{HEAD}    privileged: true\n# seatrial: ignore-file SEA303 -- why\n",
    ],
)
def test_a_comment_silences_its_line_or_its_file(bench: Bench, text: str) -> None:
    report = bench.lay({"compose.yml": text}).lint(select=[PROBE]).report
    assert report.findings == ()
    assert [found.suppressed for found in report.suppressed] == ["why"]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}    privileged: true  # seatrial: ignore SEA201 -- why\n",
        f"{HEAD}    # seatrial: ignore SEA303 -- why\n\n    privileged: true\n",
        f"{HEAD}    privileged: true\n    # seatrial: ignore SEA303 -- why\n    tty: true\n",
        f'{HEAD}    command: "x#seatrial: ignore-file SEA303 -- why"\n    privileged: true\n',
    ],
)
def test_a_comment_about_something_else_does_not(bench: Bench, text: str) -> None:
    found = bench.lay({"compose.yml": text}).found(select=[PROBE])
    assert [each.split()[1] for each in found] == [PROBE]


def test_many_needless_comments_go_at_once(bench: Bench) -> None:
    needless = "    # seatrial: ignore SEA303 -- why\n" * 50
    bench.lay({"compose.yml": HEAD + needless + "    tty: true\n"})
    assert bench.found(select=[PROBE, "SEA903"], mend=True) == []
    assert (bench.root / "compose.yml").read_text() == HEAD + "    tty: true\n"


def test_a_rule_that_did_not_look_leaves_its_comments_alone(bench: Bench) -> None:
    idle = HEAD + "    tty: true  # seatrial: ignore SEA201 -- why\n"
    bench.lay({"compose.yml": idle})
    assert bench.found(select=["SEA303", "SEA903"]) == []
    assert bench.found(select=["SEA201", "SEA903"]) == ["compose.yml:4 SEA903"]
    bench.lay({"seatrial.toml": '[lint.per-path]\n"compose.yml" = "SEA201"\n'})
    assert bench.found(select=["SEA201", "SEA903"]) == []


def test_comments_of_make_and_javascript_are_read_too(bench: Bench) -> None:
    def loud(document: MakefileDocument | TestDocument) -> Iterator[Hit]:
        at = document.text.index("loud")
        yield Hit(Span(at, at + 4), "loud")

    def rule(code: str, of: type) -> Rule[MakefileDocument | TestDocument]:
        return Rule(code, "loud", Severity.NOTE, Category.TESTS, "hush", of, loud)

    bench.lay(
        {
            "Makefile": "# seatrial: ignore SEA498 -- why\ntest: loud\n",
            "services/web/package.json": '{"scripts": {"test": "vitest run"}}',
            "services/web/tests/unit/a.test.ts": "loud() // seatrial: ignore SEA499 -- why\n",
        }
    )
    rules = [*all_rules(), rule("SEA498", MakefileDocument), rule("SEA499", TestDocument)]
    report = bench.lint(rules=rules, select=["SEA498", "SEA499"]).report
    assert report.findings == ()
    assert [found.code for found in report.suppressed] == ["SEA498", "SEA499"]


def write_baseline(bench: Bench) -> None:
    report = bench.lint(select=[PROBE]).report
    text = baseline.write(report.findings, report.sources)
    (bench.root / "known.json").write_text(text)


def test_what_is_known_does_not_count_even_where_it_moves(bench: Bench) -> None:
    write_baseline(bench.lay({"compose.yml": PRIVILEGED}))
    bench.lay({"compose.yml": "# new\n\n" + PRIVILEGED})
    report = bench.lint(select=[PROBE], baseline="known.json").report
    assert report.findings == ()
    assert [found.line for found in report.suppressed] == [6]
    assert report.notes == ()


def test_one_more_of_the_same_is_new(bench: Bench) -> None:
    write_baseline(bench.lay({"compose.yml": PRIVILEGED}))
    bench.lay({"compose.yml": PRIVILEGED + "  other:\n    privileged: true\n"})
    assert bench.found(select=[PROBE], baseline="known.json") == ["compose.yml:6 SEA303"]


def test_a_changed_line_is_new_and_what_is_gone_is_told(bench: Bench) -> None:
    write_baseline(bench.lay({"compose.yml": PRIVILEGED}))
    bench.lay({"compose.yml": PRIVILEGED.replace("true", "true # still")})
    report = bench.lint(select=[PROBE], baseline="known.json").report
    assert len(report.findings) == 1
    assert report.notes == ("compose.yml: 1 of SEA303 in the baseline no longer needed",)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "nonsense", '{"version": 2, "findings": []}', "[" * 5000]
    + [
        f'{{"version": 1, "findings": [{entry}]}}'
        for entry in ("1", "{}", '{"file": 1, "code": "a", "line": "b", "count": 1}')
    ],
)
def test_a_broken_baseline_is_an_error_that_says_how_to_write_one(
    bench: Bench, content: str
) -> None:
    bench.lay({"known.json": content})
    with pytest.raises(ConfigError) as caught:
        bench.lint(baseline="known.json")
    assert "--write-baseline" in caught.value.mend
    with pytest.raises(ConfigError, match="no such baseline"):
        baseline.read(Path(bench.root / "nowhere.json"))
