"""Carries out the plan of a release: builds, pushes, re-tags, and moves tags last of all.

::

    versions ──────────────► verified ──► moving tags ──► verified ──► the record says complete
    built and pushed, or                  minor, major, latest;
    re-tagged; what is                    of all images before
    there already is left                 the next kind

Whatever breaks off before the moving tags leaves them all where they were, and a second push goes
on where the first one ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from seatrial.errors import EnvironmentFailure, Refused, SeatrialError
from seatrial.host.processes import Processes
from seatrial.host.registry import Manifest, Registry
from seatrial.host.registry_names import split_repository
from seatrial.model.redact import Redactor
from seatrial.release import record as records
from seatrial.release.bake import Output, bake_file, target_name
from seatrial.release.builder import bake
from seatrial.release.plan import Action, ImagePlan, ReleasePlan
from seatrial.release.proof import Proof
from seatrial.release.record import Record
from seatrial.release.version import Version, moving_tags, version_of

# Seconds between two looks at a registry that is pushed to, and how many it may miss in a row.
_LOOK = 1.0
_MISSED = 5
_AGAIN = (
    "no tag but the version's own was touched; "
    "when that is mended, the same command goes on where it ended"
)
_HALF = "the same command goes on where it ended; the digests that the tags had are in {file}"


class What(StrEnum):
    """What happened."""

    WAITING = "waiting-for-another"
    BAKING = "baking"
    SAID = "builder-said"
    PUSHED = "pushed"
    RETAGGED = "re-tagged"
    THERE = "already-there"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Happened:
    """One fact of a release under way; ``detail`` is a digest, a tag, or a line of the builder."""

    what: What
    image: str = ""
    detail: str = ""


Listener = Callable[[Happened], None]


@dataclass(frozen=True, slots=True)
class Pusher:
    """Pushes one release, or without ``whole`` some of its images; ``file`` is where its record is
    kept. With ``must_attest`` an image to which nothing is attached is refused.
    """

    registry: Registry
    processes: Processes
    root: Path
    file: Path
    output: Output
    hear: Listener
    redact: Redactor
    whole: bool = True
    must_attest: bool = False

    async def push(self, plan: ReleasePlan, proof: Proof) -> Record:
        """Return the record of the finished release.

        Raises ``EnvironmentFailure`` with a way back where something breaks off.
        """
        try:
            await asyncio.to_thread(self._may_push, plan)
            # Written before a version is taken over: what it was is the way back.
            record = records.begun(plan, proof, self.file)
            records.write(record, self.file)
            record = await self._versions(record)
            await asyncio.to_thread(self._check_unchanged, plan)
        except SeatrialError as error:
            raise _with_way_back(error, _AGAIN) from None
        try:
            for one, tag in _moves(plan):
                record = await asyncio.to_thread(self._move, record, one, tag)
        except SeatrialError as error:
            raise _with_way_back(error, _HALF.format(file=self.file)) from None
        record = replace(record, complete=self.whole)
        records.write(record, self.file)
        return record

    def _may_push(self, plan: ReleasePlan) -> None:
        for one in plan.images:
            if one.action is not Action.DONE or one.moves:
                self.registry.check_push(_path(one))
            if (
                self.must_attest
                and one.digest
                and not self._manifest(_path(one), one.digest).attested
            ):
                raise Refused(
                    f"nothing is attached to {one.image.repository}@{one.digest}",
                    mend="build it anew, with --rebuild, in the next version",
                )

    async def _versions(self, record: Record) -> Record:
        """Bring the version of every image to the registry, and see that it has what was sent."""
        plan = record.plan
        for one in plan.images:
            if one.action is Action.DONE:
                found = await asyncio.to_thread(self._manifest, _path(one), one.digest)
                record = record.there(one, one.digest, attested=found.attested)
                self.hear(Happened(What.THERE, one.image.name, one.digest))
            elif one.action is Action.RETAG:
                attested = await asyncio.to_thread(self._retag, plan, one)
                record = record.there(one, one.digest, attested=attested)
                self.hear(Happened(What.RETAGGED, one.image.name, one.digest))
        records.write(record, self.file)
        if plan.of(Action.BUILD):
            record = await self._build(record)
        return record

    def _retag(self, plan: ReleasePlan, one: ImagePlan) -> bool:
        path = _path(one)
        manifest = self._manifest(path, one.digest)
        self._check_version(plan, one)
        self.registry.put(path, str(plan.version), manifest)
        return self._verify(path, str(plan.version), one.digest).attested

    async def _build(self, record: Record) -> Record:
        plan = record.plan
        built = plan.of(Action.BUILD)
        for one in built:
            await asyncio.to_thread(self._check_version, plan, one)
        self.hear(Happened(What.BAKING, ", ".join(one.image.name for one in built)))
        try:
            digests = await bake(
                self.processes,
                self.root,
                self.file.with_suffix(".bake.json"),
                bake_file(plan, self.output),
                plan.asked.created,
                lambda line: self.hear(Happened(What.SAID, "", line)),
                self.redact,
                self._while_it_answers,
            )
        except EnvironmentFailure as error:
            # Of a registry that is gone its own error says more than the builder's.
            await asyncio.to_thread(self._still_there, built, error)
            raise
        for one in built:
            digest = digests.get(target_name(one), "")
            found = await asyncio.to_thread(self._verify, _path(one), str(plan.version), digest)
            record = record.there(one, digest, attested=found.attested)
            self.hear(Happened(What.PUSHED, one.image.name, digest))
        records.write(record, self.file)
        return record

    async def _while_it_answers(self) -> None:
        """Raise when the registry is gone: an engine would go on for a minute before it says so."""
        missed = 0
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await asyncio.to_thread(self.registry.ping)
                missed = 0
            except EnvironmentFailure:
                missed += 1
                if missed == _MISSED:
                    raise

    def _still_there(self, built: tuple[ImagePlan, ...], first: EnvironmentFailure) -> None:
        try:
            for one in built:
                self.registry.tags(_path(one))
        except EnvironmentFailure as error:
            error.detail = first.detail[-5:]
            raise

    def _check_unchanged(self, plan: ReleasePlan) -> None:
        """Raise where somebody else has released a newer version since the plan was made."""
        for one in plan.images:
            self._check_newest(plan, one)

    def _check_version(self, plan: ReleasePlan, one: ImagePlan) -> None:
        """Raise where somebody else has pushed this very version since the plan was made."""
        now = self.registry.manifest(_path(one), str(plan.version))
        if now is not None and now.digest not in (one.digest, one.replaces):
            raise _overtaken(one, plan.version, plan.version)

    def _check_newest(self, plan: ReleasePlan, one: ImagePlan) -> None:
        tags = self.registry.tags(_path(one))
        now = [found for text in tags if (found := version_of(text))]
        stays = {m.tag: m.newer for m in moving_tags(plan.version, now) if m.newer is not None}
        newer = [stays[tag] for tag in one.moves if tag in stays]
        if newer:
            raise _overtaken(one, newer[0], plan.version)

    def _move(self, record: Record, one: ImagePlan, tag: str) -> Record:
        pushed = record.images[one.image.name]
        path = _path(one)
        now = self.registry.manifest(path, tag)
        if now is not None and now.digest == pushed.digest:
            return record
        if tag not in pushed.before:
            # Noted before it is moved: it is the way back.
            before = {**pushed.before, tag: now.digest if now else ""}
            record = record.having(replace(pushed, before=before))
            records.write(record, self.file)
        manifest = self._manifest(path, pushed.digest)
        # Registries know no "only if": looked at as late as can be.
        self._check_newest(record.plan, one)
        self.registry.put(path, tag, manifest)
        self._verify(path, tag, pushed.digest)
        self.hear(Happened(What.MOVED, one.image.name, tag))
        return record

    def _manifest(self, path: str, digest: str) -> Manifest:
        manifest = self.registry.manifest(path, digest)
        if manifest is None:
            raise EnvironmentFailure(
                f"the registry {self.registry.host} has no {path}@{digest} any more",
                mend="somebody removed it; run the command again with --rebuild",
            )
        return manifest

    def _verify(self, path: str, tag: str, digest: str) -> Manifest:
        """Return what the registry has as ``tag``; raise where that is not ``digest``."""
        found = self.registry.manifest(path, tag)
        if found is None or found.digest != digest:
            there = found.digest if found else "nothing"
            raise EnvironmentFailure(
                f"{self.registry.host}/{path}:{tag} is {there}, but {digest or 'another'} was sent",
                mend="somebody else pushes the same tag, or the registry loses what it gets",
            )
        return found


def _moves(plan: ReleasePlan) -> Iterator[tuple[ImagePlan, str]]:
    """Yield what is moved, the narrowest tags of all images before the wider ones."""
    longest = max((len(one.moving) for one in plan.images), default=0)
    for at in range(longest):
        for one in plan.images:
            if at < len(one.moving) and one.moving[at].newer is None:
                yield one, one.moving[at].tag


def _overtaken(one: ImagePlan, got: Version, pushed: Version) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"{one.image.repository} got {got} while {pushed} was pushed",
        mend="run the command again: it makes a new plan",
    )


def _path(one: ImagePlan) -> str:
    return split_repository(one.image.repository)[1]


def _with_way_back(error: SeatrialError, way: str) -> SeatrialError:
    error.mend = f"{error.mend}; {way}" if error.mend else way
    return error
