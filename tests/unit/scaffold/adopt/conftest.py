"""Repositories written down as the files that matter, and what is derived from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from ruamel.yaml import YAML

from seatrial.composefile.load import default_files
from seatrial.scaffold.adopt.derive import Derived, derive
from seatrial.scaffold.adopt.model import Difference
from seatrial.scaffold.adopt.selection import Selection, closure, whole
from seatrial.scaffold.adopt.stack import Stack, read_stack

PLACE = "deploy/test"


@dataclass(frozen=True)
class Read:
    """A derived compose file: its text, what YAML makes of it, and its differences."""

    text: str
    document: dict[str, Any]
    differences: tuple[Difference, ...]

    def service(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.document["services"][name]
        return found

    def why(self, what: str) -> str:
        return next((d.cause for d in self.differences if what in d.what), "")


Lay = Callable[[Mapping[str, str]], Path]
Derive = Callable[..., Read]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    def written(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return tmp_path

    return written


@pytest.fixture
def derived(lay: Lay) -> Derive:
    """Derive from a compose file, with files beside it; ``only`` names what to close over."""

    def made(
        compose: str, files: Mapping[str, str] | None = None, only: str = "", **known: str
    ) -> Read:
        root = lay({"compose.yml": compose, **(files or {})})
        stack = read_stack(default_files(root), known)
        selection = closure(stack, only.split()) if only else whole(stack)
        return read(root, stack, selection)

    return made


def read(root: Path, stack: Stack, selection: Selection) -> Read:
    made: Derived = derive(
        stack, selection, root / PLACE, project="Shop", about="For a test", env_files={}
    )
    document = YAML(typ="safe", pure=True).load(made.text)
    return Read(made.text, document, made.differences)
