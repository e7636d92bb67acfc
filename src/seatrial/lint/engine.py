"""Rules over documents: the hits of each, as findings with lines and columns, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seatrial.errors import ConfigError
from seatrial.lint.documents import Document, RepositoryDocument
from seatrial.lint.model import Finding, Hit, Rule, Span
from seatrial.lint.positions import Lines
from seatrial.lint.rules.sea900_broken_rule import RULE as BROKEN
from seatrial.lint.workspace import Workspace

UNREADABLE = "SEA901"


def examine(workspace: Workspace, rules: Sequence[Rule[Any]]) -> list[Finding]:
    """Return what ``rules`` find in all documents, in the order of file, line, column and code."""
    found: list[Finding] = []
    by_kind = {kind: [rule for rule in rules if rule.of is kind] for kind in {r.of for r in rules}}
    unreadable = next((rule for rule in rules if rule.code == UNREADABLE), None)
    if unreadable is not None:
        found += _not_discovered(unreadable, workspace)
    for path in workspace:
        try:
            document = workspace.complete(path)
        except ConfigError as error:
            found += [_unreadable(unreadable, error, path)] if unreadable else []
            continue
        found += _in_document(document, by_kind.get(type(document), ()), workspace)
    whole = repository_document(workspace)
    if whole is not None:
        found += _in_document(whole, by_kind.get(RepositoryDocument, ()), workspace)
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
        if rule.tiers and getattr(document, "tier", None) not in rule.tiers:
            continue
        for who, hit in _hits(rule, document):
            file = hit.file or document.path.as_posix()
            if file not in lines:
                text = workspace.texts.get(file, "") if hit.file else document.text
                lines[file] = Lines(text)
            yield finding(who, hit, file, lines[file])


def _hits(rule: Rule[Any], document: Document) -> Iterator[tuple[Rule[Any], Hit]]:
    """Yield what a rule finds; where it breaks, that is what is found."""
    try:
        for hit in rule.check(document):
            yield rule, hit
    except Exception as error:
        line = f"{type(error).__name__} at {_place(error)}"
        yield BROKEN, Hit(Span(0, 0), f"{rule.code} broke here: {line}")


def _place(error: Exception) -> str:
    """Return the file and line that raised, without anything of the document."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown line"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _not_discovered(rule: Rule[Any], workspace: Workspace) -> Iterator[Finding]:
    """Yield what kept discovery from finding services and tests."""
    root = workspace.collected.root
    for error in workspace.collected.problems:
        file = error.where.file if error.where else root
        if file.is_relative_to(root):
            yield _unreadable(rule, error, file.relative_to(root).as_posix())


def _unreadable(rule: Rule[Any], error: ConfigError, path: str) -> Finding:
    line, column = (error.where.line, error.where.column) if error.where else (1, 1)
    line, column = max(line, 1), max(column, 1)
    place = (Path(path), line, column, line, column)
    mend = error.mend or rule.mend
    return Finding(rule.code, rule.name, rule.severity, *place, error.what, mend)


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
