"""What a suite costs of seatrial's own: many trivial suites, against a loop that just starts them.

A repository of services in three stages without environments: what a boot costs is the matter of
other parts. A suite is the command ``true``, or pytest with one test that passes. The loop is
``xargs -P`` with the same commands in the same folders, as many at once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import BenchError, cpu_of_the_dead
from tables import Section, aim, median
from workbench import Workbench, program

# Services, each with three suites; the last is the size that the schedule is held to.
SIZES = (10, 100, 167)
WITH_PYTEST = (10,)
MEMORY_AIM = 100
_TEST = "def test_it() -> None:\n    pass\n"


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds on the wall, CPU seconds with all children and of the program alone, peak memory."""

    wall: float
    cpu: float
    own: float = 0.0
    megabytes: float = 0.0


def measure(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Run both in turns, for each size."""
    rows, peaks, marginal = [], [], []
    for runner, sizes in (("true", SIZES), ("pytest", WITH_PYTEST)):
        costs: dict[int, float] = {}
        for services in sizes:
            root = bench.home / f"many-{runner}-{services}"
            commands = _repository(root, services, runner)
            pairs = list(_pairs(bench, root, commands, repeat))
            say(f"{len(commands)} × {runner}: {pairs}")
            costs[len(commands)] = median([ours.own for _, ours in pairs])
            peaks.append(max(ours.megabytes for _, ours in pairs))
            rows.append(_row(runner, len(commands), pairs))
            shutil.rmtree(root)
        if len(costs) > 1:
            (few, first), *_, (many, last) = costs.items()
            marginal.append(f"{1000 * (last - first) / (many - few):.1f} ms")
    return Section(
        "many",
        "Many suites that do nothing",
        (
            "",
            "bare loop",
            "seatrial",
            "more wall, a suite",
            "more CPU, a suite",
            "own CPU, a suite",
            "memory",
        ),
        rows,
        (
            "Three suites a service, no environments; stages follow one another, which the loop "
            "does not know. Start and planning are in all of it: what "
            f"one more suite costs is {', '.join(marginal)} of seatrial's own CPU. More CPU is "
            "that of all processes; own is that of the process `seatrial`, and the memory is its "
            f"peak (aim: under {MEMORY_AIM} MB): {aim(max(peaks) < MEMORY_AIM)}.",
        ),
    )


def _row(runner: str, suites: int, pairs: Sequence[tuple[Taken, Taken]]) -> Sequence[str]:
    def each(of: Callable[[Taken, Taken], float]) -> str:
        return f"{1000 * median([of(*pair) for pair in pairs]) / suites:.1f} ms"

    return (
        f"{suites} × `{runner}`",
        f"{median([bare.wall for bare, _ in pairs]):.2f} s",
        f"{median([ours.wall for _, ours in pairs]):.2f} s",
        each(lambda bare, ours: ours.wall - bare.wall),
        each(lambda bare, ours: ours.cpu - bare.cpu),
        each(lambda _, ours: ours.own),
        f"{max(ours.megabytes for _, ours in pairs):.0f} MB",
    )


def _repository(root: Path, services: int, runner: str) -> list[str]:
    """Write it; return what the loop hands to ``env``, a line a suite."""
    settings: list[str] = []
    commands: list[str] = []
    for number in range(services):
        for name, folders in (
            (f"s{number:03}", ("unit", "integration")),
            (f"s{number:03}-whole", ("integration",)),
        ):
            home = root / "services" / name
            for folder in folders:
                (home / "tests" / folder).mkdir(parents=True)
                (home / "tests" / folder / "test_it.py").write_text(_TEST)
                settings += _settings(name, folder, runner)
                commands.append(_command(home, folder, runner))
            (home / "Dockerfile").write_text("FROM scratch\n")
    (root / "seatrial.toml").write_text("\n".join(settings) + "\n")
    return commands


def _command(home: Path, folder: str, runner: str) -> str:
    """Return a suite's command.

    A busy Linux shares its processors among sessions, and a suite of seatrial's is one by itself.
    For ``true`` the start of another program would weigh more than that.
    """
    if runner == "true":
        return f"-C {home} true"
    return f"setsid --wait env -C {home} pytest -q tests/{folder}"


def _settings(name: str, folder: str, runner: str) -> Iterator[str]:
    yield f"[services.{name}.{'unit' if folder == 'unit' else 'service'}]"
    if runner == "true":
        yield 'runner = "command"\ncommand = "true"'
    if folder == "integration" and not name.endswith("-whole"):
        # Service tests that ask for no environment; without it they would be integration tests.
        yield "compose = []"


def _pairs(
    bench: Workbench, root: Path, commands: Sequence[str], repeat: int
) -> Iterator[tuple[Taken, Taken]]:
    jobs = str(2 * (os.cpu_count() or 1))
    lines = root / "commands"
    lines.write_text("\n".join(commands) + "\n")
    loop = ["xargs", "-a", str(lines), "-P", jobs, "-L", "1", "env"]
    ours = [program("seatrial"), "test", "--jobs", jobs, "--output", "json"]
    for turn in range(-1, repeat):
        order = ("bare", "ours") if turn % 2 == 0 else ("ours", "bare")
        taken = {who: _take(loop if who == "bare" else ours, bench.env, root) for who in order}
        if turn >= 0:  # the first one fills the caches, and writes what Python compiles
            yield taken["bare"], taken["ours"]


def _take(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> Taken:
    """Run to the end; its memory is read when the run says that it is over."""
    began, megabytes, last = time.perf_counter(), 0.0, ""
    with subprocess.Popen(
        argv, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for last in process.stdout:
            if last.startswith('{"v":') and json.loads(last)["event"] == "RunFinished":
                megabytes = _peak(process.pid)
        own = cpu_of_the_dead(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"{argv[0]} ended with {process.returncode}\n{last}")
    wall = time.perf_counter() - began
    return Taken(wall, usage.ru_utime + usage.ru_stime, own, megabytes)


def _peak(pid: int) -> float:
    """Return the greatest resident size so far, in MB; proc(5), VmHWM."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
