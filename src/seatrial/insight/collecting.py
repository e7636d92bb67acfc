"""Which lines of the user's a runner stood in until it knew its tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seatrial.insight.model import Cause, CauseKind
from seatrial.insight.sources import Sources
from seatrial.model.result import CollectedLine


def of_collection(
    lines: Iterable[CollectedLine], sources: Sources, least: float
) -> Iterator[Cause]:
    """Yield a cause for each line of the repository that took ``least`` seconds or more.

    An import is told where it is written: what a module of the user's works on its top level is
    the import's, with the line that works; what a file of tests works there is the collection's.
    """
    for line in lines:
        place = sources.place(line.file, line.line)
        if line.seconds < least or not place[0]:
            continue
        if line.imports:
            yield _cause(CauseKind.IMPORT, place, line)
            continue
        importer = sources.place(line.importer, line.importer_line) if line.importer else ("", 0)
        if importer[0]:
            yield _cause(CauseKind.IMPORT, importer, line, works=f"{place[0]}:{place[1]}")
        else:
            yield _cause(CauseKind.COLLECTION, place, line)


def _cause(kind: CauseKind, place: tuple[str, int], line: CollectedLine, works: str = "") -> Cause:
    name = line.module if kind is CauseKind.IMPORT else ""
    return Cause(kind, *place, line.seconds, saved=line.seconds, name=name, works=works)
