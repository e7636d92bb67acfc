"""``up``: starts what does not run, replaces what changed, leaves the rest alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from seatrial import events
from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.host.ledger import RUN_VARIABLE
from seatrial.host.state import Folders
from seatrial.host.system import boot_id, start_time
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process.absent import without_absent
from seatrial.runtimes.process.boot import Boot
from seatrial.runtimes.process.isolation.fixed import Before, places
from seatrial.runtimes.process.notices import Notices
from seatrial.runtimes.process.plan import ServicePlan
from seatrial.runtimes.process.planner import plan
from seatrial.runtimes.process.providers.base import Provider
from seatrial.runtimes.process.service import RunningService
from seatrial.runtimes.process.standing import record as records
from seatrial.runtimes.process.standing.changes import fingerprint
from seatrial.runtimes.process.standing.data import make
from seatrial.runtimes.process.standing.down import end, end_strays, remove
from seatrial.runtimes.process.standing.record import Record, Started
from seatrial.runtimes.process.standing.state import endpoints

# Compose's own, https://docs.docker.com/reference/compose-file/services/#stop_grace_period
_GRACE = 10.0


class Up:
    """One call. ``record`` is what stands so far; it is written down again at the end."""

    def __init__(
        self,
        request: EnvironmentRequest,
        context: RunContext,
        folders: Folders,
        providers: Sequence[Provider],
        notices: Notices,
        record: Record,
    ) -> None:
        self._request = request
        self._context = context
        self._folders = folders
        self._providers = providers
        self._notices = notices
        self._record = record

    async def run(self, project: ComposeProject, services: Sequence[str], path: Path) -> None:
        """Bring ``services`` (all, where there is none) up; ``path`` is the record's.

        See :meth:`seatrial.runtimes.base.Standing.up` for what it raises.
        """
        record, clock = self._record, self._context.clock
        record.worker = records.me()
        records.write(path, record)
        began, ok = clock.at(), False
        try:
            plans = self._planned(project, services)
            wanted = _with_needed(plans, services)
            self._notices.project(project)
            self._say_where(plans.values())
            self._emit_start(began, wanted)
            try:
                await self._start(project, plans, wanted)
                ok = True
            finally:
                now = clock.at()
                key = self._request.key
                finished = events.PhaseFinished(now, events.Phase.BOOT, key, now - began, key, ok)
                self._context.emit(finished)
        finally:
            record.worker = None
            if record.services:
                records.write(path, record)
            else:
                # Nothing was started, and nothing is to be looked at.
                await remove(record, self._folders)
                path.unlink(missing_ok=True)
            self._hand_over()
        reached = [e for name in wanted for e in endpoints(project.services[name], record)]
        ready = events.EnvironmentReady(now, self._request.key, now - began, tuple(reached))
        self._context.emit(ready)

    def _emit_start(self, began: float, wanted: Sequence[str]) -> None:
        key = self._request.key
        self._context.emit(events.PhaseStarted(began, events.Phase.BOOT, key, key, tuple(wanted)))

    def _say_where(self, plans: Iterable[ServicePlan]) -> None:
        """Say where the data is, where that is not the worktree."""
        root, kept = self._request.root, self._record.kept
        if root.resolve() not in kept.parents and any(one.data for one in plans):
            self._notices.say(events.Notice.DATA_ELSEWHERE, str(kept), str(root))

    def _planned(self, project: ComposeProject, services: Sequence[str]) -> dict[str, ServicePlan]:
        """Return the plans; what lacks its language is left out where nobody named services."""
        record, find = self._record, self._context.processes.find
        plans = plan(project, self._providers, self._request.variables, record.scratch, record.kept)
        if services:
            return {one.name: one for one in plans}
        plans, lacking = without_absent(plans, lambda program: find(program) is not None)
        for name, language in lacking.items():
            subject = f"{self._request.key}: {name}"
            self._notices.say(events.Notice.SERVICE_LEFT_OUT, subject, language)
        return {one.name: one for one in plans}

    async def _start(
        self, project: ComposeProject, plans: Mapping[str, ServicePlan], wanted: Sequence[str]
    ) -> None:
        record = self._record
        # What a call that was killed had started holds ports, and nobody knows it.
        await end_strays(record)
        living = record.living()
        before = Before(
            record.block,
            record.addresses,
            living,
            [name for name, one in record.services.items() if one.alive],
        )
        site, record.block = places(
            [one.wanted for one in plans.values()],
            {name: one.published for name, one in plans.items()},
            before,
            starting=wanted,
            folder=self._folders.state / "blocks",
            seed=int.from_bytes(os.urandom(2), "big"),
        )
        boot = None
        try:
            prints = {
                name: fingerprint(plans[name], site, project.services[name]) for name in wanted
            }
            same = [name for name in wanted if self._runs_unchanged(plans[name], prints[name])]
            fresh = [plans[name] for name in wanted if name not in same]
            await self._clear(fresh)
            record.addresses = {**record.addresses, **site.addresses}
            boot = Boot(
                self._request,
                [plans[name] for name in wanted],
                site,
                record.rooms,
                self._folders.cache,
                self._context,
                self._notices,
                ready=same,
                codes=record.codes,
            )
            if fresh:
                await boot.run()
        finally:
            for service in boot.services.values() if boot is not None else ():
                self._settle(service, prints, project.services[service.plan.name])
            site.holds(record.living())
            site.close(empty=not record.living())

    def _runs_unchanged(self, one: ServicePlan, print_now: str) -> bool:
        """Return whether a service can be left alone; a one-shot is done anew, as by Compose."""
        started = self._record.services.get(one.name)
        if started is None or one.one_shot:
            return False
        return started.alive and started.ready and started.plan == print_now

    async def _clear(self, plans: Sequence[ServicePlan]) -> None:
        """End what is to be replaced, and make its places as new; kept volumes stay."""
        record, ledger = self._record, self._context.ledger
        old = [record.services[one.name] for one in plans if one.name in record.services]
        await end(old)
        await end_strays(record)
        for folder in (record.data, record.scratch):
            if not folder.exists():
                ledger.folder(folder, self._request.key)
        record.make()
        make(record.kept)
        for one in plans:
            shutil.rmtree(record.data / one.name, ignore_errors=True)
            shutil.rmtree(record.scratch / one.name / "root", ignore_errors=True)
            for folder in one.folders:
                if record.scratch in folder.parents:
                    shutil.rmtree(folder, ignore_errors=True)

    def _settle(
        self, service: RunningService, prints: Mapping[str, str], asked: ComposeService
    ) -> None:
        """Write down a service that was started, and let it go."""
        child, one = service.child, service.plan
        if child is None or service.cwd is None:
            return
        grace = asked.stop_grace_period
        self._record.services[one.name] = Started(
            service=one.name,
            pid=child.pid,
            start=start_time(child.pid) or "",
            boot=boot_id(),
            began=service.began,
            offset=service.offset,
            plan=prints[one.name],
            cwd=str(service.cwd),
            stop_signal=one.stop_signal,
            grace=_GRACE if grace is None else grace,
            after=tuple(one.depends_on),
            one_shot=one.one_shot,
            ready=service.ready,
        )
        child.take_priority()
        self._context.processes.forget(child)

    def _hand_over(self) -> None:
        """Strike what stands out of this call's ledger: the record answers for it now."""
        ledger, record = self._context.ledger, self._record
        for started in record.services.values():
            ledger.done("process", str(started.pid))
        for folder in (record.data, record.scratch):
            ledger.done("folder", str(folder))
        ledger.done("marker", f"{RUN_VARIABLE}={ledger.run}")


def _with_needed(plans: Mapping[str, ServicePlan], services: Sequence[str]) -> tuple[str, ...]:
    """Return ``services`` and all that they depend on, in the file's order."""
    found: set[str] = set()
    waiting = [name for name in services or plans if name in plans]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(other for other in plans[name].depends_on if other in plans)
    return tuple(name for name in plans if name in found)
