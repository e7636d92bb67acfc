"""What a runner is told of its share of a suite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.model.project import Piece, Stage, Suite
from seatrial.runners.base import RunnerOptions, RunPlace
from seatrial.runners.registry import runner
from seatrial.runners.sharing import file_of, reaches_runner, told_of

FIRST = Piece(1, 2, ("tests/a.py",))
REST = Piece(2, 2, ("tests/b.py",), ("tests/a.py",), rest=True)


def suite(folder: Path, kind: str = "pytest", **changes: object) -> Suite:
    fields = {"targets": ("tests",), **changes}
    return Suite(Stage.UNIT, "one", folder, kind, "a test", **fields)  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> RunPlace:
    return RunPlace(tmp_path / "report", tmp_path / "scratch", {"PATH": "/usr/bin"})


@pytest.mark.parametrize(
    ("kind", "test", "file"),
    [
        ("pytest", "tests/test_a.py::TestX::test_y[a::b]", "tests/test_a.py"),
        ("pytest", "tests/test_a.py", "tests/test_a.py"),
        ("vitest", "src/a.test.ts > sums > a > b", "src/a.test.ts"),
    ],
)
def test_the_id_of_a_test_begins_with_its_file(kind: str, test: str, file: str) -> None:
    assert file_of(kind, test) == file


def test_all_of_a_suite_is_told_nothing(tmp_path: Path, place: RunPlace) -> None:
    invocation = runner("pytest").invocation(suite(tmp_path), RunnerOptions(), place)
    assert "SEATRIAL_SHARE" not in invocation.env
    assert "seatrial_share" not in invocation.argv


@pytest.mark.parametrize("kind", ["pytest", "vitest"])
@pytest.mark.parametrize("piece", [FIRST, REST])
def test_a_piece_is_told_by_a_file_and_the_command_stays(
    tmp_path: Path, place: RunPlace, kind: str, piece: Piece
) -> None:
    whole = runner(kind).invocation(suite(tmp_path, kind), RunnerOptions(), place)
    cut = runner(kind).invocation(suite(tmp_path, kind, piece=piece), RunnerOptions(), place)
    assert cut.display == whole.display
    ((path, text),) = cut.files.items()
    assert cut.env["SEATRIAL_SHARE"] == str(path)
    assert path.parent == place.scratch
    assert json.loads(text) == {
        "folder": str(tmp_path),
        "rest": piece.rest,
        "files": ["tests/a.py"],
    }
    # Whoever started seatrial may itself be a test in a worker.
    assert cut.env["PYTEST_XDIST_WORKER"] is None


def test_workers_get_their_tables_by_the_names_that_xdist_gives(
    tmp_path: Path, place: RunPlace
) -> None:
    tables = ({"TEST_DB_URL": "one"}, {"TEST_DB_URL": "two"})
    place = RunPlace(place.report, place.scratch, {}, tables)
    told = told_of(suite(tmp_path, workers=2), place)
    (text,) = told.files.values()
    assert json.loads(text) == {"workers": 2, "tables": {"gw0": tables[0], "gw1": tables[1]}}
    assert told.shown == ("-n", "2", "--dist", "loadfile")


@pytest.mark.parametrize(
    ("kind", "command", "reached"),
    [
        ("pytest", None, True),
        ("vitest", None, True),
        ("jest", None, False),
        ("go", None, False),
        ("pytest", ("uv", "run", "pytest", "-q"), True),
        ("pytest", ("make", "test"), False),
        ("pytest", ("docker", "compose", "run", "web", "pytest"), False),
        ("vitest", ("npm", "run", "test"), True),
        ("vitest", ("npm", "run", "other"), False),
    ],
)
def test_only_what_starts_its_runner_itself_can_be_told(
    tmp_path: Path, kind: str, command: tuple[str, ...] | None, reached: bool
) -> None:
    (tmp_path / "package.json").write_text('{"scripts": {"test": "tsc && vitest run"}}')
    assert reaches_runner(suite(tmp_path, kind, command=command)) is reached
