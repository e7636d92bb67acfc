"""The service tests of one service under pytest-docker, testcontainers-python and seatrial.

It is the catalogue of examples/shop: FastAPI on PostgreSQL, a migration and a stand-in for somebody
else's API. All take the same compose file, the same images, warm, and the same tests; all build
first, wait until the service answers, and remove everything.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import BenchError, run
from tables import Section, aim, median, seconds
from workbench import BASELINES, BRANCH, Workbench, program

# How many times as fast as each of the others seatrial is meant to be.
AIM = 2.0
# What `-p` names is overridden by what pytest finds by its entry point: pytest-docker is therefore
# named, too, before ours.
_PEERS = {
    "pytest-docker": ("no:docker", "pytest_docker", "with_pytest_docker"),
    "testcontainers": ("no:docker", "with_testcontainers"),
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A command line, with what it finds in its environment."""

    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]


def measure(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Time all of them in turns and in changing order."""
    title = "One service's tests, against the peers"
    if not bench.engine:
        return Section("peers", title, missing=("no Docker engine answers.",))
    contenders = {**_peers(bench), **_ours(bench)}
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(-1, repeat):
        for name in contenders if turn % 2 == 0 else reversed(contenders):
            one = contenders[name]
            took = run(one.argv, one.env, one.cwd).wall
            say(f"{name}: {took:.2f} s")
            if turn >= 0:  # the first one builds
                taken[name].append(took)
    rows, verdicts = [], []
    for name, times in taken.items():
        speeds = [
            median([other / mine for other, mine in zip(taken[peer], times, strict=True)])
            for peer in _PEERS
        ]
        ours = name not in _PEERS
        cells = [f"{speed:.1f} ×" if ours else "" for speed in speeds]
        rows.append((name, *seconds(times), *cells))
        if ours:
            verdicts.append(f"{name.rpartition(' ')[2].strip('`')} {aim(min(speeds) >= AIM)}")
    return Section(
        "peers",
        title,
        ("", "median", "best", *(f"{name} takes" for name in _PEERS)),
        rows,
        (
            f"The last columns: how many times as long, within a turn (aim: at least {AIM:.0f} × "
            f"each): {', '.join(verdicts)}. Health checks are tried every 200 ms while a service "
            "starts, in all of them.",
        ),
    )


def _ours(bench: Workbench) -> dict[str, Contender]:
    return {
        f"`seatrial test --runtime {runtime}`": Contender(
            bench.seatrial("test", "catalog", "--stage", "service", "--runtime", runtime,
                           "--output", "plain"),
            bench.shop,
            bench.env,
        )
        for runtime in bench.runtimes
    }  # fmt: skip


def _peers(bench: Workbench) -> dict[str, Contender]:
    """Install the peers into an environment beside the service's own packages."""
    service = bench.shop / "services" / "catalog"
    home = bench.home / "peers"
    uv = program("uv")
    _do([uv, "venv", "-q", str(home)], bench)
    install = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(home)]
    _do([*install, "pytest", "pytest-docker", "testcontainers", str(service)], bench)
    found = {}
    for name, plugins in _PEERS.items():
        words = [word for plugin in (*plugins, "no:cacheprovider") for word in ("-p", plugin)]
        argv = [str(home / "bin/pytest"), "-q", *words]
        env = {
            **bench.env,
            "PYTHONPATH": str(BASELINES / "peers"),
            "TEST_INSTANCE_ID": f"{BRANCH}-{name}",
            "BENCH_PROJECT": f"{BRANCH}-{name}",
            "BENCH_COMPOSE": str(service / "deploy/test/docker-compose.yml"),
        }
        found[name] = Contender([*argv, "tests/integration"], service, env)
    return found


def _do(argv: Sequence[str], bench: Workbench) -> None:
    done = subprocess.run(argv, env=dict(bench.env), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(argv)} ended with {done.returncode}\n{done.stderr[-2000:]}")
