"""Every part of the bench has its place on the page that it writes to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_part_has_its_place_on_the_page() -> None:
    table = (ROOT / "bench/run.py").read_text().partition("PARTS: dict[str, Part] = {")[2]
    parts = re.findall(r'^    "(\w+)":', table.partition("\n}")[0], re.MULTILINE)
    page = (ROOT / "docs/explanation/performance.md").read_text()
    placed = re.findall(r"^<!-- bench:(\w+) -->$", page, re.MULTILINE)
    closed = re.findall(r"^<!-- /bench:(\w+) -->$", page, re.MULTILINE)
    assert len(parts) > 10
    assert sorted(placed) == sorted(closed) == sorted([*parts, "machine"])
