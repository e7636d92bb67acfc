from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.config import Config
from seatrial.discover import find_root, load_config
from seatrial.errors import ConfigError
from tests.unit.discover.trees import Tree


def test_the_root_is_found_from_deep_inside(tree: Tree) -> None:
    root = tree("services/api/pyproject.toml", "services/api/tests/unit/test_a.py")
    assert find_root(root / "services/api/tests/unit") == root


def test_a_seatrial_toml_wins_over_services_below_it(tree: Tree) -> None:
    root = tree("seatrial.toml", "group/services/api/pyproject.toml")
    assert find_root(root / "group/services/api") == root


def test_a_folder_of_code_called_services_is_not_taken_for_a_root(tree: Tree) -> None:
    root = tree("services/api/pyproject.toml", "services/api/src/services/mail/send.py")
    assert find_root(root / "services/api/src/services/mail") == root


def test_the_search_stays_inside_the_work_tree(tree: Tree) -> None:
    root = tree("seatrial.toml", "inner/.git", "inner/a/b.txt")
    assert find_root(root / "inner/a") == root / "inner"


def test_where_nothing_tells_the_start_is_the_root(tmp_path: Path) -> None:
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    assert find_root(lonely) == lonely.resolve()


def test_the_root_is_a_real_path(tree: Tree, tmp_path: Path) -> None:
    root = tree("services/api/pyproject.toml")
    (tmp_path / "link").symlink_to(root)
    assert find_root(tmp_path / "link/services") == root


def test_no_file_is_an_empty_configuration(tmp_path: Path) -> None:
    assert load_config(tmp_path) == Config()


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "seatrial.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path)
