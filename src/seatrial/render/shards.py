"""The words for what each shard has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.planning.shards import Shard, Split, estimates
from seatrial.render.text import duration, plural


def shard_text(split: Split, shard: Shard) -> str:
    """Return one line: ``shard 2/3: 4 of 12 suites, about 31.0s of 1m35s; split 1a2b3c4d``."""
    part = split.part(shard)
    of = f"of {plural(split.suites, 'suite')}"
    if not part.suites:
        return f"shard {shard}: none {of}, nothing is left for it; split {split.mark}"
    total = sum(one.seconds for one in split.parts)
    times = f"about {duration(part.seconds)} of {duration(total)}"
    return f"shard {shard}: {len(part.suites)} {of}, {times}; split {split.mark}"


def split_lines(split: Split, shard: Shard, past: Mapping[str, float]) -> Iterator[str]:
    """Yield which shard has which suites, with the seconds that each is expected to take."""
    suites = [suite for part in split.parts for suite in part.suites]
    seconds = estimates(suites, past)
    for number in range(1, len(split.parts) + 1):
        one = Shard(number, shard.of)
        yield f"shard {one}{' (this one)' if one == shard else ''}"
        for suite in split.part(one).suites:
            known = "" if suite in past else "  (no past, a guess)"
            yield f"  {duration(seconds[suite]):>7}  {suite}{known}"
    if len(split.parts) < shard.of:
        yield f"{plural(shard.of - len(split.parts), 'shard')} more without a suite"
