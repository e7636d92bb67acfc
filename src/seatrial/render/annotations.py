"""Workflow commands of GitHub Actions, which Gitea's runner reads as well.

Escapes are those of actions/toolkit (``command.ts``); GitHub shows ten annotations of a kind for
a step, so that the tenth counts the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.events import Notice
from seatrial.model.result import Doubt
from seatrial.render.failures import failure_title, reason
from seatrial.render.record import Failure, Record
from seatrial.render.text import DOUBTS, assertion_lines, first_failure, flaky_text, notice_text
from seatrial.render.width import one_line

_SHOWN = 10
_WARNINGS = (Notice.REMOVAL_FAILED, Notice.NOT_ISOLATED)


def command(name: str, message: str, **properties: str) -> str:
    """Return ``::name key=value,…::message``; empty properties are left out."""
    listed = ",".join(f"{k}={_property(v)}" for k, v in properties.items() if v)
    return f"::{name}{' ' if listed else ''}{listed}::{_data(message)}"


def group(title: str, lines: Sequence[str]) -> list[str]:
    """Return ``lines`` in a group that the log viewer folds."""
    return [command("group", title), *lines, "::endgroup::"]


def defused(text: str) -> str:
    """Return a line of somebody else's that cannot be taken for a workflow command."""
    bare = text.lstrip()
    if not bare.startswith(("::", "##[")):
        return text
    indent = text[: len(text) - len(bare)]
    return f"{indent}| {bare}"


def annotation_lines(record: Record) -> Iterator[str]:
    """Return errors, warnings and notices, at most ten of each kind."""
    yield from _at_most("error", list(_errors(record)))
    doubts = [
        command("warning", f"{one_line(r.planned.id)}: {DOUBTS[r.result.doubt]}")
        for r in record.suites.values()
        if r.result is not None and r.result.doubt is not Doubt.NONE
    ]
    warned = [n for n in record.notices if n.notice in _WARNINGS]
    noted = [n for n in record.notices if n.notice not in _WARNINGS]
    flaky = [_flaky(record, failure) for failure in record.flaky()]
    warnings = [command("warning", notice_text(n)) for n in warned]
    yield from _at_most("warning", [*flaky, *doubts, *warnings])
    yield from _at_most("notice", [command("notice", notice_text(n)) for n in noted])


def _errors(record: Record) -> Iterator[str]:
    for failure in record.failures():
        yield _failure(record, failure)
    for problem in record.problems():
        file, line = _where(problem.where)
        help = f"\nhelp: {problem.mend}" if problem.mend else ""
        yield command("error", problem.what + help, file=file, line=line)


def _failure(record: Record, failure: Failure) -> str:
    test = failure.test
    title = failure_title(failure)
    if test is None:
        return command("error", reason(failure), title=title)
    file = record.place(failure.planned, test)
    line = str(test.line) if file and test.line else ""
    message = "\n".join(assertion_lines(test))
    if failure.again:
        message += f"\nagain: {failure.again}"
    return command("error", message, file=file, line=line, title=title)


def _flaky(record: Record, failure: Failure) -> str:
    test = failure.test
    if test is None:
        return ""
    first = first_failure(test)
    message = "\n".join([f"flaky: {flaky_text(test)}", *assertion_lines(first)])
    file = record.place(failure.planned, first)
    line = str(first.line) if file and first.line else ""
    return command("warning", message, file=file, line=line, title=failure_title(failure))


def _where(where: str) -> tuple[str, str]:
    file, _, line = where.rpartition(":")
    return (file, line) if file and line.isdigit() else (where, "")


def _at_most(kind: str, commands: list[str]) -> list[str]:
    if len(commands) <= _SHOWN:
        return commands
    shown = commands[: _SHOWN - 1]
    more = len(commands) - len(shown)
    return [*shown, command(kind, f"+{more} more, see the log of this step")]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
