"""Rules over documents: the hits of each, as findings with lines and columns, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seatrial.errors import ConfigError
from seatrial.lint.documents import Document, RepositoryDocument
from seatrial.lint.model import Finding, Hit, Rule
from seatrial.lint.positions import Lines
from seatrial.lint.workspace import Workspace


def examine(workspace: Workspace, rules: Sequence[Rule[Any]]) -> list[Finding]:
    """Return what ``rules`` find in all documents, in the order of file, line, column and code."""
    found: list[Finding] = []
    for path in workspace:
        try:
            document = workspace.complete(path)
        except ConfigError:
            continue
        found += _in_document(document, rules, workspace)
    whole = repository_document(workspace)
    if whole is not None:
        found += _in_document(whole, rules, workspace)
    return sorted(found, key=order)


def order(finding: Finding) -> tuple[str, int, int, str, str]:
    """Return what findings are sorted by."""
    return finding.file.as_posix(), finding.line, finding.column, finding.code, finding.what


def repository_document(workspace: Workspace) -> RepositoryDocument | None:
    """Return the repository as a document; ``None`` where there is no file to speak of."""
    names = ("seatrial.toml", "Makefile", "makefile", "GNUmakefile")
    paths = workspace.collected.paths
    candidates = [name for name in names if name in paths] or sorted(workspace)[:1]
    for path in candidates:
        if path in workspace.texts:
            text = workspace.texts.get(path, "")
            return RepositoryDocument(Path(path), text, workspace.repository)
    return None


def _in_document(
    document: Document, rules: Iterable[Rule[Any]], workspace: Workspace
) -> Iterator[Finding]:
    lines: dict[str, Lines] = {}
    for rule in rules:
        if not applies(rule, document):
            continue
        for hit in rule.check(document):
            file = hit.file or document.path.as_posix()
            if file not in lines:
                text = workspace.texts.get(file, "") if hit.file else document.text
                lines[file] = Lines(text)
            yield finding(rule, hit, file, lines[file])


def applies(rule: Rule[Any], document: Document) -> bool:
    """Return whether a rule looks at a document: its kind, and its environment."""
    if type(document) is not rule.of:
        return False
    return not rule.tiers or getattr(document, "tier", None) in rule.tiers


def finding(rule: Rule[Any], hit: Hit, file: str, lines: Lines) -> Finding:
    """Return a hit of ``rule`` as a finding in ``file``."""
    line, column = lines.position(hit.span.start)
    end_line, end_column = lines.position(hit.span.end)
    mend = hit.mend or rule.mend
    return Finding(
        rule.code,
        rule.name,
        rule.severity,
        Path(file),
        line,
        column,
        end_line,
        end_column,
        hit.what,
        mend,
        hit.fix,
    )
