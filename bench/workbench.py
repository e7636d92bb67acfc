"""Where the bench works: a copy of examples/shop with caches of its own, warm before it measures.

Everything that it makes is in one folder and, on an engine, carries that folder's name; all of it
goes when the bench ends.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from measure import Run, run, seconds
from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BASELINES = HERE / "baselines"
# Both seatrial and the seed's scripts name what they make on an engine after the branch.
BRANCH = f"bench-{os.getpid()}"
# The project of the new repository that bench/living.py makes.
LIVING = f"{BRANCH}-living"
SLOW, FAST, FLOOR = "bench-slow.yml", "bench-fast.yml", "bench-floor.yml"
_TIMINGS = {
    SLOW: {"start_period": "10s"},
    FAST: {"start_period": "60s", "start_interval": "100ms"},
    FLOOR: {"start_period": "60s", "start_interval": "250ms"},
}


@dataclass(frozen=True, slots=True)
class Workbench:
    """``home`` is the folder, ``shop`` the copy in it; ``engine`` says whether one answers."""

    home: Path
    shop: Path
    engine: bool
    env: Mapping[str, str]

    @property
    def runtimes(self) -> tuple[str, ...]:
        """Return the runtimes that can be measured here."""
        return ("docker", "process") if self.engine else ("process",)

    def seatrial(self, *words: str) -> list[str]:
        """Return a command line of seatrial in the shop."""
        return [program("seatrial"), "-C", str(self.shop), *words]

    def run(self, argv: Sequence[str], **more: str) -> Run:
        """Run in the shop; see :func:`measure.run`."""
        return run(argv, {**self.env, **more}, self.shop)

    def seconds(self, argv: Sequence[str], **more: str) -> float:
        """Time in the shop; see :func:`measure.seconds`."""
        return seconds(argv, {**self.env, **more}, self.shop)

    def baseline(self, script: str, *words: str, verbose: str = "") -> tuple[list[str], Path]:
        """Return the command line of a baseline and the fresh folder of its logs."""
        logs = Path(tempfile.mkdtemp(prefix="logs-", dir=self.home))
        settings = (f"LOGS={logs}", f"VERBOSE={verbose}")
        return ["env", *settings, str(BASELINES / script), str(self.shop), *words], logs


def program(name: str) -> str:
    """Return a program of the environment that the bench itself runs in."""
    return str(Path(sys.executable).parent / name)


@contextmanager
def workbench() -> Iterator[Workbench]:
    """Make a warm workbench; leave nothing of it."""
    home = Path(tempfile.mkdtemp(prefix="seatrial-bench-"))
    # Servers that do not run as root read what lies here.
    home.chmod(0o755)
    bench = Workbench(home, home / "shop", _engine_answers(), _environment(home))
    try:
        _copy_shop(bench.shop)
        _variants(bench.shop)
        _sync(bench)
        yield bench
    finally:
        if bench.engine:
            _remove_images()
        shutil.rmtree(home, ignore_errors=True)


def _environment(home: Path) -> dict[str, str]:
    # Its own folders, so that neither the user's leftovers nor the user's templates are touched.
    own = {"XDG_STATE_HOME": home / "state", "XDG_CACHE_HOME": home / "cache"}
    env = {name: text for name, text in os.environ.items() if not name.startswith("TEST_")}
    env |= {name: str(folder) for name, folder in own.items()}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    # uv's own cache is a download cache: warm is what is asked for.
    env.setdefault("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv"))
    # Somebody else's venv, or Python without its bytecode, is not what users have.
    for name in ("VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    return env


def _engine_answers() -> bool:
    docker = shutil.which("docker")
    return docker is not None and _quiet([docker, "compose", "ls"]) == 0


def _quiet(argv: Sequence[str]) -> int:
    return subprocess.run(argv, capture_output=True, check=False).returncode


def _copy_shop(shop: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "examples/shop"], cwd=ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        if name:
            target = shop / Path(name).relative_to("examples/shop")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for words in (["init", "-q", "-b", BRANCH], ["add", "-A"], ["commit", "-q", "-m", "bench"]):
        subprocess.run([*git, *words], cwd=shop, check=True)


def _variants(shop: Path) -> None:
    """Write the compose files of the baselines beside the shop's own."""
    for file in shop.rglob("docker-compose.yml"):
        if file.parent.name == "test":
            for name, timing in _TIMINGS.items():
                tree = YAML(typ="safe", pure=True).load(file)
                for service in tree["services"].values():
                    check = service.get("healthcheck")
                    if check and not check.get("disable"):
                        check.pop("start_interval", None)
                        check |= {"interval": "5s", "retries": 10, **timing}
                # JSON is YAML.
                file.with_name(name).write_text(json.dumps(tree, indent=1))


def _sync(bench: Workbench) -> None:
    for folder in (".", "services/catalog", "services/orders"):
        bench.seconds(["uv", "sync", "--locked", "-q", "--project", str(bench.shop / folder)])
    npm = ["npm", "--prefix", "services/frontend", "ci", "--no-audit", "--no-fund"]
    bench.seconds(npm)


def _remove_images() -> None:
    """Remove the images of both: those of the baselines' projects, and seatrial's own."""
    for pattern in (
        f"shop-*test-{BRANCH}-*",
        f"seatrial-{BRANCH}-*",
        f"*-{BRANCH}-*",
        f"{BRANCH}-*",
    ):
        words = ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"]
        listed = subprocess.run(
            [*words, "--filter", f"reference={pattern}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if names := listed.stdout.split():
            _quiet(["docker", "rmi", "-f", *names])
