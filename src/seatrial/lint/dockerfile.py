"""A Dockerfile's text to its instructions, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import Instruction
from seatrial.lint.model import Span

_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)\s*", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\s*\w+\s*=.*")
# At the beginning of a word, as BuildKit has it: not in `$((1<<n))` and not in `<<<text`.
_HEREDOC = re.compile(r"(?:^|(?<=\s))\d*<<-?([\"']?)([A-Za-z_]\w*)\1(?![\w<])")
_WORD = re.compile(r"\s*(\w+)(?:\s+|$)")


def instructions(text: str) -> tuple[Instruction, ...]:
    """Return the instructions of a Dockerfile in order.

    ``word`` is in capitals, ``value`` has continuation lines joined by a space and comments taken
    out; here-documents follow it, lines kept. ``stage`` counts ``FROM``s from 0, and is -1 before
    the first. ``ONBUILD X`` is an instruction ``ONBUILD``.
    """
    found: list[Instruction] = []
    stage = -1
    for word, value, span in _parts(text):
        stage += word == "FROM"
        found.append(Instruction(word, value, span, stage))
    return tuple(found)


def _parts(text: str) -> Iterator[tuple[str, str, Span]]:
    escape = _escape(text)
    lines = iter(_lines(text))
    for begin, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pieces, end = [], begin + len(line.rstrip())
        current = line.rstrip()
        while current.endswith(escape):
            pieces.append(current[:-1].strip())
            follow = _continuation(lines)
            if follow is None:
                current = ""
                break
            end, current = follow[0] + len(follow[1].rstrip()), follow[1].rstrip()
        pieces.append(current.strip())
        value = " ".join(piece for piece in pieces if piece)
        word = _WORD.match(value)
        if word is None:
            continue
        whole = [value[word.end() :]]
        if word[1].upper() in ("RUN", "COPY", "ADD"):
            for name in [found[2] for found in _HEREDOC.finditer(value)]:
                for at, inner in lines:
                    whole.append(inner)
                    end = at + len(inner)
                    if inner.strip() == name:
                        break
        start = begin + len(line) - len(line.lstrip())
        yield word[1].upper(), "\n".join(whole), Span(start, end)


def _continuation(lines: Iterator[tuple[int, str]]) -> tuple[int, str] | None:
    """Return the next line that is no comment and not blank: those do not end an instruction."""
    for begin, line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            return begin, line
    return None


def _escape(text: str) -> str:
    for _, line in _lines(text):
        if found := _ESCAPE.fullmatch(line.strip()):
            return found[1] if found[1] in ("\\", "`") else "\\"
        if not _DIRECTIVE.fullmatch(line.strip()):
            break
    return "\\"


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        yield at, line.removesuffix("\r")
        at += len(line) + 1
