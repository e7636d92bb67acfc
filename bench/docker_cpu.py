"""What the programs of the `docker` CLI take of the processors while something runs."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from measure import Run
from workbench import Workbench

from seatrial.host import docker_home

# A stand-in that writes down the CPU time of what it started, once for all that it starts in turn.
# `times` prints the shell's own time, then its children's.
_STAND_IN = """#!/bin/sh
test -z "$BENCH_COUNTED" || exec "{program}" "$@"
export BENCH_COUNTED=1
trap : TERM INT HUP
"{program}" "$@"
code=$?
times >"{folder}/$$"
exit $code
"""


def counted(bench: Workbench, words: Sequence[str]) -> tuple[Run, int, float]:
    """Run with stand-ins for `docker` and Compose; return the run, their number and their CPU."""
    folder = bench.home / "stand-ins"
    shutil.rmtree(folder, ignore_errors=True)
    plugins = folder / "config/cli-plugins"
    plugins.mkdir(parents=True)
    times = folder / "times"
    times.mkdir()
    if real := shutil.which("docker", path=bench.env["PATH"]):
        _stand_in(folder / "docker", real, times)
    _like(Path(bench.env.get("DOCKER_CONFIG") or Path.home() / ".docker"), folder / "config")
    if plugin := docker_home.plugin("compose", bench.env):
        (plugins / "docker-compose").unlink(missing_ok=True)
        _stand_in(plugins / "docker-compose", plugin, times)
    path = f"{folder}{os.pathsep}{bench.env['PATH']}"
    run = bench.run(words, PATH=path, DOCKER_CONFIG=str(folder / "config"))
    taken = [_children(file.read_text()) for file in times.iterdir()]
    return run, len(taken), sum(taken)


def _stand_in(at: Path, program: str, times: Path) -> None:
    at.write_text(_STAND_IN.format(program=program, folder=times))
    at.chmod(0o755)


def _like(theirs: Path, ours: Path) -> None:
    """Link the CLI's settings and plugins into another folder."""
    for one in (*theirs.glob("*"), *theirs.glob("cli-plugins/*")):
        if one.name != "cli-plugins":
            (ours / one.relative_to(theirs)).symlink_to(one)


def _children(text: str) -> float:
    """Return seconds from the second line of `times`: ``0m0.25s 0m0.11s``."""
    times = re.findall(r"(\d+)m([\d.]+)s", text.splitlines()[1])
    return sum(int(minutes) * 60 + float(rest) for minutes, rest in times)
