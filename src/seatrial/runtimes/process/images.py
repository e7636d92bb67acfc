"""Image references: ``registry:5000/group/name:tag@digest``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

_MAJOR = re.compile(r"(?:^|[^\d.])(\d+)")


@dataclass(frozen=True, slots=True)
class ImageRef:
    """``repository`` has no registry and no ``library/``; ``tag`` may be empty."""

    text: str
    repository: str
    tag: str = ""

    @property
    def major(self) -> int | None:
        """Return the major version in the tag (``16-alpine``, ``pg16``), ``None`` for latest."""
        found = _MAJOR.search(self.tag)
        return int(found.group(1)) if found else None

    def matches(self, pattern: str) -> bool:
        """Return whether a glob means this image, with or without its tag and registry."""
        repository = self.text.partition("@")[0].removesuffix(f":{self.tag}")
        forms = (self.text, repository, self.repository, f"{self.repository}:{self.tag}")
        return any(fnmatchcase(form, pattern) for form in forms)


def parse(text: str) -> ImageRef:
    """Return the parts of an image reference."""
    name = text.partition("@")[0]
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, ""
    first, slash, rest = repository.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        repository = rest
    repository = repository.removeprefix("docker/").removeprefix("library/")
    return ImageRef(text, repository, tag)
