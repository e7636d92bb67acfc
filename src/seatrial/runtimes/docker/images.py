"""Images of ``build:`` services: each built once per run and started by its id."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Iterable, Mapping

from seatrial.composefile.model import Build, ComposeProject, ComposeService
from seatrial.errors import EnvironmentFailure
from seatrial.events import Phase, PhaseFinished, PhaseStarted
from seatrial.host.ledger import others_alive
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.cli import Docker, failure
from seatrial.runtimes.docker.leftovers import remove_images
from seatrial.runtimes.docker.override import build_plan
from seatrial.runtimes.docker.yamltext import text

_LAST_LINES = 30
# How bake and Compose's own builder name the one that failed.
_CULPRIT = re.compile(r"(?:target|service) [\"']?([\w.-]+?)[\"']?:? failed|failed to solve")


def build_key(service: ComposeService) -> str:
    """Return what tells one image from another: equal keys are built once. Pure.

    Of keys beyond context, Dockerfile, target and arguments only the names are known here, so a
    build that has them is shared by nobody.
    """
    build = service.build
    assert build is not None
    facts: list[object] = [
        *(str(build.context), str(build.dockerfile), build.inline, build.target),
        sorted(build.args.items()),
    ]
    if build.other_keys:
        facts += [str(build.where), service.name, *sorted(build.other_keys)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def image_users(project: ComposeProject) -> Mapping[str, str]:
    """Return for each service that runs a built image the service whose ``build:`` makes it. Pure.

    A service without ``build:`` may name the ``image:`` that another one builds.
    """
    named = {s.image: s.name for s in project.services.values() if s.build and s.image}
    users = {}
    for service in project.services.values():
        if service.build is not None:
            users[service.name] = service.name
        elif service.image in named:
            users[service.name] = named[service.image]
    return users


class Images:
    """The images of one run. Safe to ask from several boots at once."""

    def __init__(self, docker: Docker, context: RunContext) -> None:
        self._docker = docker
        self._context = context
        self._known: dict[str, asyncio.Future[str]] = {}
        self._worktrees: set[str] = set()

    async def of(self, project: ComposeProject, request: EnvironmentRequest) -> Mapping[str, str]:
        """Return the image id of every service that runs a built image; build what is missing.

        Raises ``EnvironmentFailure`` with the last lines of a build that failed.
        """
        users = image_users(project)
        keys = {name: build_key(project.services[name]) for name in set(users.values())}
        while missing := [key for key in keys.values() if not self._is_built(key)]:
            mine = {key: name for name, key in sorted(keys.items(), reverse=True)}
            claimed = {key: mine[key] for key in missing if key not in self._known}
            if claimed:
                await self._build(project, request, claimed)
            else:
                # Somebody else builds them; where that was called off they are ours to build.
                await asyncio.wait([self._known[k] for k in missing if k in self._known])
        return {name: self._known[keys[maker]].result() for name, maker in users.items()}

    async def close(self) -> None:
        """Let go of this worktree's older images, unless another run may be using them."""
        if not self._worktrees or others_alive(self._context.ledger):
            return
        for worktree in self._worktrees:
            await remove_images(self._docker, worktree, untagged_only=True)

    def _is_built(self, key: str) -> bool:
        future = self._known.get(key)
        return future is not None and future.done() and not future.cancelled()

    async def _build(
        self, project: ComposeProject, request: EnvironmentRequest, claimed: Mapping[str, str]
    ) -> None:
        loop = asyncio.get_running_loop()
        self._known |= {key: loop.create_future() for key in claimed}
        try:
            found = await self._built(project, request, claimed)
        except BaseException:
            for key in claimed:
                self._known.pop(key).cancel()
            raise
        for key, image in found.items():
            self._known[key].set_result(image)

    async def _built(
        self, project: ComposeProject, request: EnvironmentRequest, claimed: Mapping[str, str]
    ) -> dict[str, str]:
        worktree = labels.worktree(request)
        self._worktrees.add(worktree)
        tags = {key: f"seatrial-{worktree.lower()}:{key}" for key in claimed}
        names = sorted(claimed.values())
        override = text(build_plan(request, {n: tags[k] for k, n in claimed.items()}))
        began = self._context.clock.at()
        subject = ", ".join(names)
        emit, clock = self._context.emit, self._context.clock
        emit(PhaseStarted(began, Phase.BUILD, subject, request.key))
        # Compose writes its project's name into the image: one that is the same in every run.
        done = await self._docker.compose(
            request, f"seatrial-build-{worktree.lower()}", override, "build", *names
        )
        emit(
            PhaseFinished(
                clock.at(), Phase.BUILD, subject, clock.at() - began, request.key, done.ok
            )
        )
        if not done.ok:
            raise not_built(project, names, failure("", done, _LAST_LINES).detail)
        facts = await self._docker.inspected("image", list(tags.values()))
        by_tag = {tag: str(f["Id"]) for f in facts for tag in f.get("RepoTags") or ()}
        return {key: _of_tag(by_tag, tag) for key, tag in tags.items()}


def _of_tag(ids: Mapping[str, str], tag: str) -> str:
    if tag not in ids:
        raise EnvironmentFailure(
            f"the build gave no image {tag}",
            mend="see whether another builder is in use: `docker buildx ls`",
        )
    return ids[tag]


def not_built(
    project: ComposeProject, names: Iterable[str], lines: tuple[str, ...]
) -> EnvironmentFailure:
    """Return the error for a build of ``names`` that failed; ``lines`` are its last ones."""
    asked = list(names)
    said = {match[1] for line in lines for match in _CULPRIT.finditer(line) if match[1]}
    culprits = [name for name in asked if name in said] or asked
    build: Build | None = project.services[culprits[0]].build
    return EnvironmentFailure(
        f"the image of {', '.join(culprits)} was not built",
        where=build.where if build else None,
        mend="see the last lines of the build below",
        detail=lines,
    )
