"""A new repository: where it may be made, what is in it, and that it is written whole or not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.errors import EnvironmentFailure, UsageError
from seatrial.scaffold import new
from seatrial.scaffold.answers import wish
from seatrial.scaffold.model import File
from seatrial.scaffold.record import RECORD, load


def made(templates: Path, *words: str) -> dict[str, str]:
    _, tree = new.new_tree("shop", [wish(word) for word in words], templates)
    return {path: file.text for path, file in tree.items()}


def test_a_service_is_laid_over_its_folder_and_the_root(templates: Path) -> None:
    tree = made(templates, "order-lines:fastapi")
    assert tree["services/order-lines/order_lines/app.py"] == "NAME = 'order-lines'\n"
    assert tree["services/order-lines/Dockerfile"] == "FROM python:3.13\n"
    assert "tests/integration/test_order_lines.py" in tree
    assert "SERVICES := order-lines\n" in tree["Makefile"]
    assert "\n# Of order-lines.\nORDER_LINES_PORT=1\n" in tree["deploy/dev/.env.example"]
    assert "${ORDER_LINES_PORT:-8000}:8000" in tree["deploy/dev/docker-compose.yml"]
    assert tree["deploy/test/docker-compose.yml"] == (
        "# Tests.\nname: shop-test\n\nservices:\n"
        "  order-lines:\n    image: order-lines\n\n"
        "  order-lines-migrate:\n    image: order-lines\n\n"
        "  order-lines-database:\n    image: postgres:18\n"
    )


def test_a_shared_backing_service_is_there_once(templates: Path) -> None:
    tree = made(templates, "mail:worker", "letters:worker+valkey")
    text = tree["deploy/test/docker-compose.yml"]
    assert text.count("image: valkey/valkey:8") == 1
    assert "letters:" in text


@pytest.mark.parametrize(
    "words", [("a:fastapi", "a-migrate:worker"), ("a-migrate:worker", "a:fastapi")]
)
def test_two_services_that_need_one_name_are_refused(
    templates: Path, words: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError, match=r"services\.a-migrate in deploy/test"):
        made(templates, *words)


def test_without_containers_there_is_no_stack(templates: Path) -> None:
    tree = made(templates, "money:python-lib")
    assert not [path for path in tree if path.startswith("deploy/")]
    assert "services/money/money/__init__.py" in tree


def test_a_frontend_calls_the_first_api_wherever_it_stands(templates: Path) -> None:
    tree = made(templates, "page:frontend", "money:python-lib", "a:fastapi", "b:fastapi")
    assert tree["services/page/calls.txt"] == "a:8000\n"
    assert made(templates, "page:frontend")["services/page/calls.txt"] == ":0\n"


def test_the_record_has_every_file_but_itself(templates: Path, tmp_path: Path) -> None:
    answers, tree = new.new_tree("shop", [wish("api:fastapi")], templates)
    new.write(tmp_path, tree)
    record = load(tmp_path)
    assert record.answers == answers
    assert {*record.files, RECORD} == set(tree)


def test_files_are_written_as_they_are_and_programs_can_be_run(
    templates: Path, tmp_path: Path
) -> None:
    _, tree = new.new_tree("shop", [], templates)
    new.write(tmp_path / "a/b", tree)
    assert os.access(tmp_path / "a/b/scripts/run.sh", os.X_OK)
    assert not os.access(tmp_path / "a/b/README.md", os.X_OK)
    assert (tmp_path / "a/b/README.md").read_bytes() == b"# shop\n"


def test_a_failure_midway_leaves_nothing(tmp_path: Path) -> None:
    tree = {"a/b.txt": File("x"), "a/b.txt/c": File("y")}
    with pytest.raises(EnvironmentFailure, match="all is as it was"):
        new.write(tmp_path / "shop", tree)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["shop", "a/b/shop", "empty", "with-git", "link"])
def test_a_place_that_is_free_is_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "with-git/.git").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    assert new.check_target(tmp_path / name) == (tmp_path / name).resolve()


def test_a_folder_with_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match=r"not empty: mine\.txt") as caught:
        new.check_target(tmp_path)
    assert "seatrial init" in caught.value.mend


@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
def test_a_file_is_refused_and_so_is_what_would_lie_in_it(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="this is a file"):
        new.check_target(tmp_path / "file" / below)


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UsageError, match=r"(?i)loop"):
        new.check_target(tmp_path / "a")


def test_a_link_to_nowhere_is_a_place_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert new.check_target(tmp_path / "link") == tmp_path / "nowhere"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(UsageError, match="no permission"):
        new.check_target(closed / "shop")


@pytest.mark.parametrize("mark", [RECORD, "seatrial.toml", "deploy/test/docker-compose.yml"])
def test_a_service_of_another_repository_is_no_place(tmp_path: Path, mark: str) -> None:
    (tmp_path / mark).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / mark).touch()
    with pytest.raises(UsageError, match="a service of the repository") as caught:
        new.check_target(tmp_path / "services/shop")
    assert f"seatrial -C {tmp_path} add" in caught.value.mend


@pytest.mark.parametrize(
    ("folder", "name"), [("shop", "shop"), ("My Shop", "my-shop"), ("2024.shop", "shop-2024")]
)
def test_the_project_is_called_after_its_folder(folder: str, name: str) -> None:
    assert new.project_name(Path("/home") / folder, None) == name


def test_a_name_that_was_asked_for_wins() -> None:
    assert new.project_name(Path("/home/shop"), "store") == "store"
    with pytest.raises(UsageError, match="cannot be the name"):
        new.project_name(Path("/home/shop"), "My Store")


def test_a_folder_that_makes_no_name_asks_for_one() -> None:
    with pytest.raises(UsageError) as caught:
        new.project_name(Path("/"), None)
    assert "--name" in caught.value.mend
