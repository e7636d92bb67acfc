"""Findings as a person reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.lint.model import Severity
from seatrial.render.lint.agent import agent_lines
from seatrial.render.lint.text import text_lines
from tests.unit.render.lint.reports import FILE, finding, privileged, report, silenced


def test_a_finding_shows_its_place_its_line_a_caret_and_what_to_do() -> None:
    found = report(finding(replaced_by='"5432"'), privileged())
    assert (
        "\n".join(text_lines(found))
        == f"""\
{FILE}  1 error, 1 warning

{FILE}:5:9: error SEA101 fixed-port-in-test (fixable)
  db takes port 5432 of the host
    5 |       - "5432:5432"
      |         ^^^^^^^^^^^
      help: leave the host's port out

{FILE}:6:17: warning SEA303 privileged
  db has all rights over the host
    6 |     privileged: true
      |                 ^^^^
      help: name the capabilities that it needs

1 error, 1 warning in 1 of 3 files; 1 fixable with --fix"""
    )


def test_nothing_found_is_one_line() -> None:
    assert list(text_lines(report())) == ["no findings in 3 files"]


def test_the_last_line_counts_what_was_fixed_and_what_is_suppressed() -> None:
    found = report(suppressed=(silenced(finding(), "the port is the product"),))
    found = replace(found, fixed=2, kept=("a.yml: fixes overlap",), notes=("baseline: 1 unused",))
    assert list(text_lines(found)) == [
        "not fixed: a.yml: fixes overlap",
        "note: baseline: 1 unused",
        "no findings in 3 files; 2 fixed; 1 suppressed",
    ]


def _drawn(text: str, part: str, width: int = 80) -> tuple[str, str]:
    """Return the source line and the caret's line, without the gutter."""
    lines = list(text_lines(report(finding(text, part), text=text), width=width))
    at = next(number for number, line in enumerate(lines) if " | " in line)
    source, caret = lines[at], lines[at + 1]
    return source.partition(" | ")[2], caret.partition(" | ")[2]


@pytest.mark.parametrize(
    ("text", "part", "source", "caret"),
    [
        ("\timage: a", "image", "    image: a", "    ^^^^^"),
        ("名前: 値です", "値", "名前: 値です", "      ^^"),
        ("a: b\r\nc: d\r\n", "d", "c: d", "   ^"),
        ("a:\n  - b\n  - c\n", "a:\n  - b", "a:", "^^ to line 2"),
        ("a: \x1b[31mred", "red", "a: [31mred", "       ^^^"),
    ],
    ids=["tab", "wide characters", "CRLF", "several lines", "an escape sequence"],
)
def test_the_caret_is_below_what_it_means(text: str, part: str, source: str, caret: str) -> None:
    assert _drawn(text, part) == (source, caret)


def test_a_long_line_is_cut_around_the_caret() -> None:
    text = f"command: {'x' * 200} --bad {'y' * 200}"
    source, caret = _drawn(text, "--bad", width=60)
    assert len(source) <= 60
    assert source.startswith("…")
    assert source.endswith("…")
    begin = caret.index("^")
    assert source[begin : begin + caret.count("^")] == "--bad"


def test_an_endless_line_is_shown_at_once() -> None:
    text = "a:" * 1_000_000
    found = replace(finding(text, "a:a"), column=1_999_000, end_column=1_999_003)
    lines = list(text_lines(report(found, text=text)))
    assert all(len(line) <= 80 for line in lines)


def test_a_finding_at_the_end_of_the_text_has_one_caret() -> None:
    one = finding("a: b", "b")
    empty = replace(one, column=5, end_column=5)
    lines = list(text_lines(report(empty, text="a: b")))
    assert lines[4:6] == ["    1 | a: b", "      |     ^"]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("      POSTGRES_PASSWORD: hunter22rose", "      POSTGRES_PASSWORD: ***"),
        ("      - API_KEY=hunter22rose # why", "      - API_KEY=*** # why"),
        ("url: postgres://me:hunter22rose@db/x", "url: postgres://me:***@db/x"),
        ('      - "DB_PASSWORD=hunter22 rose"', '      - "DB_PASSWORD=***"'),
        ("      DB_PASSWORD: hunter22 rose # why", "      DB_PASSWORD: *** # why"),
        ("a: {DB_PASSWORD: hunter22rose, B: c}", "a: {DB_PASSWORD: ***, B: c}"),
        ("DB_PASSWORD: ${DB_PASSWORD:-hunter22rose}", "DB_PASSWORD: ${DB_PASSWORD:-***}"),
        ("environment: DB_PASSWORD=hunter22rose", "environment: DB_PASSWORD=***"),
        ("ENV DB_PASSWORD hunter22rose", "ENV DB_PASSWORD ***"),
        ("ENV DB_PASSWORD=hunter22rose", "ENV DB_PASSWORD=***"),
        ("      DB_PASSWORD: ${DB_PASSWORD}", "      DB_PASSWORD: ${DB_PASSWORD}"),
        ("      DB_PASSWORD_FILE: /run/secrets/db", "      DB_PASSWORD_FILE: /run/secrets/db"),
    ],
)
def test_a_secret_in_the_source_is_not_printed(text: str, source: str) -> None:
    part = text.strip().split()[-1]
    shown, caret = _drawn(text, part)
    assert shown == source
    assert "hunter22" not in "".join(agent_lines(report(finding(text, part), text=text)))
    assert len(caret) <= len(shown)


def test_a_file_whose_text_cannot_be_had_shows_no_source() -> None:
    found = replace(report(finding()), sources={})
    assert not any(" | " in line for line in text_lines(found))


def test_colour_only_where_it_is_asked_for() -> None:
    found = report(finding())
    assert "\x1b" not in "".join(text_lines(found))
    coloured = "\n".join(text_lines(found, colour=True))
    assert "\x1b[31merror SEA101\x1b[0m" in coloured


def test_an_agent_reads_a_line_each_and_a_mend_once() -> None:
    again = finding(what="db takes port 5433 of the host", severity=Severity.ERROR)
    assert list(agent_lines(report(privileged(), finding(), again))) == [
        f"{FILE}:5:9: error SEA101: db takes port 5432 of the host",
        "  help: leave the host's port out",
        f"{FILE}:5:9: error SEA101: db takes port 5433 of the host",
        f"{FILE}:6:17: warning SEA303: db has all rights over the host",
        "  help: name the capabilities that it needs",
        "2 errors, 1 warning in 1 of 3 files",
    ]


def test_an_agent_reads_fifty_of_them_at_most() -> None:
    lines = list(agent_lines(report(*[finding()] * 60)))
    assert lines[-2:] == ["+10 more: seatrial lint --format json", "60 errors in 1 of 3 files"]
    assert sum(FILE in line for line in lines) == 50
