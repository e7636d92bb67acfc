"""What ``gc`` says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.pipeline.leftovers import Leftovers


def leftover_lines(found: Sequence[Leftovers], *, removed: bool) -> Iterator[str]:
    """Yield a line for each dead run and one for each thing that it left."""
    if not any(not left.empty for left in found):
        yield "nothing is left behind"
        return
    verb = "removed" if removed else "would remove"
    for left in found:
        if left.empty:
            continue
        yield f"run {left.run}:"
        yield from (f"  {verb} process {pid}" for pid in left.processes)
        yield from (f"  {verb} folder {folder}" for folder in left.folders)
        yield from (f"  {verb} compose project {project}" for project in left.projects)
        yield from (f"  could not remove {text}" for text in left.stuck)
