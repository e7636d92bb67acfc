"""What a release will do, and why: a pure plan that executors carry out and renderers print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from seatrial.errors import UsageError
from seatrial.planning.changed import Touch
from seatrial.release.images import Image
from seatrial.release.version import Moving, ReleaseTag, Version, moving_tags, version_of

DIRTY_MARK = "-dirty"
_SHORT = 12


class Action(StrEnum):
    """What becomes of an image."""

    BUILD = "build"
    RETAG = "re-tag"
    DONE = "done"


class Why(StrEnum):
    """Why that becomes of it."""

    FIRST = "no-release-before"
    CHANGED = "changed"
    RECIPE = "build-section-changed"
    NOT_THERE = "not-in-the-registry"
    NOT_ASKED = "registry-not-asked"
    UNTOLD = "made-of-an-unknown-commit"
    REBUILD = "rebuild-asked"
    DIRTY = "dirty-tree"
    UNCHANGED = "unchanged"
    THERE = "already-pushed"


@dataclass(frozen=True, slots=True)
class Held:
    """What a tag of a registry points to; labels that the image has not are empty. ``tree`` is the
    state of the work tree that an image of a dirty one was made of.
    """

    digest: str
    revision: str = ""
    recipe: str = ""
    tree: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """The last release that has this image, as a ``tag`` of git.

    ``held`` is what the registry has of it, ``None`` where it has nothing (or was not asked);
    ``touch`` is why the image is not the same any more, ``None`` where it is. Where the commit that
    the image was made of is not ``known`` here, nobody can say.
    """

    tag: ReleaseTag
    held: Held | None
    touch: Touch | None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one image. ``released`` are all versions that it ever had, by git and by
    the registry; ``there`` is what the registry has as the version that is to be released.
    """

    image: Image
    released: tuple[Version, ...] = ()
    there: Held | None = None
    before: Before | None = None


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What becomes of one image; ``digest`` is what is re-tagged, or there already.

    ``touch`` is set where the cause is a changed file, ``before`` where it was released before.
    ``replaces`` is the digest of the image that the version is taken from; empty for a new version.
    """

    image: Image
    action: Action
    why: Why
    moving: tuple[Moving, ...]
    before: ReleaseTag | None = None
    digest: str = ""
    touch: Touch | None = None
    replaces: str = ""

    @property
    def moves(self) -> tuple[str, ...]:
        """Return the tags that will point to this image, besides its version."""
        return tuple(one.tag for one in self.moving if one.newer is None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the release is asked to be; ``created`` is when the commit was made, in seconds since
    the epoch. ``asked_registry`` says whether the registry was looked at, ``shallow`` that the
    history was cut when it was cloned, so that releases before are not known. ``tree`` is the
    digest of a ``dirty`` work tree; empty where nobody can tell what is in it.
    """

    tag: ReleaseTag
    commit: str
    created: int
    source: str = ""
    dirty: bool = False
    rebuild: bool = False
    overwrite: bool = False
    asked_registry: bool = True
    shallow: bool = False
    tree: str = ""

    @property
    def revision(self) -> str:
        """Return what the images are said to be made of; no commit's name for a dirty tree."""
        return self.commit + (DIRTY_MARK if self.dirty else "")


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """A release. ``registry`` is the host that all its images go to."""

    asked: Asked
    images: tuple[ImagePlan, ...]
    registry: str
    previous: ReleaseTag | None = None
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def version(self) -> Version:
        """Return the version."""
        return self.asked.tag.version

    def of(self, action: Action) -> tuple[ImagePlan, ...]:
        """Return the images of which ``action`` becomes."""
        return tuple(one for one in self.images if one.action is action)


def of_service(
    images: Sequence[Image], tag: ReleaseTag, services: Sequence[str] = ()
) -> tuple[Image, ...]:
    """Return the images that ``tag`` releases; none of one of the ``services`` that has no image,
    as a library. Raises ``UsageError`` for an unknown service.
    """
    if tag.service is None:
        return tuple(images)
    found = tuple(one for one in images if tag.service in one.owners)
    if found or tag.service in services:
        return found
    owners = dict.fromkeys(owner for one in images for owner in one.owners)
    raise UsageError(
        f"the tag {tag.name!r} names the service {tag.service!r}, which has no image",
        mend=f"there are: {', '.join(owners)}",
    )


def released(
    image: Image, tags: Sequence[ReleaseTag], in_registry: Sequence[str]
) -> tuple[Version, ...]:
    """Return all versions that ``image`` had: by git's tags, and by those of its repository."""
    by_git = [t.version for t in tags if t.service is None or t.service in image.owners]
    by_registry = [version for text in in_registry if (version := version_of(text))]
    return tuple(sorted({*by_git, *by_registry}))


def make_plan(
    asked: Asked, known: Sequence[Known], registry: str, previous: ReleaseTag | None = None
) -> ReleasePlan:
    """Return the plan. Raises ``UsageError`` for a version that is another image already."""
    return ReleasePlan(asked, tuple(_image(asked, one) for one in known), registry, previous)


def _image(asked: Asked, known: Known) -> ImagePlan:
    version = asked.tag.version
    others = [one for one in known.released if one != version]
    moving = moving_tags(version, others)
    action, why = _becomes(asked, known)
    before = known.before
    there = known.there if action is Action.DONE else None
    held = there or (before.held if before and action is Action.RETAG else None)
    return ImagePlan(
        image=known.image,
        action=action,
        why=why,
        moving=moving,
        before=before.tag if before else None,
        digest=held.digest if held else "",
        touch=before.touch if before and why is Why.CHANGED else None,
        replaces=known.there.digest if known.there and action is not Action.DONE else "",
    )


def _becomes(asked: Asked, known: Known) -> tuple[Action, Why]:
    action, why = _made(asked, known)
    there = known.there
    if there is None:
        return action, why
    source = known.before.held if known.before else None
    if action is Action.RETAG and source is not None and source.digest == there.digest:
        return Action.DONE, Why.THERE
    if asked.overwrite:
        # What this very command has brought there is left, so that it can be called again.
        anew = asked.rebuild or there.recipe != known.image.recipe_digest
        return (action, why) if anew or not _made_of(asked, there) else (Action.DONE, Why.THERE)
    if _made_of(asked, there):
        return Action.DONE, Why.THERE
    raise _taken(asked, known.image, there)


def _made_of(asked: Asked, there: Held) -> bool:
    """Return whether an image is made of what is released; of a dirty tree only its bytes tell."""
    if there.revision != asked.revision:
        return False
    return not asked.dirty or there.tree == asked.tree != ""


def _taken(asked: Asked, image: Image, there: Held) -> UsageError:
    """Return the error about a version that is another image already."""
    what = asked.commit[:_SHORT]
    if asked.dirty:
        what = f"this work tree, which differs from {what}"
    told = [f"there: {there.digest}, made of {_shown(there.revision) or 'what nobody knows'}"]
    if there.revision == asked.revision and asked.dirty and not (asked.tree and there.tree):
        told.append(
            "whether that was this work tree is not known: one with a repository or a changed "
            "submodule in it, or with very many changes, is not compared"
        )
    return UsageError(
        f"{image.repository}:{asked.tag.version} is in the registry already, and is not made "
        f"of {what}",
        mend="release the next version; or replace this one, which others may run, "
        "with --force overwrite",
        detail=tuple(told),
    )


def _shown(revision: str) -> str:
    commit = revision.removesuffix(DIRTY_MARK)
    return commit[:_SHORT] + revision[len(commit) :]


def _made(asked: Asked, known: Known) -> tuple[Action, Why]:
    before = known.before
    if asked.rebuild:
        return Action.BUILD, Why.REBUILD
    if asked.dirty:
        return Action.BUILD, Why.DIRTY
    if before is None:
        return Action.BUILD, Why.FIRST
    if not before.known:
        return Action.BUILD, Why.UNTOLD
    if before.touch is not None:
        return Action.BUILD, Why.CHANGED
    if not asked.asked_registry:
        return Action.BUILD, Why.NOT_ASKED
    if before.held is None:
        return Action.BUILD, Why.NOT_THERE
    if before.held.recipe != known.image.recipe_digest:
        return Action.BUILD, Why.RECIPE
    return Action.RETAG, Why.UNCHANGED
