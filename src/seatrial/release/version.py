"""Versions (Semantic Versioning 2.0.0), the git tags that name them, the image tags that follow.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

from seatrial.errors import UsageError

_NUMBER = r"(?:0|[1-9][0-9]*)"
_WORD = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_WORD}(?:\.{_WORD})*))?(\+{_BUILD})?"
)
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_ZEROS = re.compile(r"(?:^|[.-])0[0-9]+(?=[.-]|$)")
_SHORT = re.compile(rf"{_NUMBER}(?:\.{_NUMBER})?")
# The longest tag that a registry takes.
_LONGEST = 128
LATEST = "latest"


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version; ``pre`` holds the identifiers of a pre-release, empty for a stable one."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    @property
    def stable(self) -> bool:
        """Return whether this is no pre-release."""
        return not self.pre

    def __str__(self) -> str:
        pre = f"-{'.'.join(self.pre)}" if self.pre else ""
        return f"{self.major}.{self.minor}.{self.patch}{pre}"

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    def _key(self) -> tuple[object, ...]:
        """Return what orders versions: numbers before words, a pre-release before its release."""
        words = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in self.pre)
        return (self.major, self.minor, self.patch, self.stable, words)


@dataclass(frozen=True, slots=True)
class ReleaseTag:
    """A tag of git that asks for a release: ``v1.2.3``, or ``api/v1.2.3`` for one service."""

    name: str
    version: Version
    service: str | None = None


def version_of(text: str) -> Version | None:
    """Return the version that ``text`` is, without a ``v``; ``None`` for what is none."""
    found = _VERSION.fullmatch(text)
    if found is None or found[5] or len(text) > _LONGEST:
        return None
    numbers = (int(found[1]), int(found[2]), int(found[3]))
    return Version(*numbers, tuple(found[4].split(".")) if found[4] else ())


def release_tag(name: str) -> ReleaseTag | None:
    """Return the release that the tag ``name`` asks for; ``None`` for any other tag."""
    service, slash, rest = name.rpartition("/")
    if not rest.startswith("v") or (slash and not _SERVICE.fullmatch(service)):
        return None
    version = version_of(rest[1:])
    return ReleaseTag(name, version, service or None) if version else None


def parse_tag(name: str) -> ReleaseTag:
    """Return the release that the tag ``name`` asks for.

    Raises ``UsageError`` that says what is wrong with a tag that is no version.
    """
    tag = release_tag(name)
    if tag is not None:
        return tag
    raise UsageError(
        f"the tag {name!r} is no version: {_fault(name)}",
        mend="call it v1.2.3, v1.2.3-rc.1 for a pre-release, or SERVICE/v1.2.3 for one service",
    )


def _fault(name: str) -> str:
    service, slash, rest = name.rpartition("/")
    if slash and not _SERVICE.fullmatch(service):
        return f"{service!r} is no name of a service"
    if not rest.startswith("v"):
        return "it does not begin with v"
    body = rest[1:]
    if len(body) > _LONGEST:
        return f"an image's tag has at most {_LONGEST} characters"
    full = _VERSION.fullmatch(body)
    if full is not None:
        return f"an image's tag cannot hold build metadata ({full[5]!r})"
    if _SHORT.fullmatch(body):
        return "it has not three numbers"
    if re.fullmatch(r"[0-9A-Za-z.-]+", body) and _ZEROS.search(body):
        return "a number begins with 0"
    return "it is not MAJOR.MINOR.PATCH with an optional -PRE.RELEASE (semver.org)"


@dataclass(frozen=True, slots=True)
class Moving:
    """A tag that points to the newest of several versions.

    ``newer`` is the version because of which it stays where it is; ``None`` where it moves.
    """

    tag: str
    newer: Version | None = None


def moving_tags(version: Version, known: Iterable[Version]) -> tuple[Moving, ...]:
    """Return the moving tags of ``version``, the narrowest first; a pre-release has none.

    ``known`` are the versions that were released so far: none of the tags goes back behind one of
    them. Below 1.0.0 every minor version may break what the last one promised, so that there is no
    tag ``0``.
    """
    if not version.stable:
        return ()
    stable = [one for one in known if one.stable and one > version]
    same_major = [one for one in stable if one.major == version.major]
    same_minor = [one for one in same_major if one.minor == version.minor]
    tags = [(f"{version.major}.{version.minor}", same_minor)]
    if version.major:
        tags.append((str(version.major), same_major))
    tags.append((LATEST, stable))
    return tuple(Moving(tag, max(newer, default=None)) for tag, newer in tags)
