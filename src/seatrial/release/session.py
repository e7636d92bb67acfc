"""One call of `seatrial release`: one at a time in a worktree, with signals that leave no half."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from seatrial.errors import EnvironmentFailure, Interrupted, Refused
from seatrial.host.alone import alone
from seatrial.host.inputs import inputs
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes
from seatrial.host.state import Folders, new_run_id
from seatrial.host.system import leave
from seatrial.host.worktree import identify
from seatrial.model.project import Project
from seatrial.model.redact import Redactor, secret_values
from seatrial.pipeline.shutdown import Signals, exit_code
from seatrial.release import record as records
from seatrial.release.bake import Output, bake_file, target_name
from seatrial.release.builder import Builder, bake, builder
from seatrial.release.gather import (
    DIRTY,
    UNTESTED,
    Gathered,
    Order,
    gather,
    must_have_images,
    must_have_registry,
)
from seatrial.release.plan import Action
from seatrial.release.proof import Proof, evidence, prove
from seatrial.release.push import Happened, Listener, Pusher, What
from seatrial.release.record import Record

T = TypeVar("T")
AUTO, REQUIRE, NONE = "auto", "require", "none"


@dataclass(frozen=True, slots=True)
class Call:
    """What a verb was called with. ``project`` is ``None`` where the repository has no test.

    ``word`` is the reason given with ``--tested``; ``attest`` one of ``auto``, ``require``,
    ``none``.
    """

    order: Order
    folders: Folders
    project: Project | None = None
    word: str = ""
    attest: str = AUTO
    hear: Listener = lambda _: None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan; ``builder`` is ``None`` where there is none, ``bake`` the file that it would get."""

    gathered: Gathered
    builder: Builder | None
    bake: str


@dataclass(frozen=True, slots=True)
class Built:
    """Images that the engine has now, by the names of the images."""

    gathered: Gathered
    ids: dict[str, str]


def plan(call: Call) -> Planned:
    """Return what a push would do. Touches nothing."""

    async def work(processes: Processes, _: Path) -> Planned:
        gathered = await _gathered(call, processes)
        found = await _builder_if_any(processes)
        output = _output(call, found, push=True)
        return Planned(gathered, found, bake_file(gathered.plan, output))

    return asyncio.run(_Session(call).run(work, changing=False))


def build(call: Call) -> Built:
    """Build what changed into the engine; push nothing."""

    async def work(processes: Processes, folder: Path) -> Built:
        gathered = await _gathered(call, processes)
        must_have_images(gathered.plan)
        await _proof(call, gathered, processes, folder)
        made = gathered.plan.of(Action.BUILD)
        if not made:
            return Built(gathered, {})
        await builder(processes)
        call.hear(Happened(What.BAKING, ", ".join(one.image.name for one in made)))
        digests = await bake(
            processes,
            call.order.root,
            records.file_of(folder, gathered.plan).with_suffix(".bake.json"),
            bake_file(gathered.plan, Output(push=False)),
            gathered.plan.asked.created,
            lambda line: call.hear(Happened(What.SAID, "", line)),
            _redactor(call, gathered),
        )
        return Built(gathered, {one.image.name: digests[target_name(one)] for one in made})

    return asyncio.run(_Session(call).run(work, changing=True))


def push(call: Call) -> tuple[Record, Gathered, Path]:
    """Build, push and tag a release; return its record, what it was made of, and its file."""

    async def work(processes: Processes, folder: Path) -> tuple[Record, Gathered, Path]:
        gathered = await _gathered(call, processes)
        must_have_images(gathered.plan)
        must_have_registry(gathered.plan)
        proof = await _proof(call, gathered, processes, folder)
        needed = bool(gathered.plan.of(Action.BUILD))
        found = await builder(processes) if needed else None
        pusher = Pusher(
            gathered.registry,
            processes,
            call.order.root,
            records.file_of(folder, gathered.plan, call.order.only),
            _output(call, found, push=True),
            call.hear,
            _redactor(call, gathered),
            whole=not call.order.only,
            must_attest=call.attest == REQUIRE,
        )
        return await pusher.push(gathered.plan, proof), gathered, pusher.file

    return asyncio.run(_Session(call).run(work, changing=True))


async def _gathered(call: Call, processes: Processes) -> Gathered:
    order = call.order
    if DIRTY in order.force:
        order = replace(order, tree=await inputs(order.root, processes))
    return await asyncio.to_thread(gather, order)


def _redactor(call: Call, gathered: Gathered) -> Redactor:
    """Return what takes secrets out of what a builder says: those that it was given, and ours."""
    found = secret_values(call.order.environment)
    for one in gathered.plan.images:
        found |= secret_values({k: v for k, v in one.image.build.args.items() if v is not None})
    return Redactor(found)


def _output(call: Call, found: Builder | None, *, push: bool) -> Output:
    attests = found is not None and found.attests
    if call.attest == REQUIRE and found is not None and not attests:
        raise Refused(
            f"the builder {found.name} ({found.driver}) cannot attach an SBOM and provenance",
            mend="`docker buildx create --use` makes one that can; "
            "so does the engine with its containerd image store",
        )
    generator = call.order.config.release.sbom_generator or ""
    retimes = found is not None and found.retimes
    return Output(push, attests and call.attest != NONE, retimes, generator)


async def _builder_if_any(processes: Processes) -> Builder | None:
    try:
        return await builder(processes)
    except EnvironmentFailure:
        return None


async def _proof(call: Call, gathered: Gathered, processes: Processes, folder: Path) -> Proof:
    if call.word:
        return Proof("word", call.word)
    if UNTESTED in call.order.force:
        return Proof("nothing")
    found = evidence(folder, await inputs(call.order.root, processes))
    wanted = _suites(call.project, gathered.plan.asked.tag.service)
    return prove(found, wanted, gathered.plan.asked.commit)


def _suites(project: Project | None, service: str | None) -> tuple[str, ...]:
    """Return the suites that must have passed: all, or those that one service takes part in."""
    if project is None:
        return ()
    every = [*project.suites, *(one.suite for one in project.left_out)]
    known = service is not None and project.service(service) is not None
    return tuple(s.id for s in every if not known or s.service in (None, service))


class _Session:
    def __init__(self, call: Call) -> None:
        self._call = call
        self._folder = identify(call.order.root, call.folders.state).folder

    async def run(self, work: Callable[[Processes, Path], Awaitable[T]], *, changing: bool) -> T:
        run = new_run_id()
        ledger = Ledger(self._call.folders.state / "runs" / f"{run}.ledger", run)
        processes = Processes(self._call.order.environment, ledger)
        task = asyncio.ensure_future(self._work(work, processes, changing))

        def insist(first: signal.Signals) -> None:
            processes.kill_all()
            leave(exit_code(first, 0))

        def ask(_name: str, _count: int) -> None:
            task.cancel()

        signals = Signals(ask, insist)
        try:
            with signals.handled():
                return await task
        except asyncio.CancelledError:
            if signals.first is None:
                raise
            error = Interrupted(
                "the release was interrupted",
                mend="run the same command again: it goes on where it ended",
            )
            error.exit_code = exit_code(signals.first, 0)
            raise error from None
        finally:
            processes.kill_all()
            ledger.close(clean=True)

    async def _work(
        self, work: Callable[[Processes, Path], Awaitable[T]], processes: Processes, changing: bool
    ) -> T:
        async with self._alone(changing):
            return await work(processes, self._folder)

    @asynccontextmanager
    async def _alone(self, changing: bool) -> AsyncIterator[None]:
        if not changing:
            yield
            return

        def waiting(holder: str) -> None:
            self._call.hear(Happened(What.WAITING, "", holder))

        async with alone(self._folder / "release.lock", waiting):
            yield
