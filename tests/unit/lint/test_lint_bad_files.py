"""Files that cannot be read: one finding each, and the others are looked at all the same."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.kinds import LARGEST
from seatrial.lint.model import Hit
from seatrial.lint.registry import all_rules
from tests.unit.lint.workbench import PRIVILEGED, PROBE, Bench, rule, shown

BAD = "bad/compose.yml"
GOOD = "good/compose.yml"
BOMB = "a0: &a0 x\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("services:\n  a:\n    image: x\n    image: y\n", 4, "already on line 3"),
        ("services:\n  a:\n\timage: x\n", 3, "broken YAML"),
        ("services: {a: [}\n", 1, "broken YAML"),
        (b"services:\n  a:\n    image: \xff\n", 3, "not UTF-8"),
        ("services:\n  a:\n    image: \x00\n", 3, "broken YAML"),
        ("", 1, "empty"),
        ("# nothing\n", 1, "empty"),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("just words\n", 1, "must be a mapping"),
        ("swagger: 2\npaths: {}\n", 1, "no compose file"),
        ("services:\n" + BOMB, None, "more than"),
        ("services: " + "[" * 200 + "]" * 200 + "\n", 1, "nested deeper"),
        ("services:\n<<<<<<< HEAD\n  a: {}\n=======\n  b: {}\n>>>>>>> x\n", 2, "conflict"),
        ("services:\n" + "#" * LARGEST, 1, "larger than 1 MiB"),
        ("services: {a: *nobody}\n", 1, "has no anchor"),
        ("services: {1: {image: x}}\n", 1, "a key must be a string"),
    ],
)
def test_a_bad_file_is_one_finding_and_the_others_are_looked_at(
    bench: Bench, content: str | bytes, line: int | None, words: str
) -> None:
    bench.lay({BAD: content, GOOD: PRIVILEGED})
    report = bench.lint(select=[PROBE], mend=True).report
    assert [shown(found) for found in report.findings][-1] == f"{GOOD}:4 {PROBE}"
    (bad,) = [found for found in report.findings if found.file.as_posix() == BAD]
    assert (bad.code, bad.severity) == ("SEA901", "error")
    assert words in bad.what
    assert line in (None, bad.line)
    data = content if isinstance(content, bytes) else content.encode()
    assert (bench.root / BAD).read_bytes() == data


@pytest.mark.parametrize("name", ["Dockerfile", "Makefile", ".github/workflows/ci.yml"])
def test_other_kinds_of_files_are_no_worse(bench: Bench, name: str) -> None:
    for content in (b"\xff\xfe", b"\x00", b"", b"FROM", b"FROM a AS\r\nRUN <<EOF\n", b"a:\n\t- b"):
        bench.lay({name: content, GOOD: PRIVILEGED})
        found = bench.found()
        assert f"{GOOD}:4 {PROBE}" in found
        assert not [each for each in found if "SEA900" in each]


def test_what_is_no_regular_file_is_said_and_not_waited_for(bench: Bench) -> None:
    bench.lay({GOOD: PRIVILEGED})
    (bench.root / "bad").mkdir()
    os.mkfifo(bench.root / BAD)
    (bench.root / "compose.yml").symlink_to("nowhere.yml")
    found = bench.found(select=[PROBE])
    assert found == [f"{BAD}:1 SEA901", "compose.yml:1 SEA901", f"{GOOD}:4 {PROBE}"]


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_endings_and_a_byte_order_mark_stay(bench: Bench, ending: str, mark: bytes) -> None:
    lines = ["services:", "  db:", "    healthcheck:", "      test: [CMD, a]"]
    before = ending.join([*lines, "      start_interval: 1s  # schnell", ""])
    bench.lay({GOOD: mark + before.encode()})
    assert bench.found(select=["SEA201"], mend=True) == []
    after = ending.join(
        [*lines, "      start_interval: 1s  # schnell", "      start_period: 30s", ""]
    )
    assert (bench.root / GOOD).read_bytes() == mark + after.encode()


def test_what_keeps_discovery_from_a_service_keeps_lint_from_nothing_else(bench: Bench) -> None:
    bench.lay(
        {
            "services/web/package.json": "{broken",
            "services/api/pyproject.toml": "",
            "services/api/tests/unit/test_a.py": "def test_a(): pass\n",
            GOOD: PRIVILEGED,
        }
    )
    outcome = bench.lint(select=[PROBE])
    found = [shown(each) for each in outcome.report.findings]
    assert found == [f"{GOOD}:4 {PROBE}", "services/web/package.json:1 SEA901"]
    assert outcome.workspace.collected.stages == {"services/api/tests/unit/test_a.py": "unit"}


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_told(bench: Bench) -> None:
    bench.lay({BAD: PRIVILEGED, GOOD: PRIVILEGED})
    (bench.root / BAD).chmod(0)
    assert bench.found(select=[PROBE]) == [f"{BAD}:1 SEA901", f"{GOOD}:4 {PROBE}"]


def test_names_that_are_no_utf8_are_borne(bench: Bench) -> None:
    folder = os.fsdecode(b"\xff")
    bench.lay({f"{folder}/compose.yml": PRIVILEGED, GOOD: PRIVILEGED})
    assert len(bench.found(select=[PROBE], mend=True)) == 2


def test_a_rule_that_breaks_is_our_fault_and_ends_nothing(bench: Bench) -> None:
    def breaks(document: ComposeDocument) -> Iterator[Hit]:
        yield from ()
        raise KeyError("secret-value")

    bench.lay({GOOD: PRIVILEGED})
    report = bench.lint(rules=[*all_rules(), rule(breaks)], select=[PROBE, "SEA299"]).report
    assert [shown(found) for found in report.findings] == [f"{GOOD}:1 SEA900", f"{GOOD}:4 {PROBE}"]
    said = report.findings[0].what
    assert said.startswith("SEA299 broke here: KeyError at test_lint_bad_files.py:")
    assert "secret" not in said
    assert "report it" in report.findings[0].mend
