"""`seatrial new` and `seatrial add` as a user calls them; what they write is not run here."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.scaffold.record import RECORD
from tests.support.program import Repository, Said

ENVIRONMENTS = ("dev", "test", "prod")


@pytest.fixture
def home(tmp_path: Path) -> Repository:
    (tmp_path / "home/run").mkdir(parents=True)
    (tmp_path / "work").mkdir()
    return Repository(tmp_path / "work", tmp_path / "home")


@pytest.fixture
def shop(home: Repository) -> Repository:
    said = home.seatrial("new", "shop", "--service", "api:fastapi")
    assert said.code == 0, said.all
    return Repository(home.root / "shop", home.home)


def git(root: Path, *words: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    return subprocess.run(
        ["git", *who, *words], cwd=root, capture_output=True, text=True, check=True
    ).stdout


def makefile_services(root: Path) -> str:
    text = (root / "Makefile").read_text()
    return next(line for line in text.splitlines() if line.startswith("SERVICES"))


def test_a_new_repository_has_the_patterns_structure(home: Repository) -> None:
    said = home.seatrial("new", "shop", "--yes")
    root = home.root / "shop"
    assert said.code == 0, said.all
    assert said.err == ""
    for name in ("api", "worker", "frontend"):
        folder = root / "services" / name
        assert (folder / "Dockerfile").is_file()
        assert any((folder / "tests/unit").iterdir())
        assert any((folder / "tests/integration").iterdir())
        assert (folder / "deploy/test/docker-compose.yml").is_file()
    for environment in ENVIRONMENTS:
        assert (root / "deploy" / environment / "docker-compose.yml").is_file()
    for script in (root / "scripts").iterdir():
        assert os.access(script, os.X_OK), script
    assert makefile_services(root) == "SERVICES := api worker frontend"
    assert (root / RECORD).is_file()
    assert (root / ".git").is_dir()
    assert said.out.splitlines()[-1] == "next: cd shop; make test; make dev"
    assert len(said.out.splitlines()) < 8


def test_seatrial_finds_all_three_stages_in_it(home: Repository) -> None:
    home.seatrial("new", "shop", "--yes")
    said = Repository(home.root / "shop", home.home).seatrial("test", "--dry-run")
    assert said.code == 0, said.all
    for word in ("unit", "service", "integration", "api", "worker", "frontend"):
        assert word in said.out


def test_make_lists_its_targets(shop: Repository) -> None:
    if shutil.which("make") is None:
        pytest.skip("there is no make here")
    said = subprocess.run(["make", "help"], cwd=shop.root, capture_output=True, text=True)
    for target in ("test", "test-unit", "test-service", "test-integration", "test-infra-up", "dev"):
        assert f"  {target} " in said.stdout


def test_at_a_terminal_the_services_are_asked_for(home: Repository) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"api\nnode-api\n\n")
    command = [sys.executable, "-m", "seatrial.cli.main", "new", "shop"]
    with subprocess.Popen(
        command, cwd=home.root, env=home.environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):
            # Linux answers with an error once nobody holds the other end.
            while read := os.read(ours, 4096):
                said += read
    os.close(ours)
    assert process.returncode == 0, said.decode()
    assert b"Name of a service" in said
    assert makefile_services(home.root / "shop") == "SERVICES := api"


def test_adding_edits_by_adding_lines_only(shop: Repository) -> None:
    git(shop.root, "add", "-A")
    git(shop.root, "commit", "-qm", "new")
    said = shop.seatrial("add", "mail", "--kind", "worker", "--with", "redis")
    assert said.code == 0, said.all
    assert said.err == ""
    for environment in ENVIRONMENTS:
        path = f"deploy/{environment}/docker-compose.yml"
        added, removed, _ = git(shop.root, "diff", "--numstat", "--", path).split(None, 2)
        assert (int(added) > 0, removed) == (True, "0")
        assert f"added to {path}: services.mail, services.redis" in said.out
    assert makefile_services(shop.root) == "SERVICES := api mail"
    assert "services/mail/ (" in said.out


def test_a_dry_run_names_the_files_and_writes_none(home: Repository, shop: Repository) -> None:
    before = sorted(home.root.rglob("*"))
    said = home.seatrial("new", "other", "--yes", "--dry-run")
    assert "would write services/api/Dockerfile" in said.out
    said = shop.seatrial("add", "mail", "--kind", "worker", "--dry-run")
    assert "would write services/mail/Dockerfile" in said.out
    assert "would add to Makefile: mail" in said.out
    assert sorted(home.root.rglob("*")) == before


def test_in_a_work_tree_of_git_no_other_one_is_made(home: Repository) -> None:
    git(home.root, "init", "-q")
    assert home.seatrial("new", "apps/shop", "--yes").code == 0
    assert not (home.root / "apps/shop/.git").exists()


def test_no_git_can_be_asked_for(home: Repository) -> None:
    assert home.seatrial("new", "shop", "--yes", "--no-git").code == 0
    assert not (home.root / "shop/.git").exists()


def test_without_git_it_is_said_and_the_rest_is_made(home: Repository) -> None:
    bare = home.home / "bin"
    bare.mkdir()
    (bare / "python3").symlink_to(sys.executable)
    home.variables["PATH"] = str(bare)
    said = subprocess.run(
        [sys.executable, "-m", "seatrial.cli.main", "new", "shop", "--yes"],
        cwd=home.root,
        env=home.environment,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    assert "no git repository was made: there is no git here" in said.stdout
    assert (home.root / "shop/services/api/Dockerfile").is_file()


def test_a_hook_of_another_repository_does_not_mislead_git(home: Repository) -> None:
    home.variables["GIT_DIR"] = str(home.home / "other.git")
    assert home.seatrial("new", "shop", "--yes").code == 0
    assert (home.root / "shop/.git").is_dir()
    assert not (home.home / "other.git").exists()


def refused(said: Said) -> str:
    assert said.code == 2, said.all
    assert "Traceback" not in said.all
    assert said.out == ""
    assert sum(line.startswith("error: ") for line in said.err.splitlines()) == 1
    assert "  help: " in said.err
    return said.err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--service", "My Api:fastapi"), "call it my-api"),
        (("--service", "test:fastapi"), "call it test-service"),
        (("--service", "queue:worker"), "call it queue-service"),
        (("--service", "api:django"), "there are: fastapi, worker"),
        (("--service", "api"), "NAME:KIND"),
        (("--name", "Größe X"), "call it grosse-x"),
        (("--service", "a:fastapi", "--service", "a:worker"), "two services"),
    ],
)
def test_odd_words_are_one_error_and_nothing_is_written(
    home: Repository, words: tuple[str, ...], what: str
) -> None:
    said = refused(home.seatrial("new", "shop", *words))
    assert what in said
    assert list(home.root.iterdir()) == []


def test_targets_that_are_taken_are_refused(home: Repository, shop: Repository) -> None:
    (home.root / "file").touch()
    assert "not empty" in refused(home.seatrial("new", "shop", "--yes"))
    assert "this is a file" in refused(home.seatrial("new", "file", "--yes"))
    assert "add NAME" in refused(home.seatrial("new", "shop/services/more", "--yes"))


def test_an_addition_that_cannot_be_wired_changes_nothing(shop: Repository) -> None:
    path = shop.root / "deploy/test/docker-compose.yml"
    path.write_text("services: {api: {image: api}}\n")
    before = {p: p.read_bytes() for p in shop.root.rglob("*") if p.is_file()}
    said = refused(shop.seatrial("add", "mail", "--kind", "worker"))
    assert "deploy/test/docker-compose.yml" in said
    assert "  |   mail:" in said
    assert {p: p.read_bytes() for p in shop.root.rglob("*") if p.is_file()} == before
