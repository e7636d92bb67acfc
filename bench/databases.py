"""A database for each test: cloned by ``seatrial.testing``, created and migrated, in a container.

The same tests (bench/baselines/databases) in pytest, alone and with eight workers of pytest-xdist,
on a PostgreSQL that seatrial brings up. The hand-over is the time from asking to having.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from measure import BenchError, run
from tables import Section, aim, median, percentile
from workbench import BASELINES, Workbench, program

WORKERS = (1, 8)
# How long a test works with its database, in seconds.
WORK = 0.1
HANDOVER_AIM = 0.010
# Fixtures of the baseline, and how many tests are enough to tell.
WAYS = {
    "cloned": ("cloned by `seatrial.testing`", {1: 40, 8: 160}),
    "created": ("created and migrated", {1: 30, 8: 80}),
    "container": ("a container each", {1: 4, 8: 16}),
}
COMPOSE = """\
services:
  database:
    image: postgres:16
    command: postgres -c fsync=off -c synchronous_commit=off -c full_page_writes=off
    environment: {POSTGRES_USER: test, POSTGRES_PASSWORD: test, POSTGRES_DB: testdb}
    tmpfs: [/var/lib/postgresql/data]
    ports: ["5432"]
    healthcheck:
      test: [CMD, pg_isready, -h, 127.0.0.1, -U, test, -d, testdb]
      interval: 5s
      start_period: 10s
      start_interval: 200ms
"""


@dataclass(frozen=True, slots=True)
class Handed:
    """Seconds to a database, one a test, and how many tests were done in a second."""

    handovers: list[float]
    throughput: float


def measure(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Run each way with each number of workers, on each runtime."""
    home = _repository(bench.home / "databases")
    rows: list[tuple[str, ...]] = []
    verdicts: list[str] = []
    for runtime in bench.runtimes:
        for workers in WORKERS:
            taken: dict[str, list[Handed]] = {}
            for turn in range(repeat):
                ways = [way for way in WAYS if way != "container" or runtime == "docker"]
                for way in ways if turn % 2 == 0 else reversed(ways):
                    handed = _run(bench, home, runtime, workers, way)
                    say(f"{runtime}, {workers}, {way}: {handed.throughput:.1f} tests/s")
                    taken.setdefault(way, []).append(handed)
            rows += _rows(runtime, workers, taken)
            ours = median([one for handed in taken["cloned"] for one in handed.handovers])
            if workers == max(WORKERS):
                verdicts.append(f"{runtime} {1000 * ours:.2f} ms: {aim(ours < HANDOVER_AIM)}")
    missing = () if bench.engine else ("a container each: no Docker engine answers.",)
    return Section(
        "databases",
        "A database for each test",
        ("", "workers", "hand-over", "9 of 10 within", "tests a second", "times ours"),
        rows,
        (
            f"A test works for {1000 * WORK:.0f} ms with its database of twenty tables. Median "
            f"hand-over with {max(WORKERS)} workers (aim: under {1000 * HANDOVER_AIM:.0f} ms): "
            f"{'; '.join(verdicts)}. The last column is how many times as many tests a second are "
            "done with clones.",
        ),
        missing,
    )


def _rows(runtime: str, workers: int, taken: dict[str, list[Handed]]) -> Iterator[tuple[str, ...]]:
    ours = median([one.throughput for one in taken["cloned"]])
    for way, some in taken.items():
        all_of = [one for handed in some for one in handed.handovers]
        speed = median([one.throughput for one in some])
        yield (
            f"{WAYS[way][0]}, {runtime}",
            str(workers),
            f"{1000 * median(all_of):.2f} ms",
            f"{1000 * percentile(all_of, 0.9):.2f} ms",
            f"{speed:.1f}",
            "" if way == "cloned" else f"{ours / speed:.1f}",
        )


def _repository(root: Path) -> Path:
    service = root / "services" / "db"
    tests = service / "tests" / "integration"
    tests.mkdir(parents=True)
    (service / "Dockerfile").write_text("FROM scratch\n")
    for name in ("conftest.py", "test_ways.py"):
        shutil.copy2(BASELINES / "databases" / name, tests / name)
    (service / "deploy" / "test").mkdir(parents=True)
    (service / "deploy" / "test" / "docker-compose.yml").write_text(COMPOSE)
    return root


def _run(bench: Workbench, home: Path, runtime: str, workers: int, way: str) -> Handed:
    out = home / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    tests = WAYS[way][1][workers]
    settings = {
        "BENCH_OUT": str(out),
        "BENCH_TESTS": str(tests),
        "BENCH_WORK": str(WORK),
    }
    words = [program("seatrial"), "test", "--runtime", runtime, "--output", "plain"]
    words += ["-k", f"test_{way}", "--"]
    words += ["-p", "seatrial.testing.plugin", "-p", "no:cacheprovider"]
    words += ["-n", str(workers)] if workers > 1 else []
    run(words, {**bench.env, **settings}, home)
    lines = [line for file in out.iterdir() for line in file.read_text().splitlines()]
    moments = [json.loads(line) for line in lines]
    if len(moments) != tests:
        raise BenchError(f"{way}: {len(moments)} of {tests} tests wrote down their times")
    whole = max(end for _, _, end in moments) - min(asked for asked, _, _ in moments)
    return Handed([had - asked for asked, had, _ in moments], tests / whole)
