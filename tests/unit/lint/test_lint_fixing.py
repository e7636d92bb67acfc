"""Mending: what is certain, and nothing else."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator

import pytest

from seatrial.composefile.reading import parse
from seatrial.composefile.tree import MapNode
from seatrial.discover import load_config
from seatrial.errors import EnvironmentFailure
from seatrial.lint import edits, fixing
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.model import Edit, Fix, Hit, Span
from seatrial.lint.run import Request, run
from seatrial.lint.selection import Selection
from tests.unit.lint.workbench import Bench, rule

FILE = "compose.yml"
TEXT = "services:\n  a:\n    image: one  # the first\n    tty: true\n"


def replacing(
    old: str, new: str, *changes: tuple[str, ...]
) -> Callable[[ComposeDocument], Iterator[Hit]]:
    """Return a check that finds the text ``old`` and puts ``new`` in its place."""

    def check(document: ComposeDocument) -> Iterator[Hit]:
        at = document.text.find(old)
        if at >= 0:
            span = Span(at, at + len(old))
            yield Hit(span, old, fix=Fix((Edit(span, new),), changes))

    return check


IMAGE = ("services", "a", "image")


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("one", "two", ()),
        ("one", "two", (("services", "a", "tty"),)),
        ("one  # the first\n    tty: true", "two", (IMAGE,)),
        ("one", "[", (IMAGE,)),
        ("one", "one\n    tty: false", (IMAGE,)),
        ("one", "two\n    init: true", (IMAGE,)),
        ("true", '"true"', (IMAGE,)),
        ("image: one", "tty: false", (IMAGE,)),
    ],
)
def test_a_fix_that_changes_more_than_it_says_is_left_out_and_told(
    bench: Bench, old: str, new: str, changes: tuple[tuple[str, ...], ...]
) -> None:
    bench.lay({FILE: TEXT})
    report = bench.lint(rules=[rule(replacing(old, new, *changes))], mend=True).report
    assert (bench.root / FILE).read_text() == TEXT
    assert (report.fixed, len(report.findings)) == (0, 1)
    (kept,) = report.kept
    assert kept.startswith("compose.yml:")
    assert "SEA299 is not mended" in kept


def test_a_fix_that_holds_is_made_beside_one_that_does_not(bench: Bench) -> None:
    bench.lay({FILE: TEXT})
    rules = [
        rule(replacing("one", "two", IMAGE)),
        rule(replacing("true", "false", IMAGE), "SEA298"),
    ]
    report = bench.lint(rules=rules, mend=True).report
    assert (bench.root / FILE).read_text() == TEXT.replace("one", "two")
    assert (report.fixed, len(report.kept)) == (1, 1)
    assert [found.code for found in report.findings] == ["SEA298"]


def test_fixes_that_lie_over_each_other_are_made_one_after_the_other(bench: Bench) -> None:
    bench.lay({FILE: TEXT})
    rules = [
        rule(replacing("image: one", "image: two", IMAGE)),
        rule(replacing("one", "three", IMAGE), "SEA298"),
        rule(replacing("two", "three", IMAGE), "SEA297"),
    ]
    outcome = bench.lint(rules=rules, mend=True)
    assert "image: three  # the first" in (bench.root / FILE).read_text()
    assert outcome.report.findings == ()
    assert bench.lint(rules=rules, mend=True).report.fixed == 0


def test_rules_that_mend_against_each_other_come_to_an_end(bench: Bench) -> None:
    bench.lay({FILE: TEXT})
    rules = [
        rule(replacing("one", "two", IMAGE)),
        rule(replacing("two", "one", IMAGE), "SEA298"),
    ]
    assert bench.lint(rules=rules, mend=True).report.fixed == 10


def test_an_anchor_changes_all_that_use_it_so_the_fix_is_left_out(bench: Bench) -> None:
    text = "x-a: &a {image: one}\nservices:\n  a: *a\n  b: *a\n"
    bench.lay({FILE: text})
    first = bench.lint(rules=[rule(replacing("one", "two", ("x-a", "image")))], mend=True)
    assert (first.report.fixed, (bench.root / FILE).read_text()) == (0, text)
    every = (("x-a", "image"), IMAGE, ("services", "b", "image"))
    assert bench.lint(rules=[rule(replacing("one", "two", *every))], mend=True).report.fixed == 1


def test_nothing_is_written_unless_it_is_asked_for(bench: Bench) -> None:
    bench.lay({FILE: TEXT})
    report = bench.lint(rules=[rule(replacing("one", "two", IMAGE))]).report
    assert report.findings[0].fix is not None
    assert (bench.root / FILE).read_text() == TEXT


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o744, 0o664])
def test_the_mode_stays_and_a_link_stays_a_link(bench: Bench, mode: int) -> None:
    bench.lay({"real/one.txt": TEXT})
    real = bench.root / "real/one.txt"
    real.chmod(mode)
    (bench.root / FILE).symlink_to("real/one.txt")
    bench.lint(rules=[rule(replacing("one", "two", IMAGE))], mend=True)
    assert (bench.root / FILE).is_symlink()
    assert real.read_text() == TEXT.replace("one", "two")
    assert stat.S_IMODE(real.stat().st_mode) == mode
    assert {path.name for path in bench.root.rglob("*")} == {"real", "one.txt", FILE}


def test_a_link_out_of_the_repository_is_not_followed_to_write(bench: Bench) -> None:
    bench.lay({"../elsewhere.yml": TEXT})
    (bench.root / FILE).symlink_to("../elsewhere.yml")
    report = bench.lint(rules=[rule(replacing("one", "two", IMAGE))], mend=True).report
    assert (bench.root.parent / "elsewhere.yml").read_text() == TEXT
    assert len(report.findings) == 1
    assert "a link out of the repository" in report.kept[0]


def test_two_names_of_one_file_are_mended_once(bench: Bench) -> None:
    bench.lay({"a/compose.yml": TEXT})
    (bench.root / "b").mkdir()
    (bench.root / "b/compose.yml").symlink_to("../a/compose.yml")
    assert bench.lint(rules=[rule(replacing("one", "two", IMAGE))], mend=True).report.fixed == 2
    assert (bench.root / "a/compose.yml").read_text() == TEXT.replace("one", "two")


def test_a_file_that_changed_meanwhile_is_left_alone(bench: Bench) -> None:
    bench.lay({FILE: TEXT, "other/compose.yml": TEXT})
    root = bench.root
    config = load_config(root)
    rules = [rule(replacing("one", "two", IMAGE))]
    outcome = run(Request(root, config, Selection(), mend=True), rules)
    bench.lay({FILE: TEXT + "# saved by an editor\n"})
    with pytest.raises(EnvironmentFailure, match="changed while lint looked at it"):
        fixing.save(outcome.workspace, outcome.fixed)
    assert (root / FILE).read_text() == TEXT + "# saved by an editor\n"
    assert (root / "other/compose.yml").read_text() == TEXT.replace("one", "two")


def test_a_silenced_finding_is_not_mended(bench: Bench) -> None:
    text = TEXT.replace("the first", "seatrial: ignore SEA299 -- it is meant so")
    bench.lay({FILE: text})
    bench.lint(rules=[rule(replacing("one", "two", IMAGE))], mend=True)
    assert (bench.root / FILE).read_text() == text


def section(text: str, *path: str) -> MapNode:
    from pathlib import Path

    (node,) = parse(text, Path(FILE))
    for key in path:
        inner = node.items[key]
        assert isinstance(inner, MapNode)
        node = inner
    return node


def made(text: str, edit: Edit | None) -> str | None:
    if edit is None:
        return None
    return text[: edit.span.start] + edit.text + text[edit.span.end :]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a:\n  k: v\n", "a:\n  k: v\n  new: 1\n"),
        ("a:\n  k: v", "a:\n  k: v\n  new: 1"),
        ("a:\r\n  k: v\r\n", "a:\r\n  k: v\r\n  new: 1\r\n"),
        ("a:\n  k: v # why\n  z: 1\n", "a:\n  k: v # why\n  new: 1\n  z: 1\n"),
        ("a:\n  k:\n    - 1 # why\n\n# b is\nb: 1\n", None),
        ("a:\n  k:\n  z: 1\n", "a:\n  k:\n  new: 1\n  z: 1\n"),
        ("a:\n  k: |\n    text\n  z: 1\n", "a:\n  k: |\n    text\n  new: 1\n  z: 1\n"),
        ("x: &x 1\na:\n  k: *x # why\n  z: 1\n", "x: &x 1\na:\n  k: *x # why\n  new: 1\n  z: 1\n"),
        ("a:\n  k: {b: 1,\n    c: 2} # w\n", "a:\n  k: {b: 1,\n    c: 2} # w\n  new: 1\n"),
    ],
)
def test_a_line_is_put_below_an_entry_before_what_follows(text: str, after: str | None) -> None:
    if after is None:
        after = text.replace("why\n", "why\n  new: 1\n")
    assert made(text, edits.insert_after(text, section(text, "a"), "k", "new: 1")) == after


@pytest.mark.parametrize(
    "text", ["a: {k: v}\n", "x: &x {k: v}\na:\n  <<: *x\n  z: 1\n", "a:\n  z: 1\n"]
)
def test_where_a_line_goes_is_not_guessed(text: str) -> None:
    assert edits.insert_after(text, section(text, "a"), "k", "new: 1") is None


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a:\n  # why\n  k: v\n  z: 1\n", "a:\n  # why\n  z: 1\n"),
        ("a:\n  k: v # why\n  z: 1\n", None),
        ("a:\n  z: 1\n  k:\n    - 1\n\nb: 1\n", "a:\n  z: 1\n\nb: 1\n"),
        ("a:\n  k: v\n", None),
        ("a: {k: v, z: 1}\n", None),
        ("a:\n  k: &x v\n  z: *x\n", None),
    ],
)
def test_an_entry_is_taken_out_with_its_lines(text: str, after: str | None) -> None:
    assert made(text, edits.remove_entry(text, section(text, "a"), "k")) == after
