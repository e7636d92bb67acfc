"""What it costs to start: commands that run nothing, against Python that does nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tables import Section, aim, median, millis
from workbench import Workbench, program

TURNS = 20
# Seconds above bare Python that the project allows itself.
AIMS = {"--version": 0.040, "--help": 0.080, "test --dry-run": 0.150}


def measure(bench: Workbench, _repeat: int, _say: Callable[[str], None]) -> Section:
    """Start all of them in turns."""
    commands = {
        "--version": [program("seatrial"), "--version"],
        "--help": [program("seatrial"), "--help"],
        "test --dry-run": bench.seatrial("test", "--dry-run"),
        "test --dry-run --runtime process": bench.seatrial(
            "test", "--dry-run", "--runtime", "process"
        ),
        "test --dry-run --stage unit": bench.seatrial("test", "--dry-run", "--stage", "unit"),
    }
    bare: list[float] = []
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(-1, TURNS):
        python = bench.seconds([sys.executable, "-c", "pass"])
        more = {name: bench.seconds(argv) for name, argv in commands.items()}
        if turn >= 0:  # the first one fills the caches of the disk
            bare.append(python)
            for name, extra in more.items():
                taken[name].append(extra)
    rows: list[tuple[str, ...]] = [
        ("`python -c pass`", millis(median(bare)), millis(min(bare)), "", "")
    ]
    for name, whole in taken.items():
        wanted = AIMS.get(name)
        middle = median([one - python for one, python in zip(whole, bare, strict=True)])
        best = min(whole) - min(bare)
        verdict = ("", "") if wanted is None else (f"+{millis(wanted)}", aim(middle <= wanted))
        rows.append((f"`seatrial {name}`", _above(middle), _above(best), *verdict))
    return Section(
        "startup",
        "Starting",
        ("", "median", "best", "aim", ""),
        rows,
        (f"Above the bare Python of the same turn, {TURNS} turns.",),
    )


def _above(seconds: float) -> str:
    return f"{seconds * 1000:+.0f} ms"
