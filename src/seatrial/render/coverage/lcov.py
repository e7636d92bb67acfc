"""The report as lcov, with paths from the root, so that reports of several machines can be merged.

The format is that of geninfo(1); functions are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.coverage import CoverageReport, FileCoverage


def lcov(report: CoverageReport) -> str:
    """Return the whole tracefile."""
    return "".join(f"{line}\n" for file in report.files for line in _records(file))


def _records(file: FileCoverage) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{file.path}"
    for branch, hits in sorted(file.branches.items(), key=lambda one: (one[0].line, one[0].block)):
        # Of a line that never ran it is not known which way it would have gone.
        taken = str(hits) if file.lines.get(branch.line, 1) else "-"
        yield f"BRDA:{branch.line},{branch.block},{branch.name},{taken}"
    if file.branches:
        yield f"BRF:{len(file.branches)}"
        yield f"BRH:{sum(hits > 0 for hits in file.branches.values())}"
    for line, hits in sorted(file.lines.items()):
        yield f"DA:{line},{hits}"
    yield f"LF:{len(file.lines)}"
    yield f"LH:{sum(hits > 0 for hits in file.lines.values())}"
    yield "end_of_record"
