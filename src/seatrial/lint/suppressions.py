"""Comments that silence a rule at a line or in a file: ``# seatrial: ignore SEA101 -- reason``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seatrial.lint.model import Edit, Finding, Fix, Hit, Rule, Span
from seatrial.lint.positions import Lines
from seatrial.lint.selection import is_foreign, nearest

_COMMENT = re.compile(
    r"(?:^|(?<=\s))(?:#|//)[ \t]*seatrial:[ \t]*ignore(?P<file>-file)?\b[ \t:]*(?P<rest>[^\r\n]*)",
    re.MULTILINE,
)
_COMMENT_LINE = re.compile(r"\s*(?:#|//)")
_SEPARATOR = re.compile(r"[\s,]+")


@dataclass
class Suppression:
    """One comment: the rules it names, its reason, and the line it speaks of (0: the file).

    ``used`` collects the codes that it silenced.
    """

    span: Span
    codes: tuple[str, ...]
    reason: str
    line: int
    used: set[str] = field(default_factory=set)

    def silences(self, finding: Finding) -> bool:
        """Return whether the comment speaks of ``finding``."""
        return finding.code in self.codes and self.line in (0, finding.line)


def read(text: str) -> list[Suppression]:
    """Return the comments of ``text`` that silence rules, in order."""
    if "seatrial:" not in text:
        return []
    lines = Lines(text)
    spoken_of: dict[int, int] = {}
    found = []
    for comment in _COMMENT.finditer(text):
        codes, _, reason = comment["rest"].partition("--")
        number, column = lines.position(comment.start())
        if comment["file"]:
            target = 0
        elif lines.text(number)[: column - 1].strip():
            target = number
        else:
            target = _next_line(lines, number, spoken_of)
        words = tuple(word for word in _SEPARATOR.split(codes.strip()) if word)
        span = Span(comment.start(), comment.end())
        found.append(Suppression(span, words, reason.strip(), target))
    return found


def silence(
    findings: Iterable[Finding], comments: Sequence[Suppression]
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that stand, and those that a comment silences, with its reason."""
    standing, silenced = [], []
    for finding in findings:
        comment = next((c for c in comments if c.silences(finding)), None)
        if comment is None:
            standing.append(finding)
            continue
        comment.used.add(finding.code)
        silenced.append(replace(finding, suppressed=comment.reason or "without a reason"))
    return standing, silenced


def without_reason(comment: Suppression, rules: Sequence[Rule[Any]]) -> Iterator[Hit]:
    """Yield what is wrong with how a comment is written."""
    if not comment.codes:
        yield Hit(comment.span, "this comment names no rule, so it silences none")
        return
    known = {rule.code for rule in rules}
    for code in comment.codes:
        if code not in known and not is_foreign(code):
            mend = nearest(code, rules)
            yield Hit(comment.span, f"no rule is called {code}, so nothing is silenced", mend)
    if not comment.reason and any(code in known or is_foreign(code) for code in comment.codes):
        yield Hit(comment.span, f"no reason is given for ignoring {', '.join(comment.codes)}")


def unused(comment: Suppression, text: str, looked: Iterable[str]) -> Iterator[Hit]:
    """Yield a hit where a comment names rules that ``looked`` and found nothing there."""
    idle = [c for c in comment.codes if c in set(looked) and c not in comment.used]
    if not idle:
        return
    left = [code for code in comment.codes if code not in idle]
    edit = _rewritten(comment, text, left) if left else _removed(comment, text)
    where = "in this file" if comment.line == 0 else "here"
    what = f"{' and '.join(idle)} {'finds' if len(idle) == 1 else 'find'} nothing {where}"
    yield Hit(comment.span, what, fix=Fix((edit,), ()))


def _next_line(lines: Lines, number: int, known: dict[int, int]) -> int:
    """Return the first line after ``number`` that is more than a comment.

    ``known`` remembers it for each comment on the way, so that many are read in one pass.
    """
    passed = []
    while number not in known:
        passed.append(number)
        number += 1
        text = lines.text(number)
        if number >= lines.count or not text.strip() or not _COMMENT_LINE.match(text):
            known[number] = number
    known.update((each, known[number]) for each in passed)
    return known[number]


def _removed(comment: Suppression, text: str) -> Edit:
    start, end = comment.span.start, comment.span.end
    begin = text.rfind("\n", 0, start) + 1
    if text[begin:start].strip():
        return Edit(Span(len(text[:start].rstrip(" \t")), end), "")
    following = text.find("\n", end)
    return Edit(Span(begin, len(text) if following < 0 else following + 1), "")


def _rewritten(comment: Suppression, text: str, codes: Sequence[str]) -> Edit:
    own = text[comment.span.start : comment.span.end]
    listed, dashes, reason = own.partition("--")
    head = listed[: listed.index(comment.codes[0])]
    tail = f" {dashes}{reason}" if dashes else ""
    return Edit(comment.span, f"{head}{', '.join(codes)}{tail}")
