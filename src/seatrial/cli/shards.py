"""``seatrial test --shard``, and the past that orders every run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import Surroundings
from seatrial.errors import EnvironmentFailure
from seatrial.history.log import logs
from seatrial.host.git import checked_out
from seatrial.host.worktree import FOLDER, identify
from seatrial.model.expected import Expected
from seatrial.model.project import Suite
from seatrial.planning.files import FileTimes, weighed
from seatrial.planning.plan import Plan, TestOptions
from seatrial.planning.shards import estimates, too_long
from seatrial.render.shards import shard_text, split_lines
from seatrial.runners.sharing import file_of, reaches_runner

if TYPE_CHECKING:
    from seatrial.history.times import Times


def with_past(around: Surroundings, whole: Plan, options: TestOptions) -> TestOptions:
    """Return ``options`` with what the whole history of this worktree says of what is to be split.

    Raises ``EnvironmentFailure`` where a history is there and cannot be had: a split without it
    would not be that of the other machines.
    """
    suites = {s.id: s for s in (*whole.suites, *(item.suite for item in whole.left_out))}
    folder, shared, known = history_folder(around), None, Expected()
    if folder is not None:
        from seatrial.history.expected import Shared, expected

        _, commit = checked_out(around.root)
        shared = Shared(frozenset(suites), commit)
        known = expected(folder, shared)
    found = {suite.id: suite for suite in suites.values() if reaches_runner(suite)}
    times: Mapping[str, Times] = {}
    if folder is not None and found:
        from seatrial.history.times import times_of_tests

        times = times_of_tests(folder, found, shared)
    pasts = {one: past_of_files(found[one], times.get(one)) for one in found}
    # What only ever ran in pieces takes as long as all of them.
    pieced = {one: past.seconds for one, past in pasts.items() if past.files}
    known = replace(known, suites={**pieced, **known.suites})
    usual = estimates(sorted(suites), known.suites)
    count = options.shard.of if options.shard else 1
    files = {
        one: weighed(_files(found[one], pasts[one]), pasts[one], usual[one])
        for one in too_long(suites, count, known.suites)
        if one in found
    }
    return replace(options, expected=known, files=files)


def past_of_files(suite: Suite, times: Times | None) -> FileTimes:
    """Return the times of tests as those of the files that are still there."""
    files: dict[str, float] = {}
    for test, seconds in (times.tests if times else {}).items():
        file = file_of(suite.runner, test)
        files[file] = files.get(file, 0.0) + seconds
    there = {file: seconds for file, seconds in files.items() if (suite.folder / file).is_file()}
    return FileTimes(there, times.overhead if times else 0.0)


def _files(suite: Suite, past: FileTimes) -> set[str]:
    from seatrial.discover.testfiles import test_files

    return {*test_files(suite), *past.files}


def recent(around: Surroundings) -> Expected:
    """Return what the history lets expect without any work on it; nothing where that fails."""
    folder = history_folder(around)
    if folder is not None:
        from seatrial.history.expected import expected

        with suppress(EnvironmentFailure):
            return expected(folder)
    return Expected()


def history_folder(around: Surroundings) -> Path | None:
    """Return where the history is; ``None`` spares those without one the loading of SQLite."""
    # Looking leaves nothing behind, be it a dry run's.
    elsewhere = identify(around.root, around.folders.state, keep=False).folder
    return next((one for one in (around.root / FOLDER, elsewhere) if logs(one)), None)


def say(plan: Plan, *, why: bool, aside: bool) -> None:
    """Print what this shard has, with ``why`` also what the others have."""
    if plan.split is None or plan.options.shard is None or not plan.split.suites:
        return
    click.echo(shard_text(plan.split, plan.options.shard), err=aside)
    if why:
        past, files = plan.options.expected.suites, plan.options.files
        for line in split_lines(plan.split, plan.options.shard, past, files):
            click.echo(line, err=aside)
