"""`seatrial test --shard` on a real repository: every suite in one shard, and said which."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.history import Checkout
from tests.support.program import Repository, Said, copy_of

LIB = '[project]\nname = "lib"\nversion = "1"\n[tool.pytest.ini_options]\n'
TEST = "def test_it():\n    pass\n"
UNITS = ("--stage", "unit", "--runtime", "process")


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return the pair with two more services of unit tests."""
    repository = copy_of("pair", tmp_path)
    for name in ("lib", "tools"):
        repository.write(f"services/{name}/pyproject.toml", LIB.replace("lib", name))
        test = f"def test_{name}():\n    pass\n"
        repository.write(f"services/{name}/tests/unit/test_{name}.py", test)
    return repository


def suites(said: Said) -> list[str]:
    """Return the suites that a run with JSON for its output planned."""
    assert said.code == 0, said.all
    return [suite["id"] for suite in said.events("RunStarted")[0]["suites"]]


def ran(said: Said) -> list[str]:
    """Return the ids of the tests that a run with JSON for its output had, all of them good."""
    assert said.code == 0, said.all
    results = [event["result"] for event in said.events("TestFinished")]
    assert {result["outcome"] for result in results} <= {"passed"}
    return [result["id"] for result in results]


def first_line(work: Repository, *words: str) -> str:
    said = work.seatrial("test", "--dry-run", *words)
    assert said.code == 0, said.all
    return said.out.splitlines()[0]


@pytest.mark.parametrize("past", [False, True])
def test_the_shards_run_all_suites_and_none_twice(work: Repository, past: bool) -> None:
    work.write("services/tools/tests/unit/test_slow.py", "import time\ntime.sleep(3)\n" + TEST)
    if past:
        assert work.seatrial("test", *UNITS, "--output", "plain").code == 0
    # One after the other in one worktree, so that each finds what the one before has recorded.
    found, marks = [], set()
    for number in (1, 2):
        said = work.seatrial("test", *UNITS, "--shard", f"{number}/2", "--output", "json")
        found.append(suites(said))
        marks.add(said.err.splitlines()[0].split()[-1])
        assert f"shard {number}/2: {len(found[-1])} of 3 suites" in said.err
    light, heavy = ["unit:lib", "unit:web"], ["unit:tools"]
    assert found == ([heavy, light] if past else [light, heavy])
    assert len(marks) == 1
    assert work.traces() == []


def test_the_past_balances_the_shards_whose_logs_are_all_that_came_along(work: Repository) -> None:
    work.write("services/lib/tests/unit/test_lib.py", "import time\ndef test(): time.sleep(1.5)\n")
    assert work.seatrial("test", *UNITS, "--output", "plain").code == 0
    (work.root / ".seatrial/history.db").unlink()
    said = work.seatrial("test", *UNITS, "--shard", "2/2", "--dry-run", "--why")
    assert said.code == 0, said.all
    lines = [line.split() for line in said.out.splitlines()]
    table = lines[lines.index(["shard", "1/2"]) :]
    assert [words[-1] for words in table[:5]] == [
        *("1/2", "unit:lib", "one)", "unit:tools", "unit:web")
    ]
    assert "(no past, a guess)" not in said.out
    assert "because  services/tools/tests/unit exists" in said.out
    assert "because  services/lib/tests/unit exists" not in said.out


def test_the_longest_starts_first_once_there_is_a_past(work: Repository) -> None:
    work.write("services/web/tests/unit/test_greeting.py", "import time\ntime.sleep(1.5)\n" + TEST)
    run = ("test", *UNITS, "--jobs", "1", "--output", "json")
    orders = [[s["suite"] for s in work.seatrial(*run).events("SuiteStarted")] for _ in range(2)]
    assert orders[0] == ["unit:lib", "unit:tools", "unit:web"]
    assert orders[1][0] == "unit:web"


@pytest.fixture
def big(work: Repository) -> Repository:
    """Return a repository with a suite of many files, one of which its runner alone knows."""
    folder = "services/big"
    settings = '[project]\nname = "big"\nversion = "1"\n[tool.pytest.ini_options]\n'
    settings += 'python_files = ["test_*.py", "check_*.py"]\n'
    work.write(f"{folder}/pyproject.toml", settings)
    for number in range(8):
        text = f"import time\ndef test_it(): time.sleep({number / 20})\ndef test_more(): pass\n"
        work.write(f"{folder}/tests/unit/deep/test_{number}.py", text)
    work.write(f"{folder}/tests/unit/check_odd.py", TEST)
    work.write(f"{folder}/tests/unit/test_empty.py", "")
    return work


@pytest.mark.parametrize("past", [False, True])
def test_a_large_suite_is_cut_by_its_files_and_no_test_is_lost(big: Repository, past: bool) -> None:
    run = ("test", "big", *UNITS, "--output", "json")
    whole = ran(big.seatrial(*run)) if past else []
    big.write("services/big/tests/unit/test_new.py", TEST)
    found, marks = [], set()
    # One after the other in one worktree: no piece changes what the next shard is given.
    for number in (1, 2, 3):
        said = big.seatrial(*run, "--shard", f"{number}/3")
        assert f"shard {number}/3: 1 of 1 suite (1 in part)" in said.err
        marks.add(said.err.splitlines()[0].split()[-1])
        found.append(ran(said))
    assert all(found)
    assert len(marks) == 1
    together = sorted(test for tests in found for test in tests)
    assert together == sorted(ran(big.seatrial(*run)))
    assert set(together) > set(whole)
    assert big.traces() == []


def test_a_dry_run_says_which_files_are_in_this_part(big: Repository) -> None:
    git = Checkout(big.root)
    git.commit("Begin")
    assert big.seatrial("test", "big", *UNITS, "--output", "plain").code == 0
    git.commit("Go on")
    said = big.seatrial("test", "big", *UNITS, "--shard", "1/2", "--dry-run", "--why")
    assert said.code == 0, said.all
    other = big.seatrial("test", "big", *UNITS, "--shard", "2/2", "--dry-run", "--why").out
    mine = "  tests/unit/check_odd.py"
    assert (mine in said.out) is not (mine in other)
    assert "and what else the runner finds" in said.out + other
    assert "of it    piece 1 of 2" in said.out
    assert "unit:big, piece 2 of 2" in said.out


def test_what_only_ever_ran_in_pieces_is_cut_by_what_they_took(big: Repository) -> None:
    git = Checkout(big.root)
    git.commit("Begin")
    for number in (1, 2):
        shard = ("--shard", f"{number}/2")
        assert big.seatrial("test", "big", *UNITS, *shard, "--output", "plain").code == 0
    git.commit("Go on")
    said = big.seatrial("test", "big", *UNITS, "--shard", "1/2", "--dry-run", "--why")
    assert "in part" in said.out
    assert "(no past, a guess)" not in said.out


@pytest.mark.node
def test_a_large_suite_of_vitest_is_cut_by_its_files(work: Repository) -> None:
    package = {
        "name": "page",
        "version": "1.0.0",
        "scripts": {"test": "vitest run"},
        "devDependencies": {"vitest": "3"},
    }
    work.write("services/page/package.json", json.dumps(package))
    for name in ("a", "xa", "deep/a", "b"):
        text = "import { test } from 'vitest';\ntest('works', () => {});\n"
        work.write(f"services/page/src/{name}.test.js", text)
    words = ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"]
    subprocess.run(words, cwd=work.root / "services/page", check=True, capture_output=True)
    run = ("test", "page", "--output", "json")
    found = [ran(work.seatrial(*run, "--shard", f"{number}/2")) for number in (1, 2)]
    assert [len(tests) for tests in found] == [2, 2]
    together = sorted(test for tests in found for test in tests)
    assert together == sorted(ran(work.seatrial(*run)))


def test_an_empty_shard_says_so_and_is_good(work: Repository) -> None:
    said = work.seatrial("test", *UNITS, "--shard", "4/4", "--why")
    assert said.code == 0, said.all
    assert said.out.startswith("shard 4/4: none of 3 suites, nothing is left for it; split ")
    assert said.out.endswith("1 shard more without a suite\n")
    said = work.seatrial("test", *UNITS, "--shard", "4/4", "--output", "json", "--junit", "r.xml")
    assert suites(said) == []
    assert json.loads(said.out.splitlines()[-1])["event"] == "RunFinished"
    assert 'tests="0"' in (work.root / "r.xml").read_text()


def test_it_takes_its_part_of_what_all_else_selects(work: Repository) -> None:
    git = Checkout(work.root)
    git.commit("Begin")
    changed = ("--changed", "--base", "HEAD", *UNITS, "--shard")
    assert "nothing changed since HEAD" in first_line(work, *changed, "1/2")
    work.write("services/lib/lib.py", "X = 1\n")
    work.write("services/tools/tools.py", "X = 1\n")
    assert "shard 2/2: 1 of 2 suites" in first_line(work, *changed, "2/2")
    assert "shard 3/3: none of 2 suites" in first_line(work, *changed, "3/3")
    assert "shard 1/2: 1 of 1 suite," in first_line(work, "lib", "--shard", "1/2")


@pytest.mark.parametrize("words", ["0/3", "4/3", "one/two", ""])
def test_what_is_no_shard_is_a_usage_error(work: Repository, words: str) -> None:
    said = work.seatrial("test", "--shard", words)
    assert said.code == 2
    assert "is no part of a whole" in said.err
    assert "such as 2/3" in said.err


def test_a_history_that_cannot_be_had_is_an_error_for_a_shard_alone(work: Repository) -> None:
    assert work.seatrial("test", *UNITS, "--output", "plain").code == 0
    lock = work.root / ".seatrial/history.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    said = work.seatrial("test", *UNITS, "--shard", "1/2", "--dry-run")
    assert said.code == 3
    assert "the history cannot be used" in said.err
    assert work.seatrial("test", *UNITS, "--output", "plain").code == 0


@pytest.mark.parametrize("recorded", [False, True])
def test_a_dry_run_loads_the_database_only_where_there_is_one(
    work: Repository, recorded: bool
) -> None:
    if recorded:
        assert work.seatrial("test", *UNITS, "--output", "plain").code == 0
    program = [sys.executable, "-X", "importtime", "-m", "seatrial.cli.main"]
    said = subprocess.run(
        [*program, "test", *UNITS, "--dry-run"],
        cwd=work.root,
        env=work.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert any(line.endswith(" sqlite3") for line in said.stderr.splitlines()) is recorded
