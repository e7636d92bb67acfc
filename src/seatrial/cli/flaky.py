"""``seatrial report --flaky``."""

from __future__ import annotations

from pathlib import Path

import click

from seatrial.cli.options import display
from seatrial.errors import EXIT_GOOD
from seatrial.history.failure import failure_in
from seatrial.history.log import Recording, log_of
from seatrial.history.outcomes import past_tests
from seatrial.insight.flaky import FlakyTest, flaky_tests
from seatrial.model.result import TestResult
from seatrial.render.flaky import flaky_json, flaky_report
from seatrial.render.report import spoilt_line

# Failures are looked up in the logs of their runs, which takes some milliseconds for each.
_IN_FULL = 20


def show(folder: Path, *, as_json: bool) -> int:
    """Print the flaky tests of the runs that are recorded in ``folder``; return the exit code."""
    tests = found(folder)
    failures = {(test.suite, test.test): _failure(folder, test) for test in tests[:_IN_FULL]}
    if as_json:
        click.echo(flaky_json(tests, failures))
        return EXIT_GOOD
    choice = display()
    for line in flaky_report(tests, failures, choice):
        click.echo(line, color=choice.colour)
    return EXIT_GOOD


def found(folder: Path) -> list[FlakyTest]:
    """Return the flaky tests. Raises ``EnvironmentFailure`` where the history cannot be had."""
    answer = past_tests(folder)
    if answer.moved is not None:
        click.echo(spoilt_line(str(folder), answer.moved.name), err=True)
    return flaky_tests(answer.value)


def _failure(folder: Path, test: FlakyTest) -> TestResult | None:
    return failure_in(Recording(log_of(folder, test.runs[0])), test.suite, test.test)
