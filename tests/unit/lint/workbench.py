"""A small repository on disk, and lint over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.discover import load_config
from seatrial.lint import fixing
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.model import Category, Finding, Hit, Rule, Severity
from seatrial.lint.registry import all_rules
from seatrial.lint.run import Outcome, Request, run
from seatrial.lint.selection import selection

PRIVILEGED = "services:\n  agent:\n    image: example/agent:1.4\n    privileged: true\n"
PROBE = "SEA303"


def rule(
    check: Callable[[ComposeDocument], Iterable[Hit]], code: str = "SEA299"
) -> Rule[ComposeDocument]:
    """Return a rule over compose files that no registry knows."""
    return Rule(
        code, "made-up", Severity.WARNING, Category.RUNTIME, "mend it", ComposeDocument, check
    )


@dataclass(frozen=True)
class Bench:
    """A repository in ``root``."""

    root: Path

    def lay(self, files: Mapping[str, str | bytes]) -> Bench:
        """Write files, bytes as they are."""
        for path, content in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode()
            (self.root / path).write_bytes(data)
        return self

    def lint(
        self,
        *given: str,
        rules: Sequence[Rule[Any]] | None = None,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        baseline: str = "",
        mend: bool = False,
    ) -> Outcome:
        """Look, and with ``mend`` write what is mended."""
        rules = all_rules() if rules is None else rules
        config = load_config(self.root)
        request = Request(
            self.root,
            config,
            selection(config.lint, select, ignore, rules),
            tuple(self.root / path for path in given),
            self.root / baseline if baseline else None,
            mend,
        )
        outcome = run(request, rules)
        if mend:
            fixing.save(outcome.workspace, outcome.fixed)
        return outcome

    def found(self, *given: str, **options: Any) -> list[str]:
        """Return what stands, as ``file:line code``."""
        return [shown(each) for each in self.lint(*given, **options).report.findings]


def shown(finding: Finding) -> str:
    """Return a finding in a word or two."""
    return f"{finding.file.as_posix()}:{finding.line} {finding.code}"
