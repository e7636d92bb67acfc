"""What ``seatrial.testing`` adds to the start of pytest.

Two environments with pytest alone, one of them with a wheel of seatrial as well, made here. They
run the same one test in pairs, in changing order, so that what else the machine does hits both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from measure import BenchError
from tables import Section, aim, median
from workbench import ROOT, Workbench, program

# Turns for each repeat: a difference of milliseconds takes many.
TURNS = 20
# Seconds of CPU that it may add.
AIM = 0.005
_OURS = "-p seatrial.testing.plugin"
_ARGUMENTS = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


def measure(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Start both in pairs."""
    home = bench.home / "plugin"
    home.mkdir()
    wheel = _wheel(bench, home)
    tests = home / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text("def test_it():\n    pass\n")
    makers: Sequence[tuple[str, tuple[str, ...]]] = (
        ("pytest", ()),
        (_OURS, (str(wheel),)),
        ("seatrial is installed, nobody asks", (str(wheel),)),
    )
    commands = {}
    for number, (name, more) in enumerate(makers):
        python = _environment(bench, home / f"environment{number}", more)
        asking = ("-p", "seatrial.testing.plugin") if name == _OURS else ()
        commands[name] = [str(python), *_ARGUMENTS, *asking]
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(-1, TURNS * repeat):
        for name in commands if turn % 2 == 0 else reversed(commands):
            took = _take(commands[name], bench.env, tests)
            if turn >= 0:  # the first one writes what Python compiles
                taken[name].append(took)
    say(f"{TURNS * repeat} turns of {len(commands)}")
    bare = taken["pytest"]
    rows = [_row(name, some, bare) for name, some in taken.items()]
    added = _added(taken[_OURS], bare)[1]
    return Section(
        "plugin",
        "What seatrial.testing adds to the start of pytest",
        ("", "wall", "CPU", "more wall", "more CPU"),
        rows,
        (
            f"Medians of {len(bare)} pairs, one test that passes. It adds {added * 1000:.1f} ms of "
            f"CPU (aim: under {AIM * 1000:.0f} ms): {aim(added < AIM)}.",
        ),
    )


def _row(
    name: str, taken: Sequence[tuple[float, float]], bare: Sequence[tuple[float, float]]
) -> Sequence[str]:
    figures = (f"{1000 * median([one[i] for one in taken]):.0f} ms" for i in (0, 1))
    more = ("", "")
    if taken is not bare:
        wall, cpu = _added(taken, bare)
        more = (f"{1000 * wall:+.1f} ms", f"{1000 * cpu:+.1f} ms")
    return (name, *figures, *more)


def _added(
    taken: Sequence[tuple[float, float]], bare: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    wall, cpu = (
        median([one[i] - other[i] for one, other in zip(taken, bare, strict=True)]) for i in (0, 1)
    )
    return wall, cpu


def _take(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> tuple[float, float]:
    began = time.perf_counter()
    process = subprocess.Popen(
        argv, env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"{' '.join(argv)} ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime


def _wheel(bench: Workbench, home: Path) -> Path:
    _do(
        [program("uv"), "build", "-q", "--wheel", "--out-dir", str(home / "wheel"), str(ROOT)],
        bench,
    )
    return next((home / "wheel").glob("*.whl"))


def _environment(bench: Workbench, folder: Path, more: Sequence[str]) -> Path:
    _do([program("uv"), "venv", "-q", "--python", sys.executable, str(folder)], bench)
    python = folder / "bin" / "python"
    install = ["pip", "install", "-q", "--compile-bytecode", "--python", str(python)]
    _do([program("uv"), *install, "pytest", *more], bench)
    return python


def _do(argv: Sequence[str], bench: Workbench) -> None:
    done = subprocess.run(argv, env=dict(bench.env), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(argv)} ended with {done.returncode}\n{done.stderr[-2000:]}")
