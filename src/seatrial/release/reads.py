"""What an image is made of, and whether that changed between two commits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from seatrial.discover.reads.images import of_build
from seatrial.discover.reads.model import Dependency
from seatrial.host.diff import ChangedFile, How
from seatrial.planning.changed import Touch, touched
from seatrial.release.images import Image

IGNORED = "git ignores it, so that nobody knows whether it changed"


def dependencies(image: Image, root: Path) -> tuple[Dependency, ...]:
    """Return the files and folders of the repository that the build of ``image`` reads.

    A base image is not among them: which one a tag means is the registry's to say.
    """
    found = list(of_build(image.build, image.name))
    contexts = image.recipe.get("contexts", {}).values()
    why = f"a build context of {image.name}"
    found += [Dependency(root / text, why) for text in contexts if ":" not in text]
    sources = [line.partition("src=")[2] for line in image.recipe.get("secret", ())]
    why = f"a build secret of {image.name}"
    found += [Dependency(root / source, why) for source in sources if source]
    normal = [Dependency(Path(os.path.normpath(one.path)), one.why, one.counts) for one in found]
    # A link stands beside what it leads to.
    targets = [Dependency(one.path.resolve(), one.why, one.counts) for one in normal]
    return tuple(dict.fromkeys((*normal, *targets)))


def touch(reads: Sequence[Dependency], changed: Iterable[ChangedFile]) -> Touch | None:
    """Return why an image that ``reads`` all this is another one now; ``None`` where it is not."""
    return next(iter(touched({"": reads}, changed).values()), None)


def untold(reads: Sequence[Dependency], ignored: Iterable[str], top: Path) -> Touch | None:
    """Return the first file of the image that git ignores: of such a change nobody tells."""
    files = [
        ChangedFile(Path(at, name), How.UNTRACKED)
        for path in ignored
        for at, names in _below(top / path)
        for name in names
    ]
    found = touch(reads, files)
    if found is None:
        return None
    return Touch(found.file, Dependency(found.dependency.path, IGNORED, found.dependency.counts))


def _below(path: Path) -> Iterable[tuple[str, list[str]]]:
    if not path.is_dir() or path.is_symlink():
        return [(str(path.parent), [path.name])]
    return ((at, names) for at, _, names in os.walk(path))
