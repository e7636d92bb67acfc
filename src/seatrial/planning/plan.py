"""Project and options to Plan: what will run, in which order, and why. Pure.

::

    Project ──select──► suites ──group by compose files──► environments
                          │                                     │
                          └────────── stages, in order ◄────────┘

A shard is taken last, from what all else has selected.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from seatrial.errors import NoTests, UsageError
from seatrial.model.expected import Expected
from seatrial.model.failed import FailedBefore
from seatrial.model.project import STAGES, LeftOut, Project, Stage, Suite
from seatrial.planning.files import Files
from seatrial.planning.shards import Shard, Split, split
from seatrial.planning.workers import Spread
from seatrial.runners.base import RunnerOptions

# Seconds that an environment may take to come up where nothing else is said.
BOOT_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class TestOptions:
    """What the user asked of ``seatrial test``; ``timeout`` (seconds) covers the whole run.

    ``touched`` maps the ids of the suites that ``--changed`` lets run to why; ``None`` means all.
    ``failed`` does so for ``--last-failed``, with the tests that failed. Tests that fail run again
    up to ``retries`` times, and pass where they pass then, unless ``flaky_fails``.
    ``expected`` is what the history says; without it the order is that of the project. ``files``
    are those of suites that a shard may have a part of.
    """

    __test__ = False

    services: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    runner: RunnerOptions = field(default_factory=RunnerOptions)
    jobs: int = 1
    timeout: float | None = None
    suite_timeout: float | None = None
    boot_timeout: float | None = None
    keep: bool = False
    touched: Mapping[str, str] | None = None
    failed: Mapping[str, FailedBefore] | None = None
    retries: int = 0
    flaky_fails: bool = False
    shard: Shard | None = None
    expected: Expected = field(default_factory=Expected)
    files: Mapping[str, Files] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetupCommand:
    """A command to run once in a fresh environment, from ``folder`` and with its toolchain."""

    folder: Path
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedEnvironment:
    """One environment: ``stage`` is the first stage that needs it, ``suites`` the ids it serves.

    Its suites share its data and therefore run one after the other.
    """

    key: str
    stage: Stage
    files: tuple[Path, ...]
    suites: tuple[str, ...]
    setup: tuple[SetupCommand, ...]
    exports: Mapping[str, str]
    subject: str | None
    boot_timeout: float
    cause: str


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """The suites of one stage; all must pass before the next stage's may start."""

    stage: Stage
    suites: tuple[Suite, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that ``seatrial test`` will do, as data.

    ``split`` says what each shard has, where the plan is that of one. ``spread`` says of suites by
    their ids how many workers they have, and why.
    """

    project: Project
    stages: tuple[PlannedStage, ...]
    environments: tuple[PlannedEnvironment, ...]
    left_out: tuple[LeftOut, ...]
    options: TestOptions
    split: Split | None = None
    spread: Mapping[str, Spread] = field(default_factory=dict)

    @cached_property
    def suites(self) -> tuple[Suite, ...]:
        """Return all suites in the order of their stages."""
        return tuple(suite for stage in self.stages for suite in stage.suites)

    def environment_of(self, suite: Suite) -> PlannedEnvironment | None:
        """Return the environment that ``suite`` runs in."""
        return self._environments.get(suite.id)

    @cached_property
    def _environments(self) -> Mapping[str, PlannedEnvironment]:
        return {suite: planned for planned in self.environments for suite in planned.suites}

    def with_spread(self, spread: Mapping[str, Spread]) -> Plan:
        """Return the plan with the workers that ``spread`` gives to suites."""
        stages = tuple(
            replace(
                stage,
                suites=tuple(
                    replace(suite, workers=spread[suite.id].workers)
                    if suite.id in spread
                    else suite
                    for suite in stage.suites
                ),
            )
            for stage in self.stages
        )
        return replace(self, stages=stages, spread=dict(spread))

    def selection(self, suite: Suite) -> str:
        """Return what narrows ``suite`` to some of its tests, as words of a shell.

        What follows ``--`` counts whatever it says: only the runner knows what it means.
        """
        runner = self.options.runner
        words = ["-k", runner.keyword] if runner.keyword else []
        if self.options.failed and self.options.failed[suite.id].tests:
            words.insert(0, "--last-failed")
        if suite.piece is not None:
            words += ["--shard", str(self.options.shard)]
        return shlex.join([*words, *(("--", *runner.arguments) if runner.arguments else ())])


def make_plan(project: Project, options: TestOptions) -> Plan:
    """Return what to run.

    Raises ``UsageError`` for a service that does not exist, ``NoTests`` where nothing is left; a
    plan without suites means that no change touches what was asked for, or that the shard is empty.
    """
    _check_names(project, options.services)
    wanted = tuple(s for s in project.suites if _wanted(s, options))
    suites = tuple(s for s in wanted if _chosen(s, options))
    left_out = tuple(
        item
        for item in project.left_out
        if _wanted(item.suite, options) and _chosen(item.suite, options)
    )
    if not suites and (left_out or not wanted):
        raise _nothing_to_run(project, options, left_out)
    parts = None
    if options.shard is not None:
        # Suites that cannot run here count as well, for on other machines they can.
        parts = _split(project, [*suites, *(item.suite for item in left_out)], options)
        mine = parts.part(options.shard)
        suites = tuple(
            replace(suite, piece=mine.pieces.get(suite.id))
            for suite in suites
            if suite.id in mine.suites
        )
        left_out = tuple(item for item in left_out if item.suite.id in mine.suites)
        if left_out and not suites:
            raise _nothing_to_run(project, options, left_out)
    stages = tuple(
        PlannedStage(stage, of_stage)
        for stage in STAGES
        if (of_stage := tuple(s for s in suites if s.stage is stage))
    )
    ordered = tuple(suite for stage in stages for suite in stage.suites)
    environments = _environments(project, ordered, options)
    return Plan(project, stages, environments, left_out, options, parts)


def _split(project: Project, suites: Iterable[Suite], options: TestOptions) -> Split:
    """Return the split of ``suites``, whatever order they are in on this machine."""
    expected = options.expected
    ordered = sorted(suites, key=lambda suite: (STAGES.index(suite.stage), suite.id))
    boots = {
        suite: (environment.key, expected.boots.get(environment.key, 0.0))
        for environment in _environments(project, ordered, options)
        for suite in environment.suites
    }
    ids = [suite.id for suite in ordered]
    number = options.shard.of if options.shard else 1
    return split(ids, number, expected.suites, options.files, boots)


def _wanted(suite: Suite, options: TestOptions) -> bool:
    if options.stages and suite.stage not in options.stages:
        return False
    return not options.services or bool({suite.service, suite.name} & set(options.services))


def _chosen(suite: Suite, options: TestOptions) -> bool:
    chosen = (options.touched, options.failed)
    return all(one is None or suite.id in one for one in chosen)


def _check_names(project: Project, names: Iterable[str]) -> None:
    suites = (*project.suites, *(item.suite for item in project.left_out))
    known = {s.name for s in project.services} | {s.name for s in suites}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            guess = f"did you mean {near[0]!r}? " if near else ""
            raise UsageError(
                f"no service or suite is called {name!r}",
                mend=f"{guess}there are: {', '.join(sorted(known))}",
            )


def _nothing_to_run(project: Project, options: TestOptions, left_out: Sequence[LeftOut]) -> NoTests:
    asked = [*options.services, *(f"--stage {stage}" for stage in options.stages)]
    if left_out:
        what = f"all that was asked for needs {left_out[0].missing}, which is not installed"
        return NoTests(what, mend=f"install {left_out[0].missing}")
    if asked and project.suites:
        there = ", ".join(suite.id for suite in project.suites)
        return NoTests(f"no suite matches {' '.join(asked)}", mend=f"there are: {there}")
    return NoTests(
        f"no test exists in {project.root}",
        mend="put unit tests into services/<name>/tests/unit; see docs/reference/layout.md",
    )


def _environments(
    project: Project, suites: Sequence[Suite], options: TestOptions
) -> tuple[PlannedEnvironment, ...]:
    groups: dict[tuple[Path, ...], list[Suite]] = {}
    for suite in suites:
        if suite.compose:
            groups.setdefault(suite.compose, []).append(suite)
    taken: set[str] = set()
    return tuple(
        _environment(project, files, members, options, taken) for files, members in groups.items()
    )


def _environment(
    project: Project,
    files: tuple[Path, ...],
    members: list[Suite],
    options: TestOptions,
    taken: set[str],
) -> PlannedEnvironment:
    first = members[0]
    key = first.name if first.stage is Stage.SERVICE else str(first.stage)
    while key in taken:
        key = f"{key}-{first.name}"
    taken.add(key)
    timeouts = [s.boot_timeout for s in members if s.boot_timeout is not None]
    setup = dict.fromkeys(SetupCommand(s.folder, argv) for s in members for argv in s.setup)
    shown = ", ".join(str(_relative(file, project.root)) for file in files)
    return PlannedEnvironment(
        key=key,
        stage=first.stage,
        files=files,
        suites=tuple(suite.id for suite in members),
        setup=tuple(setup),
        exports={name: text for s in members for name, text in s.exports.items()},
        subject=first.service if first.stage is Stage.SERVICE else None,
        boot_timeout=max(timeouts, default=options.boot_timeout or BOOT_TIMEOUT),
        cause=f"{first.id} needs {shown}",
    )


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
