"""Any command: its exit code decides, and what it prints may add counts."""

from __future__ import annotations

import shlex

from seatrial.errors import UsageError
from seatrial.model.project import Suite
from seatrial.model.result import TestResult
from seatrial.runners.base import Invocation, Reader, RunnerOptions, RunPlace
from seatrial.runners.reading import ReportReader
from seatrial.runners.text import AnyText


class CommandRunner:
    """Runs ``command`` as it stands, with the user's arguments behind it."""

    name = "command"

    def invocation(self, suite: Suite, options: RunnerOptions, place: RunPlace) -> Invocation:
        """Return the command. Raises ``UsageError`` for what no unknown command can be told."""
        if suite.command is None:
            raise UsageError(
                f"{suite.id} has no command to run",
                mend='give it one in seatrial.toml: command = ["make", "test"]',
            )
        if options.keyword:
            raise UsageError(
                f"-k cannot be handed to the command of {suite.id}",
                mend="name other suites, or hand the command its own options after --",
            )
        is_npm_run = suite.command[:2] == ("npm", "run")
        separator = ("--",) if is_npm_run and options.arguments else ()
        argv = (*suite.command, *separator, *options.arguments)
        # Node's runners watch for changes unless they are told that nobody is there.
        env = {"CI": "true"} if is_npm_run else {}
        return Invocation(argv, suite.folder, env, shlex.join(argv))

    def reader(self, suite: Suite) -> Reader:
        """Return a fresh reader."""
        return ReportReader(AnyText(), trusted=True)

    def alone(self, suite: Suite, test: TestResult) -> tuple[str, ...]:
        """Return nothing: how one test of an unknown runner is named is unknown."""
        return ()
