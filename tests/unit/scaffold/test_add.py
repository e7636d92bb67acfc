"""One more service: for the files as they are, and for the record of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import ConfigError, EnvironmentFailure, UsageError
from seatrial.scaffold import add, new
from seatrial.scaffold.answers import make_wish, wish
from seatrial.scaffold.model import FORGES
from seatrial.scaffold.record import RECORD, load

TEST = "deploy/test/docker-compose.yml"


def made(place: Path, templates: Path, *words: str) -> Path:
    _, tree = new.new_tree("shop", [wish(word) for word in words], templates, FORGES)
    new.write(place, tree)
    return place


def added(root: Path, templates: Path, name: str, kind: str) -> add.Addition:
    addition = add.plan(root, make_wish(name, kind), templates)
    addition.write()
    return addition


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new).encode())


@pytest.mark.parametrize("kind", ["fastapi", "worker", "frontend", "python-lib"])
def test_adding_after_new_is_the_same_as_new_with_both(
    tmp_path: Path, templates: Path, kind: str
) -> None:
    both = made(tmp_path / "both", templates, "api:fastapi", f"more:{kind}")
    one = made(tmp_path / "one", templates, "api:fastapi")
    added(one, templates, "more", kind)
    assert files(one) == files(both)


def test_the_stack_comes_with_the_first_service_that_has_containers(
    tmp_path: Path, templates: Path
) -> None:
    root = made(tmp_path / "one", templates, "money:python-lib")
    both = made(tmp_path / "both", templates, "money:python-lib", "api:fastapi")
    assert not (root / "deploy").exists()
    added(root, templates, "api", "fastapi")
    assert files(root) == files(both)


def test_the_users_own_text_stays_and_the_record_has_none_of_it(
    tmp_path: Path, templates: Path
) -> None:
    root = made(tmp_path / "one", templates, "api:fastapi")
    both = made(tmp_path / "both", templates, "api:fastapi", "more:worker")
    rewrite(root / TEST, "# Tests.\n", "# Tests.\n# Mine.\nx-mine: {}\n")
    rewrite(root / "Makefile", "SERVICES := api\n", "SERVICES := api other # mine\n")
    addition = added(root, templates, "more", "worker")
    text = (root / TEST).read_text()
    assert text.startswith("# Tests.\n# Mine.\nx-mine: {}\nname: shop-test\n")
    assert "SERVICES := api other more # mine\n" in (root / "Makefile").read_text()
    assert load(root).files == load(both).files
    assert addition.laid.wired[TEST].added == (
        "services.more",
        "services.valkey",
        "volumes.valkey",
    )


def test_a_shared_backing_service_that_is_there_is_left_and_named(
    tmp_path: Path, templates: Path
) -> None:
    root = made(tmp_path, templates, "a:worker")
    addition = added(root, templates, "b", "worker")
    assert addition.laid.wired[TEST].there == ("services.valkey", "volumes.valkey")
    assert (root / TEST).read_text().count("valkey/valkey:8") == 1


def test_windows_line_ends_stay(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    for name in (TEST, "Makefile", "deploy/dev/.env.example"):
        rewrite(root / name, "\n", "\r\n")
    added(root, templates, "b", "fastapi")
    for name in (TEST, "Makefile", "deploy/dev/.env.example"):
        content = (root / name).read_bytes()
        assert content.count(b"\n") == content.count(b"\r\n")


def test_a_file_that_the_user_removed_does_not_come_back(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    (root / TEST).unlink()
    (root / "pyproject.toml").unlink()
    addition = added(root, templates, "b", "fastapi")
    assert addition.laid.absent == (TEST,)
    assert not (root / TEST).exists()
    assert not (root / "pyproject.toml").exists()


def test_ports_that_the_dev_environment_takes_are_passed_over(
    tmp_path: Path, templates: Path
) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    rewrite(root / "deploy/dev/docker-compose.yml", ":-8000}", ":-8001}")
    assert add.plan(root, make_wish("b", "fastapi"), templates).answer.host_port == 8002


def unchanged_after(root: Path, templates: Path, name: str, kind: str) -> Exception:
    before = files(root)
    with pytest.raises((UsageError, ConfigError, EnvironmentFailure)) as caught:
        added(root, templates, name, kind)
    assert files(root) == before
    return caught.value


def test_a_name_that_is_there_is_refused(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    assert "services/a" in str(unchanged_after(root, templates, "a", "worker"))
    (root / "backend").mkdir()
    (root / "backend/package.json").write_text("{}")
    (root / "seatrial.toml").write_text('[services.b]\npath = "backend"\n')
    error = unchanged_after(root, templates, "b", "worker")
    assert str(error) == "backend: a service called 'b' is there already"


def test_a_name_of_a_compose_service_is_refused(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    rewrite(root / TEST, "services:\n", "services:\n  mail:\n    image: mine\n")
    error = unchanged_after(root, templates, "mail", "worker")
    assert str(error) == f"{TEST}: a service called 'mail' is there already"
    error = unchanged_after(root, templates, "a-database", "frontend")
    assert "'a-database'" in str(error)


def test_what_a_kind_brings_along_is_no_other_services(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a-migrate:worker")
    error = unchanged_after(root, templates, "a", "fastapi")
    assert f"services.a-migrate in {TEST}" in str(error)


def test_a_file_in_the_way_is_named_before_anything_is_written(
    tmp_path: Path, templates: Path
) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    (root / "tests/integration/test_b.py").write_text("mine\n")
    error = unchanged_after(root, templates, "b", "fastapi")
    assert "tests/integration/test_b.py" in str(error)


def test_a_compose_file_that_cannot_be_added_to_stops_everything(
    tmp_path: Path, templates: Path
) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    (root / TEST).write_text("services: {a: {image: a}}\n")
    error = unchanged_after(root, templates, "b", "fastapi")
    assert isinstance(error, ConfigError)
    assert "  b:" in error.detail


def test_a_makefile_that_lost_its_list_says_what_to_add(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    rewrite(root / "Makefile", "SERVICES := a\n", "")
    error = unchanged_after(root, templates, "b", "fastapi")
    assert isinstance(error, ConfigError)
    assert "SERVICES := b" in error.mend


def test_a_failure_midway_leaves_all_as_it_was(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    addition = add.plan(root, make_wish("b", "fastapi"), templates)
    rewrite(root / RECORD, '"project"', '"project" ')
    before = files(root)
    with pytest.raises(EnvironmentFailure, match="changed meanwhile"):
        addition.write()
    assert files(root) == before


def test_a_service_that_was_removed_by_hand_can_be_made_again(
    tmp_path: Path, templates: Path
) -> None:
    root = made(tmp_path, templates, "money:python-lib", "other:python-lib")
    for path in sorted((root / "services/money").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    added(root, templates, "money", "fastapi")
    record = load(root)
    assert [one.name for one in record.answers.services] == ["other", "money"]
    assert "services/money/Makefile" not in record.files


def test_a_repository_that_seatrial_did_not_make_gets_a_record_of_the_service_alone(
    tmp_path: Path, templates: Path
) -> None:
    root = tmp_path / "My Store"
    (root / "deploy/test").mkdir(parents=True)
    (root / TEST).write_text("services:\n  web:\n    image: web # mine\n")
    (root / "Makefile").write_text("all:\n")
    (root / "pyproject.toml").write_text("# mine\n")
    addition = added(root, templates, "api", "fastapi")
    assert addition.laid.kept == ("pyproject.toml",)
    assert addition.laid.absent == ("Makefile",)
    text = (root / TEST).read_text()
    assert text.startswith("services:\n  web:\n    image: web # mine\n\n  api:\n")
    assert (root / "deploy/dev/docker-compose.yml").read_text().startswith("name: my-store-dev\n")
    record = load(root)
    assert record.answers.project == "my-store"
    assert {"Makefile", "pyproject.toml"}.isdisjoint(record.files)
    (root / "Makefile").unlink()
    assert add.plan(root, make_wish("more", "worker"), templates).laid.absent == ()
    assert "web" not in (record.files[TEST].text or "")
    added(root, templates, "more", "worker")
    assert (root / "pyproject.toml").read_text() == "# mine\n"


def test_where_services_live_elsewhere_it_is_said(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a:python-lib")
    (root / "seatrial.toml").write_text('[paths]\nservices = ["apps"]\n')
    error = unchanged_after(root, templates, "b", "worker")
    assert "looked for in apps" in str(error)


def test_a_file_in_another_encoding_is_said(tmp_path: Path, templates: Path) -> None:
    root = made(tmp_path, templates, "a:fastapi")
    (root / TEST).write_bytes("# caf\xe9\nservices:\n".encode("latin-1"))
    assert "not UTF-8" in str(unchanged_after(root, templates, "b", "fastapi"))
