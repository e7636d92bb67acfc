"""Puts together what the suites and services of a run wrote down about the lines that they ran.

::

    Python, one folder after another ──coverage.py──► lcov ┐
    vitest and jest, one suite after another ───────► lcov ┴─merged──► CoverageReport

Whatever a tool calls a file, it becomes its path from the repository's root: a file counts once.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from seatrial.errors import EnvironmentFailure, SeatrialError, worst
from seatrial.events import CoverageReported, Notice, Noticed
from seatrial.model.coverage import CoverageReport, FileCoverage, merged
from seatrial.model.project import Suite
from seatrial.model.result import Problem, RunResult
from seatrial.pipeline.naming import scratch_of
from seatrial.planning.plan import Plan
from seatrial.runners import coverage as words
from seatrial.runners import lcov
from seatrial.runtimes.base import RunContext
from seatrial.toolchains.measured import PROGRAM, Measured, MeasuredToolchains

_SECONDS = 300.0
# What pytest-cov and `coverage run` write where a suite brings them itself.
_OWN_DATA = "coverage-data"
# Folders with no code of the service, and files that build it.
_NO_SOURCES = frozenset(("tests", "node_modules", "site-packages", "__pycache__", "venv"))
_NO_SOURCE = frozenset(("setup.py", "conftest.py"))


class Coverage:
    """The coverage of one run; ``scratch`` is where its suites had their folders."""

    def __init__(
        self, plan: Plan, context: RunContext, toolchains: MeasuredToolchains, scratch: Path
    ) -> None:
        self._plan = plan
        self._context = context
        self._toolchains = toolchains
        self._scratch = scratch
        self._root = plan.project.root

    async def reported(
        self, result: RunResult, write: Callable[[CoverageReport], str]
    ) -> RunResult:
        """Have the reports written and say so; return ``result``, worse where that cannot be."""
        self._announce()
        report = await self._put_together()
        try:
            folder = write(report)
        except OSError as error:
            problem = Problem.of(
                EnvironmentFailure(
                    f"the reports of coverage could not be written: {error.strerror or error}",
                    mend="give --coverage a folder that this user may write to",
                )
            )
            code = worst([result.exit_code, problem.exit_code])
            return replace(result, exit_code=code, problems=(*result.problems, problem))
        now = self._context.clock.at()
        self._context.emit(CoverageReported(now, folder, report.services))
        return result

    def _announce(self) -> None:
        """Say which suites cannot be measured."""
        for suite in self._plan.suites:
            if not words.is_measurable(suite):
                self._notice(Notice.COVERAGE_UNKNOWN, suite.id, suite.runner)
            elif lacks := words.lacking(suite):
                self._notice(Notice.COVERAGE_LACKS, suite.id, lacks)

    async def _put_together(self) -> CoverageReport:
        """Return what was written down; what cannot be read is a notice."""
        turns = asyncio.Semaphore(self._plan.options.jobs)
        folders = self._toolchains.folders.items()
        python = await asyncio.gather(*(self._python(*one, turns) for one in folders))
        found = [file for files in python for file in files]
        for suite in self._plan.suites:
            for place in self._places(suite):
                for path in words.reports(place):
                    found += self._read(path, suite.folder)
        return merged(self._plan.project, found)

    async def _python(
        self, folder: Path, measured: Measured, turns: asyncio.Semaphore
    ) -> list[FileCoverage]:
        """Have one folder's Python turn its data into lcov, and read that."""
        suites = [s for s in self._plan.suites if s.folder == folder]
        recorded = [*measured.recorded, *(path for s in suites for path in self._own(s))]
        if not recorded:
            for suite in suites:
                self._notice(Notice.COVERAGE_NOTHING, suite.id)
            return []
        out = Path(str(measured.settings["data"])).parent / "out"
        out.mkdir()
        request = out / "request.json"
        request.write_text(
            json.dumps(
                {
                    **measured.settings,
                    "recorded": [str(path) for path in recorded],
                    "sources": [str(path) for path in self._sources(folder)],
                    "out": str(out),
                }
            )
        )
        argv = (measured.python, str(PROGRAM), str(request))
        try:
            async with turns:
                done = await self._context.processes.run(
                    argv, cwd=folder, env=measured.toolchain.env, timeout=_SECONDS
                )
        except SeatrialError as error:
            self._notice(Notice.COVERAGE_FAILED, folder.name, error.what)
            return []
        reports = sorted(out.glob("*.info"))
        if not done.ok or (done.err and not reports):
            said = (done.err.strip().splitlines() or [str(done.code)])[-1]
            self._notice(Notice.COVERAGE_FAILED, folder.name, said)
        return [file for path in reports for file in self._read(path, folder)]

    def _own(self, suite: Suite) -> list[Path]:
        return sorted(path for at in self._places(suite) for path in at.glob(f"{_OWN_DATA}*"))

    def _places(self, suite: Suite) -> list[Path]:
        """Return the folders of a suite's attempts; what runs again adds to what ran before."""
        first = scratch_of(self._scratch, suite)
        return [first, *sorted(first.glob("attempt-*"))]

    def _sources(self, folder: Path) -> Iterator[Path]:
        """Yield the Python files of a service, whether or not anything imports them."""
        if not any(folder == service.path for service in self._plan.project.services):
            return
        for place, folders, files in os.walk(folder):
            folders[:] = [f for f in folders if f not in _NO_SOURCES and not f.startswith(".")]
            for name in files:
                if name.endswith(".py") and name not in _NO_SOURCE:
                    yield Path(place, name)

    def _read(self, path: Path, folder: Path) -> Iterable[FileCoverage]:
        """Yield the files of one report that are in the repository."""
        for file in lcov.read(path.read_text(encoding="utf-8", errors="replace")):
            whole = Path(os.path.normpath(folder / file.path))
            if whole.is_relative_to(self._root):
                yield replace(file, path=whole.relative_to(self._root).as_posix())

    def _notice(self, notice: Notice, subject: str, detail: str = "") -> None:
        self._context.emit(Noticed(self._context.clock.at(), notice, subject, detail))
