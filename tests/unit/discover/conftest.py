from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.discover.trees import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    (tmp_path / "repo").mkdir()
    return Tree((tmp_path / "repo").resolve())
