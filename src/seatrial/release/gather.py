"""Finds out all that the plan of a release depends on: git, the files of images, the registry.

::

    tag ─► images ─► (registry: tags, manifests) ─► what changed since ─► Known ─► make_plan
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.config.model import Config
from seatrial.discover.services import find_services
from seatrial.errors import UsageError
from seatrial.host.commits import Commit, Commits
from seatrial.host.registry import Registry
from seatrial.host.registry_names import is_insecure, split_repository
from seatrial.model.redact import secret_values
from seatrial.release.bake import RECIPE_LABEL, TREE_LABEL
from seatrial.release.images import NO_REGISTRY, Image, images
from seatrial.release.only import only
from seatrial.release.plan import (
    Asked,
    Before,
    Held,
    Known,
    ReleasePlan,
    make_plan,
    of_service,
    released,
)
from seatrial.release.reads import dependencies, touch, untold
from seatrial.release.version import ReleaseTag, parse_tag, release_tag

DIRTY, UNTESTED, OVERWRITE = "dirty", "untested", "overwrite"
_REVISION = "org.opencontainers.image.revision"
# Registries asked at once; each answer is small.
_THREADS = 8


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for.

    ``tag`` is empty where the tag at HEAD is meant; ``force`` holds the words of what is overridden
    (``dirty``, ``untested``, ``overwrite``); ``new_tag`` allows a tag that is not there yet, as a
    look ahead. Without ``ask`` the registry is left alone. ``only`` names one image to bring there,
    as its version and no more; empty for all. ``tree`` is the digest of what is checked out, for a
    dirty tree; empty where nobody can tell.
    """

    root: Path
    config: Config
    environment: Mapping[str, str]
    tag: str = ""
    registry: str = ""
    only: str = ""
    rebuild: bool = False
    force: frozenset[str] = frozenset()
    new_tag: bool = False
    ask: bool = True
    tree: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The plan, and the registry that it is about. ``commits`` looks for the commits that are new
    since ``plan.previous``, which may take its time.
    """

    plan: ReleasePlan
    registry: Registry
    commits: Callable[[], tuple[Commit, ...]]


def gather(order: Order) -> Gathered:
    """Return the plan of the release that ``order`` asks for.

    Raises ``UsageError`` (no tag, no version, a dirty tree), ``ConfigError``,
    ``EnvironmentFailure`` where the registry does not answer.
    """
    commits = Commits(order.root, order.environment)
    tags = commits.tags()
    tag = the_tag(order, tags, commits.head)
    dirt = commits.dirt()
    if dirt and DIRTY not in order.force and not order.new_tag:
        raise UsageError(
            f"the work tree is not what {tag.name} says: {_few(dirt)}",
            mend="commit and tag again, or put it away with git stash; "
            "or release it all the same with --force dirty",
        )
    found = images(order.root, order.config, order.environment, order.registry, str(tag.version))
    services = [one.name for one in find_services(order.root, order.config)]
    found = of_service(found, tag, services)
    host = _host(found)
    insecure = order.ask and is_insecure(host, order.environment)
    registry = Registry(host, order.environment, insecure=insecure)
    asked = Asked(
        tag=tag,
        commit=commits.head,
        created=commits.time(commits.head),
        source=commits.origin(),
        dirty=bool(dirt),
        rebuild=order.rebuild,
        overwrite=OVERWRITE in order.force,
        asked_registry=order.ask and host != NO_REGISTRY,
        shallow=commits.shallow(),
        tree=order.tree if dirt else "",
    )
    if asked.asked_registry:
        # One that is down is waited for once, and not for every image.
        registry.ping()
    gatherer = _Gatherer(commits, tags, registry, asked, order.root)
    with ThreadPoolExecutor(_THREADS) as pool:
        known = list(pool.map(gatherer.known, found))
    previous = gatherer.last(found)
    plan = make_plan(asked, known, host, previous)
    plan = only(plan, order.only) if order.only else plan
    plan = replace(plan, secrets=_secret_arguments(plan))
    return Gathered(plan, registry, lambda: gatherer.commits_since(previous, found))


def the_tag(order: Order, tags: Mapping[str, str], head: str) -> ReleaseTag:
    """Return the tag that is released: the one asked for, else the one at ``head``.

    Raises ``UsageError`` where there is none, several, or one that is somewhere else.
    """
    if order.tag:
        tag = parse_tag(order.tag)
        if tag.name not in tags:
            if order.new_tag:
                return tag
            raise UsageError(
                f"there is no tag {tag.name}", mend=f"git tag {tag.name}; then release it"
            )
        if tags[tag.name] != head:
            raise UsageError(
                f"the tag {tag.name} is at {tags[tag.name][:12]}, checked out is {head[:12]}",
                mend=f"git switch --detach {tag.name}",
            )
        return tag
    here = sorted(name for name, commit in tags.items() if commit == head)
    releases = [found for name in here if (found := release_tag(name))]
    if len(releases) == 1:
        return releases[0]
    if releases:
        names = ", ".join(tag.name for tag in releases)
        raise UsageError(
            f"several tags are at {head[:12]}: {names}", mend="say which one with --tag"
        )
    if len(here) == 1:
        parse_tag(here[0])
    raise UsageError(
        f"no tag at {head[:12]} is a version" + (f": {', '.join(here)}" if here else ""),
        mend="git tag v1.2.3; or say with --tag which release is meant",
    )


class _Gatherer:
    """Asks about one image at a time; safe in several threads."""

    def __init__(
        self,
        commits: Commits,
        tags: Mapping[str, str],
        registry: Registry,
        asked: Asked,
        root: Path,
    ) -> None:
        self._commits = commits
        self._places = tags
        self._registry = registry
        self._asked = asked
        self._root = root
        self._releases = [tag for name in tags if (tag := release_tag(name))]
        merged = commits.merged_tags()
        self._behind = [
            tag for tag in self._releases if tag.name in merged and tag.name != asked.tag.name
        ]
        self._ignored = commits.ignored()

    def known(self, image: Image) -> Known:
        """Return what is known about ``image``."""
        path = split_repository(image.repository)[1]
        in_registry = self._registry.tags(path) if self._asked.asked_registry else ()
        version = str(self._asked.tag.version)
        return Known(
            image=image,
            released=released(image, self._releases, in_registry),
            # Asked for by its name: some registries list a tag only a while after it was pushed.
            there=self._held(path, version) if self._asked.asked_registry else None,
            before=self._before(image, path, in_registry),
        )

    def last(self, found: Sequence[Image]) -> ReleaseTag | None:
        """Return the last release that HEAD contains and that is about these images."""
        own = {owner for image in found for owner in image.owners}
        one = self._asked.tag.service is not None
        about = [t for t in self._behind if t.service is None or (one and t.service in own)]
        if self._asked.tag.version.stable:
            # The notes of a release tell what its candidates told, too.
            about = [t for t in about if t.version.stable]
        return max(about, key=lambda t: t.version, default=None)

    def commits_since(
        self, previous: ReleaseTag | None, found: Sequence[Image]
    ) -> tuple[Commit, ...]:
        """Return the commits since ``previous``; for one service those that touch its image."""
        old = self._places[previous.name] if previous else None
        since = self._commits.since(old, self._asked.commit)
        if self._asked.tag.service is None:
            return since
        reads = [one for image in found for one in dependencies(image, self._root)]
        return tuple(c for c in since if touch(reads, self._commits.files_of(c.id)))

    def _before(self, image: Image, path: str, in_registry: Sequence[str]) -> Before | None:
        own = [t for t in self._behind if t.service is None or t.service in image.owners]
        if not own:
            return None
        # Of several the newest that the registry has: a release may have come to nothing.
        there = [t for t in own if str(t.version) in in_registry]
        tag = max(there or own, key=lambda t: t.version)
        held = self._held(path, str(tag.version)) if there else None
        # The image itself says what it is made of: a tag of git may have been moved since.
        base = held.revision if held else self._places[tag.name]
        if not self._commits.has(base):
            return Before(tag, held, None, known=False)
        reads = dependencies(image, self._root)
        changed = self._commits.between(base, self._asked.commit)
        found = touch(reads, changed) or untold(reads, self._ignored, self._commits.top)
        return Before(tag, held, found)

    def _held(self, path: str, tag: str) -> Held | None:
        manifest = self._registry.manifest(path, tag)
        if manifest is None:
            return None
        labels = self._registry.labels(path, manifest)
        words = (labels.get(name, "") for name in (_REVISION, RECIPE_LABEL, TREE_LABEL))
        return Held(manifest.digest, *words)


def _secret_arguments(plan: ReleasePlan) -> dict[str, tuple[str, ...]]:
    """Return the build arguments of each image whose names or values look like secrets."""
    found = {}
    for one in plan.images:
        given = {name: value or name for name, value in one.image.build.args.items()}
        names = tuple(name for name in given if secret_values({name: given[name]}))
        if names:
            found[one.image.name] = names
    return found


def _host(found: Sequence[Image]) -> str:
    if not found:
        return NO_REGISTRY
    hosts = sorted({split_repository(image.repository)[0] for image in found})
    if len(hosts) > 1:
        raise UsageError(
            f"the images go to several registries: {', '.join(hosts)}",
            mend="let all of them begin with ${REGISTRY:-localhost}/",
        )
    return hosts[0]


def must_have_images(plan: ReleasePlan) -> None:
    """Raise ``UsageError`` where there is nothing to release."""
    if not plan.images:
        service = plan.asked.tag.service
        raise UsageError(
            "there is no image to release" + (f" of {service}" if service else ""),
            mend="give a service of deploy/prod/docker-compose.yml a build:, "
            "or a service's folder a Dockerfile",
        )


def must_have_registry(plan: ReleasePlan) -> None:
    """Raise ``UsageError`` where nothing says to which registry the images go."""
    if plan.registry == NO_REGISTRY:
        raise UsageError(
            "nothing says which registry the images go to",
            mend="--registry HOST[/PATH]; or REGISTRY in the environment or in deploy/prod/.env; "
            'or registry = "HOST/PATH" under [release] in seatrial.toml',
        )


def _few(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
