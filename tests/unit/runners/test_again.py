"""How each runner is told to run failed tests again, and to let none of them end the run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.model.project import Stage, Suite
from seatrial.model.result import Outcome, TestResult
from seatrial.runners.base import Invocation, RunnerOptions, RunPlace
from seatrial.runners.registry import runner


def suite(folder: Path, name: str, *command: str) -> Suite:
    return Suite(Stage.UNIT, "web", folder, name, "a test", command=command or None)


def invocation(one: Suite, options: RunnerOptions) -> Invocation:
    return runner(one.runner).invocation(one, options, RunPlace(Path("/s/report"), Path("/s")))


def again(*ids: str, keyword: str | None = None) -> RunnerOptions:
    return RunnerOptions(keyword, only=tuple(TestResult(one, Outcome.FAILED) for one in ids))


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        (again("shop/a TestA", "shop/b TestB/one", "shop/b TestB/two"), "^(?:TestA|TestB)$"),
        (again("shop/a"), None),
        (again("shop/a", "shop/a TestA"), None),
        (again("shop/a TestA", "shop/a TestB", keyword="B"), "^(?:TestB)$"),
        (again("shop/a TestA", keyword="B"), "B"),
        (again("shop/a TestA", keyword="("), "^(?:TestA)$"),
    ],
)
def test_go_gets_the_top_level_tests_and_nothing_from_its_cache(
    tmp_path: Path, options: RunnerOptions, pattern: str | None
) -> None:
    argv = invocation(suite(tmp_path, "go"), options).argv
    assert "-count=1" in argv
    assert (argv[argv.index("-run") + 1] if "-run" in argv else None) == pattern


def test_go_takes_a_stop_of_the_project_s_own_back(tmp_path: Path) -> None:
    one = suite(tmp_path, "go", "go", "test", "-failfast", "./...")
    argv = invocation(one, RunnerOptions(keep_going=True)).argv
    assert argv.index("-failfast=false") > argv.index("-failfast")


@pytest.mark.parametrize("name", ["vitest", "jest"])
@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("{} run --bail 1 --silent", "--silent --bail=0"),
        ("{} run --bail=2 --silent", "--silent --bail=0"),
        ("{} run --bail --silent", "--silent --bail=0"),
        ("{} run --silent", "--silent --bail=0"),
    ],
)
def test_a_stop_in_a_script_is_taken_back(
    tmp_path: Path, name: str, command: str, shown: str
) -> None:
    scripts = {"scripts": {"test": command.format(name)}}
    (tmp_path / "package.json").write_text(json.dumps(scripts))
    one = suite(tmp_path, name, "npm", "run", "test")
    text = invocation(one, RunnerOptions(keep_going=True)).argv[-1]
    words = [word for word in text.split() if word == "--silent" or "bail" in word or word == "1"]
    assert " ".join(words) == shown


def test_vitest_gets_files_and_names(tmp_path: Path) -> None:
    for file in ("a.test.js", "b.test.js"):
        (tmp_path / file).touch()
    options = again("a.test.js > sums > is (odd)", "b.test.js > twin #2", "b.test.js > twin")
    argv = invocation(suite(tmp_path, "vitest"), options).argv
    assert argv[argv.index("-t") + 1] == r"(?:sums is \(odd\)|twin)$"
    assert {"a.test.js", "b.test.js"} <= set(argv)
    both = invocation(suite(tmp_path, "vitest"), replace(options, keyword="odd")).argv
    assert both[both.index("-t") + 1] == r"^(?=.*(?:odd)).*(?:sums is \(odd\)|twin)$"


@pytest.mark.parametrize("one", ["gone.test.js > twin", "a.test.js"])
def test_vitest_runs_all_where_a_file_is_gone_or_broke(tmp_path: Path, one: str) -> None:
    (tmp_path / "a.test.js").touch()
    argv = invocation(suite(tmp_path, "vitest"), again("a.test.js > x", one)).argv
    assert "-t" not in argv
    assert "a.test.js" not in argv


def test_pytest_is_told_by_a_file_and_shows_what_a_person_would_type(tmp_path: Path) -> None:
    ids = [f"test_a.py::test_{number}" for number in range(5)]
    few = invocation(suite(tmp_path, "pytest"), again(*ids[:2]))
    assert few.display == "pytest test_a.py::test_0 test_a.py::test_1"
    assert json.loads(few.files[Path("/s/only.json")]) == {"tests": ids[:2], "strict": False}
    assert "--seatrial-only=/s/only.json" in few.argv
    assert invocation(suite(tmp_path, "pytest"), again(*ids)).display == "pytest test_a.py"


def test_pytest_does_not_stop_at_a_failure(tmp_path: Path) -> None:
    assert (
        "--maxfail=0" in invocation(suite(tmp_path, "pytest"), RunnerOptions(keep_going=True)).argv
    )


def test_a_command_runs_as_it_is(tmp_path: Path) -> None:
    assert invocation(suite(tmp_path, "command", "make", "test"), again("x")).argv == (
        "make",
        "test",
    )
