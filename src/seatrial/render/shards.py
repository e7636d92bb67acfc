"""The words for what each shard has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.model.project import Piece
from seatrial.planning.files import Files
from seatrial.planning.shards import Shard, Split, estimates
from seatrial.render.text import duration, plural
from seatrial.render.width import printable


def shard_text(split: Split, shard: Shard) -> str:
    """Return one line: ``shard 2/3: 4 of 12 suites, about 31.0s of 1m35s; split 1a2b3c4d``."""
    part = split.part(shard)
    of = f"of {plural(split.suites, 'suite')}"
    if not part.suites:
        return f"shard {shard}: none {of}, nothing is left for it; split {split.mark}"
    total = sum(one.seconds for one in split.parts)
    times = f"about {duration(part.seconds)} of {duration(total)}"
    cut = f" ({len(part.pieces)} in part)" if part.pieces else ""
    return f"shard {shard}: {len(part.suites)} {of}{cut}, {times}; split {split.mark}"


def split_lines(
    split: Split, shard: Shard, past: Mapping[str, float], files: Mapping[str, Files]
) -> Iterator[str]:
    """Yield which shard has which suites, with the seconds that each is expected to take.

    Of the suites that were cut, the files of this shard follow.
    """
    suites = sorted({suite for part in split.parts for suite in part.suites})
    seconds = estimates(suites, past)
    for number in range(1, len(split.parts) + 1):
        one = Shard(number, shard.of)
        yield f"shard {one}{' (this one)' if one == shard else ''}"
        part = split.part(one)
        for suite in part.suites:
            known = "" if suite in past else "  (no past, a guess)"
            piece = part.pieces.get(suite)
            if piece is None:
                yield f"  {duration(seconds[suite]):>7}  {suite}{known}"
                continue
            took = files[suite].of(piece.files) if suite in files else 0.0
            yield f"  {duration(took):>7}  {suite}, {piece_text(piece)}{known}"
    if len(split.parts) < shard.of:
        yield f"{plural(shard.of - len(split.parts), 'shard')} more without a suite"
    for suite, piece in split.part(shard).pieces.items():
        yield f"{suite}, {piece_text(piece)}"
        yield from (f"  {line}" for line in piece_lines(piece))


def piece_text(piece: Piece) -> str:
    """Return ``piece 2 of 3 with 14 files``."""
    return f"piece {piece.number} of {piece.of} with {plural(len(piece.files), 'file')}"


def piece_lines(piece: Piece) -> Iterator[str]:
    """Yield the files of a piece."""
    yield from (printable(file) for file in piece.files)
    if piece.rest:
        yield "and what else the runner finds that is in no other piece"
