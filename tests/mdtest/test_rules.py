"""Every rule against the cases of its Markdown file; ``README.md`` tells how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seatrial.config import parse
from seatrial.config.model import Config
from seatrial.lint import fixing
from seatrial.lint.model import Finding
from seatrial.lint.registry import all_rules
from seatrial.lint.run import Request, run
from seatrial.lint.selection import Selection
from seatrial.lint.workspace import Workspace

HERE = Path(__file__).parent
RULES = {rule.code: rule for rule in all_rules()}
_FENCE = re.compile(r"^(`{3,})[\w.+-]*\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"(?:#|//) (file|fixed): (\S+)\n")
_MARK = re.compile(r"[ \t]*(?:#|//) error: (SEA\d{3}(?:, SEA\d{3})*)(?: \"(.*)\")?$", re.MULTILINE)


@dataclass
class Case:
    """One section: a small repository, what is found in it, and what it is when mended."""

    title: str
    files: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    errors: list[tuple[str, int, str]] = field(default_factory=list)
    covered: dict[tuple[str, int], str] = field(default_factory=dict)


def read_cases(markdown: str) -> list[Case]:
    """Return the sections (``## …``) of a file that have blocks with a title line."""
    cases = []
    outside = _FENCE.sub(lambda block: re.sub(r"(?m)^##", "\0", block[0]), markdown)
    for section in re.split(r"(?m)^## ", outside)[1:]:
        case = Case(section.split("\n")[0])
        for block in _FENCE.finditer(section.replace("\0", "##")):
            if title := _TITLE.match(block[2]):
                _take(case, title[1], title[2], block[2][title.end() :])
        if case.files:
            cases.append(case)
    return cases


def _take(case: Case, kind: str, path: str, text: str) -> None:
    if kind == "fixed":
        case.fixed[path] = text
        return
    for number, line in enumerate(text.split("\n"), 1):
        if mark := _MARK.search(line):
            case.errors += [(path, number, code) for code in mark[1].split(", ")]
            if mark[2] is not None:
                case.covered[path, number] = mark[2]
    case.files[path] = _MARK.sub("", text)


def _cases() -> list[tuple[str, Case]]:
    return [
        (file.stem, case)
        for file in sorted(HERE.glob("SEA*.md"))
        for case in read_cases(file.read_text())
    ]


def _look(root: Path, code: str) -> tuple[Workspace, list[Finding]]:
    file = root / "seatrial.toml"
    config = parse(file.read_text(), file) if file.exists() else Config()
    # What lint says of itself is said about what other rules find.
    rules = list(RULES.values()) if code.startswith("SEA9") else [RULES[code]]
    outcome = run(Request(root, config, Selection()), rules)
    return outcome.workspace, [f for f in outcome.report.findings if f.code == code]


def _write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@pytest.mark.parametrize(
    ("code", "case"), _cases(), ids=lambda v: v.title if isinstance(v, Case) else v
)
def test_the_rule_finds_what_is_marked_and_mends_it(code: str, case: Case, tmp_path: Path) -> None:
    _write(tmp_path, case.files)
    workspace, found = _look(tmp_path, code)
    assert set(case.files) - {"seatrial.toml"} <= workspace.collected.paths
    assert sorted((f.file.as_posix(), f.line, f.code) for f in found) == sorted(case.errors)
    for finding in found:
        if wanted := case.covered.get((finding.file.as_posix(), finding.line)):
            assert _covered(workspace.texts[finding.file.as_posix()], finding) == wanted
    assert {f.file.as_posix() for f in found if f.fix} == set(case.fixed)
    for path, wanted in case.fixed.items():
        edits = [e for f in found if f.file.as_posix() == path and f.fix for e in f.fix.edits]
        assert fixing.apply(case.files[path], edits) == wanted
    if case.fixed and not code.startswith("SEA9"):
        # The engine holds each fix to what it says it changes, and leaves out what lies.
        outcome = run(Request(tmp_path, Config(), Selection(), mend=True), [RULES[code]])
        assert outcome.report.kept == ()
        assert outcome.fixed.after == case.fixed
    if case.fixed:
        _write(tmp_path, case.fixed)
        _, left = _look(tmp_path, code)
        assert not any(finding.fix for finding in left)


def _covered(text: str, finding: Finding) -> str:
    line = text.split("\n")[finding.line - 1]
    end = finding.end_column - 1 if finding.end_line == finding.line else len(line)
    return line[finding.column - 1 : end]


# The rule for rules that break finds something only where one is broken.
@pytest.mark.parametrize("code", [code for code in RULES if code != "SEA900"])
def test_every_rule_has_a_bad_and_a_good_case(code: str) -> None:
    cases = read_cases((HERE / f"{code}.md").read_text())
    assert [case for case in cases if case.errors], f"{code}.md has no bad case"
    assert [case for case in cases if not case.errors], f"{code}.md has no good case"
