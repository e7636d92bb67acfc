"""``seatrial test``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seatrial.cli.completion import complete_service
from seatrial.cli.options import Surroundings, is_terminal, surroundings, terminal_width
from seatrial.errors import UsageError
from seatrial.model.project import Stage
from seatrial.planning.plan import Plan, TestOptions, make_plan
from seatrial.planning.shards import parse_shard
from seatrial.planning.workers import is_looked_at
from seatrial.runners.base import RunnerOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from seatrial.cli.changed import Choice
    from seatrial.model.coverage import CoverageReport

_WORDS = "seatrial.runner-words"
# Words for runners that let a failure end the run.
_STOPPING = ("-x", "--exitfirst", "--maxfail", "--bail", "-b", "-failfast", "--failfast")


class WithRunnerWords(click.Command):
    """A command that keeps what follows ``--`` apart: it is for the test runner."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words after ``--`` away before click reads the rest."""
        if "--" in args:
            cut = args.index("--")
            ctx.meta[_WORDS] = tuple(args[cut + 1 :])
            args = args[:cut]
        return super().parse_args(ctx, args)


@click.command(cls=WithRunnerWords, name="test", short_help="Run the tests.")
@click.argument("services", nargs=-1, metavar="[SERVICE]...", shell_complete=complete_service)
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice([str(stage) for stage in Stage]),
    help="Run this stage only; may be given more than once.",
)
@click.option(
    "--runtime",
    type=click.Choice(["auto", "docker", "process"]),
    help="Where environments run; auto takes Docker where an engine answers.",
)
@click.option(
    "--output",
    type=click.Choice(["auto", "live", "plain", "agent", "json"]),
    default="auto",
    help="How to show the run.",
)
@click.option("-v", "--verbose", is_flag=True, help="Stream all output, the service in front.")
@click.option("--changed", is_flag=True, help="Run the suites that changes since the base touch.")
@click.option("--base", metavar="REF", help="What --changed compares with; see the guide.")
@click.option("--shard", metavar="K/N", help="Run part K of N; all parts take about as long.")
@click.option("--why", is_flag=True, help="Say why each suite runs.")
@click.option("--jobs", type=click.IntRange(min=1), help="How many suites and boots at once.")
@click.option("--keep", is_flag=True, help="Leave the environments up and print their addresses.")
@click.option("--dry-run", is_flag=True, help="Print what would run, and why; run nothing.")
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report."
)
@click.option(
    "--coverage",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Measure which lines run; write lcov, Cobertura XML and HTML into DIR.",
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds for the whole run."
)
@click.option("-k", "keyword", metavar="EXPR", help="Run the tests that match, as the runner does.")
@click.option("-x", "first_failure", is_flag=True, help="Stop at the first failure.")
@click.option("--last-failed", is_flag=True, help="Run what failed when it last ran.")
@click.option(
    "--retries",
    metavar="N",
    type=click.IntRange(min=0),
    help="Run tests that fail up to N times more; marks those that then pass as flaky.",
)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> int:
    """Run the unit, service and integration tests, or those of some services and stages.

    Words after -- go to the test runner; test ids among them replace the suite's own folder.
    """
    around = surroundings()
    plan, choice = _chosen(around, given, ctx.meta.get(_WORDS, ()))
    plan = _with_past(plan, around)
    if choice is not None or given["why"]:
        from seatrial.cli.changed import say

        # A dry run says why by itself.
        why = given["why"] and not given["dry_run"]
        say(plan, choice, why=why, aside=given["output"] == "json")
    if plan.split is not None:
        from seatrial.cli.shards import say as say_split

        say_split(plan, why=given["why"], aside=given["output"] == "json")
    if plan.spread and given["why"] and not given["dry_run"]:
        from seatrial.cli.workers import say as say_workers

        say_workers(plan, aside=given["output"] == "json")
    runtime: str = given["runtime"] or around.config.run.runtime or "auto"
    if not plan.suites and (given["dry_run"] or not _reported(given)):
        return 0
    if given["dry_run"]:
        from seatrial.cli.dry_run import show

        show(plan, around, runtime)
        return 0
    return _run(plan, around, runtime, given)


def _with_past(plan: Plan, around: Surroundings) -> Plan:
    """Return the plan with what the past says about its suites: their order, their workers."""
    if plan.split is None and plan.suites:
        from seatrial.cli.shards import recent

        plan = replace(plan, options=replace(plan.options, expected=recent(around)))
    if any(is_looked_at(suite, plan.options.expected) for suite in plan.suites):
        from seatrial.cli.workers import with_workers

        plan = with_workers(plan, around)
    return plan


def _chosen(
    around: Surroundings, given: dict[str, Any], words: tuple[str, ...]
) -> tuple[Plan, Choice | None]:
    if given["base"] is not None and not given["changed"]:
        raise UsageError("--base says what --changed compares with", mend="give --changed as well")
    shard = None if given["shard"] is None else parse_shard(given["shard"])
    project, options, choice = around.project(), _options(around, given, words), None
    plan = make_plan(project, options)
    if given["changed"]:
        from seatrial.cli.changed import choose

        choice = choose(project, around, given["base"])
        options = replace(options, touched=choice.touched)
        plan = make_plan(project, options)
    if given["last_failed"]:
        from seatrial.cli.last_failed import choose as choose_failed

        options = choose_failed(plan, around, aside=given["output"] == "json")
        plan = make_plan(project, options)
    if shard is not None:
        from seatrial.cli.shards import with_past

        options = with_past(around, plan, replace(options, shard=shard))
        if options.failed is not None:
            # A few tests of a suite are not worth cutting.
            whole = {one for one, failed in options.failed.items() if not failed.tests}
            files = {one: files for one, files in options.files.items() if one in whole}
            options = replace(options, files=files)
        plan = make_plan(project, options)
    return plan, choice


def _reported(given: dict[str, Any]) -> bool:
    """Return whether a program waits for the report, also of a run without suites."""
    files = (given["junit"], given["coverage"])
    return given["output"] == "json" or any(file is not None for file in files)


def _options(around: Surroundings, given: dict[str, Any], words: tuple[str, ...]) -> TestOptions:
    from seatrial.host.system import processors

    run = around.config.run
    return TestOptions(
        services=given["services"],
        stages=tuple(Stage(stage) for stage in given["stages"]),
        runner=RunnerOptions(
            keyword=given["keyword"],
            first_failure=given["first_failure"],
            verbose=given["verbose"],
            arguments=words,
            coverage=given["coverage"] is not None,
        ),
        jobs=given["jobs"] or run.jobs or 2 * processors(),
        timeout=given["timeout"] or run.timeout,
        suite_timeout=run.suite_timeout,
        boot_timeout=run.boot_timeout,
        keep=given["keep"],
        retries=_retries(given, run.retries or 0, words),
        flaky_fails=run.flaky == "fail",
    )


def _retries(given: dict[str, Any], usual: int, words: tuple[str, ...]) -> int:
    """Return how often failed tests run again: never where others would not have run at all."""
    asked: int | None = given["retries"]
    stopping = next((word for word in words if word.partition("=")[0] in _STOPPING), None)
    if stopping is None:
        return usual if asked is None else asked
    if asked:
        raise UsageError(
            f"{stopping} leaves tests out, so that none can be retried",
            mend="take -x before the dashes, or leave one of them out",
        )
    return 0


def _coverage(folder: Path | None, around: Surroundings) -> Callable[[CoverageReport], str] | None:
    if folder is None:
        return None
    from seatrial.cli.coverage import writer

    return writer(folder, around.root)


def _run(plan: Plan, around: Surroundings, runtime: str, given: dict[str, Any]) -> int:
    from seatrial.history.recorder import Recorder
    from seatrial.host.system import leave
    from seatrial.host.worktree import identify
    from seatrial.pipeline.session import Settings, run
    from seatrial.render.choose import Display, Facts, choose
    from seatrial.render.make import make

    facts = Facts(is_terminal(), sys.stdout.encoding, terminal_width(), around.environment)
    choice = choose(Display(given["output"]), facts)
    renderer = make(choice, sys.stdout, sys.stderr, verbose=given["verbose"], junit=given["junit"])
    folder = identify(around.root, around.folders.state).folder
    shown = Recorder(folder, renderer)
    settings = Settings(
        runtime=runtime,
        environment=around.environment,
        folders=around.folders,
        listener=shown.event,
        tick=shown.tick,
        farewell=shown.close,
        leave=leave,
        providers=around.config.process.providers,
        coverage=_coverage(given["coverage"], around),
    )
    try:
        _, code = run(plan, settings)
    finally:
        shown.close()
    return code
