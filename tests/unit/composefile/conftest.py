"""Fixtures that write a compose file and read it back."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject


class Load(Protocol):
    def __call__(
        self,
        text: str,
        variables: Mapping[str, str] = ...,
        profiles: Sequence[str] = ...,
        **files: str,
    ) -> ComposeProject: ...


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Load ``text`` as compose.yaml; keywords are further files, ``__`` standing for a dot."""

    def read(
        text: str,
        variables: Mapping[str, str] | None = None,
        profiles: Sequence[str] = (),
        **files: str,
    ) -> ComposeProject:
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(textwrap.dedent(content))
        file = tmp_path / "compose.yaml"
        file.write_text(textwrap.dedent(text))
        return load([file], variables or {}, profiles)

    return read
