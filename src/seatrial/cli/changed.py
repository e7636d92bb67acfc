"""``seatrial test --changed``: the suites that changes touch, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from seatrial.cli.options import Surroundings
from seatrial.errors import UsageError
from seatrial.host.diff import Changes, How, Reason, Unknown, changed_files, content_before
from seatrial.host.forge import before
from seatrial.host.git import checked_out
from seatrial.model.project import Project, Suite
from seatrial.planning.changed import MANIFESTS, touched
from seatrial.planning.plan import Plan
from seatrial.render.changed import touch_text, unknown_text, untouched_text, why_lines
from seatrial.render.last_failed import failed_text


@dataclass(frozen=True, slots=True)
class Choice:
    """What changed, and the suites that it touches with why; ``None`` where nobody can say."""

    answer: Changes | Unknown
    touched: dict[str, str] | None


def choose(project: Project, around: Surroundings, base: str | None) -> Choice:
    """Return the suites that the changes since ``base`` touch.

    Without ``base`` it is what the CI system says was there before, else the default branch. Raises
    ``UsageError`` for a base that is no commit.
    """
    from seatrial.discover.reads import Reader

    if base == "":
        raise UsageError("--base: no ref is given", mend="name one, or leave --base away")
    answer = _changes(project, around, base)
    if isinstance(answer, Unknown):
        return Choice(answer, None)
    suites = [*project.suites, *(item.suite for item in project.left_out)]
    gone = (file.path for file in answer.files if file.how is How.DELETED)
    reader = Reader(project, around.config, around.environment, gone)
    reads = {suite.id: reader.of(suite) for suite in suites} if answer.files else {}
    found = touched(reads, answer.files, _renamed(answer, around))
    return Choice(answer, {s: touch_text(touch, project.root) for s, touch in found.items()})


def _renamed(changes: Changes, around: Surroundings) -> set[Path]:
    """Return the manifests among the changed files whose package had another name before."""
    from seatrial.discover.reads.packages import is_renamed

    return {
        file.path
        for file in changes.files
        if file.how is How.CHANGED and file.path.name in MANIFESTS
        if is_renamed(file.path, content_before(changes, file.path, around.environment))
    }


def _changes(project: Project, around: Surroundings, base: str | None) -> Changes | Unknown:
    def compared(base: str | None) -> Changes | Unknown:
        folders = [service.path for service in project.services]
        return changed_files(project.root, base, around.environment, folders)

    found = None if base is not None else before(around.environment)
    if found is None:
        return compared(base)
    if found.is_new:
        answer = compared(None)
        # A branch that was made where the default branch is may be the default branch itself.
        alone = isinstance(answer, Changes) and answer.commit == checked_out(project.root)[1]
        return Unknown(Reason.NO_BASE, found.event) if alone else answer
    if not found.ref:
        return Unknown(Reason.NO_BASE, found.event)
    try:
        return compared(found.ref)
    except UsageError:
        # Nobody has typed it, so it is not mistyped: the clone has too little history.
        return Unknown(Reason.ABSENT, found.ref.removeprefix("refs/remotes/"))


def say(plan: Plan, choice: Choice | None, *, why: bool, aside: bool) -> None:
    """Print what is to be said before the run; ``aside`` keeps standard output free of it."""
    if choice is not None and isinstance(choice.answer, Unknown):
        click.echo(unknown_text(choice.answer), err=aside)
    elif choice is not None and isinstance(choice.answer, Changes) and _is_empty(plan):
        click.echo(untouched_text(choice.answer, _asked(plan)), err=aside)
    if why:
        for line in why_lines({suite.id: _cause(plan, suite, choice) for suite in plan.suites}):
            click.echo(line, err=aside)


def _is_empty(plan: Plan) -> bool:
    """Return whether nothing runs, in no shard."""
    return not plan.suites and not (plan.split and plan.split.suites)


def _asked(plan: Plan) -> str:
    words = [*plan.options.services, *(f"--stage {stage}" for stage in plan.options.stages)]
    return f"a suite of {' '.join(words)}" if words else "a suite"


def _cause(plan: Plan, suite: Suite, choice: Choice | None) -> str:
    if plan.options.failed is not None:
        return failed_text(plan.options.failed[suite.id])
    known = choice.touched if choice is not None else None
    return known[suite.id] if known is not None else suite.cause
