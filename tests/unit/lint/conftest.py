from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.lint.workbench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root = tmp_path / "repo"
    root.mkdir()
    return Bench(root.resolve())
