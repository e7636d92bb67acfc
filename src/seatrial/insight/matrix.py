"""The jobs of a CI run: one for each service that changes touch, several where it is large. Pure.

::

    suites that are touched ──by service──► jobs ──by their past──► shards ──► entries

The suites of the stage integration belong to no service: they are a job of their own, which starts
when the others have passed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from seatrial.errors import NoTests
from seatrial.model.project import STAGES, Project, Stage, Suite
from seatrial.planning.plan import TestOptions, make_plan
from seatrial.planning.shards import Shard

# Seconds that a job may take before it is split, and the most jobs that one service gets.
AIM = 300.0
MOST = 8
# One more job must make the longest at least so much shorter; its start costs time as well.
_WORTH = 0.9
Past: TypeAlias = Callable[[TestOptions], TestOptions]
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One job: ``seatrial test SERVICE --stage … --shard …``.

    ``name`` is unique and fit for names of jobs and artifacts. ``service`` is ``None`` for what
    belongs to no service. ``suites`` are the ids of what is touched of it, of all its shards;
    ``seconds`` what this shard is expected to take, ``None`` where the past says nothing.
    """

    name: str
    service: str | None
    stages: tuple[Stage, ...]
    shard: Shard
    suites: tuple[str, ...]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What jobs are asked for: ``services`` and ``stages``, empty for all, and how they split.

    A job that takes more than ``aim`` seconds is split into ``most`` shards at most.
    """

    services: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    most: int = MOST
    aim: float = AIM


def whole(project: Project) -> Project:
    """Return the project as a machine sees it that lacks no program."""
    missing = tuple(item.suite for item in project.left_out)
    return replace(project, suites=(*project.suites, *missing), left_out=())


def jobs(
    project: Project, touched: Collection[str] | None, wanted: Wanted, past: Past
) -> tuple[Entry, ...]:
    """Return the jobs in the order of their names, those of the stage integration last.

    ``project`` is :func:`whole`, for the machines that run the jobs may have what this one lacks.
    ``touched`` are the ids of suites that changes touch, ``None`` for all; ``past`` gives options
    what the history says of their suites, as `seatrial test` does before it splits them. Raises
    ``UsageError`` for a service that does not exist.
    """
    causes = None if touched is None else dict.fromkeys(touched, "")
    options = TestOptions(wanted.services, wanted.stages, touched=causes)
    owners: dict[str | None, list[Suite]] = {}
    for suite in _touched(project, options):
        owners.setdefault(_owner(suite), []).append(suite)
    taken: set[str] = set()
    entries: list[Entry] = []
    for owner in sorted(owners, key=lambda name: (name is None, name or "")):
        entries += _entries(project, owner, owners[owner], wanted, past, taken)
    return tuple(entries)


def _touched(project: Project, options: TestOptions) -> tuple[Suite, ...]:
    try:
        return make_plan(project, options).suites
    except NoTests:
        # A repository without tests of a stage needs no job for it.
        return ()


def _owner(suite: Suite) -> str | None:
    return None if suite.stage is Stage.INTEGRATION else suite.service or suite.name


def _entries(
    project: Project,
    owner: str | None,
    touched: Sequence[Suite],
    wanted: Wanted,
    past: Past,
    taken: set[str],
) -> Iterator[Entry]:
    # A job runs all that its service has in these stages, as one reads it in the workflow.
    has = {suite.stage for suite in project.suites if _owner(suite) == owner}
    asked = has.intersection(wanted.stages or STAGES)
    stages = tuple(stage for stage in STAGES if stage in asked)
    options = TestOptions((owner,) if owner is not None else (), stages)
    times = _times(project, options, wanted, past)
    name = owner if owner is not None else str(Stage.INTEGRATION)
    for number, seconds in enumerate(times, 1):
        shard = Shard(number, len(times))
        words = name if len(times) == 1 else f"{name}-{number}-of-{len(times)}"
        ids = tuple(suite.id for suite in touched)
        yield Entry(_unique(words, taken), owner, stages, shard, ids, seconds)


def _times(
    project: Project, options: TestOptions, wanted: Wanted, past: Past
) -> list[float | None]:
    """Return the seconds of each shard, with as few shards as make all short enough.

    Without a past it is one, which takes nobody knows how long.
    """
    best: list[float] = []
    for count in range(1, wanted.most + 1):
        # What a job of the matrix will be told is what is split here.
        told = past(replace(options, shard=Shard(1, count)))
        plan = make_plan(project, told)
        if not plan.split or len(plan.split.parts) < count:
            break
        if not any(_known(part.suites, told) for part in plan.split.parts):
            return [None]
        times = [part.seconds for part in plan.split.parts]
        if not best or max(times) < _WORTH * max(best):
            best = times
        if max(best) <= wanted.aim:
            break
    return [*best]


def _known(suites: Collection[str], told: TestOptions) -> bool:
    return not told.expected.suites.keys().isdisjoint(suites)


def _unique(words: str, taken: set[str]) -> str:
    stem = name = _UNFIT.sub("-", words)
    number = 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}.{number}"
    taken.add(name.lower())
    return name
