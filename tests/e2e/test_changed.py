"""`seatrial test --changed` on real git repositories: what runs, why, and when all runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.history import Checkout
from tests.support.program import Repository, Said, copy_of

ALL = ["unit:lib", "unit:web", "service:web", "integration:integration"]
WEB = ["unit:web", "service:web", "integration:integration"]
LIB = """\
[project]
name = "lib"
version = "1"
requires-python = ">=3.11"
[dependency-groups]
dev = ["pytest>=8"]
[tool.pytest.ini_options]
"""


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return the pair with one more service, all committed on ``main``, on a branch of its own."""
    repository = copy_of("pair", tmp_path)
    repository.write("services/lib/pyproject.toml", LIB)
    repository.write("services/lib/tests/unit/test_lib.py", "def test_lib():\n    pass\n")
    repository.write("README.md", "# Pair\n")
    git = Checkout(repository.root)
    git.commit("Begin")
    git.git("switch", "-q", "-c", "feature")
    return repository


def chosen(work: Repository, *words: str) -> list[str]:
    """Return the suites of a dry run, in their order."""
    said = work.seatrial("test", "--changed", "--dry-run", "--runtime", "process", *words)
    assert said.code == 0, said.all
    stage, found = "", []
    for line in said.out.splitlines():
        if line.endswith(" Tests"):
            stage = line.split()[0].lower()
        elif suite := re.match(r"  (\S+)  \(pytest in ", line):
            found.append(f"{stage}:{suite[1]}")
    return found


def test_a_clean_checkout_runs_nothing_and_says_so(work: Repository) -> None:
    said = work.seatrial("test", "--changed")
    assert said.code == 0
    assert len(said.all.splitlines()) == 1
    assert said.out.startswith("nothing changed since main (")


def test_a_package_with_a_new_name_touches_all_for_nobody_tells_who_needs_the_old_one(
    work: Repository,
) -> None:
    work.write("services/lib/pyproject.toml", LIB + "# a word more\n")
    assert chosen(work) == ["unit:lib"]
    work.write("services/lib/pyproject.toml", LIB.replace('"lib"', '"library"'))
    assert chosen(work) == ALL


def test_documents_touch_nothing(work: Repository) -> None:
    work.write("README.md", "# Other\n")
    work.write("docs/guide.md", "# Guide\n")
    said = work.seatrial("test", "--changed")
    assert said.code == 0
    assert "2 files changed since main" in said.out
    assert "none touches a suite" in said.out


def test_a_change_of_a_service_runs_it_in_all_stages_that_hold_it(work: Repository) -> None:
    work.write("services/web/web.py", (work.root / "services/web/web.py").read_text() + "\n")
    assert chosen(work) == WEB


def test_a_service_that_git_ignores_runs_always(work: Repository) -> None:
    Checkout(work.root).git("rm", "-rq", "--cached", "services/lib")
    work.write(".gitignore", "services/lib\n")
    Checkout(work.root).commit()
    assert chosen(work, "--base", "HEAD") == ["unit:lib"]
    said = work.seatrial("test", "--changed", "--base", "HEAD", "--dry-run")
    assert "services/lib is ignored by git, so that nobody knows what changed in it" in said.out


def test_commits_of_the_branch_count(work: Repository) -> None:
    work.write("services/lib/lib.py", "X = 1\n")
    Checkout(work.root).commit()
    assert chosen(work) == ["unit:lib"]
    assert chosen(work, "--base", "HEAD") == []


def test_an_untracked_file_counts(work: Repository) -> None:
    work.write("services/lib/new.py", "X = 1\n")
    assert chosen(work) == ["unit:lib"]


def test_a_deleted_file_counts(work: Repository) -> None:
    (work.root / "services/web/tests/unit/test_greeting.py").rename(work.home / "away.py")
    work.write("services/web/tests/unit/test_other.py", "def test_it():\n    pass\n")
    Checkout(work.root).commit()
    assert chosen(work) == ["unit:web", "service:web"]


def test_a_file_that_moves_touches_where_it_was_and_where_it_is(work: Repository) -> None:
    Checkout(work.root).git("mv", "services/web/web.py", "services/lib/web.py")
    assert chosen(work) == ALL


@pytest.mark.parametrize(
    ("name", "suites"),
    [
        ("services/lib/uv.lock", ["unit:lib"]),
        ("services/web/Dockerfile", WEB),
        ("services/web/deploy/test/docker-compose.yml", ["unit:web", "service:web"]),
        ("deploy/test/docker-compose.yml", ["integration:integration"]),
        ("pyproject.toml", ALL),
        (".dockerignore", ["service:web", "integration:integration"]),
        ("tests/integration/test_whole.py", ["integration:integration"]),
    ],
)
def test_each_kind_of_file_touches_who_reads_it(
    work: Repository, name: str, suites: list[str]
) -> None:
    with (work.root / name).open("a") as file:
        file.write("\n# changed\n")
    assert chosen(work) == suites


def test_seatrial_toml_touches_all(work: Repository) -> None:
    work.write("seatrial.toml", '[project]\nname = "other"\n')
    assert chosen(work) == ALL


def test_a_package_beside_touches_who_needs_it(work: Repository) -> None:
    work.write("libs/common/pyproject.toml", '[project]\nname = "common"\nversion = "1"\n')
    work.write(
        "services/lib/pyproject.toml",
        LIB + '[tool.uv.sources]\ncommon = { path = "../../libs/common" }\n',
    )
    Checkout(work.root).commit()
    work.write("libs/common/common.py", "X = 1\n")
    assert chosen(work, "--base", "HEAD") == ["unit:lib"]


def test_services_and_stages_choose_among_what_is_touched(work: Repository) -> None:
    work.write("services/web/new.txt", "x\n")
    assert chosen(work, "web", "--stage", "unit") == ["unit:web"]
    said = work.seatrial("test", "lib", "--changed")
    assert said.code == 0
    assert "none touches a suite of lib" in said.out


def test_a_real_run_runs_what_is_touched_and_says_why(work: Repository) -> None:
    work.write("services/lib/new.py", "X = 1\n")
    said = work.seatrial("test", "--changed", "--why", "--output", "plain")
    assert said.code == 0, said.all
    assert "unit:lib  because services/lib/new.py is new and untracked (its service's" in said.out
    assert "1 passed" in said.out
    assert "web" not in said.out
    assert work.traces() == []


def test_why_without_changed_tells_why_there_is_a_suite(work: Repository) -> None:
    said = work.seatrial("test", "lib", "--why", "--output", "plain")
    assert said.code == 0, said.all
    assert "unit:lib  because services/lib/tests/unit exists" in said.out


def test_json_stays_json_and_reports_are_written(work: Repository) -> None:
    said = work.seatrial("test", "--changed", "--why", "--output", "json", "--junit", "r.xml")
    assert said.code == 0, said.all
    events = [json.loads(line)["event"] for line in said.out.splitlines()]
    assert (events[0], events[-1]) == ("RunStarted", "RunFinished")
    assert "nothing changed since main" in said.err
    assert 'tests="0"' in (work.root / "r.xml").read_text()


def all_run(work: Repository, *words: str) -> str:
    """Return why, where all suites are planned."""
    said = work.seatrial("test", "--changed", "--dry-run", "--runtime", "process", *words)
    assert chosen(work, *words) == ALL, said.all
    return next(line for line in said.out.splitlines() if "all suites run" in line)


def test_a_shallow_clone_runs_all_and_says_so(work: Repository, tmp_path: Path) -> None:
    git = Checkout(work.root)
    git.commit("One more")
    shallow = Repository(tmp_path / "shallow", work.home)
    git.clone(shallow.root, "--depth=1")
    assert "this clone is shallow" in all_run(shallow)
    assert "there is no commit" in all_run(shallow, "--base", git.git("rev-parse", "HEAD~1"))


def test_a_repository_without_commits_runs_all_and_says_so(tmp_path: Path) -> None:
    work = copy_of("pair", tmp_path)
    said = work.seatrial("test", "--changed", "--dry-run", "--runtime", "process")
    assert said.code == 0
    assert "all suites run: there is no commit yet" in said.out
    assert chosen(work) == WEB


def test_a_folder_without_git_runs_all_and_says_so(work: Repository) -> None:
    (work.root / ".git").rename(work.home / "git")
    assert "this is no git repository" in all_run(work)


def test_a_detached_head_is_compared_like_a_branch(work: Repository) -> None:
    work.write("services/lib/new.py", "X = 1\n")
    Checkout(work.root).commit()
    Checkout(work.root).git("switch", "-q", "--detach")
    assert chosen(work) == ["unit:lib"]


def usage(work: Repository, *words: str) -> Said:
    said = work.seatrial("test", *words)
    assert said.code == 2
    return said


def test_a_base_that_is_wrong_is_told_with_the_nearest_refs(work: Repository) -> None:
    said = usage(work, "--changed", "--base", "featur")
    assert "'featur' is no commit" in said.err
    assert "did you mean 'feature'?" in said.err
    assert "no ref is given" in usage(work, "--changed", "--base", "").err
    assert "give --changed" in usage(work, "--base", "main").err
