"""Figures of a run's inside: the first result, seatrial's own share of the work, what it prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docker_cpu import counted
from measure import BenchError, Run, bytes_on_a_terminal
from tables import Section, aim, median
from whole_runs import Contenders
from workbench import Workbench

SHARE_AIM = 0.05
COLUMNS, ROWS = 100, 40


@dataclass(frozen=True, slots=True)
class Share:
    """One run: seconds until the first test's result, and CPU seconds of who did what.

    ``calls`` is how often a program of the `docker` CLI was started.
    """

    wall: float
    first: float
    own: float
    docker: float
    calls: int

    @property
    def of_machine(self) -> float:
        """Return what part of all processors' time seatrial and its docker commands took."""
        return (self.own + self.docker) / (self.wall * (os.cpu_count() or 1))


def share(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Measure time to the first result and CPU share."""
    rows, verdicts, floors = [], [], Contenders(bench)
    for runtime in bench.runtimes:
        words = bench.seatrial("test", "--runtime", runtime, "--output", "json")
        bench.seconds(words)
        taken = [_share(bench, words) for _ in range(repeat)]
        say(f"{runtime}: {taken}")
        part = median([one.of_machine for one in taken])
        own = (
            *(_middle(taken, name) for name in ("wall", "first", "own", "docker")),
            _calls(taken),
            f"{part:.1%}",
        )
        rows.append((f"`seatrial test --runtime {runtime}`", *own))
        verdicts.append(f"{runtime} {part:.1%}: {aim(part < SHARE_AIM)}")
    if bench.engine:
        by_hand = [_docker_of(bench, floors.floor_of("docker")) for _ in range(repeat)]
        cells = (_middle(by_hand, "wall"), "", "", _middle(by_hand, "docker"), _calls(by_hand), "")
        rows.append(("(c) all overlapped by hand, containers", *cells))
    bare = median([_bare_pytest(bench) for _ in range(repeat)])
    return Section(
        "share",
        "First result, and seatrial's own share",
        ("", "whole run", "first result", "own CPU", "docker's CLI", "its calls", "share"),
        rows,
        (
            "The first result is that of a test, counted from the start of the program, while "
            "three unit suites start at once. `pytest -v` of one of them alone shows its first "
            f"after {bare:.2f} s.",
            "Own CPU is the process `seatrial` itself, with all its threads; the CLI's is the CPU "
            "time of every `docker` and Compose command that it starts, plugins included. Tests, "
            "services, health checks and the engine are not in it. The share is of what all "
            f"{os.cpu_count()} processors had during the run (aim: under {SHARE_AIM:.0%}): "
            f"{'; '.join(verdicts)}.",
        ),
        _no_engine(bench),
    )


def _middle(taken: Sequence[Share], name: str) -> str:
    return f"{median([getattr(one, name) for one in taken]):.2f} s"


def _calls(taken: Sequence[Share]) -> str:
    return f"{median([one.calls for one in taken]):.0f}"


def _share(bench: Workbench, words: Sequence[str]) -> Share:
    run, number, cli = counted(bench, words)
    return Share(run.wall, _first_result(run), run.cpu, cli, number)


def _docker_of(bench: Workbench, words: Sequence[str]) -> Share:
    run, number, cli = counted(bench, words)
    return Share(run.wall, 0.0, 0.0, cli, number)


def _first_result(run: Run) -> float:
    for line, at in zip(run.output.splitlines(), run.line_at, strict=True):
        if line.startswith("{") and json.loads(line).get("event") == "TestFinished":
            return at
    raise BenchError("no test finished")


def _bare_pytest(bench: Workbench) -> float:
    run = bench.run(["sh", "-c", "cd services/catalog && .venv/bin/pytest -v tests/unit"])
    passed = (at for line, at in zip(run.output.splitlines(), run.line_at, strict=True)
              if "PASSED" in line)  # fmt: skip
    first = next(passed, None)
    if first is None:
        raise BenchError("pytest -v passed nothing")
    return first


def printed(bench: Workbench, _repeat: int, _say: Callable[[str], None]) -> Section:
    """Count what each output prints for a run that passes."""
    words = bench.seatrial("test", "--runtime", "process", "--output")
    bench.seconds([*words, "plain"])
    rows: list[tuple[str, str, str]] = []
    verbose = _verbose_runners(bench)

    def add(name: str, size: int, lines: str) -> None:
        rows.append((name, f"{size:,}", lines))

    for output in ("agent", "plain", "json"):
        text = bench.run([*words, output]).output
        add(f"`--output {output}`", len(text.encode()), str(len(text.splitlines())))
    live = bytes_on_a_terminal([*words, "live"], bench.env, bench.shop, COLUMNS, ROWS)
    add(f"`--output live`, {COLUMNS} × {ROWS}", live, "one picture")
    add("`pytest -v` and vitest's verbose reporter", len(verbose.encode()),
        str(len(verbose.splitlines())))  # fmt: skip
    return Section(
        "bytes",
        "What a run that passes prints",
        ("", "bytes", "lines"),
        rows,
        ("The runners' own output is that of the same seven suites, started by hand with `-v`. "
         "What the live display draws replaces what it drew before.",),
    )  # fmt: skip


def _verbose_runners(bench: Workbench) -> str:
    words, logs = Contenders(bench).floor("process", verbose="-v")
    bench.seconds(words)
    return "".join(Path(log).read_text() for log in sorted(logs.glob("suite-*.log")))


def imports(bench: Workbench, _repeat: int, _say: Callable[[str], None]) -> Section:
    """Look which heavy modules a command imports."""
    heavy = ("click", "asyncio", "rich", "ruamel.yaml", "dockerfile_parse", "jinja2")
    commands = {
        "--version": ("--version",),
        "--help": ("--help",),
        "test --help": ("test", "--help"),
        "test --dry-run, no environment": ("test", "--stage", "unit", "--dry-run"),
        "test --dry-run": ("test", "--runtime", "process", "--dry-run"),
        "test, no environment": ("test", "--stage", "unit", "--output", "plain"),
        "test --runtime process": ("test", "--runtime", "process", "--output", "plain"),
    }
    rows = []
    for name, words in commands.items():
        python = [sys.executable, "-X", "importtime", "-m", "seatrial.cli.main"]
        found = _imported(
            bench.run([*python, "-C", str(bench.shop), *words]).output
            if name != "--version"
            else bench.run([*python, *words]).output
        )
        rows.append((f"`{name}`", *("yes" if one in found else "no" for one in heavy)))
    return Section(
        "imports",
        "Heavy modules that a command imports",
        ("", *heavy),
        rows,
        ("A compose file is read by whatever needs an environment; `rich` is for the live display "
         "alone.",),
    )  # fmt: skip


def _imported(output: str) -> set[str]:
    lines = (line for line in output.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


def _no_engine(bench: Workbench) -> tuple[str, ...]:
    return () if bench.engine else ("the run with containers: no Docker engine answers.",)
