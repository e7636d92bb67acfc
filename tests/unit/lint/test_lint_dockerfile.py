"""Dockerfiles as instructions."""

from __future__ import annotations

import pytest

from seatrial.lint.dockerfile import instructions


def read(text: str) -> list[tuple[str, str]]:
    return [(found.word, found.value) for found in instructions(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM a\n", [("FROM", "a")]),
        ("from a as b", [("FROM", "a as b")]),
        ("# note\n\n  RUN x  \n", [("RUN", "x")]),
        ("RUN a && \\\n    b\nUSER c\n", [("RUN", "a && b"), ("USER", "c")]),
        ("RUN a \\\r\n  b\r\nUSER c\r\n", [("RUN", "a b"), ("USER", "c")]),
        ("RUN a \\\n# why\n\n  b\n", [("RUN", "a b")]),
        ("RUN a \\", [("RUN", "a")]),
        ("# escape=`\nRUN a `\n b\nCOPY c:\\ d\n", [("RUN", "a b"), ("COPY", "c:\\ d")]),
        ("# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\n b", [("RUN", "a b")]),
        ("RUN <<EOF\na\n# b\nEOF\nUSER c", [("RUN", "<<EOF\na\n# b\nEOF"), ("USER", "c")]),
        (
            "RUN cat <<-'X' > f\n\ta\n\tX\nUSER c",
            [("RUN", "cat <<-'X' > f\n\ta\n\tX"), ("USER", "c")],
        ),
        (
            "COPY <<A <<B /d/\n1\nA\n2\nB\nUSER c",
            [("COPY", "<<A <<B /d/\n1\nA\n2\nB"), ("USER", "c")],
        ),
        ("RUN echo $((1<<n))\nUSER c", [("RUN", "echo $((1<<n))"), ("USER", "c")]),
        ("RUN cat <<<text\nUSER c", [("RUN", "cat <<<text"), ("USER", "c")]),
        ("RUN cat <<EOF\na\n", [("RUN", "cat <<EOF\na\n")]),
        ("ONBUILD RUN x", [("ONBUILD", "RUN x")]),
        ("HEALTHCHECK NONE\n???\n", [("HEALTHCHECK", "NONE")]),
        ("", []),
    ],
)
def test_lines_become_instructions(text: str, found: list[tuple[str, str]]) -> None:
    assert read(text) == found


def test_stages_count_from_the_first_from() -> None:
    text = "ARG V=1\nFROM a:$V AS x\nRUN 1\nFROM b\nCOPY --from=x / /\n"
    assert [found.stage for found in instructions(text)] == [-1, 0, 0, 1, 1]


def test_a_span_covers_an_instruction_with_all_its_lines() -> None:
    text = "FROM a\n  RUN b \\\n  # c\n  d  \nUSER e\n"
    assert [text[i.span.start : i.span.end] for i in instructions(text)] == [
        "FROM a",
        "RUN b \\\n  # c\n  d",
        "USER e",
    ]
