"""How long it takes to look at 1,000 compose files, against dclint and compose-lint on the same.

The files are copies of those of examples/shop and of a new repository, each with a name of its own.
The two others are installed here, from their registries, into the bench's own folder.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from measure import BenchError, Run, run
from tables import Section, aim, median, seconds
from workbench import Workbench, program

FILES = 1000
# How many times as fast as each of them seatrial is meant to be.
AIMS = {"dclint": 5.0, "compose-lint": 1.0}
_NAME = "docker-compose.yml"
# What says that something was found.
_ENDS = (0, 1)


def measure(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Look at the same files with all three, in turns."""
    home = bench.home / "linting"
    files = _files(bench, home / "files")
    commands, missing = {"seatrial lint": [program("seatrial"), "lint"]}, []
    for name, install in (("dclint", _dclint), ("compose-lint", _compose_lint)):
        try:
            commands[name] = install(home, files)
        except (BenchError, OSError) as error:
            missing.append(f"{name}: {error}")
    taken: dict[str, list[Run]] = {name: [] for name in commands}
    for turn in range(repeat):
        order = list(commands) if turn % 2 == 0 else list(reversed(commands))
        for name in order:
            say(f"{name}, turn {turn + 1}")
            taken[name].append(run(commands[name], bench.env, home / "files", _ENDS))
    rows = [_row(name, runs, taken["seatrial lint"]) for name, runs in taken.items()]
    lines = sum(file.read_text().count("\n") for file in files)
    title = f"{FILES:,} compose files at once"
    header = ("", "median", "best", "CPU", "seatrial is", "aim", "")
    note = f"{lines:,} lines in all. The ratio is the median of those within each turn."
    return Section("linting", title, header, rows, (note,), missing)


def _row(name: str, runs: Sequence[Run], own: Sequence[Run]) -> Sequence[str]:
    cpu = f"{median([one.cpu for one in runs]):.2f} s"
    figures = (f"`{name}`", *seconds([one.wall for one in runs]), cpu)
    if name not in AIMS:
        return (*figures, "", "", "")
    ratio = median([other.wall / mine.wall for other, mine in zip(runs, own, strict=True)])
    times = f"{ratio:.1f} × as fast"
    return (*figures, times, f"{AIMS[name]:.0f} ×", aim(ratio >= AIMS[name]))


def _files(bench: Workbench, home: Path) -> list[Path]:
    """Write the files: repository after repository, until there are enough."""
    new = [program("seatrial"), "new", "linted", "--yes", "--service=api:fastapi"]
    new += ["--service=jobs:worker+nats", "--service=web:frontend", "--service=gate:node-api"]
    done = subprocess.run(
        new, cwd=bench.home, env=dict(bench.env), capture_output=True, check=False
    )
    if done.returncode:
        raise BenchError(done.stderr.decode())
    sources = [file for root in (bench.home / "linted", bench.shop) for file in _composes(root)]
    written = []
    for number, (file, text) in enumerate(itertools.cycle(sources)):
        if number == FILES:
            break
        target = home / f"repository{number // len(sources):03}" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"# Copy {number}.\n{text}")
        written.append(target)
    return written


def _composes(root: Path) -> Iterator[tuple[Path, str]]:
    for file in sorted(root.rglob(_NAME)):
        if "node_modules" not in file.parts and ".venv" not in file.parts:
            yield Path(root.name) / file.relative_to(root), file.read_text()


def _dclint(home: Path, _files: Sequence[Path]) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise BenchError("there is no npm to install it with")
    folder = home / "dclint"
    _install([npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "dclint@3"])
    return [str(folder / "node_modules/.bin/dclint"), "-r", "."]


def _compose_lint(home: Path, files: Sequence[Path]) -> list[str]:
    folder = home / "compose-lint"
    _install([sys.executable, "-m", "venv", str(folder)])
    python = str(folder / "bin" / "python")
    _install([python, "-m", "pip", "install", "--disable-pip-version-check", "compose-lint"])
    names = [os.path.relpath(file, home / "files") for file in files]
    return [str(folder / "bin" / "compose-lint"), *names]


def _install(argv: Sequence[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()
        raise BenchError(f"could not be installed ({last[-1] if last else 'no reason given'})")
