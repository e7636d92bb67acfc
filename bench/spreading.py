"""What workers inside a suite save: one process, workers whatever comes, and seatrial's decision.

Two suites of pytest: one whose tests compute for long, one of many tests that take no time. Each is
run in turn in the three ways; the decision is left to what the turns before have recorded.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measure import run
from tables import Section, aim, median
from workbench import Workbench, program

FILES, TESTS = 8, 5
# A decision may cost no more than this where it is for one process, and saves at least this where
# two processors have something to share.
NEVER_SLOWER, WORTH = 1.05, 0.8
WORK = """\
import time
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_computes(number):
    begun = time.process_time()
    while time.process_time() - begun < {seconds}:
        pass
"""
WAYS = {"one process": "false", "always workers": "true", "seatrial decides": ""}
SUITES = {"tests that compute": 0.12, "tests that take no time": 0.0}


@dataclass(frozen=True, slots=True)
class Taken:
    """The seconds of a suite, and how many workers it had."""

    seconds: float
    workers: int


def measure(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Run both suites in all ways."""
    rows = []
    for number, (name, seconds) in enumerate(SUITES.items()):
        home = bench.home / f"spreading{number}"
        _lay_out(home, seconds)
        taken: dict[str, list[Taken]] = {way: [] for way in WAYS}
        for turn in range(-1, repeat):
            for way, word in WAYS.items():
                took = _take(bench, home, word)
                if turn >= 0:  # the first one makes the past
                    taken[way].append(took)
        say(f"{name}: {repeat} turns")
        rows.append(_row(name, taken, busy=seconds > 0))
    return Section(
        "spreading",
        "Workers inside one suite",
        ("", *WAYS, "its workers", "of one process", "aim"),
        rows,
        (
            f"{FILES} files of {TESTS} tests; wall time of the suite, median of {repeat}. Workers"
            " are those of pytest-xdist, as many as there are processors.",
        ),
    )


def _lay_out(home: Path, seconds: float) -> None:
    service = home / "services" / "big"
    tests = service / "tests" / "unit"
    tests.mkdir(parents=True)
    (service / "pyproject.toml").write_text('[project]\nname = "big"\nversion = "1"\n')
    for number in range(FILES):
        text = WORK.format(tests=TESTS, seconds=seconds)
        (tests / f"test_{number}.py").write_text(text)
    subprocess.run(["git", "init", "-q", str(home)], check=True)


def _take(bench: Workbench, home: Path, parallel: str) -> Taken:
    text = f"[run]\nparallel = {parallel}\n" if parallel else ""
    (home / "seatrial.toml").write_text(text)
    words = [program("seatrial"), "-C", str(home), "test", "--output", "json"]
    lines = map(json.loads, run(words, bench.env, home).output.splitlines())
    result = next(line["result"] for line in lines if line["event"] == "SuiteFinished")
    return Taken(result["seconds"], result["workers"])


def _row(name: str, taken: dict[str, list[Taken]], *, busy: bool) -> tuple[str, ...]:
    alone, always, decided = (median([one.seconds for one in taken[way]]) for way in WAYS)
    ratio = decided / alone
    limit = WORTH if busy else NEVER_SLOWER
    workers = sorted({one.workers for one in taken["seatrial decides"]})
    return (
        name,
        *(f"{seconds:.2f} s" for seconds in (alone, always, decided)),
        ", ".join(map(str, workers)),
        f"{ratio:.2f}",
        f"at most {limit:g}: {aim(ratio <= limit)}",
    )
