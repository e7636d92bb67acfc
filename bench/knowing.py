"""How soon seatrial knows: that a container serves, that its own PostgreSQL is ready."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import readiness
from measure import run
from tables import Section, aim, median, millis, percentile
from workbench import Workbench, program

READY_AIM = 0.150
POSTGRES_AIM = 0.2
BOOTS = 20
COMPOSE = """\
services:
  database:
    image: postgres:16
    environment: {POSTGRES_USER: test, POSTGRES_PASSWORD: test, POSTGRES_DB: testdb}
    ports: ["5432"]
    healthcheck:
      test: [CMD, pg_isready, -h, 127.0.0.1, -U, test, -d, testdb]
      interval: 5s
      start_period: 10s
"""
SETTINGS = """\
[services.db.service]
command = "true"
"""


def containers(bench: Workbench, _repeat: int, say: Callable[[str], None]) -> Section:
    """Compare the moment in which a service begins to serve with that of the event."""
    title = "From a container that serves to seatrial that knows it"
    if not bench.engine:
        return Section("readiness", title, missing=("no Docker engine answers.",))
    rows = []
    with tempfile.TemporaryDirectory(prefix="readiness-", dir=bench.home) as home:
        for kind, (act, lines) in readiness.KINDS.items():
            say(kind)
            late = asyncio.run(_boots(Path(home), act, lines))
            p95 = percentile(late, 0.95)
            figures = (median(late), min(late), p95)
            rows.append((kind, *map(millis, figures), aim(p95 <= READY_AIM)))
    return Section(
        "readiness",
        title,
        ("", "median", "best", "p95", f"aim: p95 at most {millis(READY_AIM)}"),
        rows,
        (f"{BOOTS} boots of each; the service writes down when it begins to serve.",),
    )


async def _boots(home: Path, act: str, lines: str) -> list[float]:
    return [await readiness.one(home, act, lines) for _ in range(BOOTS)]


def postgres(bench: Workbench, _repeat: int, _say: Callable[[str], None]) -> Section:
    """Boot one PostgreSQL of the process runtime from its template."""
    home = bench.home / "postgres"
    service = home / "services" / "db"
    (service / "tests" / "integration").mkdir(parents=True, exist_ok=True)
    (service / "tests" / "integration" / "test_nothing.py").write_text("")
    (service / "deploy" / "test").mkdir(parents=True, exist_ok=True)
    (service / "Dockerfile").write_text("FROM scratch\n")
    (service / "deploy" / "test" / "docker-compose.yml").write_text(COMPOSE)
    (home / "seatrial.toml").write_text(SETTINGS)
    words = [program("seatrial"), "-C", str(home), "test", "--runtime", "process"]
    ready = []
    for turn in range(-1, BOOTS):
        output = run([*words, "--output", "json"], bench.env, home).output
        events = map(json.loads, output.splitlines())
        seconds = next(e["seconds"] for e in events if e["event"] == "ServiceReady")
        if turn >= 0:  # the first one makes the template
            ready.append(seconds)
    middle = median(ready)
    return Section(
        "postgres",
        "PostgreSQL as a process, from its template",
        ("", "median", "best", "p95", f"aim: about {POSTGRES_AIM} s"),
        [("from the start of the boot to ready", millis(middle), millis(min(ready)),
          millis(percentile(ready, 0.95)), aim(middle <= POSTGRES_AIM * 1.25))],
        (f"{BOOTS} boots. Met is counted up to a quarter above the aim.",),
    )  # fmt: skip
