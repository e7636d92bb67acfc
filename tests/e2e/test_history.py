"""The history as a user meets it: recorded while tests run, shown again, not in anybody's way."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.program import Repository, copy_of, until

PROCESS = ("--runtime", "process")
# Made here, so that no search for secrets finds one in this file.
SECRET = "-".join(("hedgehog", "9f3c", "lantern"))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Repository]:
    repository = copy_of("pair", tmp_path)
    yield repository
    repository.seatrial("gc")


def runs(repository: Repository) -> list[dict[str, object]]:
    said = repository.seatrial("report", "--json")
    assert said.code == 0, said.all
    listed: list[dict[str, object]] = json.loads(said.out)["runs"]
    return listed


def kept(repository: Repository) -> Path:
    return repository.root / ".seatrial"


@pytest.mark.local
def test_a_run_is_shown_again_word_for_word(pair: Repository) -> None:
    pair.write("services/web/tests/unit/test_bad.py", "def test_bad():\n    assert 1 == 2\n")
    for display in ("json", "agent", "plain"):
        said = pair.seatrial("test", *PROCESS, "--output", display)
        assert said.code == 1, said.all
        again = pair.seatrial("report", "last", "--output", display)
        assert (again.code, again.out) == (0, said.out)
    listed = runs(pair)
    assert [run["verdict"] for run in listed] == ["failed"] * 3
    assert {str(run["runtime"]) for run in listed} == {"process"}


@pytest.mark.local
def test_times_of_suites_boots_and_tests_are_rows(pair: Repository) -> None:
    said = pair.seatrial("test", *PROCESS, "--output", "json")
    assert said.code == 0, said.all
    with closing(sqlite3.connect(kept(pair) / "history.db")) as connection:
        suites = dict(connection.execute("SELECT suite, tests FROM suites").fetchall())
        boots = connection.execute("SELECT count(*) FROM phases WHERE phase = 'boot'").fetchone()
        slowest = connection.execute("SELECT max(seconds) FROM tests").fetchone()
        tests, *phases = connection.execute(
            "SELECT count(*), count(setup), count(call), count(teardown) FROM tests"
        ).fetchone()
    assert suites == pair.expected()["passed"]
    assert boots == (2,)
    assert slowest[0] > 0
    assert phases == [tests] * 3


def test_a_secret_is_nowhere_in_the_history(pair: Repository) -> None:
    pair.variables["PAYMENT_API_TOKEN"] = SECRET
    pair.write(
        "services/web/tests/unit/test_tells.py",
        "import os\n\n\ndef test_tells():\n"
        "    print(os.environ['PAYMENT_API_TOKEN'])\n"
        "    assert os.environ['PAYMENT_API_TOKEN'] == 'other'\n",
    )
    said = pair.seatrial("test", "--stage", "unit", "--output", "plain", "-v")
    assert said.code == 1
    assert "***" in said.out
    files = [path for path in kept(pair).rglob("*") if path.is_file()]
    assert {"history.db", f"{runs(pair)[0]['id']}.jsonl"} <= {path.name for path in files}
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


def test_a_run_that_was_killed_is_known_as_far_as_it_came(pair: Repository) -> None:
    pair.write(
        "services/web/tests/unit/test_hang.py",
        "import time\nfrom pathlib import Path\n\n\n"
        "def test_hangs():\n    Path('hangs').touch()\n    time.sleep(1000)\n",
    )
    with pair.started("test", "--stage", "unit", "--output", "plain", "-v") as run:
        run.says(", run ")
        until((pair.root / "services/web/hangs").exists, "the hanging test")
        log = kept(pair) / "runs" / f"{run.run}.jsonl"
        until(lambda: "SuiteStarted" in log.read_text(), "the suite in the log")
        assert [one["verdict"] for one in runs(pair)] == ["running"]
        run.process.kill()
        run.process.wait()
        assert [(one["id"], one["verdict"]) for one in runs(pair)] == [(run.run, "killed")]
    again = pair.seatrial("report", "last", "--output", "json")
    assert again.events("SuiteStarted")[0]["suite"] == "unit:web"
    assert "cut short" in again.err


def test_a_history_that_cannot_be_written_is_one_note_and_no_failure(pair: Repository) -> None:
    kept(pair).mkdir()
    (kept(pair) / "history.db").mkdir()
    (kept(pair) / "history.db" / "file").touch()
    said = pair.seatrial("test", "--stage", "unit", "--output", "plain")
    assert said.code == 0, said.all
    assert [line.partition("note: ")[2] for line in said.err.splitlines() if "history" in line] == [
        f"this run is not recorded in {kept(pair)}, or not wholly: "
        "the history cannot be used: is a directory"
    ]
    listed = pair.seatrial("report")
    assert listed.code == 3
    assert listed.err.startswith("error: the history cannot be used")


def test_a_checkout_that_cannot_be_written_has_its_history_with_the_user(pair: Repository) -> None:
    # Nobody can make a folder where a file is, whatever rights they have.
    kept(pair).touch()
    said = pair.seatrial("test", "--stage", "unit", "--output", "plain")
    assert said.code == 0, said.all
    assert len(runs(pair)) == 1
    assert len(list((pair.home / "state/seatrial/worktrees").glob("*/history.db"))) == 1


def test_after_a_clock_was_put_back_the_last_run_is_still_the_last(pair: Repository) -> None:
    pair.write("services/web/tests/unit/test_bad.py", "def test_bad():\n    assert 1 == 2\n")
    assert pair.seatrial("test", "--stage", "unit").code == 1
    (log,) = (pair.root / ".seatrial/runs").glob("*.jsonl")
    ahead = "2098" + log.stem[4:]
    log.with_name(f"{ahead}.jsonl").write_text(log.read_text().replace(log.stem, ahead))
    log.unlink()
    pair.write("services/web/tests/unit/test_bad.py", "def test_bad():\n    pass\n")
    assert pair.seatrial("test", "--stage", "unit").code == 0
    assert [run["verdict"] for run in runs(pair)][:2] == ["passed", "failed"]
    assert "3 passed" in pair.seatrial("report", "last", "--output", "plain").out
    assert "no test of the suites failed" in pair.seatrial("test", "--last-failed", "--dry-run").all


def test_the_commit_and_the_branch_of_a_run_are_known(pair: Repository) -> None:
    def git(*words: str) -> str:
        settings = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=no")
        answer = subprocess.run(
            ["git", *settings, *words], cwd=pair.root, capture_output=True, text=True, check=True
        )
        return answer.stdout.strip()

    git("checkout", "-q", "-b", "feature/long")
    git("commit", "-q", "--allow-empty", "-m", "First")
    assert pair.seatrial("test", "--stage", "unit", "--output", "plain").code == 0
    (run,) = runs(pair)
    assert (run["branch"], run["commit"]) == ("feature/long", git("rev-parse", "HEAD"))
    # The history is nobody's to commit.
    assert ".seatrial" not in git("status", "--porcelain")


def test_ten_runs_at_once_are_all_in_the_history(pair: Repository) -> None:
    assert pair.seatrial("test", "--stage", "unit", "--output", "plain").code == 0
    words = ("test", "--stage", "unit", "--output", "json")
    started = [pair.started(*words) for _ in range(10)]
    texts = []
    for one in [context.__enter__() for context in started]:
        assert one.ended() == 0, one.text()
        texts.append(one.text())
    for context in started:
        context.__exit__(None, None, None)
    assert [text for text in texts if "run-not-recorded" in text] == []
    assert [run["verdict"] for run in runs(pair)] == ["passed"] * 11
