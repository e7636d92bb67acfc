"""One run: collect, look, silence, mend, and the report of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from seatrial.config import Config
from seatrial.lint import baseline as baselines
from seatrial.lint import fixing, suppressions
from seatrial.lint.collecting import collect
from seatrial.lint.engine import examine, finding, order
from seatrial.lint.kinds import Kind
from seatrial.lint.model import Finding, Report, Rule
from seatrial.lint.positions import Lines
from seatrial.lint.selection import Selection, as_rule
from seatrial.lint.workspace import Workspace

_REASON = "SEA902"
_UNUSED = "SEA903"

Beside: TypeAlias = Callable[[Mapping[str, str]], list[Finding]]


@dataclass(frozen=True)
class Request:
    """What is asked: ``given`` paths are absolute; ``baseline`` is a file, absolute too.

    ``beside`` is another program that looks at Dockerfiles, given as texts by path.
    """

    root: Path
    config: Config
    selection: Selection
    given: tuple[Path, ...] = ()
    baseline: Path | None = None
    mend: bool = False
    beside: Beside | None = None


@dataclass(frozen=True)
class Outcome:
    """A report, the texts before and after by path, and what saves them."""

    report: Report
    workspace: Workspace
    fixed: fixing.Fixed


class Run:
    """The looking of one run, as often as mending needs it."""

    def __init__(self, request: Request, rules: Sequence[Rule[Any]]) -> None:
        self._all = rules
        self._selection = request.selection
        self._beside = request.beside
        self._rules = request.selection.rules(rules)
        self._by_code = {rule.code: rule for rule in self._rules}
        self._known = baselines.read(request.baseline) if request.baseline else Counter()
        self._needless: Counter[baselines.Known] = Counter()
        self.workspace = Workspace(collect(request.root, request.config, request.given))

    def look(self) -> tuple[list[Finding], list[Finding]]:
        """Return the findings that stand and those that are silenced."""
        standing, silenced = self._commented(self._asked(self._found()))
        texts = self.workspace.texts
        standing, known, self._needless = baselines.known(standing, texts, self._known)
        return sorted(standing, key=order), sorted([*silenced, *known], key=order)

    def report(self, fixed: fixing.Fixed) -> Report:
        """Return what this run has to say after mending."""
        standing, silenced = self.look()
        collected, texts = self.workspace.collected, self.workspace.texts
        looked = [kind for path, kind in collected.kinds.items() if self._is_given(path)]
        files = {finding.file.as_posix() for finding in (*standing, *silenced)}
        return Report(
            collected.root,
            tuple(standing),
            tuple(silenced),
            {path: texts[path] for path in sorted(files) if path in texts},
            {str(kind): count for kind, count in sorted(Counter(looked).items())},
            fixed.count,
            tuple(fixed.kept),
            (*self._not_looked_at(), *self._needless_lines()),
        )

    def _found(self) -> Iterable[Finding]:
        yield from examine(self.workspace, self._rules)
        if self._beside is None:
            return
        kinds, texts = self.workspace.collected.kinds, self.workspace.texts
        chosen = [path for path in self.workspace if kinds.get(path) is Kind.DOCKERFILE]
        given = {path: texts[path] for path in chosen if self._is_given(path)}
        found = self._beside(given) if given else []
        yield from (each for each in found if self._selection.selects(as_rule(each)))

    def _asked(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return what is in a given path and not left out there."""
        return [f for f in findings if self._is_given(f.file.as_posix()) and self._looks(f)]

    def _looks(self, found: Finding) -> bool:
        rule = self._by_code.get(found.code) or as_rule(found)
        return self._selection.looks_at(rule, found.file.as_posix())

    def _is_given(self, path: str) -> bool:
        given = self.workspace.collected.given
        return given is None or path in given

    def _commented(self, findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
        standing: list[Finding] = []
        silenced: list[Finding] = []
        by_file: dict[str, list[Finding]] = {p: [] for p in self.workspace if self._is_given(p)}
        for found in findings:
            by_file.setdefault(found.file.as_posix(), []).append(found)
        for path, own in by_file.items():
            text = self.workspace.texts.get(path, "")
            comments = suppressions.read(text)
            stays, goes = suppressions.silence(own, comments)
            standing += stays
            silenced += goes
            # In a broken file no rule looked, so no comment is judged.
            if comments and path in self.workspace:
                standing += self._asked(self._about_comments(path, text, comments))
        return standing, silenced

    def _about_comments(
        self, path: str, text: str, comments: Sequence[suppressions.Suppression]
    ) -> Iterable[Finding]:
        lines = Lines(text)
        looked = [r.code for r in self._rules if self._selection.looks_at(r, path)]
        for comment in comments:
            if rule := self._by_code.get(_REASON):
                for hit in suppressions.without_reason(comment, self._all):
                    yield finding(rule, hit, path, lines)
            if rule := self._by_code.get(_UNUSED):
                for hit in suppressions.unused(comment, text, looked):
                    yield finding(rule, hit, path, lines)

    def _not_looked_at(self) -> list[str]:
        collected = self.workspace.collected
        strange = [path for path in collected.named if path not in collected.kinds]
        return [f"{path}: lint has no rules for such a file" for path in strange]

    def _needless_lines(self) -> list[str]:
        return [
            f"{known.file}: {count} of {known.code} in the baseline no longer needed"
            for known, count in sorted(self._needless.items())
            if self._is_given(known.file)
        ]


def run(request: Request, rules: Sequence[Rule[Any]]) -> Outcome:
    """Return what ``rules`` find, and what mending would make of the files.

    Raises ``UsageError`` and ``ConfigError`` for what is asked wrongly; a broken file is a finding.
    """
    work = Run(request, rules)
    fixed = fixing.Fixed()
    if request.mend:
        fixed = fixing.mend(work.workspace, lambda: work.look()[0])
    return Outcome(work.report(fixed), work.workspace, fixed)
