"""Which rules look at which files: codes, beginnings of codes, categories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from seatrial.config.model import LintConfig
from seatrial.errors import ConfigError, SeatrialError, UsageError, Where
from seatrial.lint.documents import DockerfileDocument
from seatrial.lint.model import Category, Finding, Rule

_ALL = "SEA"
# The codes of hadolint, and of the shell checks in it.
_FOREIGN = ("DL", "SC")
_FOREIGN_CODE = re.compile(r"(?:DL|SC)\d{0,4}")
# Files that nothing could be looked for in are told of, whichever rules were asked for.
_ALWAYS = ("SEA900", "SEA901")


@dataclass(frozen=True)
class Selection:
    """What looks: ``select`` and ``ignore`` of the whole run, and what does not look at a path."""

    select: tuple[str, ...] = (_ALL,)
    ignore: tuple[str, ...] = ()
    per_path: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rules(self, rules: Iterable[Rule[Any]]) -> tuple[Rule[Any], ...]:
        """Return those of ``rules`` that look at all."""
        return tuple(rule for rule in rules if self.selects(rule))

    def looks_at(self, rule: Rule[Any], path: str) -> bool:
        """Return whether a rule that looks at all looks at ``path`` too."""
        return not any(
            pattern.fullmatch(path) and _weight(rule, words) for pattern, words in self._patterns
        )

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
        return tuple((_glob(path), words) for path, words in self.per_path.items())

    def selects(self, rule: Rule[Any]) -> bool:
        """Return whether a rule looks at all."""
        select = _weight(rule, self.select)
        if rule.code in _ALWAYS:
            select = max(select, len(_ALL))
        return select > _weight(rule, self.ignore)


def selection(
    config: LintConfig,
    select: Sequence[str],
    ignore: Sequence[str],
    rules: Sequence[Rule[Any]],
) -> Selection:
    """Return what the file and the command line say together.

    A ``select`` of the command line takes the place of the file's ``select`` and ``ignore``; an
    ``ignore`` adds to them. Raises ``UsageError`` or ``ConfigError`` for a word that names no rule.
    """
    for word in (*select, *ignore):
        _known(word, rules, None)
    told = (*(config.select or ()), *config.ignore)
    for word in (*told, *(word for words in config.per_path.values() for word in words)):
        _known(word, rules, config.where)
    if select:
        return Selection(tuple(select), tuple(ignore), config.per_path)
    chosen = (_ALL, *_FOREIGN) if config.select is None else config.select
    return Selection(chosen, (*config.ignore, *ignore), config.per_path)


def is_foreign(code: str) -> bool:
    """Return whether ``code`` is of hadolint's, or the beginning of such."""
    return _FOREIGN_CODE.fullmatch(code) is not None


def as_rule(found: Finding) -> Rule[Any]:
    """Return a finding of another program as a rule, which may be selected and left out as ours."""
    return Rule(
        found.code,
        found.name,
        found.severity,
        Category.DOCKERFILE,
        found.mend,
        DockerfileDocument,
        lambda _document: (),
    )


def nearest(code: str, rules: Iterable[Rule[Any]]) -> str:
    """Return a question with the rule that was meant by ``code``, or where to find them."""
    from difflib import get_close_matches

    codes = {rule.code: rule.code for rule in rules}
    names = {rule.name: rule.code for rule in rules}
    for word, known in (
        (code.upper(), codes),
        (code.lower(), {str(category): str(category) for category in Category}),
        (code.lower(), names),
    ):
        if near := get_close_matches(word, known, 1, 0.6):
            return f"did you mean {known[near[0]]}?"
    return "`seatrial lint --list` lists all rules"


def _known(word: str, rules: Sequence[Rule[Any]], where: Where | None) -> None:
    if is_foreign(word) or any(_weight(rule, (word,)) for rule in rules):
        return
    if word in list(Category):
        return
    kind: type[SeatrialError] = ConfigError if where else UsageError
    raise kind(f"no rule is called {word!r}", where=where, mend=nearest(word, rules))


def _weight(rule: Rule[Any], words: Iterable[str]) -> int:
    """Return how exactly the best of ``words`` names a rule: 0 not at all, a whole code most."""
    fits = [len(word) for word in words if word[:1].isupper() and rule.code.startswith(word)]
    if rule.category in words:
        fits.append(len(_ALL) + 1)
    return max(fits, default=0)


def _glob(pattern: str) -> re.Pattern[str]:
    """Return a path's pattern: ``*`` and ``?`` stay in a folder, ``**`` does not."""
    pieces = []
    for part in re.split(r"(\*\*/?|\*|\?)", pattern.removeprefix("./").rstrip("/")):
        known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        pieces.append(known.get(part) or re.escape(part))
    return re.compile("".join(pieces) + "(?:/.*)?")
