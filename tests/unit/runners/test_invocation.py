"""Which command each runner starts."""

import json
import shlex
from pathlib import Path

import pytest

from seatrial.errors import RuntimeMissing, UsageError
from seatrial.model.project import Stage, Suite
from seatrial.model.result import Outcome, TestResult
from seatrial.runners.base import RunnerOptions, RunPlace
from seatrial.runners.pytest import PLUGIN_FOLDER
from seatrial.runners.registry import RUNNERS, runner

NONE = RunnerOptions()


@pytest.fixture
def place(tmp_path: Path) -> RunPlace:
    return RunPlace(tmp_path / "report", tmp_path / "scratch", {"PATH": "/usr/bin"})


def suite(folder: Path, kind: str = "pytest", **changes: object) -> Suite:
    fields = {"targets": ("tests/unit",), **changes}
    return Suite(Stage.UNIT, "one", folder, kind, "a test", **fields)  # type: ignore[arg-type]


def test_pytest_gets_the_plugin_and_files_of_its_own(tmp_path: Path, place: RunPlace) -> None:
    invocation = runner("pytest").invocation(suite(tmp_path), NONE, place)
    assert invocation.argv[0] == "pytest"
    assert invocation.argv[1:3] == ("-p", "seatrial_report")
    assert f"cache_dir={place.scratch / 'pytest-cache'}" in invocation.argv
    assert invocation.env["PYTHONPATH"] == str(PLUGIN_FOLDER)
    assert invocation.env["COVERAGE_FILE"] == str(place.scratch / "coverage-data")
    assert invocation.display == "pytest tests/unit"


def test_the_users_own_search_path_is_kept_behind_ours(tmp_path: Path) -> None:
    place = RunPlace(tmp_path, tmp_path, {"PYTHONPATH": "/mine"})
    invocation = runner("pytest").invocation(suite(tmp_path), NONE, place)
    assert invocation.env["PYTHONPATH"] == f"{PLUGIN_FOLDER}:/mine"


def test_the_plugin_and_what_it_imports_are_alone_in_their_folder() -> None:
    names = {path.name for path in PLUGIN_FOLDER.iterdir() if path.name != "__pycache__"}
    assert names >= {"seatrial_report.py", "seatrial_measure.py", "seatrial_share.py"}
    assert all(name.startswith("seatrial_") for name in names)


@pytest.mark.parametrize("option", [True, False])
def test_integration_is_passed_only_where_the_project_defines_it(
    tmp_path: Path, place: RunPlace, option: bool
) -> None:
    invocation = runner("pytest").invocation(
        suite(tmp_path, integration_option=option), NONE, place
    )
    assert ("--integration" in invocation.argv) is option


def test_a_remembering_option_keeps_the_projects_own_cache(tmp_path: Path, place: RunPlace) -> None:
    options = RunnerOptions(arguments=("--last-failed",))
    invocation = runner("pytest").invocation(suite(tmp_path), options, place)
    assert not any("cache_dir" in word for word in invocation.argv)


def test_a_value_that_is_also_a_folder_replaces_no_target(tmp_path: Path, place: RunPlace) -> None:
    (tmp_path / "tests").mkdir()
    options = RunnerOptions(arguments=("-k", "tests"))
    assert "tests/unit" in runner("pytest").invocation(suite(tmp_path), options, place).argv


def test_an_environment_without_pytest_is_named(tmp_path: Path) -> None:
    place = RunPlace(tmp_path, tmp_path, {"VIRTUAL_ENV": str(tmp_path / ".venv")})
    with pytest.raises(RuntimeMissing, match="pytest is not installed") as caught:
        runner("pytest").invocation(suite(tmp_path), NONE, place)
    assert "uv add --dev pytest" in caught.value.mend


def test_a_pytest_command_is_told_of_the_plugin_behind_its_program(
    tmp_path: Path, place: RunPlace
) -> None:
    mine = suite(tmp_path, command=("uv", "run", "pytest", "-q"))
    invocation = runner("pytest").invocation(mine, RunnerOptions(keyword="a b"), place)
    assert invocation.argv[:4] == ("uv", "run", "pytest", "-q")
    assert "seatrial_report" in invocation.argv
    assert invocation.display == "uv run pytest -q -k 'a b'"


def test_a_command_that_hides_its_pytest_is_told_by_the_environment(tmp_path: Path) -> None:
    place = RunPlace(tmp_path, tmp_path, {"PYTEST_ADDOPTS": "-ra"})
    invocation = runner("pytest").invocation(suite(tmp_path, command=("make", "test")), NONE, place)
    assert invocation.argv == ("make", "test")
    added = invocation.env["SEATRIAL_ADDOPTS"]
    assert added
    assert invocation.env["PYTEST_ADDOPTS"] == f"-ra {added}"


def test_a_package_script_keeps_its_chain(tmp_path: Path, place: RunPlace) -> None:
    scripts = {"test": "vitest tests/unit && tsc --noEmit"}
    (tmp_path / "package.json").write_text(json.dumps({"scripts": scripts}))
    mine = suite(tmp_path, "vitest", command=("npm", "run", "test"), targets=())
    invocation = runner("vitest").invocation(mine, RunnerOptions(first_failure=True), place)
    assert invocation.argv[:2] == ("sh", "-c")
    words = shlex.split(invocation.argv[2])
    assert words[:4] == ["vitest", "run", "tests/unit", "--reporter=default"]
    assert words[4].startswith("--reporter=/")
    assert invocation.argv[2].endswith("--bail=1 && tsc --noEmit")
    assert invocation.display == "vitest run tests/unit --bail=1 && tsc --noEmit"


def test_a_file_after_the_dashes_replaces_the_scripts_own_folder(
    tmp_path: Path, place: RunPlace
) -> None:
    (tmp_path / "tests/unit").mkdir(parents=True)
    (tmp_path / "tests/unit/a.test.ts").touch()
    scripts = {"test": "vitest watch tests/unit --coverage"}
    (tmp_path / "package.json").write_text(json.dumps({"scripts": scripts}))
    mine = suite(tmp_path, "vitest", command=("npm", "run", "test"), targets=())
    options = RunnerOptions(arguments=("tests/unit/a.test.ts",))
    invocation = runner("vitest").invocation(mine, options, place)
    assert invocation.display == "vitest run --coverage tests/unit/a.test.ts"


def test_vitest_and_jest_start_without_a_script(tmp_path: Path, place: RunPlace) -> None:
    vitest = runner("vitest").invocation(suite(tmp_path, "vitest"), NONE, place)
    jest = runner("jest").invocation(suite(tmp_path, "jest"), NONE, place)
    assert (vitest.display, jest.display) == ("vitest run tests/unit", "jest tests/unit")


def test_go_gets_its_flags_before_the_packages(tmp_path: Path, place: RunPlace) -> None:
    mine = suite(tmp_path, "go", targets=(), compose=(tmp_path / "compose.yml",))
    options = RunnerOptions(keyword="Sum", first_failure=True)
    invocation = runner("go").invocation(mine, options, place)
    expected = ("go", "test", "-json", "-count=1", "-failfast", "-run", "Sum", "./...")
    assert invocation.argv == expected


def test_an_unknown_command_cannot_take_a_keyword(tmp_path: Path, place: RunPlace) -> None:
    mine = suite(tmp_path, "command", command=("make", "test"))
    with pytest.raises(UsageError, match="-k"):
        runner("command").invocation(mine, RunnerOptions(keyword="x"), place)


def test_a_name_that_is_no_runner_is_answered_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        runner("pytset")
    assert all(name in caught.value.mend for name in RUNNERS)


@pytest.mark.parametrize(
    ("kind", "test", "words"),
    [
        ("pytest", "tests/a.py::test_b[x y]", ("tests/a.py::test_b[x y]",)),
        ("vitest", "a.test.ts > sums > a+b", ("a.test.ts", "-t", r"sums a\+b$")),
        ("vitest", "a.test.ts > twin #2", ("a.test.ts", "-t", "twin$")),
        ("jest", "a.test.js", ("a.test.js",)),
        ("go", "shop/cart TestSum/a.b", ("-run", r"^TestSum$/^a\.b$", "shop/cart")),
        ("command", "x", ()),
    ],
)
def test_one_test_alone_is_named_in_the_runners_words(
    tmp_path: Path, kind: str, test: str, words: tuple[str, ...]
) -> None:
    assert runner(kind).alone(suite(tmp_path, kind), TestResult(test, Outcome.FAILED)) == words
