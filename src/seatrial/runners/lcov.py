"""Reads lcov, which the tools of most languages can write: lines and branches, file by file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seatrial.model.coverage import Branch, FileCoverage

# A branch whose line never ran was never looked at.
_NEVER = "-"


def read(text: str) -> Iterator[FileCoverage]:
    """Yield the files of a tracefile, with the paths that stand in it.

    Records of other kinds, such as those of functions, are passed over, and so is what is no
    record: half a file that a killed tool left.
    """
    path: str | None = None
    lines: dict[int, int] = {}
    branches: dict[Branch, int] = {}
    for record in text.splitlines():
        kind, _, rest = record.strip().partition(":")
        if kind == "SF":
            path, lines, branches = rest, {}, {}
        elif kind == "end_of_record":
            if path is not None:
                yield FileCoverage(path, lines, branches)
            path = None
        elif kind == "DA":
            lines.update(_line(rest))
        elif kind == "BRDA":
            branches.update(_branch(rest))


def _line(rest: str) -> Iterable[tuple[int, int]]:
    # A checksum may follow.
    number, _, hits = rest.partition(",")
    hits = hits.partition(",")[0]
    if number.isdecimal() and hits.lstrip("-").isdecimal():
        yield int(number), max(int(hits), 0)


def _branch(rest: str) -> Iterable[tuple[Branch, int]]:
    # The name of a branch may hold commas.
    place, _, hits = rest.rpartition(",")
    number, block, name = (*place.split(",", 2), "", "")[:3]
    if number.isdecimal() and (hits == _NEVER or hits.isdecimal()):
        yield Branch(int(number), block, name), 0 if hits == _NEVER else int(hits)
