"""How it is to live in a new repository: a rebuild after one line, a saved file that is answered.

The rebuild is `docker compose build` of the service as production has it, after one line of its
source changed; its baseline is the same build without any cache of layers. The saved file is timed
from the write to the first answer that comes from it.
"""

from __future__ import annotations

import itertools
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from measure import BenchError
from tables import Section, aim, median, seconds
from workbench import LIVING, Workbench, program

REBUILD_AIM = 3.0
RELOAD_AIM = 2.0
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Source:
    """A service of the new repository, the line of it that changes, and where that is seen."""

    service: str
    kind: str
    file: str
    line: str
    path: str
    port: int = 0

    def of(self, home: Path) -> Path:
        """Return the file's path."""
        return home / "services" / self.service / self.file


SOURCES = (
    Source("api", "fastapi", "api/app.py", '{"status": "ok"}', "/health"),
    Source("gate", "node-api", "src/app.ts", '{ status: "ok" }', "/health"),
    Source("web", "frontend", "src/page/index.html", "<title>", "/"),
)


def measure(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Make a repository of three kinds, and measure what its people wait for."""
    home = _new(bench)
    rows = []
    if bench.engine:
        for source in SOURCES:
            say(f"rebuild {source.kind}")
            rows.append(_rebuilt(bench, home, source, repeat))
    for runtime in bench.runtimes:
        say(f"reload, {runtime}")
        with _up(bench, home, runtime) as sources:
            rows += [_reloaded(source, runtime, repeat) for source in sources]
    title = "A new repository: after a changed line"
    header = ("", "median", "best", "aim", "")
    missing = () if bench.engine else ("rebuilds: no Docker engine answers.",)
    return Section("living", title, header, rows, _NOTES, missing)


_NOTES = (
    "A rebuild has warm layers; in brackets is how many times as long the same build takes without"
    " them (downloads cached in both).",
)


def _new(bench: Workbench) -> Path:
    words = [f"--service={source.service}:{source.kind}" for source in SOURCES]
    new = [program("seatrial"), "new", "living", "--name", LIVING, "--yes", *words]
    done = subprocess.run(
        new, cwd=bench.home, env=dict(bench.env), capture_output=True, check=False
    )
    if done.returncode:
        raise BenchError(done.stderr.decode())
    return bench.home / "living"


def _rebuilt(bench: Workbench, home: Path, source: Source, repeat: int) -> Sequence[str]:
    compose = ["docker", "compose", "-f", str(home / "deploy/test/docker-compose.yml"), "build"]
    build, anew = [*compose, source.service], [*compose, "--no-cache", source.service]
    warm, cold = [], []
    bench.seconds(build)
    with _changing(source.of(home), source.line) as change:
        for turn in range(repeat):
            change(turn)
            warm.append(bench.seconds(build))
            cold.append(bench.seconds(anew))
    ratio = median(cold) / median(warm)
    name = f"{source.kind}: image rebuilt"
    return (name, *seconds(warm), f"{REBUILD_AIM:.0f} s", _verdict(warm, REBUILD_AIM, ratio))


def _verdict(values: Sequence[float], most: float, ratio: float | None = None) -> str:
    word = aim(median(values) <= most)
    return word if ratio is None else f"{word} ({ratio:.1f} ×)"


def _reloaded(source: Source, runtime: str, repeat: int) -> Sequence[str]:
    took = []
    with _changing(Path(source.file), source.line) as change:
        for turn in range(repeat):
            mark = change(turn)
            began = time.perf_counter()
            _until_answered(source, mark)
            took.append(time.perf_counter() - began)
    name = f"{source.kind}: saved file answered, {runtime}"
    return (name, *seconds(took), f"{RELOAD_AIM:.0f} s", _verdict(took, RELOAD_AIM))


@contextmanager
def _changing(file: Path, line: str) -> Iterator[Callable[[int], str]]:
    """Yield what writes another text into the file's ``line``; put the file back at the end."""
    before = file.read_text()
    numbers = itertools.count()

    def change(_turn: int) -> str:
        # Of another length each time: Python tells a source's age in whole seconds, and its size.
        mark = "edited" + "x" * next(numbers)
        new = line.replace('"ok"', f'"{mark}"').replace("<title>", f"<title>{mark} ")
        file.write_text(before.replace(line, new))
        return mark

    try:
        yield change
    finally:
        file.write_text(before)


def _until_answered(source: Source, mark: str) -> None:
    limit = time.monotonic() + _PATIENCE
    while mark not in _answer(source):
        if time.monotonic() > limit:
            raise BenchError(f"{source.kind} never answered from its changed source")
        time.sleep(0.01)


def _answer(source: Source) -> str:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{source.port}{source.path}", timeout=2
        ) as got:
            text: bytes = got.read()
            return text.decode()
    except OSError:
        return ""


@contextmanager
def _up(bench: Workbench, home: Path, runtime: str) -> Iterator[Sequence[Source]]:
    """Bring dev up; yield the sources with the ports and paths that they have now."""
    words = [program("seatrial"), "-C", str(home)]
    ports = {source.service: 18300 + number for number, source in enumerate(SOURCES)}
    lines = [f"{service.upper()}_PORT={port}" for service, port in ports.items()]
    (home / "deploy/dev/.env").write_text("\n".join([*lines, "API_DATABASE_PORT=18399"]) + "\n")
    try:
        bench.seconds([*words, "up", "dev", "--runtime", runtime])
        yield [
            replace(source, port=ports[source.service], file=str(source.of(home)))
            for source in SOURCES
        ]
    finally:
        bench.seconds([*words, "down", "dev", "--volumes", "--yes"])
