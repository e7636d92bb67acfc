from __future__ import annotations

from pathlib import Path

from seatrial.discover import discover, load_config
from seatrial.model.project import Project, Suite

EVERYTHING = ("node", "npm", "go", "cargo")


class Tree:
    """A repository in the making."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, *empty: str, **written: str) -> Path:
        """Make empty files, and ``toml`` as seatrial.toml; return the root."""
        for name in empty:
            self.write(name, "")
        if "toml" in written:
            self.write("seatrial.toml", written["toml"])
        return self.root

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def found(root: Path, programs: tuple[str, ...] = EVERYTHING) -> Project:
    return discover(root, load_config(root), has_program=programs.__contains__)


def suite(project: Project, suite_id: str) -> Suite:
    suites = [*project.suites, *(item.suite for item in project.left_out)]
    return {s.id: s for s in suites}[suite_id]
