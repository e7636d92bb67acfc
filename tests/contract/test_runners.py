"""One contract over all runners: each fixture project ends as its expected.toml says.

The projects in ``tests/projects/runners`` run for real: pytest 7, 8 and 9 in environments of their
own, vitest and jest from npm. Go's projects run where Go is installed; its reader is held to
output that Go 1.27 wrote for the same projects by ``tests/unit/runners/test_go.py``.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from seatrial.host.fifo import Fifo
from seatrial.host.processes import Processes
from seatrial.model.project import Piece, Stage, Suite
from seatrial.model.result import Counts, Doubt, Outcome, TestResult, Verdict
from seatrial.runners.base import Collected, Ending, Fact, Finished, RunnerOptions, RunPlace
from seatrial.runners.registry import runner
from tests.support.shared import made_once

PROJECTS = Path(__file__).parent.parent / "projects" / "runners"
# The oldest and the newest minor of what must work; a middle one, and the oldest Python at hand.
PYTEST = ("pytest==7.0.*", "pytest==7.4.*", "pytest==8.*", "pytest==9.*")
# vitest 5 wants Node 22; it joins where that is installed.
VITEST = ("1", "2", "3", "latest")
EVERY_PYTEST = ("pytest", "command-pytest", "pytest-cut", "pytest-collection", "pytest-empty")
NEWEST_PYTEST = ("pytest-conftest", "pytest-stops", "pytest-usage")


@dataclass
class Ran:
    """What came of a project."""

    ending: Ending
    results: dict[str, TestResult] = field(default_factory=dict)
    total: int = 0


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[str]], Path]:
    """Return a function that gives the bin folder of an environment with some packages."""
    uv = str(Path(sys.executable).with_name("uv"))

    def environment(packages: Sequence[str]) -> Path:
        def make(home: Path) -> None:
            for words in (
                ["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(home)],
                ["pip", "install", "--quiet", "--python", str(home), *packages],
            ):
                subprocess.run([uv, *words], check=True, capture_output=True)

        return made_once(tmp_path_factory, file_name("python", *packages), make) / "bin"

    return environment


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives a node_modules folder with one package."""

    def installed(package: str) -> Path:
        def make(home: Path) -> None:
            (home / "package.json").write_text('{"name": "modules", "version": "1.0.0"}')
            words = ["npm", "install", "--no-audit", "--no-fund", "--no-save", package]
            subprocess.run(words, cwd=home, check=True, capture_output=True)

        return made_once(tmp_path_factory, file_name("node", package), make) / "node_modules"

    return installed


def file_name(*words: str) -> str:
    """Return words as one name of a file."""
    return "-".join("".join(c if c.isalnum() else "_" for c in word) for word in words)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a copy of a project with the programs of a folder."""

    def run_project(
        name: str,
        programs: Path | None = None,
        options: RunnerOptions | None = None,
        modules: Path | None = None,
        piece: Piece | None = None,
        workers: int = 0,
    ) -> Ran:
        place = Path(tempfile.mkdtemp(dir=tmp_path))
        folder = place / "project"
        shutil.copytree(PROJECTS / name, folder)
        if modules is not None:
            (folder / "node_modules").symlink_to(modules)
            programs = modules / ".bin"
        asked = options or RunnerOptions()
        return asyncio.run(_run(folder, place, programs, asked, piece, workers))

    return run_project


def expected_of(folder: Path) -> Mapping[str, Any]:
    return tomllib.loads((folder / "expected.toml").read_text())


async def _run(
    folder: Path,
    tmp: Path,
    programs: Path | None,
    options: RunnerOptions,
    piece: Piece | None,
    workers: int,
) -> Ran:
    expected = expected_of(folder)
    suite = Suite(
        stage=Stage.SERVICE,
        name=folder.name,
        folder=folder,
        runner=expected.get("runner", "pytest"),
        cause="a fixture",
        targets=("tests",) if (folder / "tests").exists() else (),
        command=tuple(expected["command"]) if "command" in expected else None,
        integration_option=(folder / "conftest.py").exists() and folder.joinpath("tests").exists(),
        piece=piece,
        workers=workers,
    )
    scratch = tmp / "scratch"
    scratch.mkdir()
    path = os.pathsep.join(filter(None, (str(programs or ""), os.environ["PATH"])))
    tables = tuple({"TEST_DATABASE_URL": f"of {number}"} for number in range(workers))
    place = RunPlace(scratch / "report", scratch, {"PATH": path}, tables)
    words = (*options.arguments, *expected.get("arguments", ()))
    options = replace(options, arguments=words)
    ran = Ran(Ending(Verdict.NOT_RUN, Counts()))
    mine = runner(suite.runner)
    reader = mine.reader(suite)

    def take(facts: Sequence[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, Finished):
                ran.results[fact.result.id] = fact.result
            elif isinstance(fact, Collected):
                ran.total = fact.total

    invocation = mine.invocation(suite, options, place)
    for file, text in invocation.files.items():
        file.write_text(text)
    fifo = Fifo(place.report, lambda line: take(list(reader.report_line(line))))
    child = await Processes(os.environ).start(
        invocation.argv,
        cwd=invocation.cwd,
        env={**place.env, **invocation.env},
        on_line=lambda line: take(list(reader.output_line(line))),
    )
    code = await child.wait()
    fifo.close()
    ran.ending = reader.finish(code)
    return ran


def check(ran: Ran, name: str) -> None:
    """Compare what came of a project with what it declares."""
    expected = expected_of(PROJECTS / name)
    ending = ran.ending
    said, mine = "\n".join(ending.tail), expected.get("runner", "pytest")
    assert ending.verdict is Verdict(expected["verdict"]), said
    assert ending.doubt is Doubt(expected.get("doubt", "")), said
    assert {test.id for test in ending.failures} == set(expected["failing"]), said
    assert ending.counts == Counts(**expected.get("counts", {})), said
    for test in ending.failures:
        assert test.message
    for test, line in expected.get("places", {}).items():
        assert ran.results[test].line == line
        # Go names a file without its folder.
        assert Path(ran.results[test].file).stem.split(".")[0] in test or mine == "go"
    for test, words in expected.get("messages", {}).items():
        assert words in ran.results[test].message
    for test, attempts in expected.get("attempts", {}).items():
        result = ran.results[test]
        assert result.attempts == attempts
        assert result.is_flaky is (test in {one.id for one in ending.flaky})
    for test, words in expected.get("earlier", {}).items():
        assert [words in one.message for one in ran.results[test].earlier] == [True]
        assert all(one.text and one.file and one.line for one in ran.results[test].earlier)


@pytest.mark.parametrize("version", PYTEST)
@pytest.mark.parametrize("name", EVERY_PYTEST)
def test_pytest_of_every_major_is_understood(
    run: Run, environments: Callable[..., Path], name: str, version: str
) -> None:
    check(run(name, environments((version, "pytest-xdist", "pytest-rerunfailures"))), name)


@pytest.mark.parametrize("name", NEWEST_PYTEST)
def test_pytest_that_does_not_get_to_its_tests_is_understood(
    run: Run, environments: Callable[..., Path], name: str
) -> None:
    check(run(name, environments((PYTEST[-1], "pytest-xdist", "pytest-rerunfailures"))), name)


@pytest.mark.parametrize("version", [PYTEST[1], PYTEST[-1]])
@pytest.mark.parametrize("name", ["pytest", "pytest-crash", "pytest-reruns"])
def test_pytest_under_xdist_is_reported_once_and_by_its_controller(
    run: Run, environments: Callable[..., Path], name: str, version: str
) -> None:
    programs = environments((version, "pytest-xdist", "pytest-rerunfailures"))
    check(run(name, programs, RunnerOptions(arguments=("-n", "2"))), name)


def test_a_collection_error_under_xdist_fails_though_other_tests_run(
    run: Run, environments: Callable[..., Path]
) -> None:
    programs = environments((PYTEST[-1], "pytest-xdist", "pytest-rerunfailures"))
    ending = run("pytest-collection", programs, RunnerOptions(arguments=("-n", "2"))).ending
    assert (ending.verdict, ending.doubt) == (Verdict.FAILED, Doubt.COLLECTION)
    assert ending.counts == Counts(passed=1, error=1)


@pytest.mark.parametrize("version", PYTEST[1:])
def test_reruns_count_as_one_test_with_several_attempts(
    run: Run, environments: Callable[..., Path], version: str
) -> None:
    programs = environments((version, "pytest-xdist", "pytest-rerunfailures"))
    check(run("pytest-reruns", programs), "pytest-reruns")


@pytest.mark.parametrize(
    "packages",
    [("pytest==8.*", "pytest-subtests"), (PYTEST[-1], "pytest-xdist", "pytest-rerunfailures")],
)
def test_a_failing_subtest_fails_its_test_once(
    run: Run, environments: Callable[..., Path], packages: tuple[str, ...]
) -> None:
    check(run("pytest-subtests", environments(packages)), "pytest-subtests")


def test_a_node_id_after_the_dashes_replaces_the_targets(
    run: Run, environments: Callable[..., Path]
) -> None:
    odd = "tests/test_all.py::TestOdd::test_names[a::b c/d]"
    programs = environments((PYTEST[-1], "pytest-xdist", "pytest-rerunfailures"))
    ran = run("pytest", programs, RunnerOptions(arguments=(odd,)))
    assert list(ran.results) == [odd]
    assert ran.total == 1


def test_first_failure_and_keyword_reach_pytest(
    run: Run, environments: Callable[..., Path]
) -> None:
    programs = environments((PYTEST[-1], "pytest-xdist", "pytest-rerunfailures"))
    ran = run("pytest", programs, RunnerOptions(keyword="failing or breaks", first_failure=True))
    assert ran.ending.counts.bad == 1


def bad(*ids: str) -> RunnerOptions:
    """Ask for tests that failed before."""
    return RunnerOptions(only=tuple(TestResult(one, Outcome.FAILED) for one in ids))


@pytest.mark.parametrize("version", [PYTEST[0], PYTEST[-1]])
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_of_pytest_only_the_tests_that_failed_run_again(
    run: Run, environments: Callable[..., Path], version: str, workers: tuple[str, ...]
) -> None:
    programs = environments((version, "pytest-xdist", "pytest-rerunfailures"))
    asked = bad(
        "tests/test_all.py::test_failing", "tests/test_all.py::TestOdd::test_names[a::b c/d]"
    )
    ran = run("pytest", programs, replace(asked, arguments=workers))
    assert set(ran.results) == {test.id for test in asked.only}
    assert (ran.total, ran.ending.doubt) == (2, Doubt.NONE)


@pytest.mark.parametrize(
    ("gone", "words", "runs"),
    [
        ("tests/test_all.py::test_was_called_so", (), "all"),
        ("tests/test_gone.py::test_a", (), "all"),
        ("tests/test_all.py::test_was_called_so", ("tests/test_all.py",), "some"),
        ("tests/test_all.py::test_was_called_so", ("tests/test_all.py::test_passing",), "none"),
    ],
)
def test_of_pytest_a_test_that_is_gone_is_looked_for_where_the_user_did_not_choose(
    run: Run, environments: Callable[..., Path], gone: str, words: tuple[str, ...], runs: str
) -> None:
    programs = environments((PYTEST[-1], "pytest-xdist", "pytest-rerunfailures"))
    asked = replace(bad(gone, "tests/test_all.py::test_failing"), arguments=words)
    ran = run("pytest", programs, asked)
    assert ran.ending.doubt is Doubt.NONE
    ids = set(ran.results)
    assert {"all": len(ids) > 3, "some": len(ids) == 1, "none": not ids}[runs], ids


def test_a_command_that_starts_pytest_is_told_as_well(
    run: Run, environments: Callable[..., Path]
) -> None:
    programs = environments((PYTEST[-1], "pytest-xdist", "pytest-rerunfailures"))
    (failing,) = expected_of(PROJECTS / "command-pytest")["failing"]
    assert list(run("command-pytest", programs, bad(failing)).results) == [failing]


@pytest.mark.node
@pytest.mark.parametrize("version", [VITEST[0], VITEST[-1]])
def test_of_vitest_only_the_tests_that_failed_run_again(
    run: Run, modules: Callable[[str], Path], version: str
) -> None:
    asked = bad("tests/mixed.test.mjs > sums > is wrong", "tests/mixed.test.mjs > twin")
    ran = run("vitest", modules=modules(vitest(version)), options=asked)
    assert {test.partition(" #")[0] for test in ran.results} == {test.id for test in asked.only}
    assert ran.ending.verdict is Verdict.FAILED


@pytest.mark.node
@pytest.mark.parametrize(
    ("gone", "runs"),
    [("tests/mixed.test.mjs > was called so", 0), ("tests/gone.test.mjs > twin", 8)],
)
def test_of_vitest_a_test_that_is_gone_is_no_error(
    run: Run, modules: Callable[[str], Path], gone: str, runs: int
) -> None:
    ran = run("vitest", modules=modules(vitest("latest")), options=bad(gone))
    assert len(ran.results) == runs
    assert runs or ran.ending.verdict is Verdict.NO_TESTS


@pytest.mark.node
@pytest.mark.parametrize("version", VITEST)
@pytest.mark.parametrize(
    "name",
    ["vitest", "vitest-broken", "vitest-unhandled", "vitest-hook", "vitest-chain", "vitest-empty"],
)
def test_vitest_of_several_majors_is_understood(
    run: Run, modules: Callable[[str], Path], name: str, version: str
) -> None:
    check(run(name, modules=modules(vitest(version))), name)


@pytest.mark.node
@pytest.mark.parametrize("version", VITEST)
def test_one_vitest_test_runs_alone(run: Run, modules: Callable[[str], Path], version: str) -> None:
    wrong = TestResult("tests/mixed.test.mjs > sums > is wrong", Outcome.FAILED)
    suite = Suite(Stage.UNIT, "web", PROJECTS / "vitest", "vitest", "a fixture")
    words = runner("vitest").alone(suite, wrong)
    ran = run("vitest", modules=modules(vitest(version)), options=RunnerOptions(arguments=words))
    assert list(ran.results) == [wrong.id]
    assert ran.total == 1


def check_pieces(pieces: Sequence[Ran], own: set[str]) -> None:
    """Hold three pieces to the whole, which is first: they are all of it, and share nothing."""
    whole, first, rest, last = pieces
    assert whole.ending.verdict is Verdict.PASSED, whole.ending.tail
    assert {test.file for test in first.results.values()} == own
    assert sorted([*first.results, *rest.results]) == sorted(whole.results)
    assert first.total + rest.total == whole.total
    for ran in (first, rest):
        assert (ran.ending.verdict, ran.ending.doubt) == (Verdict.PASSED, Doubt.NONE)
    assert (last.ending.verdict, last.ending.doubt) == (Verdict.NO_TESTS, Doubt.NONE)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        *((version, ()) for version in PYTEST),
        (PYTEST[-1], ("-n", "2")),
        (PYTEST[0], ("tests/test_one.py", "tests/check_more.py")),
        (PYTEST[-1], ("tests/test_one.py", "tests/check_more.py")),
    ],
)
def test_the_pieces_of_a_pytest_suite_are_all_of_it(
    run: Run, environments: Callable[..., Path], version: str, words: tuple[str, ...]
) -> None:
    programs = environments((version, "pytest-xdist", "pytest-rerunfailures"))
    empty, files = "tests/test_nothing.py", ("tests/check_more.py", "tests/deep/test_one_more.py")
    pieces = (
        None,
        Piece(1, 3, files),
        Piece(2, 3, ("tests/test_one.py",), (*files, empty), rest=True),
        Piece(3, 3, (empty,)),
    )
    options = RunnerOptions(arguments=words)
    ran = [run("pytest-pieces", programs, options, piece=one) for one in pieces]
    check_pieces(ran, own=set(files[:1] if files[0] in words else files))


@pytest.mark.parametrize("version", PYTEST)
def test_workers_are_started_where_xdist_is_there_each_with_its_own_variables(
    run: Run, environments: Callable[..., Path], version: str
) -> None:
    programs = environments((version, "pytest-xdist", "pytest-rerunfailures"))
    ran = run("pytest-workers", programs, workers=2)
    assert ran.ending.verdict is Verdict.PASSED, ran.ending.tail
    assert (ran.ending.workers, ran.ending.spreads) == (2, True)
    assert sorted(ran.results) == ["tests/test_a.py::test_own", "tests/test_b.py::test_own"]


def test_nobody_is_asked_for_workers_where_xdist_is_missing_or_off(
    run: Run, environments: Callable[..., Path]
) -> None:
    bare = run("pytest-pieces", environments(("pytest==8.*", "pytest-subtests")), workers=2).ending
    assert (bare.verdict, bare.workers, bare.spreads) == (Verdict.PASSED, 0, False)
    programs = environments((PYTEST[-1], "pytest-xdist", "pytest-rerunfailures"))
    for words, workers in ((("-p", "no:xdist"), 0), (("-n", "0"), 0), (("-n", "1"), 1)):
        options = RunnerOptions(arguments=words)
        ending = run("pytest-pieces", programs, options, workers=2).ending
        assert (ending.verdict, ending.workers) == (Verdict.PASSED, workers)


@pytest.mark.node
@pytest.mark.parametrize("version", VITEST)
def test_the_pieces_of_a_vitest_suite_are_all_of_it(
    run: Run, modules: Callable[[str], Path], version: str
) -> None:
    files = ("tests/a.test.mjs", "tests/deep/b.test.mjs")
    gone = "tests/gone.test.mjs"
    pieces = (
        None,
        Piece(1, 3, files),
        Piece(2, 3, ("tests/xa.test.mjs",), (*files, gone), rest=True),
        Piece(3, 3, (gone,)),
    )
    ran = [run("vitest-pieces", modules=modules(vitest(version)), piece=one) for one in pieces]
    check_pieces(ran, own=set(files))


def vitest(version: str) -> str:
    """Return the package to install; ``latest`` is the newest that this machine's Node runs."""
    if version != "latest":
        return f"vitest@{version}"
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    major = int(node.stdout.strip().removeprefix("v").split(".")[0])
    return "vitest@5" if major >= 22 else "vitest@4"


@pytest.mark.skipif(shutil.which("go") is None, reason="needs Go")
@pytest.mark.parametrize("name", ["go", "go-panic"])
def test_go_is_understood(run: Run, name: str) -> None:
    check(run(name), name)


@pytest.mark.node
def test_of_jest_only_the_tests_that_failed_run_again(
    run: Run, modules: Callable[[str], Path]
) -> None:
    asked = bad("tests/mixed.test.js > sums > is wrong")
    ran = run("jest", modules=modules("jest@latest"), options=asked)
    assert list(ran.results) == [test.id for test in asked.only]


@pytest.mark.node
def test_jest_is_understood(run: Run, modules: Callable[[str], Path]) -> None:
    check(run("jest", modules=modules("jest@latest")), "jest")


@pytest.mark.node
def test_nodes_own_runner_is_understood_by_its_text(run: Run) -> None:
    check(run("command-node"), "command-node")


def test_a_command_that_says_nothing_is_judged_by_its_exit_code(run: Run) -> None:
    check(run("command-shell"), "command-shell")
