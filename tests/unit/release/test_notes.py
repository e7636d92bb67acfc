"""Notes of a release."""

from __future__ import annotations

import pytest

from seatrial.host.commits import Commit
from seatrial.release.notes import notes, plain
from seatrial.release.version import parse_tag

DAY = "2026-03-01"


def written(*subjects: str, body: str = "", previous: str | None = "v1.0.0") -> list[str]:
    commits = [Commit(f"{n:040x}", subject, body) for n, subject in enumerate(subjects, 1)]
    before = parse_tag(previous) if previous else None
    return notes(parse_tag("v1.1.0"), before, commits, DAY).splitlines()


def test_commits_without_prefixes_are_one_list() -> None:
    assert written("Let it float", "Mend the keel") == [
        "# v1.1.0 (2026-03-01)",
        "",
        "Since v1.0.0:",
        "",
        "## Changes",
        "",
        "- Let it float (000000000000)",
        "- Mend the keel (000000000000)",
    ]


def test_prefixes_of_conventional_commits_make_groups() -> None:
    lines = written("fix(hull): a leak", "feat: a mast", "chore: oil", "feat!: new rudder")
    titles = [line for line in lines if line.startswith("## ")]
    assert titles == [
        "## Changed so that something must be done",
        "## Added",
        "## Fixed",
        "## Other changes",
    ]
    assert "- hull: a leak (000000000000)" in lines
    assert "- chore: oil (000000000000)" in lines


def test_a_breaking_change_is_told_by_the_body_too() -> None:
    lines = written("fix: a leak", body="Why.\n\nBREAKING CHANGE: mend the pump")
    assert "## Changed so that something must be done" in lines


def test_the_first_release_has_none_before() -> None:
    assert written("Begin", previous=None)[2] == "The first release."


def test_a_clone_without_history_does_not_call_it_the_first() -> None:
    text = notes(parse_tag("v1.1.0"), None, [], DAY, shallow=True)
    assert "The first release" not in text
    assert "The history was cut" in text


def test_no_commit_is_said() -> None:
    assert written()[-1] == "No commit."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
        ("[click](http://evil)", r"\[click\](http://evil)"),
        ("`id` **b** @all #1", r"\`id\` \*\*b\*\* \@all \#1"),
        ("a\x1b[31mred\r\n## Fixed\x00", r"a \[31mred \#\# Fixed"),
        ("&lt;", r"\&lt;"),
        ("- a list", r"\- a list"),
        ("+ a list", r"\+ a list"),
        ("1. a list", r"1\. a list"),
        ("2) a list", r"2\) a list"),
        ("1.5 knots -", "1.5 knots -"),
    ],
)
def test_what_commits_say_stays_text(text: str, shown: str) -> None:
    assert plain(text) == shown
