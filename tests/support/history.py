"""A real git repository to make changes in."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_AUTHOR = {
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.org",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass(frozen=True)
class Checkout:
    """A work tree; ``git`` runs there with an author and without the user's settings."""

    root: Path

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.root,
            env={**os.environ, **_AUTHOR},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, name: str, text: str = "text\n") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def commit(self, message: str = "Change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def clone(self, folder: Path, *words: str) -> Checkout:
        self.git("clone", "-q", *words, f"file://{self.root}", str(folder))
        return Checkout(folder)


def checkout(root: Path) -> Checkout:
    """Make a repository with one commit on ``main``."""
    root.mkdir(parents=True, exist_ok=True)
    made = Checkout(root)
    made.git("init", "-q", "-b", "main")
    made.write("kept.txt")
    made.commit("Begin")
    return made
