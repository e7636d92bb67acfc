"""The real program, run as a user runs it, on a copy of a fixture repository."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from seatrial.host.system import marked_processes

PROJECTS = Path(__file__).resolve().parent.parent / "projects"
_PATIENCE = 40.0


def until(condition: Callable[[], bool], what: str = "the condition") -> None:
    """Wait for what another process makes true."""
    limit = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < limit, f"{what} never came true"
        time.sleep(0.01)


@dataclass(frozen=True)
class Said:
    """What a call of the program printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    def events(self, kind: str) -> list[dict[str, Any]]:
        lines = (json.loads(line) for line in self.out.splitlines())
        return [line for line in lines if line["event"] == kind]

    def passed(self) -> dict[str, int]:
        results = (event["result"] for event in self.events("SuiteFinished"))
        return {result["suite"]: result["counts"]["passed"] for result in results}


@dataclass
class Repository:
    """A copy of a fixture repository, and a user's folders that nobody else has."""

    root: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "SEATRIAL_"))}
        return {
            **kept,
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **self.variables,
        }

    @property
    def ledgers(self) -> list[Path]:
        return list((self.home / "state/seatrial/runs").glob("*.ledger"))

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def expected(self) -> dict[str, Any]:
        return tomllib.loads((self.root / "expected.toml").read_text())

    def seatrial(self, *words: str, prefix: tuple[str, ...] = ()) -> Said:
        answer = subprocess.run(
            [*prefix, sys.executable, "-m", "seatrial.cli.main", *words],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert "Traceback (most recent call last)" not in answer.stderr, answer.stderr
        return Said(answer.returncode, answer.stdout, answer.stderr)

    @contextmanager
    def started(self, *words: str) -> Iterator[Started]:
        with (self.home / f"said-{len(list(self.home.iterdir()))}").open("w+b") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "seatrial.cli.main", *words],
                cwd=self.root,
                env=self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield Started(process, said)
            finally:
                failed = process.poll() is None
                process.kill()
                process.wait()
                if failed:
                    self.seatrial("gc")

    def traces(self) -> list[str]:
        """Return all that any run has left: processes, folders, ledgers, held addresses."""
        runs = {path.stem for path in self.ledgers}
        processes = [
            f"process {pid}" for run in runs for pid in marked_processes(f"SEATRIAL_RUN={run}")
        ]
        folders = (self.home / "run/seatrial", self.home / "state/seatrial/blocks")
        places = [place for folder in folders if folder.exists() for place in folder.iterdir()]
        return [*processes, *(str(place) for place in (*places, *self.ledgers))]


@dataclass
class Started:
    """A program that runs."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]

    def text(self) -> str:
        return os.pread(self.said.fileno(), 10_000_000, 0).decode(errors="replace")

    def says(self, words: str) -> None:
        def said_or_over() -> bool:
            return words in self.text() or self.process.poll() is not None

        until(said_or_over, f"{words!r}")
        assert words in self.text(), self.text()

    @property
    def run(self) -> str:
        return self.text().partition(", run ")[2].split("\n")[0].strip()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        return self.process.wait(timeout=_PATIENCE)


def forget_images(repository: Repository) -> None:
    """Remove the images that were built for a repository which will never be used again."""
    identity = repository.root / ".seatrial/worktree.json"
    if shutil.which("docker") is None or not identity.exists():
        return
    ours = json.loads(identity.read_text())["worktrees"][-1]["id"]
    words = ["docker", "images", "-q", "--filter", f"label=dev.seatrial.worktree={ours}"]
    answer = subprocess.run(words, capture_output=True, text=True, check=False)
    if images := set(answer.stdout.split()):
        subprocess.run(["docker", "rmi", "-f", *images], capture_output=True, check=False)


def copy_of(project: str, place: Path) -> Repository:
    """Lay a fixture repository out in ``place``, as a git checkout."""
    root, home = place / "repo", place / "home"
    unwanted = shutil.ignore_patterns(".venv", ".seatrial", "__pycache__", "*.egg-info")
    shutil.copytree(PROJECTS / project, root, ignore=unwanted)
    (home / "run").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    return Repository(root, home)
