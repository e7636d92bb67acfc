"""What the past says of running tests side by side, brought together for the plan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import Surroundings
from seatrial.cli.shards import history_folder, past_of_files
from seatrial.composefile.apart import MOST_WORKERS, Apart, apart
from seatrial.composefile.once import ComposeFiles
from seatrial.discover.look import walk
from seatrial.errors import EnvironmentFailure, SeatrialError
from seatrial.history.model import SuiteRun
from seatrial.host.system import processors
from seatrial.model.project import Suite
from seatrial.planning.plan import Plan
from seatrial.planning.workers import Known, Machine, Reason, Spread, decide, is_looked_at
from seatrial.render.workers import is_worth_saying, spread_text
from seatrial.runners.sharing import reaches_runner

if TYPE_CHECKING:
    from seatrial.history.times import Times

# The answers that depend on how long the tests of each file take.
_BY_FILES = frozenset(
    {
        *(Reason.SHORT, Reason.ONE_FILE, Reason.BUSY),
        *(Reason.PAYS, Reason.MEASURED, Reason.SLOWER),
    }
)


def with_workers(plan: Plan, around: Surroundings) -> Plan:
    """Return the plan with the workers of its suites of pytest, and why."""
    looked = [suite for suite in plan.suites if is_looked_at(suite, plan.options.expected)]
    folder = history_folder(around)
    runs: Mapping[str, Sequence[SuiteRun]] = {}
    if folder is not None:
        from seatrial.history.spread import runs_of_suites

        runs = runs_of_suites(folder, {suite.id for suite in looked})
    asker = _Asker(plan, around, folder, runs)
    return plan.with_spread({suite.id: asker.spread(suite) for suite in looked})


class _Asker:
    def __init__(
        self,
        plan: Plan,
        around: Surroundings,
        folder: Path | None,
        runs: Mapping[str, Sequence[SuiteRun]],
    ) -> None:
        self._plan = plan
        self._around = around
        self._folder = folder
        self._runs = runs
        self._files = ComposeFiles()

    def spread(self, suite: Suite) -> Spread:
        """Return the workers of one suite."""
        if (reason := self._hindered(suite)) is not None:
            return Spread(0, reason)
        own = self._apart(suite)
        numbered = bool(own and own.numbered)
        slots = min(processors(), self._plan.options.jobs, *([MOST_WORKERS] if numbered else []))
        runs = self._runs.get(suite.id, ())
        known = Known(runs, shared=own.shared if own else "")
        # The files are asked for only where an answer can depend on them.
        if runs and decide(known, Machine(slots), None).reason in _BY_FILES:
            known = self._with_files(suite, known)
        found = decide(known, Machine(slots, self._others(suite)), suite.parallel)
        return replace(found, apart=own) if found.workers else found

    def _hindered(self, suite: Suite) -> Reason | None:
        options = self._plan.options
        if suite.parallel is False:
            return Reason.OFF
        if options.runner.keyword or options.runner.arguments or options.failed is not None:
            return Reason.NARROWED
        if options.runner.coverage:
            return Reason.COVERAGE
        return None if reaches_runner(suite) else Reason.UNREACHED

    def _others(self, suite: Suite) -> float:
        """Return the seconds of all other suites of the stage."""
        expected = self._plan.options.expected.suites
        (stage,) = (one for one in self._plan.stages if one.stage is suite.stage)
        return sum(expected.get(one.id, 0.0) for one in stage.suites if one.id != suite.id)

    def _with_files(self, suite: Suite, known: Known) -> Known:
        if self._folder is None:
            return known
        from seatrial.history.times import times_of_tests

        times: Mapping[str, Times] = {}
        # A history that is spoilt is no reason to fail a run.
        with suppress(EnvironmentFailure):
            times = times_of_tests(self._folder, [suite.id])
        past = past_of_files(suite, times.get(suite.id))
        files, piece = past.files, suite.piece
        if piece is not None:
            files = {
                file: seconds
                for file, seconds in files.items()
                if (file not in piece.others if piece.rest else file in piece.files)
            }
        return replace(known, files=files, overhead=past.overhead)

    def _apart(self, suite: Suite) -> Apart | None:
        """Return what each worker can have for itself of the environment, if there is one."""
        if not suite.compose:
            return None
        variables = {**self._around.environment, "TEST_INSTANCE_ID": "workers"}
        try:
            project = self._files.read(suite.compose, variables)
        except SeatrialError:
            # The run, or the dry run, says what is wrong with it.
            return Apart(shared="compose file that cannot be read")
        environment = self._plan.environment_of(suite)
        filled = bool(environment and environment.setup)
        own = apart(project, suite.exports, filled=filled)
        return own if own.shared else replace(own, shared=_by_address(suite, own))


def _by_address(suite: Suite, own: Apart) -> str:
    """Return where a suite's Python reads the address of a server: with it comes one database."""
    if not own.variables:
        return ""
    reads = re.compile("|".join(rf"\b{name}\b" for name in own.variables))
    try:
        for path in walk(suite.folder):
            if path.suffix != ".py":
                continue
            found = reads.search(path.read_text(encoding="utf-8", errors="replace"))
            if found:
                return f"database where {path.relative_to(suite.folder)} reads {found[0]}"
    except OSError as error:
        return f"database if {error.filename}, which cannot be read, goes by its address"
    return ""


def say(plan: Plan, *, aside: bool) -> None:
    """Print how many workers suites have, and why."""
    for suite, spread in plan.spread.items():
        if is_worth_saying(spread):
            click.echo(f"{suite}  {spread_text(spread)}", err=aside)
