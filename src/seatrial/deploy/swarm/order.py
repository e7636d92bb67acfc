"""In which order the services of a stack are moved. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from seatrial.composefile.model import ComposeProject


def waves(
    project: ComposeProject, moving: Collection[str], jobs: Collection[str]
) -> Iterator[tuple[str, ...]]:
    """Yield the services of ``moving`` in groups that may move at the same time.

    Each group comes after all that its services depend on. Jobs are groups of their own: what
    depends on one waits for its end.
    """
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            before = [d for d in project.services[name].depends_on if d in project.services]
            depths[name] = 1 + max(map(depth, before), default=-1)
        return depths[name]

    levels: dict[int, list[str]] = {}
    for name in project.services:
        if name in moving:
            levels.setdefault(depth(name), []).append(name)
    for level in sorted(levels):
        together = [name for name in levels[level] if name not in jobs]
        for job in (name for name in levels[level] if name in jobs):
            yield (job,)
        if together:
            yield tuple(together)
