"""`seatrial update` as its users meet it: repositories of an older scaffold, worked on since.

The older scaffold is a copy of today's templates, changed back here and there.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from seatrial.host.processes import Processes
from seatrial.scaffold import new
from seatrial.scaffold.answers import wish
from seatrial.scaffold.building import build
from seatrial.scaffold.kinds import KINDS
from seatrial.scaffold.record import RECORD, load, pristine
from seatrial.scaffold.rendering import templates
from seatrial.scaffold.updating import prepare, write
from tests.support.program import Repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")

SERVICES = tuple(
    f"{name}+{backing}" if backing else name
    for name, kind in KINDS.items()
    for backing in kind.backings or ("",)
)
DEV = "deploy/dev/docker-compose.yml"


def changed_back(place: Path) -> Path:
    """Return today's templates as they might have been once: a line more in each, two files."""
    older = place / "older"
    shutil.copytree(templates(), older, ignore=shutil.ignore_patterns("__pycache__", ".venv"))
    for name in ("Makefile", "Dockerfile", "docker-compose.yml", "README.md", "dot.gitignore"):
        for path in older.rglob(name):
            path.write_text(f"# as it was once\n\n\n{path.read_text()}")
    for path in older.rglob("uv.lock"):
        path.write_text(path.read_text() + "\n# once\n")
    (older / "project/scripts/once.sh").write_text("#!/bin/sh\n")
    (older / "project/AGENTS.md").unlink()
    return older


@pytest.fixture
def older(tmp_path: Path) -> Path:
    return changed_back(tmp_path)


def made(place: Path, older: Path, services: Sequence[str]) -> Repository:
    """Return a repository that the older scaffold has made, committed."""
    home = place / "home"
    (home / "run").mkdir(parents=True)
    repository = Repository(place / "repo", home, {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"})
    _, tree = new.new_tree("shop", [wish(one) for one in services], older)
    new.write(repository.root, tree)
    git(repository, "init", "-q", "-b", "main")
    commit(repository)
    return repository


@pytest.fixture
def shop(tmp_path: Path, older: Path) -> Repository:
    return made(tmp_path, older, ["api:fastapi", "jobs:worker+valkey"])


def git(repository: Repository, *words: str) -> str:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    answer = subprocess.run(
        ["git", *settings, *words],
        cwd=repository.root,
        env=repository.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout


def commit(repository: Repository) -> None:
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "Work")


def edit(repository: Repository, path: str, old: str, new: str) -> None:
    text = (repository.root / path).read_text()
    assert old in text
    repository.write(path, text.replace(old, new, 1))


def differences(repository: Repository) -> list[str]:
    """Return the files that are not as today's scaffold makes them for the same answers."""
    tree = build(load(repository.root).answers, templates())
    listed = git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    there = {
        path: (repository.root / path).read_text()
        for path in listed.split("\0")
        if path and (repository.root / path).exists()
    }
    del there[RECORD]
    fresh = {path: file.text for path, file in tree.items()}
    return sorted(path for path in {*there, *fresh} if there.get(path) != fresh.get(path))


@pytest.mark.parametrize("service", SERVICES)
def test_a_repository_that_nobody_touched_becomes_as_new(
    service: str, tmp_path: Path, older: Path
) -> None:
    name, _, backing = service.partition("+")
    repository = made(tmp_path, older, [f"one:{service}"])
    assert differences(repository) != []
    wanted = asyncio.run(prepare(repository.root, "9.9", templates(), Processes(os.environ)))
    assert list(write(repository.root, wanted))
    assert wanted.conflicts == ()
    assert differences(repository) == [], (name, backing)
    assert load(repository.root).files == pristine(
        build(load(repository.root).answers, templates())
    )


def test_what_the_user_has_changed_stays_and_what_is_new_comes_in(shop: Repository) -> None:
    edit(shop, DEV, "volumes:", "# our own note\nvolumes:")
    edit(shop, "Makefile", "SERVICES", "# our own list\nSERVICES")
    shop.write("services/api/README.md", "ours\n")
    shop.write("services/api/uv.lock", "version = 1\n")
    (shop.root / "scripts/test-runner.py").unlink()
    commit(shop)
    said = shop.seatrial("update")
    assert said.code == 0, said.all
    assert "merged     Makefile" in said.out
    assert f"merged     {DEV}" in said.out
    assert "removed    scripts/once.sh" in said.out
    assert "added      AGENTS.md" in said.out
    assert "run `cd services/api && uv lock`" in said.out
    assert not (shop.root / "scripts/once.sh").exists()
    assert not (shop.root / "scripts/test-runner.py").exists()
    for path, note in ((DEV, "# our own note"), ("Makefile", "# our own list")):
        text = (shop.root / path).read_text()
        assert note in text
        assert "as it was once" not in text
    assert (shop.root / "services/api/README.md").read_text() == "ours\n"
    again = shop.seatrial("update")
    assert again.code == 0
    assert again.out == "the scaffold of seatrial 0.1.0 is in: no file changes\n"


def test_conflicts_are_marked_listed_and_once_resolved_gone(shop: Repository) -> None:
    edit(shop, "Makefile", "# as it was once", "# as we have it")
    commit(shop)
    said = shop.seatrial("update")
    assert said.code == 1
    assert "conflict   Makefile:1" in said.out
    text = (shop.root / "Makefile").read_text()
    assert text.startswith("<<<<<<< yours\n# as we have it\n")
    assert ">>>>>>> scaffold 0.1.0\n" in text
    unresolved = shop.seatrial("update")
    assert unresolved.code == 1
    assert "still to be resolved" in unresolved.out
    head, _, tail = text.partition(">>>>>>> scaffold 0.1.0\n")
    shop.write("Makefile", head.replace("<<<<<<< yours\n", "").replace("=======\n", "") + tail)
    resolved = shop.seatrial("update")
    assert resolved.code == 0
    assert "no file changes" in resolved.out


def test_a_dry_run_says_the_same_and_writes_nothing(shop: Repository) -> None:
    edit(shop, "Makefile", "# as it was once", "# as we have it")
    commit(shop)
    dry = shop.seatrial("update", "--dry-run")
    assert dry.code == 1
    assert git(shop, "status", "--porcelain") == ""
    wet = shop.seatrial("update")
    rows = [line for line in dry.out.splitlines() if line.startswith("  ")]
    assert rows == [line for line in wet.out.splitlines() if line.startswith("  ")]
    assert dry.out.splitlines()[-1] == "nothing was written"


def test_a_diff_shows_each_change(shop: Repository) -> None:
    said = shop.seatrial("update", "--dry-run", "--diff")
    assert said.code == 0
    assert "--- a/Makefile\n+++ b/Makefile\n" in said.out
    assert "\n-# as it was once\n" in said.out
    assert "--- /dev/null\n+++ b/AGENTS.md\n" in said.out
    assert "--- a/scripts/once.sh\n+++ /dev/null\n" in said.out
    assert git(shop, "status", "--porcelain") == ""


def test_what_is_not_committed_is_not_overwritten(shop: Repository) -> None:
    edit(shop, "Makefile", "SERVICES", "# not committed\nSERVICES")
    edit(shop, "services/api/pyproject.toml", "[project]", "# not committed\n[project]")
    before = git(shop, "diff")
    refused = shop.seatrial("update")
    assert refused.code == 2
    assert "  | Makefile\n" in refused.err
    assert "pyproject.toml" not in refused.err
    assert "--allow-dirty" in refused.err
    assert git(shop, "diff") == before
    dry = shop.seatrial("update", "--dry-run")
    assert dry.code == 0
    assert "to be committed before, or --allow-dirty: Makefile\n" in dry.out
    allowed = shop.seatrial("update", "--allow-dirty")
    assert allowed.code == 0
    assert "# not committed" in (shop.root / "Makefile").read_text()


def test_outside_of_git_it_works_and_says_what_that_means(shop: Repository) -> None:
    edit(shop, "Makefile", "SERVICES", "# ours\nSERVICES")
    shutil.rmtree(shop.root / ".git")
    said = shop.seatrial("update")
    assert said.code == 0, said.all
    assert "git keeps no history here" in said.out
    assert "# ours" in (shop.root / "Makefile").read_text()


def test_without_git_only_a_merge_is_refused(shop: Repository, tmp_path: Path) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    shop.variables["PATH"] = str(bare)
    edit(shop, "Makefile", "SERVICES", "# ours\nSERVICES")
    refused = shop.seatrial("update")
    assert refused.code == 3
    assert "  | Makefile\n" in refused.err
    assert "install git" in refused.err
    assert (shop.root / "scripts/once.sh").exists()
    edit(shop, "Makefile", "# ours\n", "")
    said = shop.seatrial("update")
    assert said.code == 0, said.all
    del shop.variables["PATH"]
    assert differences(shop) == []


def test_a_service_added_by_the_newer_program_comes_out_as_if_it_had_made_all(
    shop: Repository,
) -> None:
    added = shop.seatrial("add", "search", "--kind", "fastapi")
    assert added.code == 0, added.all
    commit(shop)
    said = shop.seatrial("update")
    assert said.code == 0, said.all
    assert "merged" not in said.out
    assert differences(shop) == []


def test_of_a_repository_that_seatrial_has_not_made_only_the_added_service_is_updated(
    tmp_path: Path,
) -> None:
    (tmp_path / "home/run").mkdir(parents=True)
    (tmp_path / "repo").mkdir()
    repository = Repository(tmp_path / "repo", tmp_path / "home")
    repository.write("Makefile", "all:\n\ttrue\n")
    repository.write("tests/integration/conftest.py", "import pytest\n")
    added = repository.seatrial("add", "search", "--kind", "fastapi")
    assert added.code == 0, added.all
    told = repository.seatrial("update")
    assert told.code == 0, told.all
    assert "kept       tests/integration/conftest.py" in told.out
    assert {path.name for path in repository.root.iterdir()} & {"AGENTS.md", "README.md"} == set()
    assert (repository.root / "Makefile").read_text() == "all:\n\ttrue\n"
    again = repository.seatrial("update")
    assert again.out == "the scaffold of seatrial 0.1.0 is in: no file changes\n"


def test_a_repository_that_seatrial_has_not_made_is_told_so(tmp_path: Path) -> None:
    repository = Repository(tmp_path, tmp_path / "home")
    said = repository.seatrial("update")
    assert said.code == 2
    assert "no record of a scaffold" in said.err
    assert RECORD in said.err


def test_two_branches_that_added_a_service_each_are_brought_together(tmp_path: Path) -> None:
    shop = made(tmp_path, templates(), ["api:fastapi"])
    for branch, name in (("one", "search"), ("two", "billing")):
        git(shop, "checkout", "-q", "-b", branch, "main")
        added = shop.seatrial("add", name, "--kind", "fastapi")
        assert added.code == 0, added.all
        commit(shop)
    with pytest.raises(subprocess.CalledProcessError):
        git(shop, "merge", "-q", "one")
    refused = shop.seatrial("update")
    assert refused.code == 2
    assert f"{RECORD}:" in refused.err
    assert "keep those of both sides" in refused.err
    lines = (shop.root / RECORD).read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("<<<<<<<", "=======", ">>>>>>>"))]
    shop.write(RECORD, "\n".join(kept))
    answers = load(shop.root).answers
    assert [one.name for one in answers.services] == ["api", "billing", "search"]
    tree = build(answers, templates())
    for path in differences(shop):
        shop.write(path, tree[path].text)
    commit(shop)
    said = shop.seatrial("update")
    assert said.code == 0, said.all
    assert "no file changes" in said.out
    assert load(shop.root).files == pristine(tree)
